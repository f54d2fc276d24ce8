/**
 * Exponentials and logarithms in f32 operations alone: argument reduction to a power of two times a small interval, a polynomial there,
 * and scaling by adding to exponents. The plan is that of Cody and Waite, "Software Manual for the Elementary Functions",
 * 1980; the polynomials are least-maximum fits in f32, made for this file. About 1 ulp.
 */

import type { Builder } from '../../../src/ir/builder.ts';
import type { Value } from '../../../src/ir/program.ts';
import { type Terms, terms } from '../../../src/ir/terms.ts';
import { exactProduct, normalised, type Pair } from './pair.ts';

/** ln 2 as a number of ten bits, whose product with a whole number is exact, and the rest. */
const ln2 = [0.693359375, -0.00021219444170128554] as const;
const log2e = 1.4426950216293335;
/** (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2. */
const exponential = [
  0.5, 0.1666666716337204, 0.041666269302368164, 0.008333265781402588, 0.0013946068938821554, 0.00019917753525078297,
];
/** (ln(1 + f) - f + f^2 / 2) / f^3 for sqrt(1/2) <= 1 + f <= sqrt(2). */
const logarithm = [
  0.3333331346511841, -0.25000008940696716, 0.20002122223377228, -0.16668012738227844, 0.14219510555267334,
  -0.12405320256948471, 0.11888156831264496, -0.11677003651857376, 0.06748193502426147,
];
/** Beyond this exponent of two the result is infinite, or 0. */
const farthest = 160;

/** x where it is in [-limit, limit] or NaN, else the nearer end. */
function clamp({ min, max }: Terms, x: Value, limit: number): Value {
  return max(min(x, limit), -limit);
}

/** Numbers of this size are whole, so that adding it rounds to the nearest whole number, whose low bits are then the sum's. */
const rounding = 3 * 2 ** 22;
/** A whole number n as a float, and in the low bits of an integer. */
interface Whole {
  readonly n: Value;
  readonly bits: Value;
}
function nearestWhole({ add, sub, bits }: Terms, x: Value): Whole {
  const sum = add(x, rounding);
  return { n: sub(sum, rounding), bits: bits(sum) };
}

/** x * 2^n for n in [-2 * 126, 2 * 127], of which the low bits are given: in two steps, so that the result may be subnormal or overflow. */
function scale({ add, sub, mul, shl, shr, float }: Terms, x: Value, n: Value): Value {
  const half = shr(n, 1);
  // above the exponent nothing is left of what n has in front
  const power = (k: Value) => float(add(shl(k, 23), 0x3f800000));
  return mul(mul(x, power(half)), power(sub(n, half)));
}

/** e^(r + low) for |r| <= ln(2) / 2. */
function exponentialNearZero({ add, mul, poly }: Terms, r: Value, low?: Value): Value {
  const rest = mul(mul(r, r), poly(r, exponential));
  return add(add(low === undefined ? rest : add(rest, low), r), 1);
}

export function exp(b: Builder, x: Value): Value {
  return scaledExp(b, x, 0);
}
/** e^x * 2^k, for small k, where e^x alone may overflow. */
export function scaledExp(b: Builder, x: Value, k: number): Value {
  const t = terms(b);
  const bounded = clamp(t, x, 110);
  const { n, bits } = nearestWhole(t, t.mul(bounded, log2e));
  const r = t.sub(t.sub(bounded, t.mul(n, ln2[0])), t.mul(n, ln2[1]));
  return scale(t, exponentialNearZero(t, r), k === 0 ? bits : t.add(bits, k));
}

export function exp2(b: Builder, x: Value): Value {
  const t = terms(b);
  const bounded = clamp(t, x, farthest);
  const { n, bits } = nearestWhole(t, bounded);
  return scale(t, exponentialNearZero(t, t.mul(t.sub(bounded, n), Math.LN2)), bits);
}
/** 2^(x + low), where low is below x's last place. */
function exp2OfPair(b: Builder, x: Value, low: Value): Value {
  const t = terms(b);
  const bounded = clamp(t, x, farthest);
  const { n, bits } = nearestWhole(t, bounded);
  const fraction = normalised(t, t.sub(bounded, n), low);
  const r = exactProduct(t, fraction.high, b.f32(Math.LN2));
  const power = exponentialNearZero(t, r.high, t.add(r.low, t.mul(fraction.low, Math.LN2)));
  return scale(t, power, bits);
}

/** A logarithm's argument taken apart: m * 2^e with sqrt(1/2) <= m < sqrt(2), of which f = m - 1. */
interface Split {
  readonly f: Value;
  readonly e: Value;
}
function split(b: Builder, x: Value): Split {
  const { sub, shr, shl, bits, float } = terms(b);
  const pattern = b.bitcast(bits(x), 'i32');
  // distance from sqrt(1/2) in whole exponents
  const exponent = shr(sub(pattern, 0x3f3504f3), 23);
  const m = float(b.bitcast(sub(pattern, shl(exponent, 23)), 'u32'));
  return { f: sub(m, 1), e: b.convert(exponent, 'f32') };
}
/** The same of a subnormal x too. */
function splitAny(b: Builder, x: Value): Split {
  const { sub, mul, lt, select } = terms(b);
  const tiny = lt(x, 2 ** -126);
  const { f, e } = split(b, select(tiny, mul(x, 2 ** 23), x));
  return { f, e: sub(e, select(tiny, 23, b.f32(0))) };
}

