/** What is inside branches: what it costs where it only computes, so that lanes may do it for nothing; how long it is; which arm is the usual one. */

import { type Form, rowOf } from '../../../src/ir/ops.ts';
import { type Block, blocksOf, type If, type Instruction } from '../../../src/ir/program.ts';

/** Infinite for what does more than compute. */
export function costOf(instruction: Instruction): number {
  if (instruction.kind !== 'op') return Number.POSITIVE_INFINITY;
  const { form, cost } = rowOf(instruction.op);
  return computing.has(form) ? cost : Number.POSITIVE_INFINITY;
}
/** Of a block that comes to its end. */
export function blockCost({ body, end }: Block): number {
  return body.reduce(
    (sum, instruction) => sum + costOf(instruction),
    end.kind === 'yield' ? 0 : Number.POSITIVE_INFINITY,
  );
}

const computing: ReadonlySet<Form> = new Set<Form>([
  'scalar',
  'constant',
  'argument',
  'id',
  'dimension',
  'compose',
  'extract',
]);

/** The arm that does more, where it is one that comes to its end. */
export function usualOutcome({ accept, reject }: If): boolean | undefined {
  if (accept.end.kind !== 'yield') return reject.end.kind === 'yield' ? false : undefined;
  return reject.end.kind !== 'yield' || sizeOf(accept) >= sizeOf(reject);
}
/** Its instructions. */
export function sizeOf({ body }: Block): number {
  return body.reduce(
    (size, instruction) => size + blocksOf(instruction).reduce((sum, block) => sum + sizeOf(block), 1),
    0,
  );
}
