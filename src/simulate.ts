/**
 * `kernel.simulate`: one invocation of a launch, run on the interpreter operation by operation, to look at what a kernel
 * does. For tests and for the debugger; slow, and of nothing but the arguments given.
 */

import { numberOf } from './ir/bits.ts';
import { IsokernelError, type Place } from './ir/error.ts';
import { type Launch, prepare, type Stop, stepInvocation } from './ir/interpreter.ts';
import { rowOf } from './ir/ops.ts';
import type { Printout } from './ir/printout.ts';
import { type Block, definitionsOf, type Operation, type Program, rankOf, type Value } from './ir/program.ts';
import { isVector, type ScalarType } from './ir/types.ts';
import type { SourceLine } from './lang/explain.ts';
import type { Kernel, SimulateOptions } from './lang/kernel.ts';
import type { Arguments } from './runtime/api.ts';
import { bind } from './runtime/arguments.ts';
import { captureBytes, newArray } from './runtime/arrays.ts';
import { DeviceBuffer } from './runtime/buffer.ts';
import type { RunnableKernel } from './runtime/kernel.ts';
import { elementsOf } from './runtime/shapes.ts';
import { Slot } from './runtime/slot.ts';

/** A scalar, or the components of a vector. */
export type SimulatedValue = number | boolean | readonly number[];

/** One operation that the invocation has just done. */
export interface SimulationStep {
  /** The author's line that it is of; undefined where it is of none. */
  readonly source: SourceLine | undefined;
  /** The operation with its operands, by their names where the author gave them one: `sum = add(sum, 0.5)`. */
  readonly text: string;
  /** What it gave, or stored. */
  readonly result: SimulatedValue | undefined;
  /** The author's variables, by name: those that have a value here. Of a vector `v` there are `v_x`, `v_y` and so on. */
  readonly values: Readonly<Record<string, SimulatedValue>>;
}

/** A run of one invocation; a loop over it takes the steps. */
export class Simulation implements Iterable<SimulationStep> {
  readonly invocation: readonly [x: number, y: number, z: number];
  readonly #program: Program;
  readonly #steps: Iterator<Stop, void>;
  readonly #sourceOf: Kernel['sourceLines'];
  readonly #explain: Kernel['explain'];
  readonly #scopes: ReadonlyMap<Operation, Scope | undefined>;
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #printed: () => Promise<Printout>;
  #at: Stop | undefined;
  #lineOf: ReturnType<Kernel['sourceLines']> | undefined;
  readonly #lines = new Map<Place, SourceLine>();

  /** Use `kernel.simulate()`. */
  constructor(
    kernel: Pick<Kernel, 'sourceLines' | 'explain'>,
    program: Program,
    launch: Launch,
    invocation: readonly [number, number, number],
    printed: () => Promise<Printout>,
  ) {
    this.invocation = invocation;
    this.#program = program;
    this.#steps = stepInvocation(prepare(program), launch, invocation);
    this.#sourceOf = () => kernel.sourceLines();
    this.#explain = (error) => kernel.explain(error);
    this.#scopes = scopesOf(program.body);
    this.#definitions = definitionsOf(program.body);
    this.#printed = printed;
  }

  /** Steps until the invocation ends, or the loop is left: another loop goes on from there. Throws `out-of-fuel`. */
  *[Symbol.iterator](): Generator<SimulationStep, void, void> {
    for (let step = this.next(); step !== undefined; step = this.next()) yield step;
  }

  /** The next step; undefined when the invocation has ended. Throws `out-of-fuel`. */
  next(): SimulationStep | undefined {
    for (;;) {
      let found: IteratorResult<Stop, void>;
      try {
        found = this.#steps.next();
      } catch (error) {
        throw this.#explain(error);
      }
      if (found.done) return undefined;
      this.#at = found.value;
      const { form } = rowOf(found.value.operation.op);
      // nothing happens there
      if (form !== 'constant' && form !== 'argument') return this.#step(found.value);
    }
  }

  /** The elements of an array, as they are now: a parameter, or one that the body declares, by the name it has in the program. */
  memory(name: string): readonly (number | readonly number[])[] {
    const { params, locals } = this.#program;
    const memory = [...params, ...locals].find((each) => each.name === name && each.kind !== 'scalar');
    if (memory === undefined || memory.kind === 'scalar') {
      const names = [...params.filter(({ kind }) => kind === 'buffer'), ...locals].map((each) => each.name);
      throw new IsokernelError('unknown-name', `${this.#program.name} has no array ${name}`, {
        kernel: this.#program.name,
        hint: `Its arrays are ${names.join(', ') || 'none'}.`,
      });
    }
    this.#at ?? this.next();
    const contents = this.#at?.contentsOf(memory) ?? [];
    return contents.map((components) => (isVector(memory.element) ? components : components[0]!));
  }

  /** What the invocations that have run printed by `k.print`, so far. */
  printed(): Promise<Printout> {
    return this.#printed();
  }

  #step(stop: Stop): SimulationStep {
    const { operation } = stop;
    const { place, result, args } = operation;
    const values: Record<string, SimulatedValue> = {};
    const note = (value: Value) => {
      if (value.name !== undefined && !Object.hasOwn(values, value.name)) values[value.name] = shown(stop, value);
    };
    if (result !== undefined) note(result);
    for (let scope = this.#scopes.get(operation); scope !== undefined; scope = scope.outer) note(scope.value);
    const stored = rowOf(operation.op).form === 'store' ? args.at(-1) : undefined;
    const gave = result ?? stored;
    return {
      source: place && this.#lineAt(place),
      text: this.#textOf(stop),
      result: gave && shown(stop, gave),
      values,
    };
  }

