/**
 * A trial: a program and its arguments, run on the device and by the interpreter, and the two compared. Most cases are
 * trials.
 */

import type { Device, DeviceMemory, DeviceProgram, Dispatch } from '../../src/device/index.ts';
import {
  type ArrayArgument,
  type BufferParam,
  Builder,
  type BuilderOptions,
  bitsOf,
  componentBytes,
  componentCount,
  componentType,
  type ElementType,
  elementBytes,
  interpret,
  isPacked,
  isVector,
  loadedType,
  numberOf,
  type ScalarType,
  type Verified,
  verify,
} from '../../src/ir/index.ts';
import { check, Skip } from './suite.ts';

type Triple = readonly [number, number, number];

/** Whether the device's number may stand for the interpreter's, which is component `index` of that buffer. */
export type Accept = (actual: number, expected: number, index: number, param: BufferParam) => boolean;

export interface Trial extends Partial<Omit<BuilderOptions, 'name'>> {
  readonly build: (b: Builder) => void;
  /** By parameter, in declaration order: arrays, or the components of scalars. */
  readonly args: readonly (ArrayArgument | readonly number[])[];
  /** Invocations; a number is a grid of one axis. */
  readonly grid: number | Triple;
  readonly base?: Triple;
  readonly count?: Triple;
  /** Equal bits where not given, any NaN for a NaN. */
  readonly accept?: Accept;
  /** What a component of the result is of, for the report; its index where not given. */
  readonly describe?: (index: number) => string;
}

/** An array argument of elements of that type, from numbers (see bits.ts). */
export function array(element: ElementType, data: readonly number[], shape?: readonly number[]): ArrayArgument {
  const size = componentBytes(element);
  const bytes = new Uint8Array(data.length * size);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    const bits = isPacked(element) ? value >>> 0 : bitsOf(scalarOf(element), value);
    if (size === 4) view.setUint32(i * 4, bits, true);
    else if (size === 2) view.setUint16(i * 2, bits, true);
    else view.setUint8(i, bits);
  });
  return { bytes, shape: shape ?? [data.length / componentCount(element)] };
}
export function zeros(element: ElementType, ...shape: readonly number[]): ArrayArgument {
  return { bytes: new Uint8Array(shape.reduce((a, b) => a * b, elementBytes(element))), shape };
}

/** The components of all elements in some bytes, as numbers. */
export function numbersIn(element: ElementType, bytes: Uint8Array): number[] {
  const size = componentBytes(element);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / size }, (_, i) => {
    if (size === 4) return numberOf(scalarOf(element), view.getUint32(i * 4, true));
    const signed = element.startsWith('i');
    if (size === 1) return signed ? view.getInt8(i) : view.getUint8(i);
    if (isPacked(element)) return signed ? view.getInt16(i * 2, true) : view.getUint16(i * 2, true);
    return numberOf('f16', view.getUint16(i * 2, true));
  });
}
function scalarOf(element: ElementType): ScalarType {
  return componentType(isVector(element) ? element : loadedType(element));
}

export function verified(trial: Pick<Trial, 'build' | 'mode' | 'workgroup' | 'fuel'>, name = 'conformance'): Verified {
  const { build, mode = 'stable', workgroup } = trial;
  const b = new Builder({ name, mode, workgroup, ...(trial.fuel === undefined ? {} : { fuel: trial.fuel }) });
  build(b);
  return verify(b.finish());
}

/** Runs the trial on both and compares every element of every buffer that the program may write. */
export async function attempt(device: Device, trial: Trial): Promise<void> {
  const program = verified(trial);
  const grid: Triple = typeof trial.grid === 'number' ? [trial.grid, 1, 1] : trial.grid;
  const box = { base: trial.base, count: trial.count };
  const reason = device.ineligible(program);
  if (reason !== undefined) throw new Skip(reason);
  const compiled = await device.compile(program);
  const actual = await execute(device, compiled, trial.args, grid, box);
  const expected = trial.args.map((arg) => ('bytes' in arg ? { ...arg, bytes: arg.bytes.slice() } : arg));
  interpret(program, { args: expected, grid, workgroup: compiled.workgroup, ...box });
  program.program.params.forEach((param, i) => {
    const reference = expected[i]!;
    if (param.kind !== 'buffer' || !('bytes' in reference)) return;
    const { accept = same, describe = String } = param.access === 'read' ? {} : trial;
    const [got, wanted] = [actual[i]!, reference.bytes].map((bytes) => numbersIn(param.element, bytes));
    const wrong = wanted!.flatMap((value, k) => (accept(got![k]!, value, k, param) ? [] : [k]));
    const shown = wrong.slice(0, 3).map((k) => `[${describe(k)}] is ${show(got![k]!)}, not ${show(wanted![k]!)}`);
    check(wrong.length === 0, `${wrong.length} of ${wanted!.length} wrong in ${param.name}: ${shown.join('; ')}`);
  });
}

const same = (actual: number, expected: number) => Object.is(actual, expected);
const show = (value: number) => (Object.is(value, -0) ? '-0' : String(value));

/** Runs a compiled program once and gives back the bytes of its buffers, by parameter. */
export async function execute(
  device: Device,
  program: DeviceProgram,
  args: Trial['args'],
  grid: Triple,
  box: Pick<Dispatch, 'base' | 'count'> = {},
): Promise<readonly (Uint8Array | undefined)[] & readonly Uint8Array[]> {
  const memories: DeviceMemory[] = [];
  try {
    const buffers = args.flatMap((arg) => {
      if (!('bytes' in arg)) return [];
      const memory = device.alloc(arg.bytes.length);
      memories.push(memory);
      device.write(memory, 0, arg.bytes);
      return [{ memory, shape: arg.shape }];
    });
    const scalars = args.flatMap((arg) => ('bytes' in arg ? [] : [arg]));
    await device.submit([{ kind: 'dispatch', program, buffers, scalars, grid, ...box }]).done;
    const contents = memories.map((memory) => new Uint8Array(memory.bytes));
    await Promise.all(memories.map((memory, i) => device.read(memory, 0, contents[i]!)));
    const next = contents.values();
    return args.map((arg) => ('bytes' in arg ? next.next().value! : new Uint8Array()));
  } finally {
    for (const memory of memories) device.free(memory);
  }
}

/** Contents of a memory. */
export async function contentsOf(device: Device, memory: DeviceMemory, offset = 0, length = memory.bytes - offset) {
  const bytes = new Uint8Array(length);
  await device.read(memory, offset, bytes);
  return bytes;
}

export function checkBytes(actual: Uint8Array, expected: ArrayLike<number>, what: string): void {
  const at = Array.from(expected).findIndex((byte, i) => byte !== actual[i]);
  check(at < 0 && actual.length === expected.length, `${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
}
