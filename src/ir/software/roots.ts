/**
 * Cube root and length of a vector, correctly rounded: an estimate within half a unit of the last place, and then an exact comparison of
 * powers, which says on which side of the middle between two neighbours the true value is.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { cubeRootSeries } from './coefficients.ts';
import { aroundMiddle, polynomial, product, rootOf } from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, leastNormal, signBit, unpack } from './format.ts';

/** 1, and the cube roots of 2 and 4, in Q31. */
const cubeRoots = [0, 1, 2].map((n) => Math.round(2 ** (31 + n / 3))) as [number, number, number];

export function cbrt(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mul, mulHigh, or, shl, shr, eq, ge, select, float, signed, unsigned } = t;
  const { magnitude, significand, sign, zero } = unpack(b, x);
  // the exponent is 3 (third - 43) + rest
  const lifted = add(shr(magnitude, 23), 2);
  const third = mulHigh(lifted, 0x55555556);
  const rest = sub(lifted, mul(third, 3));
  const scale = select(eq(rest, 0), cubeRoots[0], select(eq(rest, 1), b.u32(cubeRoots[1]), cubeRoots[2]));
  const ofSignificand = unsigned(shl(polynomial(t, aroundMiddle(t, significand), cubeRootSeries), 1));
  const estimate = shr(mulHigh(ofSignificand, scale), 7);
  // the middle after the estimate, and its cube, modulo 2^64; the true value's has nothing in the lower word, and is never that
  const middle = add(shl(estimate, 1), 1);
  const square = product(t, middle, middle);
  const cube = add(mulHigh(square.low, middle), mul(square.high, middle));
  const excess = signed(sub(sub(shl(significand, add(rest, 9)), cube), 1));
  const nearest = add(add(estimate, 1), unsigned(shr(excess, 31)));
  const bits = or(add(shl(add(third, 83), 23), nearest), sign);
  const known = select(zero, 0, select(ge(magnitude, bitsOfInfinity), or(bitsOfInfinity, sign), bits));
  return float(select(t.gt(magnitude, bitsOfInfinity), bitsOfNaN, known));
}

/** sqrt(x^2 + y^2); infinite if either operand is, whatever the other. */
export function hypot(b: Builder, x: Value, y: Value): Value {
  const t = terms(b);
  const { add, sub, mul, mulHigh, and, or, shl, shr, eq, ne, ge, gt, le, lt, select, flag, float, signed, unsigned } =
    t;
  const [first, second] = [unpack(b, x).magnitude, unpack(b, y).magnitude];
  const swapped = gt(second, first);
  const [large, small] = [select(swapped, second, first), select(swapped, first, second)];
  const exponent = shr(large, 23);
  const distance = sub(exponent, shr(small, 23));
  // a side this much shorter does not change the last place
  const alone = or(gt(distance, 12), lt(small, leastNormal));
  const long = or(shl(large, 8), signBit);
  const short = select(alone, 0, or(shl(small, 8), signBit));
  const double = and(shl(distance, 1), 31);
  const sum = add(shr(mulHigh(long, long), 1), shr(shr(mulHigh(short, short), 1), double));
  const root = rootOf(t, sum, 2);
  const estimate = shr(root.significand, unsigned(sub(1, root.exponent)));
  // in units of the longer side's last place, or twice that
  const twice = shr(estimate, 31);
  const rounded = shr(estimate, add(twice, 7));
  const middle = shl(add(shl(rounded, 1), 1), twice);
  // four times the sum of squares, less the square of twice the middle: as a whole number, and what is beyond the point
  const [longWhole, shortWhole] = [shr(long, 7), shr(short, 7)];
  const squared = product(t, shortWhole, shortWhole);
  const lost = and(squared.low, sub(shl(b.u32(1), double), 1));
  const shifted = or(shr(squared.low, double), shl(shl(squared.high, 1), sub(31, double)));
  const difference = signed(sub(add(mul(longWhole, longWhole), shifted), mul(middle, middle)));
  const beyond = or(lost, and(rounded, 1));
  const up = or(gt(difference, 0), and(eq(difference, 0), ne(beyond, 0)));
  const bits = add(add(shl(sub(add(exponent, twice), 1), 23), rounded), flag(up));
  const finite = select(le(bits, leastNormal), 0, select(ge(bits, bitsOfInfinity), bitsOfInfinity, bits));
  const known = select(lt(large, leastNormal), 0, finite);
  const nan = gt(large, bitsOfInfinity);
  const infinite = or(eq(large, bitsOfInfinity), eq(small, bitsOfInfinity));
  return float(select(infinite, bitsOfInfinity, select(nan, bitsOfNaN, known)));
}
