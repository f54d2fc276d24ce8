/**
 * Loops without branches but those that leave them: `while` and `for` over plain computation. All lanes can run them until the last has
 * left, with no jump where one leaves: whether one is left need not be asked in every iteration, as nothing that a lane does after it has left is seen.
 *
 * A result that is a counter's value at the time of leaving is counted in each lane: its counter stands still when the lane has left.
 * Nothing here depends on how many lanes there are, or on WebAssembly.
 */

import { numberOf } from '../../../src/ir/bits.ts';
import type { Loop, Operation, Value } from '../../../src/ir/program.ts';
import { isInteger } from '../../../src/ir/types.ts';
import { costOf } from './cost.ts';
import type { Lanes } from './shape.ts';

export interface FlatLoop {
  /** Results that are a counter of the loop, with what it counts by. */
  readonly counters: ReadonlyMap<Value, Counter>;
}
export interface Counter {
  /** The parameter's place. */
  readonly index: number;
  readonly step: number;
}

/** Iterations above this cost are worth a look at who is left. */
const largest = 64;

/** undefined where the loop is another. */
export function flatLoopOf(loop: Loop, lanes: Lanes, definitions: ReadonlyMap<Value, Operation>): FlatLoop | undefined {
  const { body, end } = loop.body;
  if (end.kind !== 'continue' || !lanes.diverges(loop) || lanes.loses(loop)) return undefined;
  let cost = 0;
  const leaves: (readonly Value[])[] = [];
  for (const instruction of body) {
    if (instruction.kind === 'op') {
      cost += costOf(instruction);
      continue;
    }
    if (instruction.kind === 'loop') return undefined;
    const { accept, reject } = instruction;
    if (accept.end.kind !== 'break' || reject.end.kind !== 'yield' || reject.body.length > 0) return undefined;
    cost += accept.body.reduce((sum, inner) => sum + costOf(inner), 0);
    leaves.push(accept.end.values);
  }
  if (cost > largest) return undefined;
  const counters = new Map<Value, Counter>();
  loop.results.forEach((result, i) => {
    const [left] = leaves.map((values) => values[i]!);
    const index = leaves.every((values) => values[i] === left) ? loop.params.indexOf(left!) : -1;
    const step = index < 0 ? undefined : stepOf(loop.params[index]!, end.values[index]!, definitions);
    if (step !== undefined && lanes.shape(loop.params[index]!) !== 'varying') counters.set(result, { index, step });
  });
  return { counters };
}

/** The constant by which an integer goes on; undefined where it does another way. */
function stepOf(param: Value, next: Value, definitions: ReadonlyMap<Value, Operation>): number | undefined {
  const definition = definitions.get(next);
  if (!isInteger(param.type) || (definition?.op !== 'add' && definition?.op !== 'sub')) return undefined;
  const [x, y] = definition.args as [Value, Value];
  const constant = definitions.get(y);
  if (x !== param || constant?.op !== 'constant') return undefined;
  const step = numberOf(param.type, constant.attribute);
  return definition.op === 'add' ? step : -step;
}
