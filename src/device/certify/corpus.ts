/**
 * Operands that show how a device computes: every edge value with every other, then random bit patterns. The same on every
 * machine, so that a certificate says the same everywhere.
 */

/** Bit patterns at which machines differ: zeros, subnormals, powers of two and neighbours, ties, limits of integers, infinities, NaNs. */
const edges = [
  ...[0, 0x80000000, 1, 0x807fffff, 0x00400000, 0x00800000, 0x80800000, 0x00800001, 0x00ffffff],
  ...[0x3f800000, 0xbf800000, 0x3f7fffff, 0x3f800001, 0x40400000, 0x3f000000, 0xbf000000, 0x3effffff, 0x3fc00000],
  ...[0xc0200000, 0x3dcccccd, 0x20000000, 0x5f000000, 0xa0000001, 0x4b000001, 0xcb000001, 0x4effffff, 0x4f000000],
  ...[0xcf000000, 0x4f800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001],
] as const;

/** Three operands for each invocation, by position. */
export interface Operands {
  readonly count: number;
  readonly words: readonly [Uint32Array, Uint32Array, Uint32Array];
}

/** Every edge with every edge, and as many random patterns: half of them anything, half near 1 and near each other. */
export const allOperands = () => mixed(2048);
/** Every edge with every edge. */
export const edgeOperands = () => mixed(edges.length ** 2);
/** Some of the edges with each other. */
export const fewOperands = () => mixed(512);

function mixed(count: number): Operands {
  const next = generator(1);
  const anything = () => next();
  const nearOne = () => withExponent(next(), 117 + (next() % 20));
  return filled(count, (i) => {
    const rest = i - edges.length ** 2;
    if (rest >= 0) {
      const pattern = rest % 2 === 0 ? anything : nearOne;
      return [pattern(), pattern(), pattern()];
    }
    return [edges[i % edges.length]!, edges[Math.floor(i / edges.length)]!, edges[(7 * i + 3) % edges.length]!];
  });
}

/** Normal numbers of like size: no sum or product of a few of them leaves the normal range. */
export function plainOperands(): Operands {
  const next = generator(2);
  const pattern = () => withExponent(next(), 122 + (next() % 11));
  return filled(512, () => [pattern(), pattern(), pattern()]);
}

function filled(count: number, at: (i: number) => readonly [number, number, number]): Operands {
  const words = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)] as const;
  for (let i = 0; i < count; i++) for (const [k, word] of at(i).entries()) words[k]![i] = word;
  return { count, words };
}

const withExponent = (bits: number, exponent: number) => ((bits & 0x807fffff) | (exponent << 23)) >>> 0;

/** Marsaglia's xorshift of 32 bits ("Xorshift RNGs", 2003). */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
