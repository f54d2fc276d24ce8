/**
 * From what a caller passes to what a job needs: every argument checked, every shape and the grid known. Nothing is read or
 * kept here; whoever runs the job captures the arrays.
 */

import { roundTo } from '../ir/bits.ts';
import { IsokernelError, summaryOf } from '../ir/error.ts';
import type { BufferParam, ScalarParam } from '../ir/program.ts';
import { componentCount, componentType, elementBytes, type ScalarType } from '../ir/types.ts';
import type { Arguments, LaunchOptions } from './api.ts';
import { checkArray, describe, type HostArray, isTypedArray, overlap } from './arrays.ts';
import { DeviceBuffer, holding } from './buffer.ts';
import { type HostArgument, isRunnableKernel, type RunnableKernel } from './kernel.ts';
import { checkGrid, checkShape, elementsOf, type Grid, gridOfShape } from './shapes.ts';
import { Slot } from './slot.ts';
import type { Recordings, Step } from './work.ts';

/** Components as numbers of their type, or a slot that stands for them. */
export type BoundScalar = readonly number[] | Slot;

export interface BoundBuffer {
  readonly param: BufferParam;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** What was passed: the buffer, the slot of one, the array, or nothing, for an output that is the caller's afterwards. */
  readonly value: DeviceBuffer | Slot | HostArray | undefined;
}

/** A kernel with its arguments. */
export interface Call {
  readonly kernel: RunnableKernel;
  /** By buffer parameter, in declaration order. */
  readonly buffers: readonly BoundBuffer[];
  /** By scalar parameter, in declaration order. */
  readonly scalars: readonly BoundScalar[];
  /** What it prints to: the last of its buffers. */
  readonly printed: Uint32Array | undefined;
  readonly grid: Grid;
  /** The arguments as the kernel's own functions see them, and what they were asked for. */
  readonly seen: Readonly<Record<string, HostArgument>>;
  readonly invocations: LaunchOptions['invocations'];
  /** Where the same call was made before: what does not change from one to the next. */
  readonly repeated?: { readonly steps: readonly Step[]; readonly recordings: Recordings } | undefined;
}

/** Checks the arguments of a call. `owner` is the runtime whose buffers they may be. */
export function bind(
  kernel: RunnableKernel,
  args: Arguments,
  invocations: LaunchOptions['invocations'],
  owner: object,
): Call {
  checkKernel(kernel);
  checkNames(kernel, args);
  const scalars: BoundScalar[] = [];
  const buffers = new Map<BufferParam, BoundBuffer>();
  const seen: Record<string, HostArgument> = {};
  // outputs come last: their shapes follow from the other arguments
  const outputs: BufferParam[] = [];
  for (const param of kernel.params) {
    const value = args[param.name];
    const label = labelOf(kernel, param.name);
    if (param.kind === 'scalar') {
      const components = value instanceof Slot ? value.ofScalar(param.type, label) : checkScalar(value, param, label);
      scalars.push(components);
      seen[param.name] = hostScalar(components, param);
    } else if (param.access === 'write') {
      outputs.push(param);
    } else {
      const bound = bindBuffer(value, param, label, owner);
      buffers.set(param, bound);
      seen[param.name] = hostArray(bound);
    }
  }
  for (const param of outputs) {
    const bound = bindOutput(kernel, args[param.name], param, seen, owner);
    buffers.set(param, bound);
    seen[param.name] = hostArray(bound);
  }
  const ordered = kernel.params.flatMap((param) => (param.kind === 'buffer' ? [buffers.get(param)!] : []));
  checkOverlaps(kernel, ordered);
  const { printing } = kernel;
  const printed = printing && new Uint32Array(printing.words);
  if (printing !== undefined) ordered.push(bound(printing.param, [printing.words], printed));
  const grid = gridOf(kernel, invocations, ordered, seen);
  return { kernel, buffers: ordered, scalars, printed, grid, seen, invocations };
}

/** Whether the kernel's own functions, asked again, answer for a call what they did. */
export function sameAnswers({ kernel, buffers, grid, seen, invocations }: Call): boolean {
  for (const { param, shape } of buffers) {
    if (param.access !== 'write' || !Object.hasOwn(kernel.shapes, param.name)) continue;
    if (!sameLengths(kernel.shapes[param.name]!(seen), shape)) return false;
  }
  return invocations !== undefined || kernel.invocations === undefined || sameGrid(kernel.invocations(seen), grid);
}
function sameGrid(answer: number | readonly number[], grid: Grid): boolean {
  if (typeof answer === 'number') return answer === grid[0] && grid[1] === 1 && grid[2] === 1;
  return grid.every((length, axis) => length === (answer[axis] ?? 1));
}
function sameLengths(answer: number | readonly number[], shape: readonly number[]): boolean {
  if (typeof answer === 'number') return shape.length === 1 && shape[0] === answer;
  return answer.length === shape.length && shape.every((length, axis) => length === answer[axis]);
}

