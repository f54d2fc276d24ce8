/** Whether all lanes find the same: asked where they may part, as mostly they do not. */

import type { Operation, Value } from '../../../src/ir/program.ts';
import { isInteger } from '../../../src/ir/types.ts';
import { isComparison, opposite } from '../../../src/passes/identities.ts';
import { type LaneValues, laneCount } from './values.ts';

/**
 * Pushes whether a bool is `outcome` in all lanes of all vectors, as an i32. Of a value that counts up, compared with one that all lanes have,
 * the first or the last lane's says it.
 */
export function pushAgreement(
  vectors: readonly LaneValues[],
  definitions: ReadonlyMap<Value, Operation>,
  condition: Value,
  outcome: boolean,
): void {
  const { code, scalar, lanes } = vectors[0]!;
  const agree = (value: Value, wanted: boolean): void => pushAgreement(vectors, definitions, value, wanted);
  const definition = definitions.get(condition);
  const [x, y] = (definition?.args ?? []) as [Value, Value];
  if (lanes.shape(condition) === 'uniform') {
    scalar.push(condition);
    if (!outcome) code.op('i32.eqz');
  } else if (definition?.op === 'not') agree(x, !outcome);
  else if (definition?.op === (outcome ? 'and' : 'or')) {
    agree(x, outcome);
    agree(y, outcome);
    code.op('i32.and');
  } else {
    const op = definition !== undefined && isComparison(definition.op) ? definition.op : undefined;
    const shapes = `${x && lanes.shape(x)},${y && lanes.shape(y)}`;
    const holding = op && (outcome ? op : opposite[op]);
    if (holding !== undefined && isOrder(holding) && isInteger(x.type) && shapes === 'consecutive,uniform')
      pushOrder(x, holding, y);
    else if (holding !== undefined && isOrder(holding) && isInteger(x.type) && shapes === 'uniform,consecutive')
      pushOrder(y, mirrored[holding], x);
    else {
      vectors.forEach((values, vector) => {
        values.push(condition);
        if (vector > 0) code.op(outcome ? 'v128.and' : 'v128.or');
      });
      if (outcome) code.op('i32x4.all_true');
      else code.op('v128.any_true', 'i32.eqz');
    }
  }

  function pushOrder(counting: Value, order: Order, bound: Value): void {
    const sign = counting.type === 'i32' ? 's' : 'u';
    const pushFirst = scalar.hold(counting);
    const last = code.local('i32');
    pushFirst();
    code
      .i32(vectors.length * laneCount - 1)
      .op('i32.add')
      .set(last);
    if (order === 'lt' || order === 'le') code.get(last);
    else pushFirst();
    scalar.push(bound);
    code.op(`i32.${order}_${sign}`);
    // and it does not wrap on the way
    pushFirst();
    code.get(last).op(`i32.le_${sign}`, 'i32.and');
  }
}

type Order = keyof typeof mirrored;
const mirrored = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' } as const;
function isOrder(op: string): op is Order {
  return Object.hasOwn(mirrored, op);
}
