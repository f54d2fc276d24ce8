/** Every function of f32 that devices do differently, as an algorithm in integers; format.ts says what all of them share. */

import type { Builder } from '../builder.ts';
import type { SoftwareOp } from '../ops.ts';
import type { Value } from '../program.ts';
import { div, inverseSqrt, sqrt } from './algebraic.ts';
import { exp, exp2, expm1 } from './exponential.ts';
import { log, log1p, log2, log10 } from './logarithm.ts';

/** Builds what gives the operation's result, an f32, from its operands, f32 each. */
export type SoftwareFunction = (b: Builder, ...operands: Value[]) => Value;

export const software = {
  div,
  sqrt,
  inverseSqrt,
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
} satisfies { readonly [N in SoftwareOp]?: (b: Builder, x: Value, y: Value, z: Value) => Value };
