/**
 * The functions that no device has, written out: in every mode the integer algorithms that `exact` has for all functions. Of an f16
 * they are those of f32, rounded.
 */

import type { Program } from '../ir/program.ts';
import { software } from '../ir/software/index.ts';
import { type Expansion, expand } from './expand.ts';

const ofAnyFloat =
  (ofFloat: Expansion): Expansion =>
  (b, ...args) => {
    const result = ofFloat(b, ...args.map((arg) => b.convert(arg, 'f32')));
    return args[0]!.type === 'f16' ? b.convert(result, 'f16') : result;
  };

const functions = {
  expm1: ofAnyFloat(software.expm1),
  log10: ofAnyFloat(software.log10),
  log1p: ofAnyFloat(software.log1p),
};
/** Operations that are left in no program. */
export type ExpandedFunction = keyof typeof functions;

export function expandFunctions(program: Program): Program {
  return expand(program, functions);
}
