/**
 * The functions that no device has, written out: in every mode the integer algorithms that `exact` has for all functions. Of an f16
 * they are those of f32, rounded.
 */

import type { Builder } from '../ir/builder.ts';
import type { Program, Value } from '../ir/program.ts';
import { expm1 } from '../ir/software/exponential.ts';
import { log1p, log10 } from '../ir/software/logarithm.ts';
import { type Expansion, expand } from './expand.ts';

const ofAnyFloat =
  (ofFloat: (b: Builder, x: Value) => Value): Expansion =>
  (b, x) => {
    const result = ofFloat(b, b.convert(x!, 'f32'));
    return b.convert(result, x!.type as 'f16' | 'f32');
  };

const functions = {
  expm1: ofAnyFloat(expm1),
  log10: ofAnyFloat(log10),
  log1p: ofAnyFloat(log1p),
};
/** Operations that are left in no program. */
export type ExpandedFunction = keyof typeof functions;

export function expandFunctions(program: Program): Program {
  return expand(program, functions);
}