/** What a logarithm gives for 0, infinity, NaN and below 0; `finite` for all else. */
function logarithmOf({ select, lt, eq }: Terms, x: Value, finite: Value): Value {
  // infinity and NaN give themselves
  const large = select(lt(x, Number.POSITIVE_INFINITY), finite, x);
  const positive = select(lt(x, 0), Number.NaN, large);
  return select(eq(x, 0), Number.NEGATIVE_INFINITY, positive);
}

/** ln(1 + f) - f for the small f of splitExponent. */
function logarithmRest({ sub, mul, poly }: Terms, f: Value): Value {
  const square = mul(f, f);
  return sub(mul(mul(square, f), poly(f, logarithm)), mul(square, 0.5));
}

/**
 * A logarithm by its formula for finite x > 0. Where x is not normal, which is rare, in a branch of its own, so that lanes of which none is
 * need not look at what it takes.
 */
function logarithmBy(b: Builder, x: Value, formula: (t: Terms, split: Split) => Value): Value {
  const t = terms(b);
  const { ge, sub, bits } = t;
  const special = ge(sub(bits(x), 0x00800000), 0x7f000000);
  const [result] = b.if(
    special,
    () => [logarithmOf(t, x, formula(t, splitAny(b, x)))],
    () => [formula(t, split(b, x))],
  );
  return result!;
}

export function log(b: Builder, x: Value): Value {
  return logarithmBy(b, x, (t, { f, e }) => {
    // ascending in size, so that only the last addition rounds where it counts
    const low = t.add(logarithmRest(t, f), t.mul(e, ln2[1]));
    return t.add(t.add(low, f), t.mul(e, ln2[0]));
  });
}

export function log2(b: Builder, x: Value): Value {
  return logarithmBy(b, x, (t, { f, e }) => {
    const rest = logarithmRest(t, f);
    // (f + rest) * log2(e), with log2(e) as 1 + 0.44…
    const excess = t.mul(t.add(f, rest), 0.4426950514316559);
    return t.add(t.add(t.add(excess, rest), f), e);
  });
}

/** ((atanh(s) / s - 1) / s^2 - 1/3) / s^2, as a function of s^2. */
const inverseTangent = [0.20000076293945312, 0.14273566007614136, 0.11709290742874146];
const oneThird = [0.3333333432674408, -9.934107758624577e-9] as const;
/** 2 / ln 2, in two parts. */
const twoOverLn2 = [2.885390043258667, 3.851926067000022e-8] as const;

/** log2 of a finite x > 0 to more than 32 bits: ln(m) = 2 atanh((m - 1) / (m + 1)). */
function preciseLog2(b: Builder, x: Value): Pair {
  const t = terms(b);
  const { add, sub, mul, div } = t;
  const { f, e } = splitAny(b, x);
  const sum = add(f, 2);
  const sumLow = sub(f, sub(sum, 2));
  const s = div(f, sum);
  const back = exactProduct(t, s, sum);
  const sLow = div(sub(sub(sub(f, back.high), back.low), mul(s, sumLow)), sum);
  // the cubic term, s^3 (1/3 + …), is up to a hundredth of s: it needs some bits beyond f32 too
  const square = exactProduct(t, s, s);
  const squareLow = add(square.low, mul(mul(s, 2), sLow));
  const factor = normalised(t, b.f32(oneThird[0]), mul(square.high, t.poly(square.high, inverseTangent)));
  const quadratic = exactProduct(t, square.high, factor.high);
  const quadraticLow = add(
    quadratic.low,
    add(mul(square.high, add(factor.low, oneThird[1])), mul(squareLow, factor.high)),
  );
  const cubic = exactProduct(t, quadratic.high, s);
  const cubicLow = add(cubic.low, add(mul(quadraticLow, s), mul(quadratic.high, sLow)));
  const leading = normalised(t, s, cubic.high);
  const atanh = { high: leading.high, low: add(leading.low, add(sLow, cubicLow)) };
  const product = exactProduct(t, atanh.high, b.f32(twoOverLn2[0]));
  const low = add(product.low, add(mul(atanh.high, twoOverLn2[1]), mul(atanh.low, twoOverLn2[0])));
  // the exponent is a whole number: larger than the rest, or 0
  const whole = t.ne(e, 0);
  const all = normalised(t, t.select(whole, e, product.high), t.select(whole, product.high, b.f32(0)));
  return normalised(t, all.high, add(all.low, low));
}

/** x^y for x >= 0; NaN below. x^0 is 1; 1^y is NaN for infinite y. */
export function pow(b: Builder, x: Value, y: Value): Value {
  const t = terms(b);
  const { abs, add, mul, lt, eq, select } = t;
  const precise = preciseLog2(b, x);
  const product = exactProduct(t, y, precise.high);
  const low = add(product.low, mul(y, precise.low));
  const edge = t.or(eq(x, 0), eq(x, Number.POSITIVE_INFINITY));
  const extreme = select(eq(x, 0), Number.NEGATIVE_INFINITY, b.f32(Number.POSITIVE_INFINITY));
  const high = select(edge, mul(y, extreme), mul(y, precise.high));
  // where the result overflows or vanishes the low part is no number, and does not matter
  const result = exp2OfPair(b, high, select(lt(abs(high), farthest), low, b.f32(0)));
  // (-0)^y is that of +0, but for odd whole y
  const odd = t.and(eq(t.trunc(y), y), t.ne(t.trunc(mul(y, 0.5)), mul(y, 0.5)));
  const negativeZero = t.and(eq(t.bits(x), 0x80000000), odd);
  const signed = select(negativeZero, t.neg(result), result);
  const withNaN = select(t.ne(x, x), x, signed);
  const nonNegative = select(eq(y, 0), b.f32(1), select(t.ne(y, y), y, withNaN));
  return select(lt(x, 0), Number.NaN, nonNegative);
}
