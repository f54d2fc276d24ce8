/**
 * How a value changes from one invocation to the next along an axis of the workgroup.
 *
 * A stride is a number, where it is known; `even`, where it is the same between any two neighbours and not known (a
 * multiple of an argument, say); or `any`. It is about neighbours that are at the same place in the program: a loop's
 * counter is the same in all of them, although they may leave the loop one by one, and only what they leave with varies.
 * Wrapping is left out of account, and memory that is read at one index gives one value: this is for advice, and proves nothing.
 */

import { type IdOp, rowOf } from '../ir/ops.ts';
import {
  type Block,
  definitionsOf,
  type End,
  type If,
  type Loop,
  type Memory,
  type Operation,
  type Program,
  type Value,
} from '../ir/program.ts';
import { isInteger } from '../ir/types.ts';

export type Stride = number | 'even' | 'any';
export type Axis = 0 | 1 | 2;

export function stridesAlong(program: Program, axis: Axis): (value: Value) => Stride {
  const analysis = new Strides(program, axis);
  do analysis.again();
  while (analysis.changed);
  return (value) => analysis.of(value);
}

/** Ends that carry values to one place. */
interface Arrivals {
  readonly loop: Loop;
  continues: number;
  /** Some neighbours may come to an end of an iteration, or leave, while others do not. */
  parted: boolean;
}

/** Grows from nothing until it is consistent: every walk only adds. */
class Strides {
  changed = false;
  readonly #program: Program;
  readonly #axis: Axis;
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #strides = new Map<Value, Stride>();
  readonly #parted = new Set<Loop>();
  readonly #continues = new Map<Loop, number>();

  constructor(program: Program, axis: Axis) {
    this.#program = program;
    this.#axis = axis;
    this.#definitions = definitionsOf(program.body);
  }

  again(): void {
    this.changed = false;
    this.#block(this.#program.body, undefined, false);
  }
  of(value: Value): Stride {
    return this.#strides.get(value) ?? 'any';
  }

  /** `apart`: neighbours that began the loop's iteration may be elsewhere. Gives whether some may be missing at its end. */
  #block(block: Block, loop: Arrivals | undefined, apart: boolean): boolean {
    let here = apart;
    for (const instruction of block.body) {
      switch (instruction.kind) {
        case 'op':
          if (instruction.result !== undefined) this.#join(instruction.result, this.#operation(instruction));
          break;
        case 'if':
          here = this.#if(instruction, loop, here) || here;
          break;
        case 'loop':
          this.#loop(instruction);
      }
    }
    this.#end(block.end, loop, here);
    return here && !apart;
  }

  #if(instruction: If, loop: Arrivals | undefined, apart: boolean): boolean {
    const { condition, accept, reject, results } = instruction;
    const diverges = this.#strides.get(condition) !== undefined && this.of(condition) !== 0;
    const missing = [accept, reject].map(
      (arm) => this.#block(arm, loop, apart || diverges) && arm.end.kind === 'yield',
    );
    const yields = [accept, reject].flatMap(({ end }) => (end.kind === 'yield' ? [end] : []));
    for (const { values } of yields)
      results.forEach((result, i) => {
        const stride = this.#strides.get(values[i]!);
        this.#join(result, diverges && yields.length > 1 && stride !== undefined ? 'any' : stride);
      });
    // an arm that leaves takes those with it that took it
    return missing.includes(true) || (diverges && yields.length < 2);
  }

  #loop(loop: Loop): void {
    loop.params.forEach((param, i) => {
      this.#join(param, this.#strides.get(loop.inits[i]!));
    });
    const arrivals = { loop, continues: 0, parted: this.#parted.has(loop) };
    this.#block(loop.body, arrivals, false);
    if (this.#continues.get(loop) !== arrivals.continues) this.changed = true;
    this.#continues.set(loop, arrivals.continues);
  }

  #end(end: End, arrivals: Arrivals | undefined, apart: boolean): void {
    if (arrivals === undefined || (end.kind !== 'break' && end.kind !== 'continue')) return;
    const { loop } = arrivals;
    if (apart && !this.#parted.has(loop)) {
      this.#parted.add(loop);
      this.changed = true;
    }
    if (end.kind === 'continue') arrivals.continues++;
    const several = (this.#continues.get(loop) ?? 0) > 1;
    const mixes = this.#parted.has(loop) && (end.kind === 'break' || several);
    const targets = end.kind === 'break' ? loop.results : loop.params;
    targets.forEach((target, i) => {
      const stride = this.#strides.get(end.values[i]!);
      this.#join(target, mixes && stride !== undefined ? 'any' : stride);
    });
  }

  /** Undefined while that of an operand is. */
  #operation({ op, args, attribute, reference, result }: Operation): Stride | undefined {
    const row = rowOf(op);
    const strides = args.map((arg) => this.#strides.get(arg));
    if (strides.includes(undefined)) return undefined;
    const same = strides.every((stride) => stride === 0);
    switch (row.form) {
      case 'id':
        return this.#id(op as IdOp, attribute);
      case 'load': {
        const memory = reference as Memory;
        return same && !(memory.kind === 'local' && memory.space === 'private') ? 0 : 'any';
      }
      case 'collective':
        return row.uniform ? 0 : 'any';
      case 'atomic':
        return 'any';
      default:
        if (same) return 0;
        return [...args, result!].every(({ type }) => isInteger(type))
          ? this.#linear(op, args, strides as readonly Stride[])
          : 'any';
    }
  }
  #id(op: IdOp, of: number): Stride {
    switch (op) {
      case 'globalId':
      case 'localId':
        return of === this.#axis ? 1 : 0;
      case 'localIndex':
        return this.#axis === 0 ? 1 : 'even';
      case 'inGrid':
        return 'any';
      default:
        return 0;
    }
  }
  #linear(op: Operation['op'], args: readonly Value[], [x, y]: readonly Stride[]): Stride {
    switch (op) {
      case 'add':
        return sum(x!, y!);
      case 'sub':
        return sum(x!, scaled(y!, -1));
      case 'neg':
        return scaled(x!, -1);
      case 'mul':
        return y === 0 ? scaled(x!, this.#constant(args[1]!)) : x === 0 ? scaled(y!, this.#constant(args[0]!)) : 'any';
      case 'shl': {
        const by = this.#constant(args[1]!);
        return y === 0 ? scaled(x!, by === undefined ? undefined : 2 ** (by & 31)) : 'any';
      }
      case 'convert':
      case 'bitcast':
        return x!;
      default:
        return 'any';
    }
  }
  /** The number that a value is, if it is known. */
  #constant(value: Value): number | undefined {
    const definition = this.#definitions.get(value);
    return definition?.op === 'constant' ? definition.attribute | 0 : undefined;
  }

  #join(value: Value, stride: Stride | undefined): void {
    const before = this.#strides.get(value);
    if (stride === undefined || stride === before || before === 'any') return;
    // two amounts, each the same for all neighbours: so is whichever it is
    this.#strides.set(value, before === undefined ? stride : stride === 'any' ? 'any' : 'even');
    if (this.#strides.get(value) !== before) this.changed = true;
  }
}

function sum(x: Stride, y: Stride): Stride {
  if (x === 'any' || y === 'any') return 'any';
  return x === 'even' || y === 'even' ? 'even' : x + y;
}
function scaled(x: Stride, by: number | undefined): Stride {
  if (x === 'any' || x === 0 || by === 0) return by === 0 ? 0 : x;
  return x === 'even' || by === undefined ? 'even' : x * by;
}
