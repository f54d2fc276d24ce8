/**
 * What WebAssembly's vectors lack and integer algorithms of functions live on: shifts by another amount in each lane, and leading zeros. They are
 * products with powers of two, and a power of two is a float with nothing but an exponent.
 */

import type { Push } from '../arithmetic.ts';
import type { Code } from '../wasm/encoder.ts';

const splat = (code: Code, word: number): Code => code.v128(word, word, word, word);

/** -(2^(n mod 32)): of either sign 2^31 has the same bits, and of this one floats have it. */
function negativePower(code: Code, pushAmount: Push): void {
  pushAmount();
  code.i32(27).op('i32x4.shl').i32(4).op('i32x4.shr_u');
  splat(code, 0xbf800000).op('i32x4.add', 'i32x4.trunc_sat_f32x4_s');
}

/** x << (n mod 32). */
export function shiftLeft(code: Code, pushX: Push, pushAmount: Push): void {
  pushX();
  negativePower(code, pushAmount);
  code.op('i32x4.mul', 'i32x4.neg');
}

/** x >> (n mod 32), filled with zeros: the product with 2^(31 - n), in 64 bits, shifted by 31. */
export function shiftRight(code: Code, pushX: Push, pushAmount: Push): void {
  const power = code.local('v128');
  negativePower(code, () => {
    pushAmount();
    code.op('v128.not');
  });
  code.op('i32x4.neg').set(power);
  for (const half of ['low', 'high'] as const) {
    pushX();
    code.get(power).op(`i64x2.extmul_${half}_i32x4_u`).i32(31).op('i64x2.shr_u');
  }
  code.shuffleWords(0, 2, 4, 6);
}

/** The same, filled with the sign. */
export function shiftRightSigned(code: Code, pushX: Push, pushAmount: Push): void {
  const pushSign = () => {
    pushX();
    code.i32(31).op('i32x4.shr_s');
  };
  const magnitude = code.local('v128');
  pushX();
  pushSign();
  code.op('v128.xor').set(magnitude);
  shiftRight(code, () => code.get(magnitude), pushAmount);
  pushSign();
  code.op('v128.xor');
}

/** By the exponent of x as a float, without the bit after its highest, so that it is not rounded up to the next power. */
export function leadingZeros(code: Code, pushX: Push): void {
  splat(code, 158);
  pushX();
  pushX();
  code.i32(1).op('i32x4.shr_u', 'v128.andnot', 'f32x4.convert_i32x4_s').i32(23).op('i32x4.shr_u', 'i32x4.sub');
  // 2^31 is a negative float, and 0 has no exponent
  splat(code, 0).op('i32x4.max_s');
  splat(code, 32).op('i32x4.min_s');
}
