/** The software functions of `exact` as functions of numbers: their fragments, interpreted. */

import { Builder } from '../builder.ts';
import type { ScalarFunction } from '../evaluate.ts';
import { ops, type SoftwareOp } from '../ops.ts';
import { software } from '../software/index.ts';
import { prepare } from './code.ts';
import { Invocation } from './invocation.ts';

const functions = new Map<SoftwareOp, ScalarFunction>();

/** The operation on f32; undefined where it has no fragment. */
export function softwareFunction(op: SoftwareOp): ScalarFunction | undefined {
  const known = functions.get(op);
  if (known !== undefined || software[op] === undefined) return known;
  const made = interpreted(op);
  functions.set(op, made);
  return made;
}

function interpreted(op: SoftwareOp): ScalarFunction {
  const b = new Builder({ name: op });
  const args = ops[op].args.map((_, i) => b.argument(b.scalar(`x${i}`, 'f32')));
  const result = software[op]!(b, ...args);
  const { code, layout } = prepare(b.finish());
  const scalars = args.map(() => [0]);
  const around = {
    grid: [1, 1, 1],
    groups: [1, 1, 1],
    workgroup: [1, 1, 1],
    scalars,
    fuel: 0,
    detector: undefined,
  } as const;
  const invocation = new Invocation(around, layout.size, [], 0);
  const output = layout.slot(result);
  return (...operands) => {
    scalars.forEach((scalar, i) => {
      scalar[0] = operands[i]!;
    });
    if ('action' in code) code.action(invocation);
    return invocation.values[output]!;
  };
}
