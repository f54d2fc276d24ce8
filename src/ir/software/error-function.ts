/** The error function, 2 / sqrt(pi) times the integral of e^(-s^2) from 0 to x. */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { erfcSeries, erfSeries } from './coefficients.ts';
import { halved, polynomial } from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, nearest, signBit, unpack } from './format.ts';

const bitsOfTwo = 0x40000000;
const bitsOfFour = 0x40800000;

/** Below 2 a polynomial of x^2 times x, beyond 1 less a polynomial of x; both of degree 11, so one with picked coefficients. */
export function erf(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mulHigh, xor, shl, shr, lt, gt, select, float, signed, unsigned } = t;
  const { magnitude, exponent, significand, sign, zero } = unpack(b, x);
  const near = lt(magnitude, bitsOfTwo);
  // |x| in Q31 modulo 2; from 4 on it is the last number below 4
  const bounded = select(lt(magnitude, bitsOfFour), magnitude, bitsOfFour - 1);
  const fixed = shl(unsigned(b.convert(float(add(bounded, 29 << 23)), 'i32')), 2);
  const argument = signed(xor(select(near, mulHigh(fixed, fixed), fixed), signBit));
  const coefficients = erfSeries.map((c, i) => select(near, b.i32(c), erfcSeries[i]!));
  const series = polynomial(t, argument, coefficients);
  const product = mulHigh(significand, unsigned(shl(series, 1)));
  const value = halved(t, select(near, product, unsigned(sub(signBit, shr(series, 3)))));
  const bits = nearest(b, value, select(near, add(exponent, 1), 0));
  return float(select(gt(magnitude, bitsOfInfinity), bitsOfNaN, select(zero, 0, xor(bits, sign))));
}
