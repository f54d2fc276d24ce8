/**
 * What one invocation does inside a segment: operations, branches, loops. Structured control is WebAssembly's own; the values that an end
 * passes on are pushed together and then set, so that they change places at once.
 */

import { IsokernelError } from '../../src/ir/error.ts';
import { type AtomicOp, rowOf } from '../../src/ir/ops.ts';
import type { Block, End, If, Instruction, Loop, Operation, Value } from '../../src/ir/program.ts';
import type { Accesses } from './access.ts';
import type { Values } from './values.ts';
import type { Label } from './wasm/encoder.ts';

/** What surrounds the segment. */
export interface Surroundings {
  /** Called when values have just been given to their locals. */
  defined(values: readonly Value[]): void;
  /** Writes what ends the invocation. */
  leave(): void;
  /** Writes what an iteration of a loop costs. */
  burn(loop: Loop): void;
}

/** Where an end of a block goes, and what its values are given to. */
interface Target {
  readonly label: Label;
  readonly values: readonly Value[];
}
type Targets = { readonly [K in 'yield' | 'break' | 'continue']?: Target | undefined };

export class Statements {
  readonly #values: Values;
  readonly #accesses: Accesses;
  readonly #around: Surroundings;

  constructor(values: Values, accesses: Accesses, around: Surroundings) {
    this.#values = values;
    this.#accesses = accesses;
    this.#around = around;
  }

  run(body: readonly Instruction[]): void {
    for (const instruction of body) this.#instruction(instruction, {});
  }

  #instruction(instruction: Instruction, targets: Targets): void {
    this.#values.code.mark(instruction.place);
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        if (instruction.result !== undefined) this.#around.defined([instruction.result]);
        return;
      case 'if':
        this.#if(instruction, targets);
        this.#around.defined(instruction.results);
        return;
      case 'loop':
        this.#loop(instruction);
        this.#around.defined(instruction.results);
        return;
    }
  }
  #if({ condition, accept, reject, results }: If, targets: Targets): void {
    const { code } = this.#values;
    this.#values.push(condition);
    const label = code.if();
    const inner = { ...targets, yield: { label, values: results } };
    this.#block(accept, inner);
    if (reject.body.length > 0 || reject.end.kind !== 'yield' || results.length > 0) {
      code.else();
      this.#block(reject, inner);
    }
    code.end();
  }
  #loop(loop: Loop): void {
    const { code } = this.#values;
    this.#values.assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    this.#around.burn(loop);
    this.#block(loop.body, {
      break: { label: leave, values: loop.results },
      continue: { label: again, values: loop.params },
    });
    code.end().end();
  }
  #block({ body, end }: Block, targets: Targets): void {
    for (const instruction of body) this.#instruction(instruction, targets);
    this.#end(end, targets);
  }
  #end(end: End, targets: Targets): void {
    const { code } = this.#values;
    if (end.kind === 'unreachable') return;
    if (end.kind === 'return') {
      this.#around.leave();
      return;
    }
    const target = targets[end.kind];
    if (target === undefined) throw new IsokernelError('compile-failed', `${end.kind} leaves a region`);
    this.#values.assign(target.values, end.values);
    if (end.kind !== 'yield') code.br(target.label);
  }

  #operation(operation: Operation): void {
    const { op, result } = operation;
    const { form } = rowOf(op);
    switch (form) {
      case 'load':
        this.#accesses.load(operation);
        return;
      case 'store':
        this.#accesses.store(operation);
        return;
      case 'clear':
        this.#accesses.clear(operation);
        return;
      case 'atomic':
        this.#accesses.atomic(operation, op as AtomicOp);
        return;
      case 'barrier':
      case 'collective':
        throw new IsokernelError('compile-failed', `${op} inside a region`);
      default:
        if (!this.#values.hasLocals(result!)) return;
        this.#values.compute(operation);
        this.#values.set(result!);
    }
  }
}
