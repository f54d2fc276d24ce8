/**
 * Arc functions in f32 operations: reduction to a small interval by half-angle and difference formulas (Cody and Waite, 1980; Moshier's
 * Cephes uses the same), then a polynomial fitted for this file. About 2 ulp.
 */

import type { Builder } from '../../../src/ir/builder.ts';
import type { Value } from '../../../src/ir/program.ts';
import { type Terms, terms } from '../../../src/ir/terms.ts';

/** (asin x - x) / x^3 for |x| <= 1/2 and (atan x - x) / x^3 for |x| <= tan(pi/8), as functions of x^2. */
const arcSine = [
  0.16666659712791443, 0.07500510662794113, 0.04451573267579079, 0.03181750699877739, 0.014403008855879307,
  0.03756464645266533,
];
const arcTangent = [
  -0.33333316445350647, 0.19998489320278168, -0.14243848621845245, 0.10596004873514175, -0.0608346201479435,
];
const tanEighth = Math.SQRT2 - 1;
/** pi less its nearest f32. */
const piRest = -8.742277657347586e-8;

/** x + x^3 * p(x^2). */
export function oddPoly({ add, mul, poly }: Terms, x: Value, coefficients: readonly number[]): Value {
  const square = mul(x, x);
  return add(mul(mul(square, x), poly(square, coefficients)), x);
}

/** asin of |x| <= 1/2 or, beyond, of sqrt((1 - |x|) / 2), whose double is what acos(|x|) is. NaN above 1. */
function halfAngle(b: Builder, x: Value): { readonly arc: Value; readonly beyond: Value } {
  const t = terms(b);
  const magnitude = t.abs(x);
  const beyond = t.gt(magnitude, 0.5);
  const root = t.sqrt(t.mul(t.sub(1, magnitude), 0.5));
  return { arc: oddPoly(t, t.select(beyond, root, magnitude), arcSine), beyond };
}

export function asin(b: Builder, x: Value): Value {
  const { arc, beyond } = halfAngle(b, x);
  const { add, mul, sub, select, copySign, abs, gt } = terms(b);
  const angle = select(beyond, add(sub(Math.PI / 2, mul(arc, 2)), piRest / 2), arc);
  return select(gt(abs(x), 1), Number.NaN, copySign(angle, x));
}

export function acos(b: Builder, x: Value): Value {
  const { arc, beyond } = halfAngle(b, x);
  const { add, mul, sub, lt, select, copySign } = terms(b);
  const double = mul(arc, 2);
  const far = select(lt(x, 0), add(sub(Math.PI, double), piRest), double);
  return select(beyond, far, sub(Math.PI / 2, sub(copySign(arc, x), piRest / 2)));
}

/** atan(numerator / denominator), both >= 0 and finite, numerator <= denominator. */
function atanOfRatio(b: Builder, numerator: Value, denominator: Value): Value {
  const t = terms(b);
  const { add, sub, mul, div, gt, select } = t;
  // above tan(pi/8) by the angle's difference from pi/4, with the same one division
  const upper = gt(numerator, mul(denominator, tanEighth));
  const top = select(upper, sub(numerator, denominator), numerator);
  const bottom = select(upper, add(numerator, denominator), denominator);
  const arc = oddPoly(t, div(top, bottom), arcTangent);
  return select(upper, add(add(arc, piRest / 4), Math.PI / 4), arc);
}

export function atan(b: Builder, x: Value): Value {
  const { abs, gt, sub, select, copySign, div } = terms(b);
  const magnitude = abs(x);
  const steep = gt(magnitude, 1);
  const arc = atanOfRatio(b, select(steep, div(1, magnitude), magnitude), b.f32(1));
  return copySign(select(steep, sub(Math.PI / 2, sub(arc, piRest / 2)), arc), x);
}

/** The angle of the point (x, y), y first; zeros have signs and count. */
export function atan2(b: Builder, y: Value, x: Value): Value {
  const { abs, gt, lt, ne, eq, or, and, mul, sub, select, copySign, bits } = terms(b);
  const ax = abs(x);
  const ay = abs(y);
  const steep = gt(ay, ax);
  const small = select(steep, ax, ay);
  const large = select(steep, ay, ax);
  // away from overflow and from subnormals; infinities are 1 among themselves, the origin is 0 / 1
  const factor = select(gt(large, 2 ** 120), 2 ** -8, select(lt(large, 2 ** -100), 2 ** 24, b.f32(1)));
  const infinite = eq(large, Number.POSITIVE_INFINITY);
  const numerator = select(infinite, select(eq(small, large), 1, b.f32(0)), mul(small, factor));
  const denominator = select(or(infinite, eq(large, 0)), 1, mul(large, factor));
  const arc = atanOfRatio(b, numerator, denominator);
  const octant = select(steep, sub(Math.PI / 2, sub(arc, piRest / 2)), arc);
  const left = ne(and(bits(x), 0x80000000), 0);
  const angle = copySign(select(left, sub(Math.PI, sub(octant, piRest)), octant), y);
  const nan = or(ne(x, x), ne(y, y));
  return select(nan, Number.NaN, angle);
}
