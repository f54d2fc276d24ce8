/** Input data of a fixed seed. */

/** A stream of whole numbers in [0, 2^32): Marsaglia's xorshift32 ("Xorshift RNGs", 2003). */
function stream(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Floats in [low, high). */
export function randomFloats(length: number, seed: number, low = 0, high = 1): Float32Array {
  const next = stream(seed);
  return Float32Array.from({ length }, () => low + ((high - low) * next()) / 2 ** 32);
}
export function randomWords(length: number, seed: number): Uint32Array {
  const next = stream(seed);
  return Uint32Array.from({ length }, next);
}
export function randomBytes(length: number, seed: number): Uint8Array {
  return new Uint8Array(randomWords(Math.ceil(length / 4), seed).buffer, 0, length);
}
