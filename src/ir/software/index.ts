/** Every function of f32 that devices do differently, as an algorithm in integers; format.ts says what all of them share. */

import type { Builder } from '../builder.ts';
import type { SoftwareOp } from '../ops.ts';
import type { Value } from '../program.ts';
import { div, inverseSqrt, sqrt } from './algebraic.ts';

/** Builds what gives the operation's result, an f32, from its operands, f32 each. */
export type SoftwareFunction = (b: Builder, ...operands: Value[]) => Value;

export const software = {
  div,
  sqrt,
  inverseSqrt,
} satisfies { readonly [N in SoftwareOp]?: (b: Builder, x: Value, y: Value, z: Value) => Value };
