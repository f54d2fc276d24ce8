/**
 * Which steps of a job need the guards of `exact`, by what is known of the floats that they work on.
 *
 * That is known of contents whose bytes the host has, by a scan that is kept with them, and of what a step makes of known
 * contents. A step of which nothing is known runs guarded, which is always right.
 */

import { asksFor, type Extent, empty, extentBetween, extentOf, unguarded } from '../ir/granules.ts';
import type { Memory } from '../ir/program.ts';
import type { Verified } from '../ir/verified.ts';
import type { Work } from './work.ts';

/** By step. Notes with the contents that the work makes what will be known of them. */
export function guardsOf(work: Work, verified: readonly Verified[]): readonly boolean[] {
  if (verified.every(({ program }) => program.mode !== 'exact')) return verified.map(() => true);
  /** By operand, as the steps so far leave it; undefined where nothing is known. */
  const current = new Map<number, Extent | undefined>();
  const guarded = work.steps.map((step, i) => {
    const { program, facts } = verified[i]!;
    let buffer = 0;
    let scalar = 0;
    const operands = program.params.map((param) =>
      param.kind === 'buffer' ? step.buffers[buffer++]!.operand : undefined,
    );
    const scalars = program.params.map((param) => (param.kind === 'scalar' ? step.scalars[scalar++]! : []));

    /** What the arguments are, by parameter; `unknown` stands for the contents of which nothing is known. */
    const inputs = (extentOfContent: (operand: number) => Extent | undefined): readonly (Extent | undefined)[] =>
      program.params.map((param, p) => {
        if (!asksFor(param)) return empty;
        const operand = operands[p];
        if (operand === undefined) return extentOf(scalars[p]!);
        return current.has(operand) ? current.get(operand) : extentOfContent(operand);
      });
    const prove = (extents: readonly (Extent | undefined)[]) =>
      extents.includes(undefined) ? undefined : analysed(verified[i]!, extents as readonly Extent[]);

    let after: ReadonlyMap<Memory, Extent> | undefined;
    // a scan is of no use where not even ones would do
    if (program.mode === 'exact' && facts.usesFloat && prove(inputs(() => ones)) !== undefined) {
      const loops = facts.loops.length > 0;
      after = prove(
        inputs((operand) => {
          const { input } = work.operands[operand]!;
          return input === undefined ? empty : input.extent(loops);
        }),
      );
    }
    program.params.forEach((param, p) => {
      if (param.kind === 'buffer' && param.access !== 'read') current.set(operands[p]!, after?.get(param));
    });
    return after === undefined;
  });
  for (const [operand, { output }] of work.operands.entries()) output?.noteExtent(current.get(operand));
  return guarded;
}

const ones = extentBetween(0, 0);

/** What is known is coarse and seldom new, so that most launches find their answer here. */
const analyses = new WeakMap<Verified, Map<string, ReadonlyMap<Memory, Extent> | undefined>>();
const mostAnalyses = 256;

function analysed(verified: Verified, inputs: readonly Extent[]): ReadonlyMap<Memory, Extent> | undefined {
  let known = analyses.get(verified);
  if (known === undefined || known.size >= mostAnalyses) analyses.set(verified, (known = new Map()));
  const key = inputs.map(({ granule, least, greatest, negative }) => [granule, least, greatest, negative]).join();
  if (known.has(key)) return known.get(key);
  const { program } = verified;
  const found = unguarded(program, (param) => inputs[program.params.indexOf(param)]!);
  known.set(key, found);
  return found;
}
