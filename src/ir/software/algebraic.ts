/**
 * Division, square root and the fused product: correctly rounded. Quotients and roots come from a short polynomial and Newton's
 * iteration, are made the true ones rounded down by looking at the exact remainder, and then rounded.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import { inverseRootSeed, reciprocalSeed } from './coefficients.ts';
import {
  addWide,
  aroundMiddle,
  negateWideIf,
  normalise,
  polynomial,
  product,
  shiftRightSticky,
  type Wide,
} from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, pack, round, signBit, unpack, withSign } from './format.ts';

/** 1 / m in Q32, too small by less than 2^-30, for a significand m: a u32 in Q31 from 1 up to 2. */
export function reciprocal(t: Terms, m: Value): Value {
  const { add, sub, mul, mulHigh, or, shl, shr, signed, unsigned } = t;
  const seed = unsigned(shl(polynomial(t, aroundMiddle(t, m), reciprocalSeed), 2));
  // r + r (1 - m r), where 1 - m r is a small difference, known to all bits that matter
  const rough = sub(signBit, mulHigh(m, seed));
  const better = add(seed, correction(t, seed, shl(signed(rough), 8), 6));
  const error = sub(0, or(shl(mulHigh(m, better), 16), shr(mul(m, better), 16)));
  return sub(add(better, correction(t, better, signed(error), 14)), 1);
}
/** r in Q32 times an error, i32 in Q(33 + shift); the product in Q32. */
function correction({ mulHigh, shr, signed, unsigned }: Terms, r: Value, error: Value, shift: number): Value {
  return unsigned(shr(mulHigh(signed(shr(r, 1)), error), shift));
}

export function div(b: Builder, x: Value, y: Value): Value {
  const t = terms(b);
  const { add, sub, mul, mulHigh, or, and, xor, shl, shr, ge, lt, ne, select, float, flag, signed } = t;
  const [dividend, divisor] = [unpack(b, x), unpack(b, y)];
  // 26 bits of the quotient, rounded down, or 1 less
  const estimate = shr(mulHigh(dividend.significand, reciprocal(t, divisor.significand)), 6);
  const whole = shr(divisor.significand, 8);
  const rest = sub(shl(dividend.significand, 17), mul(estimate, whole));
  const less = ge(rest, whole);
  const quotient = add(estimate, flag(less));
  const inexact = flag(ne(select(less, sub(rest, whole), rest), 0));
  const below = flag(lt(quotient, 2 ** 25));
  const magnitude = pack(t, {
    exponent: sub(sub(dividend.exponent, divisor.exponent), signed(below)),
    significand: or(shl(quotient, add(below, 6)), inexact),
  });
  const sign = xor(dividend.sign, divisor.sign);
  // NaN also of 0 / 0 and infinity / infinity; zero has no sign, so x / 0 has that of x
  const vanishes = or(dividend.zero, divisor.infinite);
  const grows = or(dividend.infinite, divisor.zero);
  const finite = select(vanishes, 0, withSign(t, magnitude, sign));
  const growing = or(bitsOfInfinity, select(divisor.zero, dividend.sign, sign));
  const invalid = or(or(dividend.nan, divisor.nan), and(vanishes, grows));
  return float(select(invalid, bitsOfNaN, select(grows, growing, finite)));
}

/** 1 / sqrt(m) in Q31, too small by less than 2^-26, for a significand m: a u32 in Q31 from 1 up to 2. */
export function inverseRoot(t: Terms, m: Value): Value {
  const { add, sub, mulHigh, shl, shr, signed, unsigned } = t;
  const seed = polynomial(t, aroundMiddle(t, m), inverseRootSeed);
  const root = unsigned(shl(seed, 1));
  // r + r (1 - m r^2) / 2, where the difference, in Q29, is below 2^-12
  const error = sub(2 ** 29, mulHigh(m, mulHigh(root, root)));
  return sub(add(root, unsigned(shr(mulHigh(seed, shl(signed(error), 13)), 10))), 16);
}
const sqrtOfHalf = Math.round(Math.SQRT1_2 * 2 ** 32);

export function sqrt(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mul, mulHigh, or, and, not, shl, shr, gt, ne, select, float, flag, unsigned } = t;
  const { exponent, significand, zero, negative, infinite, nan } = unpack(b, x);
  const odd = and(unsigned(exponent), 1);
  const ofOdd = ne(odd, 0);
  // 25 bits of the root of m or 2 m, rounded down, or 1 less
  const ofEven = mulHigh(significand, inverseRoot(t, significand));
  const estimate = select(ofOdd, shr(mulHigh(ofEven, sqrtOfHalf), 5), shr(ofEven, 6));
  const rest = sub(shl(significand, add(odd, 17)), mul(estimate, estimate));
  const twice = shl(estimate, 1);
  const less = gt(rest, twice);
  const root = add(estimate, flag(less));
  const inexact = flag(ne(select(less, sub(rest, add(twice, 1)), rest), 0));
  const bits = round(t, { exponent: shr(exponent, 1), significand: or(shl(root, 7), inexact) });
  const finite = select(infinite, bitsOfInfinity, select(zero, 0, bits));
  return float(select(or(nan, and(negative, not(zero))), bitsOfNaN, finite));
}

/** x * y + z, rounded once. */
export function fma(b: Builder, x: Value, y: Value, z: Value): Value {
  const t = terms(b);
  const { add, sub, or, and, xor, shl, shr, lt, gt, ge, eq, ne, select, float, flag, signed, unsigned } = t;
  const [a, c, addend] = [unpack(b, x), unpack(b, y), unpack(b, z)];
  const vanishes = or(a.zero, c.zero);
  // both in Q60, exact; what is zero is far below the other
  const whole = product(t, shr(a.significand, 1), shr(c.significand, 1));
  const ofProduct: Wide = { high: select(vanishes, 0, whole.high), low: select(vanishes, 0, whole.low) };
  const ofAddend: Wide = { high: select(addend.zero, 0, shr(addend.significand, 3)), low: b.u32(0) };
  const exponentOfProduct = select(vanishes, -1000, add(a.exponent, c.exponent));
  const exponentOfAddend = select(addend.zero, -1000, addend.exponent);
  const distance = sub(exponentOfProduct, exponentOfAddend);
  const aligned = (by: Value, value: Wide): Wide =>
    shiftRightSticky(t, value, unsigned(select(gt(by, 63), 63, select(lt(by, 0), 0, by))));
  const sign = xor(a.sign, c.sign);
  const opposite = ne(sign, addend.sign);
  const sum = addWide(t, aligned(sub(0, distance), ofProduct), negateWideIf(t, opposite, aligned(distance, ofAddend)));
  const below = lt(signed(sum.high), 0);
  const exponent = add(select(ge(distance, 0), exponentOfProduct, exponentOfAddend), 3);
  const scaled = normalise(t, negateWideIf(t, below, sum), exponent);
  const magnitude = select(eq(scaled.significand, 0), 0, pack(t, scaled));
  const finite = withSign(t, magnitude, xor(sign, shl(flag(below), 31)));
  const infinite = or(a.infinite, c.infinite);
  const edge = select(infinite, or(sign, bitsOfInfinity), select(addend.infinite, t.bits(z), finite));
  const nan = or(or(a.nan, c.nan), addend.nan);
  const invalid = and(infinite, or(vanishes, and(addend.infinite, opposite)));
  return float(select(or(nan, invalid), bitsOfNaN, edge));
}
