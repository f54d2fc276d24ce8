/**
 * What an operation carries besides its operands, read off the op table. The verifier, the text form and the bytes all
 * take it from here.
 */

import { type Form, type OpName, rowOf } from './ops.ts';

export interface OperationShape {
  /** What `attribute` means. `none`: it is 0. */
  readonly attribute: 'none' | 'bits' | 'axis' | 'dimension' | 'component';
  /** What `reference` is. `memory`: the operands begin with its indices. `none`: undefined. */
  readonly reference: 'none' | 'scalar' | 'buffer' | 'private' | 'memory';
}

const none = 'none';
const shapes: Readonly<Record<Form, OperationShape>> = {
  scalar: { attribute: none, reference: none },
  constant: { attribute: 'bits', reference: none },
  argument: { attribute: none, reference: 'scalar' },
  id: { attribute: 'axis', reference: none },
  dimension: { attribute: 'dimension', reference: 'buffer' },
  compose: { attribute: none, reference: none },
  extract: { attribute: 'component', reference: none },
  load: { attribute: none, reference: 'memory' },
  store: { attribute: none, reference: 'memory' },
  clear: { attribute: none, reference: 'private' },
  atomic: { attribute: none, reference: 'memory' },
  barrier: { attribute: none, reference: none },
  collective: { attribute: none, reference: none },
};
const idWithoutAxes: OperationShape = { attribute: none, reference: none };
const collectiveOfMemory: OperationShape = { attribute: none, reference: 'memory' };

export function shapeOf(op: OpName): OperationShape {
  const row = rowOf(op);
  if (row.form === 'id' && row.axes === 1) return idWithoutAxes;
  if (row.form === 'collective' && row.operand === 'index') return collectiveOfMemory;
  return shapes[row.form];
}
