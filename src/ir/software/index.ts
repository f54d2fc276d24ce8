/**
 * The functions of mode `exact`: for every f32 operation that devices do differently, an algorithm in integers, which gives the
 * same bits wherever 32-bit integers wrap. It is what `exact` means by the operation; format.ts says what all of them share.
 * Operands may be anything but subnormal.
 */

import type { Builder } from '../builder.ts';
import type { SoftwareOp } from '../ops.ts';
import type { Value } from '../program.ts';
import { div, fma, sqrt } from './algebraic.ts';
import { erf } from './error-function.ts';
import { exp, exp2, expm1 } from './exponential.ts';
import { cosh, sinh, tanh } from './hyperbolic.ts';
import { acosh, asinh, atanh } from './inverse-hyperbolic.ts';
import { acos, asin, atan, atan2 } from './inverse-trigonometric.ts';
import { log, log1p, log2, log10 } from './logarithm.ts';
import { pow } from './power.ts';
import { cbrt, hypot } from './roots.ts';
import { cos, sin, tan } from './trigonometric.ts';

/** Builds what gives the operation's result, an f32, from its operands, f32 each. */
export type SoftwareFunction = (b: Builder, ...operands: Value[]) => Value;

const unary =
  (of: (b: Builder, x: Value) => Value): SoftwareFunction =>
  (b, x) =>
    of(b, x!);
const binary =
  (of: (b: Builder, x: Value, y: Value) => Value): SoftwareFunction =>
  (b, x, y) =>
    of(b, x!, y!);

export const software: { readonly [N in SoftwareOp]: SoftwareFunction } = {
  div: binary(div),
  sqrt: unary(sqrt),
  fma: (b, x, y, z) => fma(b, x!, y!, z!),
  cbrt: unary(cbrt),
  hypot: binary(hypot),
  exp: unary(exp),
  exp2: unary(exp2),
  expm1: unary(expm1),
  log: unary(log),
  log2: unary(log2),
  log10: unary(log10),
  log1p: unary(log1p),
  pow: binary(pow),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: unary(asin),
  acos: unary(acos),
  atan: unary(atan),
  atan2: binary(atan2),
  sinh: unary(sinh),
  cosh: unary(cosh),
  tanh: unary(tanh),
  asinh: unary(asinh),
  acosh: unary(acosh),
  atanh: unary(atanh),
  erf: unary(erf),
};
