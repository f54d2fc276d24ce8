/** What every backend does to a program before it writes code from it. */

import { IsokernelError } from '../ir/error.ts';
import type { Program } from '../ir/program.ts';
import type { Verified } from '../ir/verified.ts';
import { expandCollectives } from './expand-collectives.ts';
import { type ExpandedFunction, expandFunctions } from './expand-functions.ts';
import { expandThreefry } from './expand-threefry.ts';
import { foldConstants } from './fold-constants.ts';
import { hoistInvariant } from './hoist-invariant.ts';
import { proveBounds } from './prove-bounds.ts';
import { removeDead } from './remove-dead.ts';
import { shareCommon } from './share-common.ts';
import { specialise } from './specialise.ts';

/** Scalar operations that `optimize` writes out. */
export type ExpandedOp = 'threefry' | ExpandedFunction;

export interface OptimizeOptions {
  /** The workgroup that will run: the program's own where it declares one. */
  readonly workgroup: readonly [number, number, number];
  /**
   * How an `exact` program that works on floats is written out for the device: `lowerExact` with its class. A parameter, so that it is
   * loaded where such a program comes.
   */
  readonly exact?: ((program: Program) => Program) | undefined;
}

/**
 * The program as a backend compiles it, for one workgroup: without the operations that it writes out (`ExpandedOp`),
 * `workgroupSize` and the collectives that combine values, its floats those of IEEE 754 also where it was `exact`, and with `proven` set on accesses that need no
 * guard. It means the same, bit for bit.
 *
 * `Verified.facts` go on holding, and loops keep their numbers and fuel; but workgroup memory grows by what collectives
 * need, and new values are in no set of uniform ones (ask `uniformValues` again).
 */
export function optimize({ program, facts }: Verified, { workgroup, exact }: OptimizeOptions): Program {
  const lower = program.mode === 'exact' && facts.usesFloat ? exact : (p: Program) => p;
  if (lower === undefined) throw new IsokernelError('ineligible', 'its device has no way to run exact programs');
  const passes: readonly ((program: Program) => Program)[] = [
    // written out
    (p) => specialise(p, workgroup),
    (p) => expandCollectives(p, workgroup),
    expandThreefry,
    lower,
    expandFunctions,
    // simplified
    foldConstants,
    shareCommon,
    hoistInvariant,
    // what moved in front of a loop may be there already
    shareCommon,
    removeDead,
    (p) => proveBounds(p, workgroup),
  ];
  return passes.reduce((current, pass) => pass(current), program);
}
