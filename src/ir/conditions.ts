/**
 * What a branch tells: the integer comparisons that hold where a condition is known to be true, or false.
 */

import { numberOf } from './bits.ts';
import type { OpName } from './ops.ts';
import type { Value } from './program.ts';
import { type Origin, sourceOf } from './ranges.ts';
import { isInteger } from './types.ts';

export type Relation = 'lt' | 'le' | 'gt' | 'ge' | 'ne';

/** `subject relation limit`. */
export interface Comparison {
  readonly subject: Value;
  readonly relation: Relation;
  readonly limit: Value;
}

const relations = {
  lt: { not: 'ge', mirrored: 'gt' },
  le: { not: 'gt', mirrored: 'ge' },
  gt: { not: 'le', mirrored: 'lt' },
  ge: { not: 'lt', mirrored: 'le' },
  ne: { not: undefined, mirrored: 'ne' },
  eq: { not: 'ne', mirrored: undefined },
} as const;
function isRelation(op: OpName): op is keyof typeof relations {
  return Object.hasOwn(relations, op);
}

/** Conditions inside a condition that are looked at, so that a hostile one costs little. */
const maxConditions = 32;

/** The comparisons that follow from `condition` being `truth`, each also in its mirror image. */
export function impliedBy(condition: Value, truth: boolean, origins: ReadonlyMap<Value, Origin>): Comparison[] {
  const found: Comparison[] = [];
  const pending: { readonly value: Value; readonly truth: boolean }[] = [{ value: condition, truth }];
  /** `value` is `truth` and is one of two values, chosen by `chooser`: where one cannot be, it is the other. */
  const chosen = (chooser: Value, accept: Value | undefined, reject: Value | undefined, truth: boolean) => {
    const acceptable = accept !== undefined && constantBool(accept, origins) !== !truth;
    const rejectable = reject !== undefined && constantBool(reject, origins) !== !truth;
    if (acceptable === rejectable) return;
    pending.push({ value: chooser, truth: acceptable });
    pending.push({ value: (acceptable ? accept : reject)!, truth });
  };
  for (let i = 0; i < pending.length && i < maxConditions; i++) {
    const { value, truth } = pending[i]!;
    const origin = origins.get(value);
    if (origin?.kind === 'if') {
      const { condition, accept, reject } = origin.instruction;
      const [a, b] = [accept, reject].map(({ end }) => (end.kind === 'yield' ? end.values[origin.index] : undefined));
      chosen(condition, a, b, truth);
    }
    if (origin?.kind !== 'op') continue;
    const { op, args } = origin.operation;
    if (op === 'not') pending.push({ value: args[0]!, truth: !truth });
    else if (op === 'select') chosen(args[0]!, args[1], args[2], truth);
    else if ((op === 'and' && truth) || (op === 'or' && !truth))
      for (const arg of args) pending.push({ value: arg, truth });
    else if (isRelation(op) && isInteger(args[0]!.type)) {
      const relation = truth ? (op === 'eq' ? undefined : op) : relations[op].not;
      if (relation === undefined) continue;
      const [x, y] = args.map((arg) => sourceOf(arg, origins)) as [Value, Value];
      found.push({ subject: x, relation, limit: y });
      found.push({ subject: y, relation: relations[relation].mirrored, limit: x });
    }
  }
  return found;
}

function constantBool(value: Value, origins: ReadonlyMap<Value, Origin>): boolean | undefined {
  const origin = origins.get(value);
  if (origin?.kind !== 'op' || origin.operation.op !== 'constant') return undefined;
  return numberOf('bool', origin.operation.attribute) === 1;
}
