/** What operations do besides giving a value, by their form. */

import { type Form, rowOf } from '../ir/ops.ts';
import type { Operation } from '../ir/program.ts';

/**
 *  - `pure`: gives the same for the same operands, wherever it stands
 *  - `reads`: depends on memory
 *  - `acts`: changes memory, or waits for the other invocations
 */
type Effect = 'pure' | 'reads' | 'acts';

const effects: { readonly [F in Form]: Effect } = {
  scalar: 'pure',
  constant: 'pure',
  argument: 'pure',
  id: 'pure',
  dimension: 'pure',
  compose: 'pure',
  extract: 'pure',
  load: 'reads',
  store: 'acts',
  clear: 'acts',
  atomic: 'acts',
  barrier: 'acts',
  collective: 'acts',
};

/** May be computed anywhere its operands are known. Loads are total, and nothing writes `read` buffers. */
export function isPure({ op, reference }: Operation): boolean {
  const effect = effects[rowOf(op).form];
  return effect === 'pure' || (effect === 'reads' && reference?.kind === 'buffer' && reference.access === 'read');
}

/** Must run even if nobody uses its value. */
export function acts({ op }: Operation): boolean {
  return effects[rowOf(op).form] === 'acts';
}
