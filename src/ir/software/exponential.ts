/**
 * Exponentials: x log2(e) as a whole number and a fraction, 2 to the power of the fraction as a polynomial, and the whole number as
 * the exponent.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import { exp2Series, expm1Series, log2e } from './coefficients.ts';
import { normalise, polynomial, product, selectWide, shiftRightSticky, subWide, type Wide } from './fixed.ts';
import {
  bitsOfNaN,
  bounded,
  clampExponent,
  pack,
  roundFraction,
  type Scaled,
  type Unpacked,
  unpack,
  withSign,
} from './format.ts';

/** A number of either sign: whole, i32, and a fraction from 0 up to 1, in Q32, u32. */
export interface Split {
  readonly whole: Value;
  readonly fraction: Value;
}

/** 2^f - 1 in Q32 for f in Q32. */
export function exp2Fraction(t: Terms, fraction: Value): Value {
  return t.mulHigh(polynomial(t, fraction, exp2Series), fraction);
}

/** The magnitude in Q57, for exponents up to 6; what is below 2^-25 is 0. */
function inQ57({ sub, gt, select, shl, shr, xor, unsigned }: Terms, { exponent, significand }: Scaled): Wide {
  const shift = unsigned(sub(6, exponent));
  const visible = select(gt(shift, 31), 0, significand);
  return { high: shr(visible, shift), low: shl(shl(visible, 1), xor(shift, 31)) };
}
/** A magnitude, in whole numbers and Q32, with a sign; if it is `large` the whole number is far beyond what exponents can be. */
export function signedSplit(t: Terms, negative: Value, large: Value, whole: Value, fraction: Value): Split {
  const { select, sub, xor, add, and, eq, signed, flag } = t;
  const one = flag(negative);
  const ones = sub(0, one);
  const carry = and(one, flag(eq(fraction, 0)));
  return {
    whole: signed(add(xor(select(large, 1000, whole), ones), carry)),
    fraction: add(xor(fraction, ones), one),
  };
}

/** x log2(e), to 2^-31 in the fraction. */
export function timesLog2e(t: Terms, x: Unpacked): Split {
  const { add, mul, mulHigh, or, shl, shr, gt } = t;
  const { high, low } = inQ57(t, x);
  // Q88: whole numbers from bit 24 of the upper word on; of the words below, what the fraction can see
  const lower = add(
    add(shr(mul(high, log2e.high), 8), shr(mulHigh(high, log2e.low), 8)),
    shr(mulHigh(low, log2e.high), 8),
  );
  const upper = add(mulHigh(high, log2e.high), shr(lower, 24));
  return signedSplit(t, x.negative, gt(x.exponent, 6), shr(upper, 24), or(shl(upper, 8), shr(shl(lower, 8), 24)));
}

/** 2^y as bits. */
export function powerOfTwo(t: Terms, { whole, fraction }: Split): Value {
  return bounded(t, roundFraction(t, clampExponent(t, whole), exp2Fraction(t, fraction)));
}

export function exp(b: Builder, x: Value): Value {
  const t = terms(b);
  const unpacked = unpack(b, x);
  return t.float(t.select(unpacked.nan, bitsOfNaN, powerOfTwo(t, timesLog2e(t, unpacked))));
}

export function exp2(b: Builder, x: Value): Value {
  const t = terms(b);
  const { or, shl, shr, gt, select, float } = t;
  const unpacked = unpack(b, x);
  const { high, low } = inQ57(t, unpacked);
  const large = gt(unpacked.exponent, 6);
  const split = signedSplit(t, unpacked.negative, large, shr(high, 25), or(shl(high, 7), shr(low, 25)));
  return float(select(unpacked.nan, bitsOfNaN, powerOfTwo(t, split)));
}

/** e^x - 1. */
export function expm1(b: Builder, x: Value): Value {
  const t = terms(b);
  const { abs, add, sub, mulHigh, or, shl, shr, eq, gt, select, float, signed, unsigned } = t;
  const unpacked = unpack(b, x);
  const split = timesLog2e(t, unpacked);
  // x log2(e) = k + f with |f| <= 1/2
  const f = signed(split.fraction);
  const k = sub(split.whole, shr(f, 31));
  const series = polynomial(t, f, expm1Series);
  // k = 0: x log2(e) (2^f - 1) / f in Q61, to as many bits however small x is
  const small = product(t, mulHigh(unpacked.significand, log2e.high), unsigned(series));
  // else the difference of 2^k 2^f and 1 in Q62, of which the smaller one is shifted
  const excess = product(t, f, series);
  const power: Wide = {
    high: add(unsigned(shr(signed(excess.high), 1)), 2 ** 30),
    low: or(shl(excess.high, 31), shr(excess.low, 1)),
  };
  const one: Wide = { high: b.u32(2 ** 30), low: b.u32(0) };
  const growing = gt(k, 0);
  const distance = unsigned(abs(k));
  const smaller = shiftRightSticky(t, selectWide(t, growing, one, power), select(gt(distance, 63), 63, distance));
  const difference = subWide(t, selectWide(t, growing, power, one), smaller);
  const near = eq(k, 0);
  const exponent = select(near, add(unpacked.exponent, 2), select(growing, add(k, 1), 1));
  const bits = pack(t, normalise(t, selectWide(t, near, small, difference), exponent));
  return float(select(unpacked.nan, bitsOfNaN, withSign(t, bits, unpacked.sign)));
}
