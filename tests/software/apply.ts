/** Software functions on many operands at once, on the CPU device, and how far what they give is from the true values. */

import type { Device } from '../../src/device/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import { ops, type SoftwareOp } from '../../src/ir/ops.ts';
import { software } from '../../src/ir/software/index.ts';
import { openOnCaller, runOnCpu } from '../cpu/on-cpu.ts';
import { Random } from '../support/random.ts';

const device = openOnCaller();

/** The bits that an operation's integer algorithm gives for the bits of its operands. */
export function apply(op: SoftwareOp, ...operands: Uint32Array<ArrayBuffer>[]): Promise<Uint32Array> {
  return applyOn(device, op, ...operands);
}
export async function applyOn(
  on: Device,
  op: SoftwareOp,
  ...operands: Uint32Array<ArrayBuffer>[]
): Promise<Uint32Array> {
  const b = new Builder({ name: op });
  const length = operands[0]!.length;
  const inputs = ops[op].args.map((_, i) => b.buffer(`x${i}`, 'read', 'u32'));
  const output = b.buffer('r', 'write', 'u32');
  const i = b.id('globalId');
  const result = software[op]!(b, ...inputs.map((input) => b.bitcast(b.load(input, [i]), 'f32')));
  b.store(output, [i], b.bitcast(result, 'u32'));
  const args = [...operands, new Uint32Array(length)].map(({ buffer }) => ({
    shape: [length],
    bytes: new Uint8Array(buffer),
  }));
  const all = await runOnCpu(on, b.finish(), { args, grid: [length, 1, 1], workgroup: [256, 1, 1] });
  return new Uint32Array(all.at(-1)!.buffer);
}

const word = new Uint32Array(1);
const number = new Float32Array(word.buffer);
export function numberOf(bits: number): number {
  word[0] = bits;
  return number[0]!;
}
export function bitsOf(x: number): number {
  number[0] = x;
  return word[0]!;
}
export const bitsOfNaN = 0x7fc00000;

/** Every exponent and sign many times over, with a seed; and the numbers around the ends of the format and around `points`. */
export function operands(count: number, seed: number, points: readonly number[] = []): Uint32Array<ArrayBuffer> {
  const random = new Random(seed);
  const special = [0, 1, 0x7fffff, 0x800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7fffffff];
  const around = [...special, ...points.map(bitsOf)].flatMap((bits) => [bits - 2, bits - 1, bits, bits + 1, bits + 2]);
  const both = around.flatMap((bits) => [bits, bits ^ 0x80000000]);
  return Uint32Array.from([...both, ...Array.from({ length: count }, () => random.bits())]);
}
/** Numbers spread evenly. */
export function between(count: number, from: number, to: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, i) => bitsOf(from + ((to - from) * (i + 0.5)) / count));
}
/** Every operand of one list with every one of the other. */
export function pairs(x: Uint32Array, y: Uint32Array): [Uint32Array<ArrayBuffer>, Uint32Array<ArrayBuffer>] {
  return [
    Uint32Array.from([...x].flatMap((bits) => [...y].map(() => bits))),
    Uint32Array.from([...x].flatMap(() => [...y])),
  ];
}

/** What counts as zero is zero, without a sign. */
function flushed(x: number): number {
  return Math.abs(x) < 2 ** -126 ? 0 : x;
}
/** Distance between neighbouring f32 around a number, if there were no largest one. */
function ulp(x: number): number {
  const magnitude = Math.abs(x);
  const exponent = Math.floor(Math.log2(magnitude));
  const least = 2 ** exponent > magnitude ? exponent - 1 : 2 ** (exponent + 1) <= magnitude ? exponent + 1 : exponent;
  return 2 ** (Math.max(least, -126) - 23);
}

export interface Accuracy {
  /** In units of the last place. */
  readonly worst: number;
  readonly at: string;
  /** Results that are not those nearest to the true ones. */
  readonly wrong: number;
}
/** `reference` computes in doubles, well within 2^-40. Where only one of the two is NaN, infinite or zero, the error is infinite. */
export function accuracy(
  results: Uint32Array,
  reference: (...x: number[]) => number,
  ...given: readonly Uint32Array[]
): Accuracy {
  let worst = 0;
  let at = '';
  let wrong = 0;
  results.forEach((bits, i) => {
    const x = given.map((operand) => flushed(numberOf(operand[i]!)));
    const wanted = reference(...x);
    const nearest = Math.fround(wanted);
    const pinned = Number.isNaN(nearest) ? bitsOfNaN : Math.abs(nearest) <= 2 ** -126 ? 0 : bitsOf(nearest);
    if (bits === pinned) return;
    wrong++;
    const error = errorOf(numberOf(bits), wanted);
    if (error <= worst) return;
    worst = error;
    at = `${x.join(', ')}: ${numberOf(bits)}, not ${wanted}`;
  });
  return { worst, at, wrong };
}
function errorOf(got: number, wanted: number): number {
  // a result this small may be rounded to 2^-126 and then to zero
  const visible = got === 0 && Math.abs(wanted) < 2 ** -126 * (1 + 2 ** -23) ? Math.sign(wanted) * 2 ** -126 : got;
  const finite = Math.abs(visible) === Number.POSITIVE_INFINITY ? Math.sign(visible) * 2 ** 128 : visible;
  if (visible === 0 || Number.isNaN(visible) || Number.isNaN(wanted)) return Number.POSITIVE_INFINITY;
  return Math.abs(finite - wanted) / ulp(wanted);
}
