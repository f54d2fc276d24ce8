/** x^y = 2^(y log2(x)), where the logarithm has 39 bits however close to 0 it is, so that the product's fraction has 31. */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import { factors, log2Starts, preciseLog2Series, preciseLog2Start } from './coefficients.ts';
import { powerOfTwo, signedSplit } from './exponential.ts';
import {
  addWide,
  negateWideIf,
  normaliseWide,
  polynomial,
  product,
  selectWide,
  shiftRightSticky,
  type Wide,
} from './fixed.ts';
import { bitsOfNaN, bitsOfOne, type Unpacked, unpack } from './format.ts';
import { entryOf } from './logarithm.ts';

interface Logarithm {
  readonly negative: Value;
  /** The magnitude is significand / 2^63 * 2^exponent; zero has no bits. */
  readonly exponent: Value;
  readonly significand: Wide;
}

/** i32 times 64 bits with a sign, the upper 64 of the 96 bits, within 3 of the last place. */
function timesWide(t: Terms, f: Value, { high, low }: Wide): Wide {
  const { mulHigh, shl, shr, signed, unsigned } = t;
  const rest = shl(mulHigh(f, signed(shr(low, 1))), 1);
  return addWide(t, product(t, f, signed(high)), { high: unsigned(shr(rest, 31)), low: unsigned(rest) });
}
function shiftRightSigned({ or, shl, shr, signed, unsigned }: Terms, { high, low }: Wide, by: number): Wide {
  return { high: unsigned(shr(signed(high), by)), low: or(shl(high, 32 - by), shr(low, by)) };
}

function preciseLog2(b: Builder, x: Unpacked): Logarithm {
  const t = terms(b);
  const { add, mul, eq, lt, and, or, not, select, shl, shr, signed } = t;
  const wide = ({ high, low }: { readonly high: number; readonly low: number }): Wide => ({
    high: b.u32(high),
    low: b.u32(low),
  });
  const entry = entryOf(b, x.significand);
  // as in logarithm.ts, in Q34
  const f = signed(shl(mul(shr(x.significand, 8), entry(factors)), 3));
  const rest = product(t, f, polynomial(t, f, preciseLog2Series));
  const [first, second] = preciseLog2Start.map(wide) as [Wide, Wide];
  const slope = addWide(t, second, shiftRightSigned(t, rest, 3));
  const series = addWide(t, first, shiftRightSigned(t, timesWide(t, f, slope), 2));
  const ofFraction = timesWide(t, f, series);
  const start: Wide = {
    high: add(shl(shr(x.magnitude, 23), 24), entry(log2Starts.map(({ high }) => high))),
    low: entry(log2Starts.map(({ low }) => low)),
  };
  // near 1 the fraction's own, in Q64; else the sum in Q56
  const near = eq(or(start.high, start.low), 0);
  const sum = selectWide(t, near, ofFraction, addWide(t, start, shiftRightSigned(t, ofFraction, 8)));
  // the exponent of infinity is beyond what the sum holds
  const negative = and(lt(signed(sum.high), 0), not(x.infinite));
  const exponent = select(near, b.i32(-1), 7);
  return { negative, ...normaliseWide(t, negateWideIf(t, negative, sum), exponent) };
}

/** x^y for x >= 0; NaN below. x^0 is 1; 1^y is NaN for infinite y. */
export function pow(b: Builder, x: Value, y: Value): Value {
  const t = terms(b);
  const { add, sub, mulHigh, and, or, not, shl, shr, eq, gt, ne, select, float, unsigned } = t;
  const [base, power] = [unpack(b, x), unpack(b, y)];
  const log = preciseLog2(b, base);
  // y log2(x) in Q62, then in Q55
  const upper = product(t, power.significand, log.significand.high);
  const whole = addWide(t, upper, { high: b.u32(0), low: mulHigh(power.significand, log.significand.low) });
  const exponent = add(power.exponent, log.exponent);
  const large = or(gt(exponent, 7), or(base.zero, base.infinite));
  const shift = sub(7, exponent);
  const distance = unsigned(select(gt(shift, 63), 63, shift));
  const { high, low } = shiftRightSticky(t, whole, distance);
  const negative = ne(log.negative, power.negative);
  const split = signedSplit(t, negative, large, shr(high, 23), or(shl(high, 9), shr(low, 23)));
  const isOne = eq(base.magnitude, bitsOfOne);
  const invalid = or(or(base.nan, power.nan), and(isOne, power.infinite));
  const finite = select(isOne, bitsOfOne, powerOfTwo(b, split));
  const positive = select(power.zero, bitsOfOne, select(invalid, bitsOfNaN, finite));
  const below = and(base.negative, not(or(base.zero, base.nan)));
  return float(select(below, bitsOfNaN, positive));
}
