/**
 * Shifts of four lanes, each by an amount of its own, for which WebAssembly has no instruction: products with powers of two.
 */

import type { Push } from '../arithmetic.ts';
import type { Code } from '../wasm/encoder.ts';

/** Pushes 2^(n mod 32), or 2^(31 - n mod 32), in each lane. */
function powerOfTwo(code: Code, pushN: Push, reversed: boolean): void {
  // each byte of a lane looks n - 8 b up, b being its number in the lane: the bit where that is 0 to 7, else nothing
  code.v128(0x08040201, 0x80402010, 0, 0);
  pushN();
  code.v128(31, 31, 31, 31).op('v128.and');
  if (reversed) code.v128(31, 31, 31, 31).op('v128.xor');
  code.v128(0, 0x04040404, 0x08080808, 0x0c0c0c0c).op('i8x16.swizzle');
  code.v128(0x18100800, 0x18100800, 0x18100800, 0x18100800).op('i8x16.sub', 'i8x16.swizzle');
}

/** Pushes x << (n mod 32). */
export function shiftLeft(code: Code, pushX: Push, pushN: Push): void {
  pushX();
  powerOfTwo(code, pushN, false);
  code.op('i32x4.mul');
}

/** Pushes x >> (n mod 32), filling with zeros: x 2^(31 - n) in 64 bits, without the lower 31. */
export function shiftRight(code: Code, pushX: Push, pushN: Push): void {
  const factor = code.local('v128');
  powerOfTwo(code, pushN, true);
  code.set(factor);
  for (const half of ['low', 'high'] as const) {
    pushX();
    code.get(factor).op(`i64x2.extmul_${half}_i32x4_u`).i32(31).op('i64x2.shr_u');
  }
  code.shuffleWords(0, 2, 4, 6);
}

/** The same, filling with the sign: of negative numbers the complement is shifted. */
export function shiftRightSigned(code: Code, pushX: Push, pushN: Push): void {
  const signs = code.local('v128');
  const magnitude = code.local('v128');
  pushX();
  code.i32(31).op('i32x4.shr_s').set(signs);
  pushX();
  code.get(signs).op('v128.xor').set(magnitude);
  shiftRight(code, () => code.get(magnitude), pushN);
  code.get(signs).op('v128.xor');
}
