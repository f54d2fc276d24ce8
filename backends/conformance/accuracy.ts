/**
 * How far from the interpreter's result a device's may be, outside `exact`: WGSL's accuracy for floats, nothing for the
 * rest.
 *
 * Where WGSL says "inherited from" an expression, the bound here is what its parts may contribute. What the design pins
 * for every device (comparisons, min and max, conversions) is pinned here too, for NaN and infinities as well; arithmetic
 * and functions may do as they like once an operand or the result is not finite, and may flush subnormals.
 */

import { bitsOf, evaluate, isFloat, numberOf, type ScalarOp, type ScalarType } from '../../src/ir/index.ts';

interface Format {
  readonly leastExponent: number;
  readonly fractionBits: number;
  readonly greatest: number;
  /** Units in the last place of exp: these, and two more for each unit of |x|. */
  readonly exp: number;
  /** Absolute errors: of logarithms near 1; of sine and cosine; of arc sine and cosine. */
  readonly log: number;
  readonly trigonometric: number;
  readonly arcSine: number;
  /** Units in the last place of arc tangents. */
  readonly arcTangent: number;
}
const formats: Record<'f32' | 'f16', Format> = {
  f32: {
    leastExponent: -126,
    fractionBits: 23,
    greatest: 3.4028234663852886e38,
    exp: 3,
    log: 2 ** -21,
    trigonometric: 2 ** -11,
    arcSine: 6.81e-5,
    arcTangent: 4096,
  },
  f16: {
    leastExponent: -14,
    fractionBits: 10,
    greatest: 65504,
    exp: 1,
    log: 2 ** -7,
    trigonometric: 2 ** -7,
    arcSine: 3.91e-3,
    arcTangent: 5,
  },
};

/** Largest absolute error allowed, given the operands and the exact result. */
type Bound = (format: Format, result: number, x: number, y: number, z: number) => number;

const { abs, cosh, log2, max, min, sqrt } = Math;
const ulp = ({ leastExponent, fractionBits }: Format, x: number): number =>
  2 ** (max(Math.floor(log2(abs(x) || Number.MIN_VALUE)), leastExponent) - fractionBits);

const ulps =
  (n: number): Bound =>
  (format, result) =>
    n * ulp(format, result);
/** WGSL's correct rounding lets either neighbour stand. */
const rounded = ulps(1);
const exponential: Bound = (format, result, x) => (format.exp + 2 * abs(x) + 1) * ulp(format, result);
const logarithmOf = (format: Format, x: number, result: number): number =>
  x >= 0.5 && x <= 2 ? format.log : 3.5 * ulp(format, result);
const logarithm: Bound = (format, result, x) => logarithmOf(format, x, result);
/** A logarithm of an argument that itself has this absolute error. */
const logarithmOfInexact = (format: Format, x: number, error: number, result: number): number =>
  error >= x ? Number.POSITIVE_INFINITY : logarithmOf(format, x, result) + (2 * error) / x;
const wave: Bound = (format, _, x) => (abs(x) <= Math.PI ? format.trigonometric : Number.POSITIVE_INFINITY);
const arcSine: Bound = (format, result) => max(format.arcSine, (format.arcTangent + 8) * ulp(format, result));
const arcTangent: Bound = (format, result) => (format.arcTangent + 1) * ulp(format, result);
/** Half the sum or difference of e^x and e^-x. */
const hyperbolic: Bound = (format, _, x) => (format.exp + 2 * abs(x) + 3) * ulp(format, cosh(x));

type Rule = Bound | 'pinned';