/** Checks that what was passed for a kernel is one: its definition alone is a usual mistake. */
export function checkKernel(kernel: RunnableKernel): void {
  if (isRunnableKernel(kernel)) return;
  throw new IsokernelError('argument-type', `the kernel to run is ${describe(kernel)}`, {
    hint: 'Pass what kernel({ name, params, body }) returns, then its arguments.',
  });
}

function labelOf(kernel: RunnableKernel, name: string): string {
  return `argument ${name} of ${kernel.name}`;
}

function checkNames(kernel: RunnableKernel, args: Arguments): void {
  const names = kernel.params.map((param) => param.name);
  const list = names.join(', ') || 'none';
  if (typeof args !== 'object' || args === null || Array.isArray(args) || isTypedArray(args)) {
    throw new IsokernelError('missing-argument', `${kernel.name} got ${describe(args)} for its arguments`, {
      kernel: kernel.name,
      hint: `Pass an object with the parameters: ${list}.`,
    });
  }
  for (const name of Object.keys(args)) {
    if (names.includes(name)) continue;
    throw new IsokernelError('unknown-argument', `${kernel.name} has no parameter ${name}`, {
      kernel: kernel.name,
      hint: `Its parameters are ${list}.`,
    });
  }
  for (const param of kernel.params) {
    if (args[param.name] !== undefined || (param.kind === 'buffer' && param.access === 'write')) continue;
    throw new IsokernelError('missing-argument', `${kernel.name} needs ${param.name}`, {
      kernel: kernel.name,
      hint: `Its parameters are ${list}.`,
    });
  }
}

// ---- scalars ----

/** Checks a scalar or vector argument; its components as numbers of the parameter's type. */
export function checkScalar(value: unknown, param: Pick<ScalarParam, 'type'>, label: string): readonly number[] {
  const count = componentCount(param.type);
  const type = componentType(param.type);
  if (count === 1) return [checkComponent(value, type, label)];
  const components = isTypedArray(value) ? [...value] : value;
  if (!Array.isArray(components) || components.length !== count) {
    throw new IsokernelError(
      'argument-type',
      `${label} takes ${count} numbers for ${param.type}, and got ${describe(value)}`,
      {
        hint: `Pass an array of ${count} numbers.`,
      },
    );
  }
  return components.map((component: unknown) => checkComponent(component, type, label));
}

const integerRange = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

function checkComponent(value: unknown, type: ScalarType, label: string): number {
  if (type === 'bool') {
    if (typeof value === 'boolean') return value ? 1 : 0;
    throw new IsokernelError('argument-type', `${label} takes true or false, and got ${describe(value)}`, {
      hint: 'Write value !== 0 for a number.',
    });
  }
  if (typeof value !== 'number') {
    throw new IsokernelError('argument-type', `${label} takes a number for ${type}, and got ${describe(value)}`, {
      hint: typeof value === 'bigint' ? 'Write Number(value).' : 'Pass a number.',
    });
  }
  if (type === 'f32' || type === 'f16') return roundTo(type, value);
  const [least, greatest] = integerRange[type];
  if (Number.isInteger(value) && value >= least && value <= greatest) return value + 0;
  throw new IsokernelError(
    'argument-range',
    `${label} is ${value}, and ${type} holds whole numbers from ${least} to ${greatest}`,
    {
      hint: Number.isInteger(value)
        ? 'Use another type for the parameter, or a value in range.'
        : 'Write Math.trunc(value).',
    },
  );
}

function hostScalar(components: BoundScalar, param: ScalarParam): HostArgument {
  if (components instanceof Slot) return Number.NaN;
  if (param.type === 'bool') return components[0] === 1;
  return components.length === 1 ? components[0]! : components;
}

// ---- buffers ----

function hostArray({ shape }: BoundBuffer): HostArgument {
  return { length: elementsOf(shape), shape };
}

function bindBuffer(value: unknown, param: BufferParam, label: string, owner: object): BoundBuffer {
  if (value instanceof Slot) return { ...bindBuffer(value.ofBuffer(label), param, label, owner), value };
  if (value instanceof DeviceBuffer) {
    holding.check(value, owner, label);
    if (value.type !== param.element) {
      throw new IsokernelError('argument-type', `${label} takes ${param.element}, and got a buffer of ${value.type}`, {
        hint: `Make the buffer with element type ${param.element}.`,
      });
    }
    return bound(param, checkRank(value.shape, param, label), value);
  }
  const shaped = asShaped(value);
  if (shaped !== undefined) {
    const data = checkArray(shaped.data, param.element, label);
    const shape = checkShape(shaped.shape, param.rank, `the shape of ${label}`);
    const elements = data.length / componentCount(param.element);
    if (elements !== elementsOf(shape)) {
      throw new IsokernelError(
        'argument-shape',
        `${label} has ${elements} elements, and its shape [${shape.join(', ')}] has ${elementsOf(shape)}`,
        { hint: 'Pass as many elements as the shape has.' },
      );
    }
    return bound(param, shape, data);
  }
  const data = checkArray(value, param.element, label);
  if (param.rank !== 1) {
    throw new IsokernelError('argument-shape', `${label} has rank ${param.rank}, and a typed array has no shape`, {
      hint: `Pass { data, shape: [${Array.from({ length: param.rank }, (_, i) => `n${i}`).join(', ')}] }.`,
    });
  }
  return bound(param, checkShape(data.length / componentCount(param.element), 1, `the length of ${label}`), data);
}

