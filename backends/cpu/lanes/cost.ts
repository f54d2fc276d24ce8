/** What instructions cost that only compute, so that lanes may do them for nothing: infinite for all others. */

import { type Form, rowOf } from '../../../src/ir/ops.ts';
import type { Block, Instruction } from '../../../src/ir/program.ts';

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