/** `pinned`: the interpreter's value, whatever the operands. */
const accuracy: { readonly [N in ScalarOp]: Rule } = {
  add: rounded,
  sub: rounded,
  mul: rounded,
  div: (format, result, _, y) =>
    abs(y) >= 2 ** format.leastExponent && abs(y) <= 2 ** -format.leastExponent
      ? 3 * ulp(format, result)
      : Number.POSITIVE_INFINITY,
  // the quotient may be off enough to truncate to the next whole number
  rem: (format, _, x, y) => {
    const quotient = x / y;
    const slack = 4 * ulp(format, quotient);
    const near = abs(quotient - Math.round(quotient)) <= slack;
    return (near ? abs(y) : 0) + ulp(format, x) + slack * abs(y);
  },
  mulHigh: 'pinned',
  neg: 'pinned',
  abs: 'pinned',
  min: 'pinned',
  max: 'pinned',
  fma: (format, result, x, y) => ulp(format, x * y) + ulp(format, result),
  floor: () => 0,
  ceil: () => 0,
  trunc: () => 0,
  round: () => 0,
  sqrt: ulps(5),
  inverseSqrt: ulps(2.5),
  cbrt: ulps(1),
  hypot: ulps(8),
  exp: exponential,
  exp2: exponential,
  expm1: ulps(1),
  log: logarithm,
  log2: logarithm,
  log10: ulps(1),
  log1p: ulps(1),
  // 2^(y log2 x)
  pow: (format, result, x, y) => {
    if (x < 0 || x === 0) return Number.POSITIVE_INFINITY;
    const exponent = y * log2(x);
    const error = abs(y) * logarithmOf(format, x, log2(x)) + ulp(format, exponent);
    return abs(result) * (2 ** error - 1) + (format.exp + 2 * abs(exponent) + 1) * ulp(format, result);
  },
  sin: wave,
  cos: wave,
  tan: (format, result, x) => {
    const cosine = abs(Math.cos(x)) - format.trigonometric;
    if (abs(x) > Math.PI || cosine <= 0) return Number.POSITIVE_INFINITY;
    return (format.trigonometric * (1 + abs(result))) / cosine + 3 * ulp(format, result);
  },
  asin: arcSine,
  acos: arcSine,
  atan: arcTangent,
  atan2: (format, result, y, x) => {
    const normal = (v: number) => abs(v) >= 2 ** format.leastExponent && abs(v) <= 2 ** -format.leastExponent;
    return normal(x) && normal(y) ? arcTangent(format, result, y, x, 0) : Number.POSITIVE_INFINITY;
  },
  sinh: hyperbolic,
  cosh: hyperbolic,
  tanh: (format, result, x) => max(1e-5, 3 * ulp(format, result) + (2 * hyperbolic(format, result, x, 0, 0)) / cosh(x)),
  asinh: (format, result, x) => {
    const root = sqrt(x * x + 1);
    if (x * x > format.greatest) return Number.POSITIVE_INFINITY;
    return logarithmOfInexact(format, x + root, 6 * ulp(format, root), result);
  },
  acosh: (format, result, x) => {
    const root = sqrt(x * x - 1);
    if (x * x > format.greatest) return Number.POSITIVE_INFINITY;
    return logarithmOfInexact(format, x + root, 6 * ulp(format, x) + min(x, (2 * ulp(format, x * x)) / root), result);
  },
  atanh: (format, result, x) => {
    const ratio = (1 + x) / (1 - x);
    return logarithmOfInexact(format, ratio, ratio * (ulp(format, 1) / (1 - abs(x)) + 4 * ulp(format, 1)), result);
  },
  erf: ulps(1),
  and: 'pinned',
  or: 'pinned',
  xor: 'pinned',
  not: 'pinned',
  shl: 'pinned',
  shr: 'pinned',
  countOneBits: 'pinned',
  countLeadingZeros: 'pinned',
  countTrailingZeros: 'pinned',
  reverseBits: 'pinned',
  eq: 'pinned',
  ne: 'pinned',
  lt: 'pinned',
  le: 'pinned',
  gt: 'pinned',
  ge: 'pinned',
  select: 'pinned',
  convert: 'pinned',
  bitcast: 'pinned',
  packHalf: 'pinned',
  unpackHalf: 'pinned',
  threefry: 'pinned',
};

/** Whether a device may give `actual` for `op` of these operands, which are of type `type`, or of `types` where they differ. */
export function acceptable(
  op: ScalarOp,
  type: ScalarType,
  types: readonly ScalarType[],
  args: readonly number[],
  to: ScalarType,
  actual: number,
): boolean {
  // each subnormal operand may count as zero
  const choices = args.map((arg, i) => (countsAsZero(types[i]!, arg) ? [arg, 0] : [arg]));
  const [first = [], second = [0], third = [0]] = choices;
  return first.some((x) =>
    second.some((y) => third.some((z) => matches(op, type, [x, y, z].slice(0, args.length), to, actual))),
  );
}

function matches(op: ScalarOp, type: ScalarType, args: readonly number[], to: ScalarType, actual: number): boolean {
  const expected = evaluate(op, type, args, to);
  if (actual === expected || Object.is(actual, expected)) return true;
  if (countsAsZero(to, expected) && countsAsZero(to, actual)) return true;
  if (Number.isNaN(args[0]) && (op === 'bitcast' || op === 'packHalf'))
    return Number.isNaN(numberOf(op === 'bitcast' ? 'f32' : 'f16', bitsOf(to, actual))); // the bits of a NaN are its own
  const rule = accuracy[op];
  if (rule === 'pinned' || !isFloat(to) || !isFloat(type)) return false;
  if (![expected, ...args].every(Number.isFinite)) return true;
  const format = formats[type as 'f32' | 'f16'];
  const [x = 0, y = 0, z = 0] = args;
  const error = rule(format, expected, x, y, z);
  if (!Number.isFinite(actual)) return abs(expected) + error > format.greatest;
  const flushed = actual === 0 && abs(expected) <= 2 ** format.leastExponent;
  return flushed || abs(actual - expected) <= error;
}

/** Subnormals and zeros: devices may flush, or compare as if they did. */
function countsAsZero(type: ScalarType, x: number): boolean {
  return isFloat(type) && abs(x) < 2 ** formats[type as 'f32' | 'f16'].leastExponent;
}
