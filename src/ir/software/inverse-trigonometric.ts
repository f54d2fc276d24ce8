/** Arc sine, cosine and tangent, and the angle of a point. Beyond -1 to 1 arc sine and cosine are NaN. */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { reciprocal } from './algebraic.ts';
import { arcSine, arcTangent } from './coefficients.ts';
import { halved, polynomial, rootOf } from './fixed.ts';
import {
  bitsOfInfinity,
  bitsOfNaN,
  bitsOfOne,
  leastNormal,
  nearest,
  signBit,
  type Unpacked,
  unpack,
} from './format.ts';

const bitsOfHalf = 0x3f000000;
const bitsOfPi = 0x40490fdb;
/** The fixed-point numbers nearest to pi: in Q29, in Q30 and as pi/2 in Q31, and as pi/4 in Q31 and pi/2 in Q30. */
const pi29 = 1686629713;
const pi30 = 3373259426;
const tanEighthPi = Math.round((Math.SQRT2 - 1) * 2 ** 32);

interface Arc {
  /** Whether it is asin sqrt((1 - |x|) / 2), which is acos(|x|) / 2; else it is asin |x|. */
  readonly beyond: Value;
  /** It is value * 2^exponent, the value in Q30, u32. */
  readonly value: Value;
  readonly exponent: Value;
}

/** The arc sine of a number up to 1/2, by a polynomial: of |x| or, beyond, of sqrt((1 - |x|) / 2). */
function arcOf(b: Builder, { magnitude, significand, exponent }: Unpacked): Arc {
  const t = terms(b);
  const { add, sub, shl, shr, gt, eq, select, mulHigh, float } = t;
  const beyond = gt(magnitude, bitsOfHalf);
  // 1 - |x| in Q24, so its half in Q25, and the root of that
  const rest = select(eq(magnitude, bitsOfOne), 0, sub(2 ** 24, shr(significand, 8)));
  const root = rootOf(t, rest, 6);
  const small = b.convert(float(add(magnitude, 32 << 23)), 'u32');
  const square = select(beyond, shl(rest, 7), mulHigh(small, small));
  const factor = select(beyond, select(eq(rest, 0), 0, root.significand), significand);
  return {
    beyond,
    value: mulHigh(factor, polynomial(t, square, arcSine)),
    exponent: select(beyond, root.exponent, exponent),
  };
}

export function asin(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, shl, shr, xor, gt, le, select, float } = t;
  const { magnitude, sign, ...rest } = unpack(b, x);
  const { beyond, value, exponent } = arcOf(b, { magnitude, sign, ...rest });
  // beyond: pi/2 - 2 value in Q31
  const double = shr(shl(value, 1), sub(-1, exponent));
  const bits = nearest(b, halved(t, select(beyond, sub(pi30, double), value)), select(beyond, 0, add(exponent, 1)));
  const known = select(le(magnitude, leastNormal), 0, xor(bits, sign));
  return float(select(gt(magnitude, bitsOfOne), bitsOfNaN, known));
}

export function acos(b: Builder, x: Value): Value {
  const t = terms(b);
  const { add, sub, and, xor, not, shr, gt, eq, lt, select, float } = t;
  const operand = unpack(b, x);
  const { negative, magnitude } = operand;
  const { beyond, value, exponent } = arcOf(b, operand);
  // pi/2 - value or + value, or beyond pi - 2 value, in Q30; but 2 value as it is
  const direct = and(beyond, not(negative));
  const scale = sub(select(beyond, b.i32(-1), 0), exponent);
  const shifted = shr(value, select(lt(scale, 32), scale, 31));
  const ones = select(and(negative, not(beyond)), 0xffffffff, b.u32(0));
  const distant = sub(select(beyond, b.u32(pi30), pi29), sub(xor(shifted, ones), ones));
  const bits = nearest(b, halved(t, select(direct, value, distant)), select(direct, add(exponent, 2), b.i32(1)));
  const known = select(eq(magnitude, bitsOfOne), select(negative, bitsOfPi, b.u32(0)), bits);
  return float(select(gt(magnitude, bitsOfOne), bitsOfNaN, known));
}

