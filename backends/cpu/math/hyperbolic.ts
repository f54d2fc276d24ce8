/**
 * Hyperbolic functions and their inverses, in f32 operations: odd polynomials fitted for this file near 0, where the formulas by
 * exponentials and logarithms would cancel, and those formulas beyond. About 2 ulp.
 */

import type { Builder } from '../../../src/ir/builder.ts';
import type { Value } from '../../../src/ir/program.ts';
import { terms } from '../../../src/ir/terms.ts';
import { exp, log, scaledExp } from './exponential.ts';
import { oddPoly } from './inverse.ts';

// (f(x) - x) / x^3 as functions of x^2, up to |x| = 1, 0.625, 0.5 and 0.5
const sineNearZero = [0.1666666716337204, 0.008333350531756878, 0.0001983606634894386, 0.000002817439735736116];
const tangentNearZero = [
  -0.3333333134651184, 0.13333210349082947, -0.05394719913601875, 0.021702950820326805, -0.008182636462152004,
  0.0021475062239915133,
];
const arcSineNearZero = [
  -0.1666666567325592, 0.0749989002943039, -0.044613439589738846, 0.030014464631676674, -0.019985519349575043,
  0.00917524192482233,
];
const arcTangentNearZero = [
  0.33333298563957214, 0.20002587139606476, 0.14221493899822235, 0.11833900958299637, 0.05098781734704971,
  0.17719323933124542,
];
/** (acosh(1 + z) / sqrt(2 z) - 1) / z for z <= 1/2. */
const arcCosineNearOne = [
  -0.0833333283662796, 0.018749725073575974, -0.005576679948717356, 0.0018759040394797921, -0.0006245474796742201,
  0.00014336315507534891,
];

export function sinh(b: Builder, x: Value): Value {
  const t = terms(b);
  const magnitude = t.abs(x);
  const half = scaledExp(b, magnitude, -1);
  const far = t.sub(half, t.div(0.25, half));
  return t.select(t.lt(magnitude, 1), oddPoly(t, x, sineNearZero), t.copySign(far, x));
}
export function cosh(b: Builder, x: Value): Value {
  const { abs, add, div } = terms(b);
  const half = scaledExp(b, abs(x), -1);
  return add(half, div(0.25, half));
}
export function tanh(b: Builder, x: Value): Value {
  const t = terms(b);
  const magnitude = t.abs(x);
  const far = t.sub(1, t.div(2, t.add(exp(b, t.mul(magnitude, 2)), 1)));
  return t.select(t.lt(magnitude, 0.625), oddPoly(t, x, tangentNearZero), t.copySign(far, x));
}

/** Where x^2 + 1 is x^2. */
const large = 2 ** 14;

/** ln(x + sqrt(x^2 + sign)), for large x ln(2 x). */
function logOfSum(b: Builder, x: Value, sign: 1 | -1): Value {
  const { add, mul, sqrt, gt, select } = terms(b);
  const far = gt(x, large);
  const sum = select(far, x, add(x, sqrt(add(mul(x, x), sign))));
  const value = log(b, sum);
  return select(far, add(value, Math.LN2), value);
}

export function asinh(b: Builder, x: Value): Value {
  const t = terms(b);
  const magnitude = t.abs(x);
  const far = t.copySign(logOfSum(b, magnitude, 1), x);
  return t.select(t.lt(magnitude, 0.5), oddPoly(t, x, arcSineNearZero), far);
}
export function acosh(b: Builder, x: Value): Value {
  const t = terms(b);
  const z = t.sub(x, 1);
  const near = t.mul(t.sqrt(t.mul(z, 2)), t.add(t.mul(z, t.poly(z, arcCosineNearOne)), 1));
  const value = t.select(t.lt(z, 0.5), near, logOfSum(b, x, -1));
  return t.select(t.lt(x, 1), Number.NaN, value);
}
export function atanh(b: Builder, x: Value): Value {
  const t = terms(b);
  const magnitude = t.abs(x);
  const ratio = t.div(t.add(1, magnitude), t.sub(1, magnitude));
  const far = t.copySign(t.mul(log(b, ratio), 0.5), x);
  const value = t.select(t.lt(magnitude, 0.5), oddPoly(t, x, arcTangentNearZero), far);
  return t.select(t.gt(magnitude, 1), Number.NaN, value);
}