function bound(param: BufferParam, shape: readonly number[], value: BoundBuffer['value']): BoundBuffer {
  return { param, shape, bytes: elementsOf(shape) * elementBytes(param.element), value };
}

function checkRank(shape: readonly number[], param: BufferParam, label: string): readonly number[] {
  if (shape.length === param.rank) return shape;
  throw new IsokernelError(
    'argument-shape',
    `${label} has rank ${param.rank}, and got a buffer of shape [${shape.join(', ')}]`,
    {
      hint: `Make the buffer with ${param.rank} dimensions.`,
    },
  );
}

function asShaped(value: unknown): { data: unknown; shape: unknown } | undefined {
  if (typeof value !== 'object' || value === null || !('data' in value) || !('shape' in value)) return undefined;
  return value as { data: unknown; shape: unknown };
}

function bindOutput(
  kernel: RunnableKernel,
  value: unknown,
  param: BufferParam,
  seen: Readonly<Record<string, HostArgument>>,
  owner: object,
): BoundBuffer {
  const label = labelOf(kernel, param.name);
  const passed = value === undefined ? undefined : bindBuffer(value, param, label, owner);
  const shapeOf = Object.hasOwn(kernel.shapes, param.name) ? kernel.shapes[param.name] : undefined;
  if (shapeOf === undefined) {
    if (passed !== undefined) return passed;
    throw new IsokernelError('no-shape', `nothing says how large ${param.name} of ${kernel.name} is`, {
      kernel: kernel.name,
      hint: `Give the kernel shapes: { ${param.name}: (args) => … }, or pass an array or a buffer for it.`,
    });
  }
  const shape = checkShape(
    asked(kernel, `shapes.${param.name}`, shapeOf, seen),
    param.rank,
    `the shape that ${kernel.name} gives its output ${param.name}`,
  );
  if (passed === undefined) return bound(param, shape, undefined);
  if (passed.shape.some((length, axis) => length !== shape[axis])) {
    throw new IsokernelError(
      'argument-shape',
      `${label} has shape [${passed.shape.join(', ')}], and the kernel gives it [${shape.join(', ')}]`,
      { kernel: kernel.name, hint: 'Pass one of that shape, or leave it out.' },
    );
  }
  return passed;
}

/** Calls one of the kernel's own functions; what it throws is said to come from there. */
function asked<T>(
  kernel: RunnableKernel,
  name: string,
  ask: (args: Readonly<Record<string, HostArgument>>) => T,
  seen: Readonly<Record<string, HostArgument>>,
): T {
  try {
    return ask(seen);
  } catch (thrown) {
    throw new IsokernelError('invalid-kernel', `${name} of ${kernel.name} threw: ${summaryOf(thrown)}`, {
      kernel: kernel.name,
      hint: 'It gets the arguments: scalars as they are, arrays as { length, shape }.',
      cause: thrown,
    });
  }
}

function checkOverlaps(kernel: RunnableKernel, buffers: readonly BoundBuffer[]): void {
  buffers.forEach((one, i) => {
    for (const other of buffers.slice(0, i)) {
      if (one.param.access === 'read' && other.param.access === 'read') continue;
      if (!shareBytes(one.value, other.value)) continue;
      throw new IsokernelError(
        'overlapping-arguments',
        `${other.param.name} and ${one.param.name} of ${kernel.name} share memory, and one of them is written`,
        { kernel: kernel.name, hint: 'Pass separate arrays or buffers: a copy of one of them.' },
      );
    }
  });
}

function shareBytes(a: BoundBuffer['value'], b: BoundBuffer['value']): boolean {
  if (a === undefined || b === undefined) return false;
  if (isTypedArray(a) && isTypedArray(b)) return overlap(a, b);
  return a === b;
}

// ---- the grid ----

function gridOf(
  kernel: RunnableKernel,
  invocations: LaunchOptions['invocations'],
  buffers: readonly BoundBuffer[],
  seen: Readonly<Record<string, HostArgument>>,
): Grid {
  if (invocations !== undefined) return checkGrid(invocations, kernel.name);
  if (kernel.invocations !== undefined) {
    return checkGrid(asked(kernel, 'invocations', kernel.invocations, seen), kernel.name);
  }
  for (const access of ['write', 'readWrite'] as const) {
    const first = buffers.find(({ param }) => param.access === access);
    if (first !== undefined) return gridOfShape(first.shape);
  }
  throw new IsokernelError('no-invocations', `nothing says how many invocations of ${kernel.name} to run`, {
    kernel: kernel.name,
    hint: 'Give the kernel invocations: (args) => …, or pass { invocations } when running it.',
  });
}