export function atan(b: Builder, x: Value): Value {
  const operand = unpack(b, x);
  return withSignOf(b, operand, angleOf(b, operand, unpack(b, b.f32(1)), undefined), operand.nan);
}

/** The angle of the point (x, y), y first. Zeros have no sign: it is 0 at the origin, and pi for y = 0 and x below 0. */
export function atan2(b: Builder, y: Value, x: Value): Value {
  const { and, or, not, select } = terms(b);
  const [vertical, horizontal] = [unpack(b, y), unpack(b, x)];
  // a subnormal y is not above an x that is zero
  const height = { ...vertical, magnitude: select(vertical.zero, 0, vertical.magnitude) };
  const left = and(horizontal.negative, not(horizontal.zero));
  return withSignOf(b, vertical, angleOf(b, height, horizontal, left), or(vertical.nan, horizontal.nan));
}

function withSignOf(b: Builder, { sign, zero }: Unpacked, bits: Value, nan: Value): Value {
  const { xor, select, le, float, signed } = terms(b);
  const known = select(le(signed(bits), leastNormal), 0, xor(bits, select(zero, 0, sign)));
  return float(select(nan, bitsOfNaN, known));
}

/** The bits of the angle of (|x|, |y|) or, if `left`, of (-|x|, |y|); as an i32 they are below those of 2^-126 if it is too small. */
function angleOf(b: Builder, y: Unpacked, x: Unpacked, left: Value | undefined): Value {
  const t = terms(b);
  const { add, sub, shl, shr, and, or, not, gt, lt, eq, select, mulHigh, signed, unsigned } = t;
  const steep = gt(y.magnitude, x.magnitude);
  const [small, large] = [select(steep, x.magnitude, y.magnitude), select(steep, y.magnitude, x.magnitude)];
  const vanishes = or(lt(small, leastNormal), and(eq(large, bitsOfInfinity), lt(small, bitsOfInfinity)));
  const numerator = select(vanishes, 0, or(shl(small, 8), signBit));
  const denominator = or(shl(large, 8), signBit);
  const distance = select(vanishes, 0, sub(shr(large, 23), shr(small, 23)));
  const shift = select(lt(distance, 32), distance, 31);
  // a ratio above tan(pi/8) by its angle's difference from pi/4: r to (1 - r) / (1 + r)
  const [part, whole] = [shr(shr(numerator, 1), shift), shr(denominator, 1)];
  const upper = gt(part, mulHigh(whole, tanEighthPi));
  const sum = add(part, whole);
  const short = lt(sum, signBit);
  const divisor = select(upper, select(short, shl(sum, 1), sum), denominator);
  const quotient = mulHigh(select(upper, sub(whole, part), numerator), reciprocal(t, divisor));
  // in Q31, up to tan(pi/8)
  const ratio = select(upper, select(short, shl(quotient, 1), quotient), shr(quotient, shift));
  const double = shl(ratio, 1);
  const square = mulHigh(double, double);
  const shortfall = mulHigh(square, unsigned(polynomial(t, signed(square), arcTangent)));
  const arc = sub(ratio, mulHigh(ratio, shortfall));
  const octant = select(upper, sub(pi29, arc), arc);
  const quadrant = select(steep, sub(pi30, octant), octant);
  // without any of that, the quotient keeps its digits however small it is
  const direct = not(or(or(upper, steep), left ?? b.bool(false)));
  const near = halved(t, select(direct, sub(quotient, mulHigh(quotient, shortfall)), quadrant));
  const exponent = select(direct, sub(0, signed(distance)), b.i32(0));
  if (left === undefined) return nearest(b, near, exponent);
  const far = signed(sub(pi29, shr(quadrant, 2)));
  return nearest(b, select(left, far, near), select(left, 1, exponent));
}
