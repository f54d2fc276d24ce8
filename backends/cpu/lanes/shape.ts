/**
 * How values and control flow look to lanes: neighbouring invocations along x, of one workgroup and all in the grid, that run in lockstep.
 * Nothing here depends on how many lanes there are, or on WebAssembly.
 *
 * A value is the same in all lanes, counts up by one from lane to lane, or is any. It is enough that this holds among the lanes that
 * are where the value is: so a loop's counter stays uniform although lanes leave the loop one by one, and only what they
 * leave with varies. A value that is uniform in a workgroup (ir/uniformity.ts) is so in lanes, as every rule here is that one's or weaker.
 *
 * Control flow is uniform until an `if` whose condition varies. Lanes that break, continue or return in one of its arms are
 * missing in what follows; `loses` and `together` say where that may be.
 */

import { rowOf } from '../../../src/ir/ops.ts';
import type { Block, End, If, Instruction, Loop, Memory, Operation, Program, Value } from '../../../src/ir/program.ts';
import { isInteger } from '../../../src/ir/types.ts';

export type Shape = 'uniform' | 'consecutive' | 'varying';

export interface Lanes {
  shape(value: Value): Shape;
  /** Whether lanes may take different arms. */
  diverges(instruction: If): boolean;
  /** Whether lanes may leave the loop, or end their iteration, one by one. */
  diverges(instruction: Loop): boolean;
  /** Whether lanes that came to the instruction may be missing behind it, while others are there. */
  loses(instruction: Instruction): boolean;
  /** Whether no lane that is still in the iteration (for a `return`: in the segment) is elsewhere when lanes come to the block's end. */
  together(block: Block): boolean;
  /** Whether lanes may end an iteration of the loop one by one. */
  continuesApart(loop: Loop): boolean;
}

export interface LaneOptions {
  /** Invocations may be over before the code that lanes run. */
  readonly leavesEarly: boolean;
  /** Branches that all lanes are sure to take this way. */
  readonly assumed?: ReadonlyMap<If, boolean>;
  /** What may have been given where nothing was assumed, and is as that says. */
  readonly given?: { readonly values: ReadonlySet<Value>; readonly lanes: Lanes };
}

export function analyseLanes(program: Program, options: LaneOptions): Lanes {
  const analysis = new Analysis(options);
  do analysis.again(program.body);
  while (analysis.changed);
  return analysis;
}

/** Who is here. */
interface Flow {
  /** All lanes that began the innermost loop's iteration; that began the segment. */
  readonly iteration: boolean;
  readonly all: boolean;
  /** In an arm, while lanes of the iteration may be in, or have yet to come to, the other. */
  readonly inArm: boolean;
  readonly loop: Loop | undefined;
}

