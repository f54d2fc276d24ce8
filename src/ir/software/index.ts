/**
 * The functions of mode `exact`: for every f32 operation that devices do differently, an algorithm in integers, which gives the
 * same bits wherever 32-bit integers wrap. It is what `exact` means by the operation; format.ts says what all of them share.
 * Operands may be anything but subnormal.
 */

import type { Builder } from '../builder.ts';
import type { SoftwareOp } from '../ops.ts';
import type { Value } from '../program.ts';
import { div, sqrt } from './algebraic.ts';
import { acos, asin, atan, atan2 } from './inverse-trigonometric.ts';
import { cos, sin, tan } from './trigonometric.ts';

/** Builds what gives the operation's result, an f32, from its operands, f32 each. */
export type SoftwareFunction = (b: Builder, ...operands: Value[]) => Value;

/** What is missing here is refused in mode `exact`. */
export const software: { readonly [N in SoftwareOp]?: SoftwareFunction } = {
  div: (b, x, y) => div(b, x!, y!),
  sqrt: (b, x) => sqrt(b, x!),
  sin: (b, x) => sin(b, x!),
  cos: (b, x) => cos(b, x!),
  tan: (b, x) => tan(b, x!),
  asin: (b, x) => asin(b, x!),
  acos: (b, x) => acos(b, x!),
  atan: (b, x) => atan(b, x!),
  atan2: (b, y, x) => atan2(b, y!, x!),
};
