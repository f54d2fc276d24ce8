/**
 * Logarithms: a number as 2^e (1 + f) / c with c one of five factors, so that f is small; then the sum of e log(2), -log(c) from a
 * table, and f times a polynomial. The sum is in 64 bits, and is exactly f times the polynomial near 1, where it is small itself.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import {
  factors,
  limits,
  lnSeries,
  lnStarts,
  lnUnit,
  log2Series,
  log2Starts,
  log2Unit,
  log10Series,
  log10Starts,
  log10Unit,
} from './coefficients.ts';
import {
  addWide,
  negateWideIf,
  normalise,
  polynomial,
  product,
  selectWide,
  shiftRightSticky,
  subWide,
  type Wide,
} from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, bitsOfOne, pack, round, signBit, unpack, withSign } from './format.ts';

/** The constants of one base; coefficients.ts has what they are. */
interface Base {
  readonly series: readonly number[];
  readonly unit: { readonly high: number; readonly low: number };
  readonly starts: readonly { readonly high: number; readonly low: number }[];
}
const natural: Base = { series: lnSeries, unit: lnUnit, starts: lnStarts };
const binary: Base = { series: log2Series, unit: log2Unit, starts: log2Starts };
const decimal: Base = { series: log10Series, unit: log10Unit, starts: log10Starts };

/** Picks from tables the entry of the factor that a significand takes. */
export function entryOf(b: Builder, significand: Value): (entries: readonly number[]) => Value {
  const { lt, select } = terms(b);
  const conditions = limits.map((limit) => lt(significand, limit));
  return (entries) =>
    conditions.reduceRight((rest, condition, i) => select(condition, entries[i]!, rest), b.u32(entries.at(-1)!));
}

/** 2^e (1 + f) / c. */
interface Reduced {
  /** e + 127, u32. */
  readonly biased: Value;
  /** In Q34, i32. */
  readonly f: Value;
  readonly entry: (entries: readonly number[]) => Value;
}

/** The logarithm in Q56, to 2^-32 of f; `series` is that of f. */
function sumOf(t: Terms, { unit, starts }: Base, { biased, f, entry }: Reduced, series: Value): Wide {
  const { add, mul, mulHigh, or, shl, shr, signed, unsigned } = t;
  const whole = { high: add(mul(biased, unit.high), mulHigh(biased, unit.low)), low: mul(biased, unit.low) };
  const start = { high: entry(starts.map(({ high }) => high)), low: entry(starts.map(({ low }) => low)) };
  const { high, low } = product(t, f, series);
  const rest = { high: unsigned(shr(signed(high), 8)), low: or(shl(high, 24), shr(low, 8)) };
  return addWide(t, addWide(t, whole, start), rest);
}
/** A sum in Q56 as a magnitude, and whether it is below zero. */
function scaledSum(t: Terms, sum: Wide): { readonly negative: Value; readonly magnitude: Wide } {
  const negative = t.lt(t.signed(sum.high), 0);
  return { negative, magnitude: negateWideIf(t, negative, sum) };
}
const exponentOfQ56 = 7;

const logarithm = (base: Base) => (b: Builder, x: Value) => {
  const t = terms(b);
  const { mul, and, or, not, shl, shr, eq, select, float, signed } = t;
  const { magnitude, significand, negative, zero, infinite, nan } = unpack(b, x);
  const entry = entryOf(b, significand);
  // (1 + f) / c = m; the 1 is beyond the word in Q34
  const f = signed(shl(mul(shr(significand, 8), entry(factors)), 3));
  const biased = shr(magnitude, 23);
  const sum = scaledSum(t, sumOf(t, base, { biased, f, entry }, polynomial(t, f, base.series)));
  const bits = round(t, normalise(t, sum.magnitude, b.i32(exponentOfQ56)));
  const isOne = eq(or(sum.magnitude.high, sum.magnitude.low), 0);
  const finite = select(isOne, 0, or(bits, shl(t.flag(sum.negative), 31)));
  const growing = select(zero, signBit + bitsOfInfinity, select(infinite, bitsOfInfinity, finite));
  return float(select(or(nan, and(negative, not(zero))), bitsOfNaN, growing));
};
export const log = logarithm(natural);
export const log2 = logarithm(binary);
export const log10 = logarithm(decimal);

/** ln(1 + x). */
export function log1p(b: Builder, x: Value): Value {
  const t = terms(b);
  const { abs, add, sub, xor, and, or, shl, shr, eq, ge, gt, lt, select, float, flag, signed, unsigned } = t;
  const { magnitude, exponent, significand, negative, sign, infinite, nan } = unpack(b, x);
  // x below 2^-4: f is x, and the result x times the series, however small x is
  const near = lt(exponent, -4);
  const shift = sub(-3, exponent);
  const ones = sub(0, flag(negative));
  const small = select(gt(shift, 31), 0, shr(significand, unsigned(shift)));
  // else 1 + x in Q62, of which the smaller one is shifted
  const own: Wide = { high: shr(significand, 1), low: shl(significand, 31) };
  const one: Wide = { high: b.u32(2 ** 30), low: b.u32(0) };
  const large = ge(exponent, 0);
  const distance = unsigned(abs(exponent));
  const smaller = shiftRightSticky(t, selectWide(t, large, one, own), select(gt(distance, 63), 63, distance));
  const larger = selectWide(t, large, own, one);
  const whole = selectWide(t, negative, subWide(t, larger, smaller), addWide(t, larger, smaller));
  const far = normalise(t, whole, select(large, add(exponent, 1), 1));
  const entry = entryOf(b, far.significand);
  const reduced = product(t, far.significand, shl(entry(factors), 23));
  const f = select(near, signed(sub(xor(small, ones), ones)), signed(or(shl(reduced.high, 4), shr(reduced.low, 28))));
  const series = polynomial(t, f, natural.series);
  const sum = scaledSum(t, sumOf(t, natural, { biased: unsigned(add(far.exponent, 127)), f, entry }, series));
  const result = normalise(
    t,
    selectWide(t, near, product(t, significand, unsigned(series)), sum.magnitude),
    select(near, add(exponent, 2), exponentOfQ56),
  );
  const signOfResult = select(near, sign, shl(flag(sum.negative), 31));
  const finite = withSign(t, pack(t, result), signOfResult);
  const isOne = eq(magnitude, bitsOfOne);
  const invalid = or(nan, and(negative, gt(magnitude, bitsOfOne)));
  const positive = select(infinite, bitsOfInfinity, finite);
  const edge = select(and(negative, isOne), signBit + bitsOfInfinity, positive);
  return float(select(invalid, bitsOfNaN, edge));
}