  #lineAt(place: Place): SourceLine {
    this.#lineOf ??= this.#sourceOf();
    const line = this.#lines.get(place) ?? this.#lineOf(place);
    this.#lines.set(place, line);
    return line;
  }

  #textOf(stop: Stop): string {
    const { op, args, result, reference, attribute } = stop.operation;
    const operand = (value: Value) => {
      const definition = this.#definitions.get(value);
      if (definition?.op === 'constant') return String(numberOf(value.type as ScalarType, definition.attribute));
      return value.name ?? String(shown(stop, value));
    };
    const form = rowOf(op).form;
    const target = result?.name === undefined ? '' : `${result.name} = `;
    if (form === 'id' || form === 'dimension' || form === 'extract') {
      const of = [...(reference === undefined ? [] : [reference.name]), ...args.map(operand)].join(', ');
      return `${target}${op}${of === '' ? '' : `(${of})`} ${form === 'dimension' ? attribute : 'xyzw'[attribute]}`;
    }
    if (reference === undefined || reference.kind === 'scalar') {
      return `${target}${op}${args.length === 0 ? '' : `(${args.map(operand).join(', ')})`}`;
    }
    if (form === 'clear') return `clear(${reference.name})`;
    const rank = rankOf(reference);
    const element = `${reference.name}[${args.slice(0, rank).map(operand).join(', ')}]`;
    const others = args.slice(rank).map(operand);
    if (form === 'load') return `${target}${element}`;
    if (form === 'store') return `${element} = ${others[0]}`;
    return `${target}${op}(${[element, ...others].join(', ')})`;
  }
}

function shown(stop: Stop, value: Value): SimulatedValue {
  const components = stop.valueOf(value);
  if (value.type === 'bool') return components[0] === 1;
  return components.length === 1 ? components[0]! : components;
}

/** The named values in sight of an operation, the last first. */
interface Scope {
  readonly value: Value;
  readonly outer: Scope | undefined;
}
function scopesOf(body: Block): ReadonlyMap<Operation, Scope | undefined> {
  const scopes = new Map<Operation, Scope | undefined>();
  const add = (scope: Scope | undefined, values: readonly Value[]) =>
    values.reduce((outer, value) => (value.name === undefined ? outer : { value, outer }), scope);
  const walk = (block: Block, scope: Scope | undefined): void => {
    for (const instruction of block.body) {
      switch (instruction.kind) {
        case 'op':
          scopes.set(instruction, scope);
          scope = add(scope, instruction.result === undefined ? [] : [instruction.result]);
          break;
        case 'if':
          walk(instruction.accept, scope);
          walk(instruction.reject, scope);
          scope = add(scope, instruction.results);
          break;
        case 'loop':
          walk(instruction.body, add(scope, instruction.params));
          scope = add(scope, instruction.results);
      }
    }
  };
  walk(body, undefined);
  return scopes;
}

/** Checks the arguments as a launch does, copies them, and stops before the first operation. */
export async function simulate(
  kernel: Kernel,
  args: Arguments,
  { invocation = 0, invocations }: SimulateOptions,
): Promise<Simulation> {
  for (const [name, value] of Object.entries(args ?? {})) {
    if (!(value instanceof DeviceBuffer || value instanceof Slot)) continue;
    throw new IsokernelError('argument-type', `simulate(): ${name} of ${kernel.name} lives on a device`, {
      kernel: kernel.name,
      hint: `Pass its elements: ${name}: await buffer.read().`,
    });
  }
  const { buffers, scalars, grid, printed } = bind(kernel as unknown as RunnableKernel, args, invocations, kernel);
  const [x = 0, y = 0, z = 0] = typeof invocation === 'number' ? [invocation] : invocation;
  if (![x, y, z].every((id, axis) => Number.isInteger(id) && id >= 0 && id < grid[axis]!)) {
    throw new IsokernelError('invalid-option', `simulate(): there is no invocation (${[x, y, z].join(', ')})`, {
      kernel: kernel.name,
      hint: `The grid of these arguments is ${grid.join(' x ')}; invocations count from 0.`,
    });
  }
  const arrays = buffers.map(({ param, shape, value }) => ({
    bytes: captureBytes(
      (value as Parameters<typeof captureBytes>[0] | undefined) ?? newArray(param.element, elementsOf(shape)),
    ),
    shape,
  }));
  const { program } = await kernel.verified();
  const [nextArray, nextScalar] = [arrays.values(), scalars.values()];
  const given = program.params.map(({ kind }) =>
    kind === 'buffer' ? nextArray.next().value! : (nextScalar.next().value as readonly number[]),
  );
  const { printing } = kernel;
  const words = printed && arrays.at(-1)!.bytes;
  const print = async () =>
    words === undefined || printing === undefined
      ? { lines: [], lost: 0 }
      : printing.decode(new Uint32Array(words.buffer, words.byteOffset, words.byteLength / 4));
  return new Simulation(kernel, program, { args: given, grid }, [x, y, z], print);
}
