/**
 * What a function is tried on. Of one operand: every f32, or a sample. Of more: hard cases in all combinations, and as many
 * random tuples as asked for.
 *
 * Samples and random tuples are functions of their number, so every run tries the same ones.
 */

/** Bits of f32, one list for each operand. */
export type Batch = readonly Uint32Array<ArrayBuffer>[];

/** 2^22 results are 16 MiB. */
const batchSize = 2 ** 22;

/** Zeros, ones, ends of the range, what is not finite, whole numbers and halves, each with its neighbours, of both signs. */
const special: readonly number[] = [
  ...[0, 0x00800000, 0x01000000, 0x7f800000, 0x7fc00000, 0x34000000, 0x33800000, 0x33000000],
  ...[
    0.25,
    0.5,
    Math.SQRT1_2,
    Math.LN2 / 2,
    Math.LN2,
    1,
    Math.SQRT2,
    1.5,
    2,
    3,
    4,
    7,
    10,
    16,
    88.72284,
    103.97208,
    127,
    128,
  ],
  ...[Math.PI / 4, Math.PI / 2, Math.PI, 149, 150, 2 ** 22, 2 ** 23, 2 ** 24, 2 ** 31, 2 ** 32, 1e20],
].flatMap((value, i) => {
  const bits = i < 8 ? value : bitsOf(value);
  return [-1, 0, 1].flatMap((step) => [bits + step, (bits + step + 0x80000000) >>> 0]).filter((it) => it >= 0);
});
function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

/** A permutation of the 32-bit words, of no visible order: Wellons' "lowbias32". */
function mixed(word: number): number {
  let mix = word;
  mix = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
  mix = Math.imul(mix ^ (mix >>> 15), 0xd35a2d97);
  return (mix ^ (mix >>> 15)) >>> 0;
}

/** What to try of a function: how many operands it has, and how many inputs beside the special ones; not given: all, or 10^9. */
export interface Extent {
  readonly arity: number;
  readonly sample: number | undefined;
}
const isWhole = ({ arity, sample }: Extent): boolean => arity === 1 && sample === undefined;
const randomCount = ({ sample = 1e9 }: Extent): number => sample;
const specialCount = (arity: number): number => special.length ** Math.min(arity, 2);

export function inputCount(extent: Extent): number {
  return isWhole(extent) ? 2 ** 32 : specialCount(extent.arity) + randomCount(extent);
}
export function batchCount(extent: Extent): number {
  return isWhole(extent) ? 2 ** 32 / batchSize : 1 + Math.ceil(randomCount(extent) / batchSize);
}
/** One of the batches: the first has the special inputs, unless all are tried anyway. */
export function batch(extent: Extent, index: number): Batch {
  const { arity } = extent;
  if (isWhole(extent)) return [consecutive(index * batchSize)];
  if (index === 0) {
    const { length } = special;
    // a third operand is any of them
    const pick = [(i: number) => i % length, (i: number) => Math.floor(i / length), (i: number) => mixed(i) % length];
    return pick.slice(0, arity).map((at) => filled(specialCount(arity), (i) => special[at(i)]!));
  }
  const from = (index - 1) * batchSize;
  const size = Math.min(batchSize, randomCount(extent) - from);
  // equally spread, so that each exponent gets its share
  if (arity === 1) return [filled(size, (i) => Math.imul(from + i, golden) >>> 0)];
  return Array.from({ length: arity }, (_, operand) =>
    filled(size, (i) => spread(from + i, mixed(mixed(from + i) + operand))),
  );
}

/** Random bits with an exponent in the range that tuple `n` is for: any, or within 1, 8 or 16 of that of 1. */
function spread(n: number, bits: number): number {
  const range = [0, 1, 8, 16][n & 3]!;
  if (range === 0) return bits;
  const exponent = 127 - range + (((bits >>> 23) & 0xff) % (2 * range));
  return ((bits & 0x807fffff) | (exponent << 23)) >>> 0;
}
/** 2^32 over the golden ratio, made odd: its multiples modulo 2^32 are all words, and any stretch of them is spread evenly. */
const golden = 0x9e3779b1;

/** A batch of all words; the one function that runs 2^32 times. */
function consecutive(from: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(batchSize);
  for (let i = 0; i < batchSize; i++) words[i] = from + i;
  return words;
}
function filled(length: number, of: (i: number) => number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(length);
  for (let i = 0; i < length; i++) words[i] = of(i);
  return words;
}