/** Grows from nothing until it is consistent: every walk only adds. */
class Analysis implements Lanes {
  changed = false;
  readonly #options: LaneOptions;
  readonly #shapes = new Map<Value, Shape>();
  readonly #divergent = new Set<Instruction>();
  readonly #losing = new Set<Instruction>();
  readonly #apart = new Set<Block>();
  /** Loops that lanes leave, or end an iteration of, at different times or places. */
  readonly #scattered = new Set<Loop>();
  /** The blocks that end iterations of some lanes while others are still in theirs. */
  readonly #apartContinues = new Map<Loop, Set<Block>>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  again(body: Block): void {
    this.changed = false;
    this.#block(body, { iteration: true, all: !this.#options.leavesEarly, inArm: false, loop: undefined });
  }

  shape(value: Value): Shape {
    return this.#shapes.get(value) ?? 'varying';
  }
  diverges(instruction: If | Loop): boolean {
    return this.#divergent.has(instruction);
  }
  loses(instruction: Instruction): boolean {
    return this.#losing.has(instruction);
  }
  together(block: Block): boolean {
    return !this.#apart.has(block);
  }
  continuesApart(loop: Loop): boolean {
    return this.#apartContinues.has(loop);
  }

  /** Whether lanes that came to the block may be missing where it ends, or have all gone without a jump. */
  #block(block: Block, flow: Flow): boolean {
    let here = flow;
    for (const instruction of block.body) {
      if (!this.#instruction(instruction, here)) continue;
      this.#add(this.#losing, instruction);
      here = { ...here, iteration: false, all: false };
    }
    const apart = this.#end(block, here);
    if (apart) this.#add(this.#apart, block);
    return apart || here !== flow;
  }

  /** Gives the end's values; whether it is an end that lanes come to one by one. */
  #end(block: Block, { iteration, all, inArm, loop }: Flow): boolean {
    const { end } = block;
    if (end.kind === 'yield' || end.kind === 'unreachable') return false;
    if (end.kind === 'return') {
      if (!all && loop !== undefined) this.#add(this.#divergent, loop);
      return !all;
    }
    if (!iteration) {
      this.#add(this.#divergent, loop!);
      this.#add(this.#scattered, loop!);
    }
    // of the lanes that are not here, those that left the loop do not matter; those that wait for the next iteration do
    const waiting = this.#apartContinues.get(loop!) ?? new Set<Block>();
    const othersWait = [...waiting].some((other) => other !== block);
    const apart = !iteration && (inArm || othersWait);
    if (end.kind === 'break') this.#give(loop!.results, end, this.#scattered.has(loop!));
    else {
      if (apart) this.#apartContinues.set(loop!, waiting.add(block));
      this.#give(loop!.params, end, apart);
    }
    return apart;
  }
  #give(targets: readonly Value[], end: End & { readonly values: readonly Value[] }, apart: boolean): void {
    targets.forEach((target, i) => {
      this.#join(target, apart ? 'varying' : this.#shapes.get(end.values[i]!));
    });
  }

  #instruction(instruction: Instruction, flow: Flow): boolean {
    switch (instruction.kind) {
      case 'op':
        if (instruction.result !== undefined) this.#join(instruction.result, this.#operation(instruction));
        return false;
      case 'if':
        return this.#if(instruction, flow);
      case 'loop':
        return this.#loop(instruction, flow);
    }
  }

  #if(instruction: If, flow: Flow): boolean {
    const { condition, accept, reject, results } = instruction;
    const outcome = this.#options.assumed?.get(instruction);
    if (outcome !== undefined) {
      const taken = outcome ? accept : reject;
      const lost = this.#block(taken, flow);
      if (taken.end.kind === 'yield') this.#give(results, taken.end, false);
      return lost;
    }
    if (this.#shapes.get(condition) === 'varying') this.#add(this.#divergent, instruction);
    const divergent = this.#divergent.has(instruction);
    const arm = divergent ? { ...flow, iteration: false, all: false, inArm: true } : flow;
    const lost = [accept, reject].map((block) => this.#block(block, arm)).some((loses) => loses);
    const mixes = divergent && accept.end.kind === 'yield' && reject.end.kind === 'yield';
    for (const { end } of [accept, reject]) if (end.kind === 'yield') this.#give(results, end, mixes);
    return lost;
  }

  #loop(loop: Loop, flow: Flow): boolean {
    loop.params.forEach((param, i) => {
      this.#join(param, this.#shapes.get(loop.inits[i]!));
    });
    const whole = flow.all && !this.#divergent.has(loop);
    this.#block(loop.body, { iteration: true, all: whole, inArm: false, loop });
    return this.#returnsApart(loop.body);
  }
  /** Whether lanes may return one by one inside the block. */
  #returnsApart(block: Block): boolean {
    if (block.end.kind === 'return' && this.#apart.has(block)) return true;
    return block.body.some(
      (inner) =>
        (inner.kind === 'if' && (this.#returnsApart(inner.accept) || this.#returnsApart(inner.reject))) ||
        (inner.kind === 'loop' && this.#losing.has(inner)),
    );
  }

  /** The shape of what an operation gives; undefined while that of an operand is. */
  #operation({ op, args, attribute, reference, result }: Operation): Shape | undefined {
    const row = rowOf(op);
    const shapes = args.map((arg) => this.#shapes.get(arg));
    if (shapes.includes(undefined)) return undefined;
    const uniform = shapes.every((shape) => shape === 'uniform');
    switch (row.form) {
      case 'id':
        return op === 'localIndex' || ((op === 'globalId' || op === 'localId') && attribute === 0)
          ? 'consecutive'
          : 'uniform';
      case 'load': {
        const memory = reference as Memory;
        return uniform && !(memory.kind === 'local' && memory.space === 'private') ? 'uniform' : 'varying';
      }
      case 'collective':
        return row.uniform ? 'uniform' : 'varying';
      case 'atomic':
        return 'varying';
      default: {
        if (uniform) return 'uniform';
        const counts = countsUp(op, shapes as readonly Shape[]);
        return counts && [...args, result!].every(({ type }) => isInteger(type)) ? 'consecutive' : 'varying';
      }
    }
  }

  #join(value: Value, shape: Shape | undefined): void {
    const { given } = this.#options;
    if (given?.values.has(value)) shape = given.lanes.shape(value);
    const before = this.#shapes.get(value);
    if (shape === undefined || shape === before || before === 'varying') return;
    this.#shapes.set(value, before === undefined ? shape : 'varying');
    this.changed = true;
  }
  #add<T>(set: Set<T>, item: T): void {
    if (set.has(item)) return;
    set.add(item);
    this.changed = true;
  }
}

/** Whether an integer operation on operands of these shapes gives a value that counts up. */
function countsUp(op: Operation['op'], [x, y]: readonly Shape[]): boolean {
  if (op === 'add') return (x === 'consecutive') !== (y === 'consecutive') && x !== 'varying' && y !== 'varying';
  if (op === 'sub') return x === 'consecutive' && y === 'uniform';
  return (op === 'convert' || op === 'bitcast') && x === 'consecutive';
}
