/**
 * What the passes share: rebuilding a program, in program order, with some of its values replaced.
 *
 * A pass gives rules for the instructions it cares about; everything else is rebuilt as it was, keeping its values,
 * names, places and the verifier's annotations of loops. Nothing is mutated: an operation in which nothing changed is the
 * same object before and after.
 *
 *     rewrite(program, {
 *       operation(operation, out) {
 *         if (isDoubleNegation(operation)) out.replace(operation.result, inner(operation));
 *         else out.append(operation);
 *       },
 *     });
 */

import type { Block, End, If, Instruction, Loop, Operation, Program, Value } from '../ir/program.ts';

/** What a pass does; each rule gets an instruction with its operands replaced already, and its blocks as they were. */
export interface Rules {
  operation?(operation: Operation, out: Rewriter): void;
  if?(branch: If, out: Rewriter): void;
  loop?(loop: Loop, out: Rewriter): void;
  /** Around every block, for facts that hold in it only. */
  enter?(): void;
  leave?(): void;
}

export function rewrite(program: Program, rules: Rules): Program {
  return { ...program, body: new Rewriter(rules).block(program.body) };
}

export class Rewriter {
  readonly #rules: Rules;
  readonly #replaced = new Map<Value, Value>();
  /** The open block: what it holds so far, and the end that control has met already, if any. */
  #body: Instruction[] = [];
  #end: End | undefined;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** From here on `by` stands for `value`. It must be visible wherever `value` was. */
  replace(value: Value, by: Value): void {
    this.#replaced.set(value, by);
  }
  /** What stands for a value of the old program. */
  value(value: Value): Value {
    return this.#replaced.get(value) ?? value;
  }
  values(values: readonly Value[]): readonly Value[] {
    return values.some((value) => this.#replaced.has(value)) ? values.map((value) => this.value(value)) : values;
  }

  /** Adds an instruction to the open block as it is. Nothing follows one that never falls through. */
  append(instruction: Instruction): void {
    this.#body.push(instruction);
    if (!fallsThrough(instruction)) this.#end = { kind: 'unreachable' };
  }

  /** Rebuilds a block on its own. */
  block(block: Block): Block {
    const outer = { body: this.#body, end: this.#end };
    const body: Instruction[] = [];
    this.#body = body;
    this.#end = undefined;
    this.#rules.enter?.();
    const end = this.#fill(block);
    this.#rules.leave?.();
    this.#body = outer.body;
    this.#end = outer.end;
    return { body, end };
  }

  /** Rebuilds a block into the open one. What it yields stands for `results`; any other end becomes the open block's. */
  splice(block: Block, results: readonly Value[]): void {
    const end = this.#fill(block);
    if (end.kind === 'yield') for (const [i, value] of end.values.entries()) this.replace(results[i]!, value);
    else this.#end = end;
  }

  /** The `if` with its arms rebuilt. */
  rebuildIf(branch: If): If {
    return { ...branch, accept: this.block(branch.accept), reject: this.block(branch.reject) };
  }
  rebuildLoop(loop: Loop): Loop {
    return { ...loop, body: this.block(loop.body) };
  }

  /** Rebuilds the instructions of a block into the open one; returns the end that control reaches. */
  #fill(block: Block): End {
    for (const instruction of block.body) {
      this.#instruction(instruction);
      if (this.#end !== undefined) return this.#end;
    }
    return 'values' in block.end ? { kind: block.end.kind, values: this.values(block.end.values) } : block.end;
  }
  #instruction(instruction: Instruction): void {
    switch (instruction.kind) {
      case 'op': {
        const args = this.values(instruction.args);
        const operation = args === instruction.args ? instruction : { ...instruction, args };
        if (this.#rules.operation !== undefined) this.#rules.operation(operation, this);
        else this.append(operation);
        return;
      }
      case 'if': {
        const branch = { ...instruction, condition: this.value(instruction.condition) };
        if (this.#rules.if !== undefined) this.#rules.if(branch, this);
        else this.append(this.rebuildIf(branch));
        return;
      }
      case 'loop': {
        const loop = { ...instruction, inits: this.values(instruction.inits) };
        if (this.#rules.loop !== undefined) this.#rules.loop(loop, this);
        else this.append(this.rebuildLoop(loop));
        return;
      }
    }
  }
}

/** Whether control can reach what follows the instruction. */
function fallsThrough(instruction: Instruction): boolean {
  if (instruction.kind === 'op') return true;
  if (instruction.kind === 'if')
    return [instruction.accept, instruction.reject].some((arm) => arm.end.kind === 'yield');
  return jumpsOf(instruction.body).some(({ kind }) => kind === 'break');
}

/** The `break`s and `continue`s in a block that mean the loop around it. */
export function jumpsOf({ body, end }: Block): readonly Jump[] {
  const inner = body.flatMap((it) => (it.kind === 'if' ? [...jumpsOf(it.accept), ...jumpsOf(it.reject)] : []));
  return end.kind === 'break' || end.kind === 'continue' ? [...inner, end as Jump] : inner;
}
export interface Jump {
  readonly kind: 'break' | 'continue';
  readonly values: readonly Value[];
}
