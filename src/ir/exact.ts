/**
 * Mode `exact`, as code: what each scalar operation gives there, for every operand. docs/numerics.md says it in words.
 *
 * Floats are a smaller set of values than the format has: one zero, one NaN, and in f32 nothing subnormal. Wherever a float
 * comes from (an operation, memory, an argument, a constant, bits) it is made one of these, `canonical`; so no program can
 * tell more of them apart. f16 arithmetic is that of f32, rounded once more; f16 keeps its subnormal numbers.
 */

import { halfBits, roundTo } from './bits.ts';
import { type ScalarFunction, scalarFunction } from './evaluate.ts';
import { ops, type ScalarOp, type SoftwareOp } from './ops.ts';
import { isFloat, type ScalarType } from './types.ts';

/** The least normal f32; what is smaller counts as zero. */
export const leastNormal = 2 ** -126;

/** The value that a number of this type is in `exact`. */
export function canonical(type: ScalarType, x: number): number {
  if (type === 'f32') return Math.abs(x) < leastNormal ? 0 : x;
  return x === 0 ? 0 : x;
}

const f32 = (op: ScalarOp): ScalarFunction => scalarFunction(op, 'f32', 'f32');
/**
 * Devices that flush may take a result for tiny before it is rounded, and rounding may lift it to 2^-126. So there the line
 * is drawn above that number. Sums and differences that small are exact, and it can stay below.
 */
const flushed =
  (compute: ScalarFunction): ScalarFunction =>
  (x, y, z) => {
    const result = compute(x, y, z);
    return Math.abs(result) <= leastNormal ? 0 : result;
  };

const mul = flushed(f32('mul'));
const div = flushed(f32('div'));
const sqrt = f32('sqrt');
const sub: ScalarFunction = (x, y) => canonical('f32', f32('sub')(x, y, 0));

/** On f32. Functions that are not here are their software fragments. */
const meanings: { readonly [N in ScalarOp]?: ScalarFunction } = {
  mul,
  div,
  sqrt,
  fma: flushed(f32('fma')),
  rem: (x, y) => sub(x, mul(y, Math.trunc(div(x, y, 0)), 0), 0),
  // the root of 1 / x is nearer to the true value than 1 / root: within 0.86 ulp. Beyond 2^120, where 1 / x may flush, x is scaled
  inverseSqrt(x) {
    if (x < 0) return Number.NaN;
    const large = x >= 2 ** 120;
    const root = sqrt(div(1, large ? mul(x, 2 ** -24, 0) : x, 0), 0, 0);
    return large ? mul(root, 2 ** -12, 0) : root;
  },
  packHalf: (x) => halfBits(canonical('f16', roundTo('f16', x))),
};

/**
 * The operation in `exact`: operands of type T, result of type `to`. `software` gives the functions that have only an
 * integer algorithm, on f32; undefined where it does not.
 */
export function exactFunction(
  op: ScalarOp,
  type: ScalarType,
  to: ScalarType,
  software: (op: SoftwareOp) => ScalarFunction | undefined = () => undefined,
): ScalarFunction | undefined {
  if (type === 'f16' && ops[op].exact !== 'always') {
    const wide = exactFunction(op, 'f32', 'f32', software);
    return wide && ((x, y, z) => canonical('f16', roundTo('f16', wide(x, y, z))));
  }
  if (type === 'f32') {
    const own = meanings[op] ?? (isSoftware(op) ? software(op) : scalarFunction(op, type, to));
    return own && ((x, y, z) => canonical(to, own(x, y, z)));
  }
  const own = scalarFunction(op, type, to);
  return isFloat(to) ? (x, y, z) => canonical(to, own(x, y, z)) : own;
}

function isSoftware(op: ScalarOp): op is SoftwareOp {
  return ops[op].exact === 'software';
}
