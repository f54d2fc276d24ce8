/** Sine, cosine and tangent: the angle in quarter turns, then polynomials of its fraction. Of infinities they are NaN. */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { reciprocal } from './algebraic.ts';
import { cosineOfQuarters, sineOfQuarters } from './coefficients.ts';
import { polynomial } from './fixed.ts';
import { bitsOfInfinity, bitsOfNaN, leastNormal, nearest, signBit, unpack } from './format.ts';
import { quarterTurns } from './quarter-turns.ts';

export function sin(b: Builder, x: Value): Value {
  const { xor, le, select } = terms(b);
  const { magnitude, sign } = unpack(b, x);
  return finite(b, magnitude, select(le(magnitude, leastNormal), 0, xor(sineOf(b, magnitude, 0), sign)));
}
export function cos(b: Builder, x: Value): Value {
  const { magnitude } = unpack(b, x);
  return finite(b, magnitude, sineOf(b, magnitude, 1));
}
function finite(b: Builder, magnitude: Value, bits: Value): Value {
  const { select, ge, float } = terms(b);
  return float(select(ge(magnitude, bitsOfInfinity), bitsOfNaN, bits));
}

/** The bits of sin(|x| + quarters pi/2), unless it is too small. */
function sineOf(b: Builder, magnitude: Value, quarters: number): Value {
  const t = terms(b);
  const { add, and, xor, mulHigh, shl, ne, select, signed, unsigned } = t;
  const turns = quarterTurns(b, magnitude);
  const quadrant = add(turns.quadrant, quarters);
  // one polynomial for either function: the sine is the fraction times it, and the cosine 1 times it
  const odd = ne(and(quadrant, 1), 0);
  const coefficients = sineOfQuarters.map((c, i) => select(odd, b.i32(cosineOfQuarters[i]!), c));
  const ratio = unsigned(polynomial(t, mulHigh(turns.fraction, turns.fraction), coefficients));
  const result = mulHigh(select(odd, 0xffffffff, turns.significand), ratio);
  const bits = nearest(b, signed(result), select(odd, 0, turns.exponent));
  const negative = xor(shl(quadrant, 30), select(odd, 0, unsigned(turns.fraction)));
  return xor(bits, and(negative, signBit));
}

export function tan(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, and, xor, mulHigh, shl, shr, ne, ge, le, select, signed, unsigned } = t;
  const { magnitude, sign } = unpack(b, x);
  const { fraction, significand, exponent, quadrant } = quarterTurns(b, magnitude);
  const square = mulHigh(fraction, fraction);
  const sine = mulHigh(significand, unsigned(polynomial(t, square, sineOfQuarters)));
  const cosineRatio = unsigned(polynomial(t, square, cosineOfQuarters));
  // below 1, so that the quotient is below 2
  const cosine = sub(cosineRatio, shr(cosineRatio, 30));
  // sin / cos, or in odd quadrants -cos / sin
  const odd = ne(and(quadrant, 1), 0);
  const divisor = select(odd, sine, cosine);
  const large = ge(divisor, 2 ** 30);
  const inverse = reciprocal(t, select(large, shl(divisor, 1), shl(divisor, 2)));
  const quotient = mulHigh(shl(select(odd, cosine, sine), 1), inverse);
  const scale = add(select(large, b.i32(-1), 0), select(odd, sub(0, exponent), exponent));
  const turned = xor(xor(unsigned(fraction), shl(quadrant, 31)), sign);
  const bits = xor(nearest(b, signed(quotient), scale), and(turned, signBit));
  return finite(b, magnitude, select(le(magnitude, leastNormal), 0, bits));
}
