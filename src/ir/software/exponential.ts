/**
 * Exponentials: the whole number of powers of two, which is the exponent, and a polynomial of the rest, from -1/2 to 1/2 of one.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import { exp2Series, expm1Series, expSeries, log2e } from './coefficients.ts';
import { normalise, polynomial, product, selectWide, shiftRightSticky, subWide, type Wide } from './fixed.ts';
import {
  bitsOfInfinity,
  bitsOfNaN,
  bitsOfOne,
  leastNormal,
  nearest,
  pack,
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

/** The bits of 2^k times the value, in Q30 from 0.7 to 1.5, for k from -128 to 128: tiny is 0, and large infinite. */
function scaledBits(b: Builder, value: Value, k: Value): Value {
  const { ge, le, select, signed, unsigned } = terms(b);
  const bits = signed(nearest(b, value, k));
  return unsigned(select(le(bits, leastNormal), 0, select(ge(bits, bitsOfInfinity), bitsOfInfinity, bits)));
}
/** The bits of 2 to the power of a number. */
export function powerOfTwo(b: Builder, { whole, fraction }: Split): Value {
  const t = terms(b);
  const { sub, shr, gt, lt, select, signed } = t;
  // the whole number that is nearest, and a rest of either sign
  const rest = signed(fraction);
  const near = sub(whole, shr(rest, 31));
  const k = select(lt(near, -128), -128, select(gt(near, 128), 128, near));
  const bits = scaledBits(b, polynomial(t, rest, exp2Series), k);
  return select(gt(near, 128), bitsOfInfinity, bits);
}

/** x in fixed point, i32. */
interface Fixed {
  /** In Q23, rounded towards zero. */
  readonly coarse: Value;
  /** In Q32, modulo 2^32. */
  readonly fine: Value;
}
/** `limit`: the bits of a number below 2^8 where the result is beyond all numbers; a larger |x| counts as that. */
function fixedOf(b: Builder, { magnitude, sign }: Unpacked, limit: number): Fixed {
  const { add, or, shl, lt, select, float } = terms(b);
  const bounded = or(select(lt(magnitude, limit), magnitude, limit), sign);
  const scaled = (places: number) => b.convert(float(add(bounded, places << 23)), 'i32');
  const coarse = scaled(23);
  // from 1 on no digit is beyond the 23rd place
  return { coarse, fine: select(lt(magnitude, bitsOfOne), shl(scaled(31), 1), shl(coarse, 9)) };
}
/** ln(2) 2^32 as the nearest whole number and the rest of it, in Q8. */
const ln2 = { whole: 2977044472, rest: -46 } as const;
const log2eInQ30 = Math.round(Math.LOG2E * 2 ** 30);
const bitsOf89 = 0x42b20000;
const bitsOf128 = 0x43000000;

export function exp(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mul, mulHigh, shr } = t;
  const unpacked = unpack(b, x);
  const { coarse, fine } = fixedOf(b, unpacked, bitsOf89);
  // x = k ln(2) + r
  const k = shr(add(mulHigh(coarse, log2eInQ30), 2 ** 20), 21);
  const r = sub(sub(fine, mul(k, ln2.whole | 0)), shr(mul(k, ln2.rest), 8));
  return t.float(t.select(unpacked.nan, bitsOfNaN, scaledBits(b, polynomial(t, r, expSeries), k)));
}

export function exp2(b: Builder, x: Value): Value {
  const t = terms(b);
  const unpacked = unpack(b, x);
  // modulo 1 the fine one is x - k from -1/2 up to 1/2
  const { coarse, fine } = fixedOf(b, unpacked, bitsOf128);
  const k = t.shr(t.add(t.sub(coarse, t.shr(fine, 9)), 2 ** 22), 23);
  return t.float(t.select(unpacked.nan, bitsOfNaN, scaledBits(b, polynomial(t, fine, exp2Series), k)));
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
