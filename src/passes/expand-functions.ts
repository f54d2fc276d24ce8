/**
 * The functions that no device has, written out: in every mode the integer algorithms that `exact` has for all functions, but for
 * `hypot`, which outside `exact` is a square root. Of an f16 they are those of f32, rounded.
 */

import type { Builder } from '../ir/builder.ts';
import type { Program, Value } from '../ir/program.ts';
import { erf } from '../ir/software/error-function.ts';
import { expm1 } from '../ir/software/exponential.ts';
import { log1p, log10 } from '../ir/software/logarithm.ts';
import { cbrt } from '../ir/software/roots.ts';
import { terms } from '../ir/terms.ts';
import { type Expansion, expand } from './expand.ts';

const ofAnyFloat =
  (ofFloat: (b: Builder, ...x: Value[]) => Value): Expansion =>
  (b, ...x) => {
    const result = ofFloat(b, ...x.map((operand) => b.convert(operand, 'f32')));
    return b.convert(result, x[0]!.type as 'f16' | 'f32');
  };
const unary = (ofFloat: (b: Builder, x: Value) => Value): Expansion => ofAnyFloat((b, x) => ofFloat(b, x!));
const binary = (ofFloat: (b: Builder, x: Value, y: Value) => Value): Expansion =>
  ofAnyFloat((b, x, y) => ofFloat(b, x!, y!));

const functions = {
  cbrt: unary(cbrt),
  erf: unary(erf),
  expm1: unary(expm1),
  hypot: binary(hypot),
  log10: unary(log10),
  log1p: unary(log1p),
};
/** Operations that are left in no program. */
export type ExpandedFunction = keyof typeof functions;

export function expandFunctions(program: Program): Program {
  return expand(program, functions);
}

/** sqrt(x^2 + y^2) of numbers brought to where their squares neither overflow nor vanish. */
function hypot(b: Builder, x: Value, y: Value): Value {
  const { abs, add, mul, ge, lt, eq, or, select, sqrt } = terms(b);
  const [width, height] = [abs(x), abs(y)];
  const large = select(lt(width, height), height, width);
  const huge = ge(large, 2 ** 60);
  const tiny = lt(large, 2 ** -50);
  const scale = select(huge, 2 ** -70, select(tiny, 2 ** 70, b.f32(1)));
  const back = select(huge, 2 ** 70, select(tiny, 2 ** -70, b.f32(1)));
  const square = (side: Value) => {
    const near = mul(side, scale);
    return mul(near, near);
  };
  const length = mul(sqrt(add(square(width), square(height))), back);
  const infinite = or(eq(width, Number.POSITIVE_INFINITY), eq(height, Number.POSITIVE_INFINITY));
  return select(infinite, Number.POSITIVE_INFINITY, length);
}
