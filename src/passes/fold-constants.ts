/**
 * Folding: operations on constants become constants, with the pinned meanings; identities that hold for every value of
 * the type, bit for bit, simplify the rest; branches that are decided, or of which only one arm goes on, lose their
 * nesting; and a loop's parameter that never changes is its first value.
 *
 * In `exact` mode identities of float arithmetic do not hold: there even x * 1 does something to tiny values.
 */

import { bitsOf, numberOf, roundTo } from '../ir/bits.ts';
import { operandType } from '../ir/builder.ts';
import { scalarFunction } from '../ir/evaluate.ts';
import { canonical, exactFunction } from '../ir/exact.ts';
import { isScalarOp, ops, type ScalarRow } from '../ir/ops.ts';
import {
  type Block,
  forEachInstruction,
  type If,
  type Loop,
  type Operation,
  type Program,
  type Value,
} from '../ir/program.ts';
import { isFloat, isScalar, type ScalarType } from '../ir/types.ts';
import { type Knowledge, type Simpler, simplify } from './identities.ts';
import { jumpsOf, type Rewriter, rewrite } from './rewrite.ts';

export function foldConstants(program: Program): Program {
  const folder = new Folder(program.mode === 'exact');
  return rewrite(program, {
    operation: (operation, out) => folder.operation(operation, out),
    if: (branch, out) => folder.if(branch, out),
    loop: (loop, out) => folder.loop(loop, out),
  });
}

class Folder implements Knowledge {
  readonly #exact: boolean;
  readonly #definitions = new Map<Value, Operation>();
  #loops = 0;

  constructor(exact: boolean) {
    this.#exact = exact;
  }

  definition(value: Value): Operation | undefined {
    return this.#definitions.get(value);
  }
  constant(value: Value): number | undefined {
    const definition = this.#definitions.get(value);
    if (definition?.op !== 'constant') return undefined;
    const type = value.type as ScalarType;
    const number = numberOf(type, definition.attribute);
    return this.#exact ? canonical(type, number) : number;
  }

  // ---- operations ----

  operation(operation: Operation, out: Rewriter): void {
    const { result } = operation;
    const simpler = this.#simpler(operation);
    if (simpler === undefined) {
      if (result !== undefined) this.#definitions.set(result, operation);
      out.append(operation);
    } else if ('value' in simpler) {
      out.replace(result!, simpler.value);
    } else if ('constant' in simpler) {
      this.operation(constant(operation, result!, simpler.constant), out);
    } else {
      const type = operation.args.at(-1)!.type as ScalarType;
      const args = simpler.args.map((arg) =>
        typeof arg === 'number' ? this.#newConstant(operation, type, arg, out) : arg,
      );
      // simplified again: it may have become simpler still
      this.operation({ ...operation, op: simpler.op, args }, out);
    }
  }
  #newConstant(near: Operation, type: ScalarType, number: number, out: Rewriter): Value {
    const result: Value = { type };
    this.operation(constant(near, result, number), out);
    return result;
  }

  #simpler({ op, args, attribute, result }: Operation): Simpler | undefined {
    if (op === 'extract') {
      const parts = this.#definitions.get(args[0]!);
      return parts?.op === 'compose' ? { value: parts.args[attribute]! } : undefined;
    }
    if (!isScalarOp(op)) return undefined;
    const type = operandType(ops[op] as ScalarRow, args)!;
    const to = result!.type as ScalarType;
    const numbers = args.map((arg) => this.constant(arg));
    if (numbers.every((number) => number !== undefined)) {
      const [x = 0, y = 0, z = 0] = numbers;
      const compute = this.#exact ? exactFunction(op, type, to) : scalarFunction(op, type, to);
      return compute && { constant: compute(x, y, z) };
    }
    if (this.#exact && isFloat(type) && ops[op].exact !== 'always') return undefined;
    return simplify(op, type, to, args, this);
  }

  // ---- branches ----

  if(branch: If, out: Rewriter): void {
    const { condition, accept, reject, results } = branch;
    const known = this.constant(condition);
    if (known !== undefined && !this.#isExit(known ? reject : accept)) {
      out.splice(known ? accept : reject, results);
    } else if (accept.end.kind === 'yield' && reject.end.kind !== 'yield') {
      const opposite = this.#not(branch, out);
      out.append({ ...branch, condition: opposite, accept: out.block(reject), reject: nothing, results: [] });
      out.splice(accept, results);
    } else if (reject.end.kind === 'yield' && accept.end.kind !== 'yield') {
      out.append({ ...branch, accept: out.block(accept), reject: nothing, results: [] });
      out.splice(reject, results);
    } else this.#join(out.rebuildIf(branch), out);
  }
  /** A loop must keep a way out, though it may never be taken. */
  #isExit(arm: Block): boolean {
    if (this.#loops === 0) return false;
    return jumpsOf(arm).some(({ kind }) => kind === 'break') || returns(arm);
  }

  #not({ condition, place }: If, out: Rewriter): Value {
    const result: Value = { type: 'bool' };
    this.operation(
      { kind: 'op', op: 'not', args: [condition], result, attribute: 0, reference: undefined, place },
      out,
    );
    return out.value(result);
  }

  /** An `if` of which both arms go on, or none; where they hold no work, their results are selected. */
  #join(branch: If, out: Rewriter): void {
    const { condition, accept, reject, results, place } = branch;
    const arms = [accept, reject];
    const selectable =
      results.length > 0 &&
      results.every(({ type }) => isScalar(type)) &&
      arms.every(
        ({ body, end }) => end.kind === 'yield' && body.every((it) => it.kind === 'op' && it.op === 'constant'),
      );
    if (!selectable) {
      const turned = results.length === 0 && accept.body.length === 0 && accept.end.kind === 'yield';
      if (turned) out.append({ ...branch, condition: this.#not(branch, out), accept: reject, reject: accept });
      else out.append(branch);
      return;
    }
    for (const { body } of arms) for (const instruction of body) out.append(instruction);
    const [whenTrue, whenFalse] = arms.map(({ end }) => ('values' in end ? end.values : []));
    results.forEach((result, i) => {
      const args = [condition, whenTrue![i]!, whenFalse![i]!];
      this.operation({ kind: 'op', op: 'select', args, result, attribute: 0, reference: undefined, place }, out);
    });
  }

  // ---- loops ----

  loop(loop: Loop, out: Rewriter): void {
    const { params, inits, body } = loop;
    const next = jumpsOf(body).filter(({ kind }) => kind === 'continue');
    params.forEach((param, i) => {
      const stays = next.every(({ values }) => values[i] === param || out.value(values[i]!) === inits[i]);
      if (stays) out.replace(param, inits[i]!);
    });
    this.#loops++;
    out.append(out.rebuildLoop(loop));
    this.#loops--;
  }
}

const nothing: Block = { body: [], end: { kind: 'yield', values: [] } };

function constant(near: Operation, result: Value, number: number): Operation {
  const type = result.type as ScalarType;
  return {
    ...near,
    op: 'constant',
    args: [],
    result,
    attribute: bitsOf(type, roundTo(type, number)),
    reference: undefined,
  };
}

function returns(block: Block): boolean {
  if (block.end.kind === 'return') return true;
  let found = false;
  forEachInstruction(block, (instruction) => {
    if (instruction.kind === 'if')
      found ||= instruction.accept.end.kind === 'return' || instruction.reject.end.kind === 'return';
    if (instruction.kind === 'loop') found ||= instruction.body.end.kind === 'return';
  });
  return found;
}
