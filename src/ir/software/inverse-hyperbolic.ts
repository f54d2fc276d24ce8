/**
 * Inverse hyperbolic functions, as logarithms: k ln(2) + 2 atanh(z), where |z| is at most 0.36, by a polynomial. Where k = 0 the result is the
 * second part alone, and z is computed so that it keeps its digits however small it is.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { type Terms, terms } from '../terms.ts';
import { reciprocal } from './algebraic.ts';
import { arcTanh } from './coefficients.ts';
import { halved, polynomial, rootOf } from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, bitsOfOne, leastNormal, nearest, signBit, unpack } from './format.ts';

const bitsOfThreeQuarters = 0x3f400000;
const bitsOfFiveQuarters = 0x3fa00000;
const ln2 = Math.round(Math.LN2 * 2 ** 32);

interface Logarithm {
  /** k = 0. */
  readonly near: Value;
  /** z = numerator / divisor, times 2^exponent if `near`; both u32 in Q31, the divisor from 1 up to 2. */
  readonly numerator: Value;
  readonly divisor: Value;
  readonly exponent: Value;
  /** u32. */
  readonly k: Value;
}

/** The bits of 2^scale (k ln(2) + 2 atanh(z)). */
function logarithm(b: Builder, { near, numerator, divisor, exponent, k }: Logarithm, scale: number): Value {
  const t = terms(b);
  const { add, sub, mulHigh, shl, shr, lt, select, countLeadingZeros, signed, unsigned } = t;
  const quotient = mulHigh(numerator, reciprocal(t, divisor));
  const shift = unsigned(sub(0, exponent));
  const visible = shr(quotient, select(lt(shift, 32), shift, 31));
  const z = shl(select(near, visible, quotient), 1);
  const part = mulHigh(select(near, quotient, z), polynomial(t, mulHigh(z, z), arcTanh));
  // the sum in units that suit k ln(2)
  const zeros = countLeadingZeros(k);
  const places = sub(31, zeros);
  const whole = mulHigh(shl(k, zeros), ln2);
  const fixed = halved(t, select(near, part, add(whole, shr(shl(part, 1), places))));
  return nearest(b, fixed, add(select(near, add(exponent, 2), signed(places)), scale));
}

export function asinh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mulHigh, xor, shl, shr, lt, ge, gt, le, select, float, unsigned } = t;
  const { magnitude, exponent, significand, sign } = unpack(b, x);
  // |x| = part 2^up, and sqrt(x^2 + 1) = root 2^up
  const up = unsigned(select(lt(exponent, 0), 0, exponent));
  const down = unsigned(select(lt(exponent, 0), sub(0, exponent), 0));
  const part = shr(significand, select(lt(down, 32), down, 31));
  const one = shr(b.u32(2 ** 29), select(lt(up, 15), shl(up, 1), 31));
  const root = rootInQ30(t, rootOf(t, add(shr(mulHigh(part, part), 1), one), 2));
  // below 3/4 z is x / (1 + root), else it is about 2 that the logarithm's argument is taken
  const near = lt(magnitude, bitsOfThreeQuarters);
  const numerator = shr(add(add(shr(part, 1), root), signBit), 1);
  const bits = logarithm(
    b,
    {
      near,
      numerator: select(near, significand, numerator),
      divisor: add(select(near, root, numerator), select(near, b.u32(2 ** 30), signBit)),
      exponent: sub(exponent, 1),
      k: add(up, 1),
    },
    0,
  );
  const finite = select(
    le(magnitude, leastNormal),
    0,
    xor(select(ge(magnitude, bitsOfInfinity), bitsOfInfinity, bits), sign),
  );
  return float(select(gt(magnitude, bitsOfInfinity), bitsOfNaN, finite));
}
/** The root as a number below 4 in Q30; at least 1/2. */
function rootInQ30(
  { shr, sub, unsigned }: Terms,
  { significand, exponent }: { significand: Value; exponent: Value },
): Value {
  return shr(significand, unsigned(sub(1, exponent)));
}

export function acosh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, mulHigh, not, shl, shr, lt, eq, gt, or, select, countLeadingZeros, flag, float, signed, unsigned } =
    t;
  const { magnitude, exponent, significand, negative } = unpack(b, x);
  const up = unsigned(exponent);
  // x^2 - 1 as (x - 1) (x + 1) below 2, and of x 2^-up beyond
  const small = eq(exponent, 0);
  const excess = sub(significand, signBit);
  const zeros = countLeadingZeros(excess);
  const productOfBoth = mulHigh(shl(excess, zeros), add(shr(significand, 1), 2 ** 30));
  const one = shr(b.u32(2 ** 30), select(lt(up, 15), shl(up, 1), 31));
  const square = select(small, productOfBoth, sub(mulHigh(significand, significand), one));
  const root = rootOf(t, square, select(small, sub(2, signed(zeros)), 1));
  const near = lt(magnitude, bitsOfFiveQuarters);
  const sum = add(shr(significand, 1), rootInQ30(t, root));
  const below = lt(sum, signBit);
  const numerator = select(below, sub(sum, 2 ** 30), shr(sub(sum, signBit), 1));
  const bits = logarithm(
    b,
    {
      near,
      numerator: select(near, root.significand, numerator),
      divisor: select(near, add(shr(significand, 1), 2 ** 30), add(numerator, signBit)),
      exponent: sub(root.exponent, 1),
      k: add(up, flag(not(below))),
    },
    0,
  );
  const known = select(eq(magnitude, bitsOfOne), 0, select(eq(magnitude, bitsOfInfinity), bitsOfInfinity, bits));
  const invalid = or(or(negative, lt(magnitude, bitsOfOne)), gt(magnitude, bitsOfInfinity));
  return float(select(invalid, bitsOfNaN, known));
}

export function atanh(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, xor, shl, shr, eq, gt, le, lt, select, countLeadingZeros, flag, float, unsigned } = t;
  const { magnitude, exponent, significand, sign } = unpack(b, x);
  // (1 + |x|) / (1 - |x|) in Q30: 2^k times a quotient from 1 up to 2
  const fixed = unsigned(b.convert(float(add(magnitude, 30 << 23)), 'i32'));
  const [above, below] = [add(2 ** 30, fixed), sub(2 ** 30, fixed)];
  const zeros = sub(countLeadingZeros(below), 1);
  const shifted = shl(below, zeros);
  const over = flag(lt(above, shifted));
  const k = sub(zeros, over);
  const other = shr(shifted, over);
  const near = eq(k, 0);
  const bits = logarithm(
    b,
    {
      near,
      numerator: select(near, significand, sub(above, other)),
      divisor: select(near, signBit, add(above, other)),
      exponent,
      k,
    },
    -1,
  );
  const finite = select(
    le(magnitude, leastNormal),
    0,
    xor(select(eq(magnitude, bitsOfOne), bitsOfInfinity, bits), sign),
  );
  return float(select(gt(magnitude, bitsOfOne), bitsOfNaN, finite));
}
