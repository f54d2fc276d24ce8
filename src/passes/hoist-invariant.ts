/**
 * Loop-invariant motion: a pure operation moves in front of the outermost loop in which its operands do not change.
 *
 * Pure operations are total, so they may run where the program might not have come. One walk suffices: a value has the
 * level of the innermost loop that it depends on, and belongs into that loop's body, in front of the next loop inside.
 */

import type { Block, Instruction, Operation, Program, Value } from '../ir/program.ts';
import { isPure } from './effects.ts';

export function hoistInvariant(program: Program): Program {
  return { ...program, body: new Hoister().block(program.body, 0) };
}

class Hoister {
  /** How many loops are around each value, now. */
  readonly #levels = new Map<Value, number>();
  readonly #constants = new Map<Value, Operation>();
  /** By level: where the instruction list goes on that has the next inner loop as its next instruction. */
  readonly #fronts: Instruction[][] = [];

  block({ body, end }: Block, level: number): Block {
    const rebuilt: Instruction[] = [];
    for (const instruction of body) rebuilt.push(...this.#instruction(instruction, level, rebuilt));
    return { body: rebuilt, end };
  }

  /** What stays here of an instruction. */
  #instruction(instruction: Instruction, level: number, front: Instruction[]): readonly Instruction[] {
    switch (instruction.kind) {
      case 'op':
        return this.#operation(instruction, level) ? [] : [instruction];
      case 'if': {
        const { accept, reject, results } = instruction;
        this.#define(results, level);
        return [{ ...instruction, accept: this.block(accept, level), reject: this.block(reject, level) }];
      }
      case 'loop': {
        this.#define(instruction.results, level);
        this.#define(instruction.params, level + 1);
        this.#fronts[level] = front;
        return [{ ...instruction, body: this.block(instruction.body, level + 1) }];
      }
    }
  }

  /** Moves an operation out of the loops it does not depend on, if there are any. */
  #operation(operation: Operation, level: number): boolean {
    const { op, args, result } = operation;
    if (result === undefined) return false;
    if (op === 'constant') this.#constants.set(result, operation);
    const target = isPure(operation) && op !== 'constant' ? this.#levelOf(args) : level;
    this.#define([result], target);
    if (target === level) return false;
    const front = this.#fronts[target]!;
    front.push({ ...operation, args: args.map((arg) => this.#visibleAt(arg, target, front)) });
    return true;
  }
  #levelOf(args: readonly Value[]): number {
    return Math.max(0, ...args.map((arg) => (this.#constants.has(arg) ? 0 : this.#levels.get(arg)!)));
  }
  /** A constant does not move: it costs nothing where it is. What moves takes a copy along. */
  #visibleAt(arg: Value, level: number, front: Instruction[]): Value {
    const constant = this.#constants.get(arg);
    if (constant === undefined || this.#levels.get(arg)! <= level) return arg;
    const result: Value = { ...arg };
    front.push({ ...constant, result });
    return result;
  }
  #define(values: readonly Value[], level: number): void {
    for (const value of values) this.#levels.set(value, level);
  }
}
