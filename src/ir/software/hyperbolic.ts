/**
 * Hyperbolic functions. With |x| log2(e) = k + f, |f| <= 1/2, e^|x| and e^-|x| are 2^k (c + s) and 2^-k (c - s), where c is the hyperbolic
 * cosine of f ln(2), even in f, and s its sine, odd in f: two short polynomials of f^2. Where k = 0 the sine is s alone, which keeps its digits
 * however small it is.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { reciprocal } from './algebraic.ts';
import { coshSeries, log2e, sinhSeries } from './coefficients.ts';
import { halved, polynomial, product } from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, leastNormal, nearest, signBit, unpack } from './format.ts';

const bitsOfQuarter = 0x3e800000;
const bitsOfHundred = 0x42c80000;
const bitsOfSixteen = 0x41800000;

interface Parts {
  /** i32. */
  readonly k: Value;
  /** k = 0. */
  readonly near: Value;
  /** c in Q31. */
  readonly cosine: Value;
  /** Where k = 0, s in Q30 times 2^exponent of |x|, u32. */
  readonly sine: Value;
  /** (c + s) in Q31, and (c - s) 4^-k. */
  readonly growing: Value;
  readonly shrinking: Value;
}

/** `limit`: the bits of a number below 128; a larger |x| counts as that. */
function partsOf(b: Builder, magnitude: Value, limit: number): Parts {
  const t = terms(b);
  const { add, sub, mulHigh, or, shl, shr, lt, eq, select, flag, float, signed, unsigned } = t;
  const bounded = select(lt(magnitude, limit), magnitude, limit);
  // |x| in Q25 or, where that has not all its digits, in Q33, times log2(e)
  const small = lt(bounded, bitsOfQuarter);
  const x = b.convert(float(add(bounded, select(small, b.u32(33 << 23), 25 << 23))), 'u32');
  const { high, low } = product(t, x, b.u32(log2e.high));
  const lower = add(low, mulHigh(x, log2e.low));
  const upper = add(high, flag(lt(lower, low)));
  const f = signed(select(small, upper, or(shl(upper, 8), shr(lower, 24))));
  const k = select(small, 0, shr(add(upper, 2 ** 23), 24));
  const square = unsigned(mulHigh(f, f));
  const cosine = polynomial(t, square, coshSeries);
  const ratio = polynomial(t, square, sinhSeries);
  const sine = unsigned(mulHigh(f, signed(shr(ratio, 1))));
  const shift = shl(k, 1);
  return {
    k: signed(k),
    near: eq(k, 0),
    cosine,
    sine: mulHigh(mulHigh(or(shl(magnitude, 8), signBit), log2e.high), ratio),
    growing: add(cosine, sine),
    shrinking: select(lt(shift, 32), shr(sub(cosine, sine), shift), 0),
  };
}

export function sinh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, ge, gt, le, select, xor, float } = t;
  const { magnitude, exponent, sign } = unpack(b, x);
  const { k, near, sine, growing, shrinking } = partsOf(b, magnitude, bitsOfHundred);
  const value = halved(t, select(near, sine, sub(growing, shrinking)));
  const bits = nearest(b, value, select(near, add(exponent, 1), sub(k, 1)));
  const finite = select(
    le(magnitude, leastNormal),
    0,
    xor(select(ge(bits, bitsOfInfinity), bitsOfInfinity, bits), sign),
  );
  return float(select(gt(magnitude, bitsOfInfinity), bitsOfNaN, finite));
}

export function cosh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, ge, gt, shr, select, float } = t;
  const { magnitude } = unpack(b, x);
  const { k, growing, shrinking } = partsOf(b, magnitude, bitsOfHundred);
  const bits = nearest(b, halved(t, add(shr(growing, 1), shr(shrinking, 1))), k);
  return float(
    select(gt(magnitude, bitsOfInfinity), bitsOfNaN, select(ge(bits, bitsOfInfinity), bitsOfInfinity, bits)),
  );
}

export function tanh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mulHigh, shl, gt, le, lt, select, xor, float, signed } = t;
  const { magnitude, exponent, sign } = unpack(b, x);
  const { near, cosine, sine, growing, shrinking } = partsOf(b, magnitude, bitsOfSixteen);
  const sum = select(near, cosine, add(growing, shrinking));
  const short = lt(sum, signBit);
  const inverse = reciprocal(t, select(short, shl(sum, 1), sum));
  const quotient = mulHigh(select(near, sine, sub(growing, shrinking)), inverse);
  const bits = nearest(b, signed(select(short, shl(quotient, 1), quotient)), select(near, exponent, -1));
  return float(
    select(gt(magnitude, bitsOfInfinity), bitsOfNaN, select(le(magnitude, leastNormal), 0, xor(bits, sign))),
  );
}
