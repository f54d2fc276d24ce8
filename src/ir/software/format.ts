/**
 * The two ends of every software function: an f32 taken apart into integers, and put together from them with the one rounding.
 *
 * What all of them share, and `exact` pins: a subnormal operand is zero, and zero has no sign; a result of magnitude up to 2^-126,
 * after rounding, is +0, and so is every zero; NaN is 0x7fc00000. Nothing here or in what is built on it computes with floats.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';

export const bitsOfNaN = 0x7fc00000;
export const bitsOfInfinity = 0x7f800000;
export const bitsOfOne = 0x3f800000;
export const signBit = 0x80000000;
/** The bits of 2^-126; no larger magnitude is taken for zero. */
export const leastNormal = 0x00800000;

/** A magnitude: significand / 2^31 * 2^exponent. */
export interface Scaled {
  /** i32. */
  readonly exponent: Value;
  /** u32 whose highest bit is set. */
  readonly significand: Value;
}

/** An f32; `exponent` and `significand` are its own only where it is neither zero, infinite nor NaN. */
export interface Unpacked extends Scaled {
  /** Its bits without the sign, u32. */
  readonly magnitude: Value;
  /** Its highest bit or 0, u32; also that of a zero. */
  readonly sign: Value;
  readonly negative: Value;
  /** Also a subnormal one. */
  readonly zero: Value;
  readonly infinite: Value;
  readonly nan: Value;
}

export function unpack(b: Builder, x: Value): Unpacked {
  const { bits, and, or, shl, shr, sub, lt, eq, gt, ne, signed } = terms(b);
  const pattern = bits(x);
  const magnitude = and(pattern, ~signBit >>> 0);
  const sign = and(pattern, signBit);
  return {
    magnitude,
    sign,
    negative: ne(sign, 0),
    exponent: sub(signed(shr(magnitude, 23)), 127),
    significand: or(shl(pattern, 8), signBit),
    zero: lt(magnitude, leastNormal),
    infinite: eq(magnitude, bitsOfInfinity),
    nan: gt(magnitude, bitsOfInfinity),
  };
}

/** The bits of the nearest f32, ties to even, for exponents from -127 to 128; `bounded` makes sense of both ends. */
export function round({ add, and, shl, shr, unsigned }: Terms, { exponent, significand }: Scaled): Value {
  const kept = shr(significand, 8);
  // up where the lower eight bits are above half, or half and what is kept is odd
  const up = shr(add(add(and(significand, 0xff), and(kept, 1)), 0x7f), 8);
  // the leading bit of what is kept adds 1 to the exponent, and one rounded up to 2^24 adds 1 more
  return add(add(shl(unsigned(add(exponent, 126)), 23), kept), up);
}
/** What `round` gave: tiny is 0, large is infinite. */
export function bounded({ select, ge, le }: Terms, magnitude: Value): Value {
  const finite = select(le(magnitude, leastNormal), 0, magnitude);
  return select(ge(finite, bitsOfInfinity), bitsOfInfinity, finite);
}
/** The bits of the nearest f32 for any exponent. */
export function pack(t: Terms, { exponent, significand }: Scaled): Value {
  return bounded(t, round(t, { exponent: clampExponent(t, exponent), significand }));
}
/** A magnitude's bits with a sign; a zero gets none. */
export function withSign({ or, select, eq }: Terms, magnitude: Value, sign: Value): Value {
  return or(magnitude, select(eq(magnitude, 0), 0, sign));
}
/** An exponent of any size as one for `round`: below, all is 0, and above, infinite. */
export function clampExponent({ select, lt, gt }: Terms, exponent: Value): Value {
  const atLeast = select(lt(exponent, -127), -127, exponent);
  return select(gt(atLeast, 128), 128, atLeast);
}

/**
 * The bits of the f32 nearest to fixed * 2^exponent, ties to even, for a fixed in Q30 of at least 28 bits, i32, and a result among the
 * normal numbers; smaller ones down to 2^-250 give a negative i32.
 */
export function nearest(b: Builder, fixed: Value, exponent: Value): Value {
  const { add, sub, shl, bits, unsigned } = terms(b);
  return add(bits(b.convert(fixed, 'f32')), shl(unsigned(sub(exponent, 30)), 23));
}
