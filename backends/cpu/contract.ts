/**
 * Contraction, for `fast`: a product that goes into nothing but a sum or difference becomes one operation with it, `fma`, rounded once
 * or twice as the machine likes best.
 *
 * The product of a difference x - y z is given a sign, of which the instruction takes care; y z - x stays as it is, as it would need one more.
 */

import type { Operation, Program, Value } from '../../src/ir/program.ts';
import { definitionsOf, forEachInstruction, operandsOf } from '../../src/ir/program.ts';
import { removeDead } from '../../src/passes/remove-dead.ts';
import { rewrite } from '../../src/passes/rewrite.ts';

export function contract(program: Program): Program {
  const definitions = definitionsOf(program.body);
  const uses = new Map<Value, number>();
  forEachInstruction(program.body, (instruction) => {
    for (const value of operandsOf(instruction)) uses.set(value, (uses.get(value) ?? 0) + 1);
  });
  /** The factors of a product that is used once. */
  const factors = (value: Value): readonly Value[] | undefined => {
    const definition = definitions.get(value);
    return definition?.op === 'mul' && uses.get(value) === 1 ? definition.args : undefined;
  };
  const contracted = rewrite(program, {
    operation(operation, out) {
      const { op, args, result } = operation;
      const [x, y] = args as [Value, Value];
      const fused = (product: readonly Value[], addend: Value): Operation => {
        return { ...operation, op: 'fma', args: [...product, addend] };
      };
      if (result?.type !== 'f32' || (op !== 'add' && op !== 'sub')) {
        out.append(operation);
        return;
      }
      const [left, right] = [factors(x), factors(y)];
      if (right !== undefined) {
        const [a, b] = right as [Value, Value];
        const minus: Value = { type: 'f32' };
        if (op === 'sub') out.append({ ...operation, op: 'neg', args: [a], result: minus });
        out.append(fused([op === 'sub' ? minus : a, b], x));
      } else if (left !== undefined && op === 'add') out.append(fused(left, y));
      else out.append(operation);
    },
  });
  return removeDead(contracted);
}
