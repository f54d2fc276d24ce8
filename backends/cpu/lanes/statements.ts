/**
 * What lanes do inside a segment: those of one vector, or of several that go through the code together. Uniform control flow is
 * WebAssembly's own, as in the scalar form (../statements.ts). Where lanes part, a mask says which of them are here: an arm is entered when
 * any lane takes it, lanes that leave are taken off the mask, and code behind runs only if a lane is left; so whatever has effects is
 * executed for at least one lane. What only computes may be executed for none.
 *
 * As long as all lanes are surely here there is no mask, and nothing is spent on one: so an arm that all may well take is written twice.
 */

import { IsokernelError } from '../../../src/ir/error.ts';
import { type AtomicOp, rowOf } from '../../../src/ir/ops.ts';
import {
  type Block,
  endValues,
  type If,
  type Instruction,
  type Loop,
  type Operation,
  type Value,
} from '../../../src/ir/program.ts';
import type { Values } from '../values.ts';
import type { Code, Label } from '../wasm/encoder.ts';
import type { LaneAccesses } from './access.ts';
import { pushAgreement } from './agreement.ts';
import { blockCost, sizeOf, usualOutcome } from './cost.ts';
import { type FlatLoop, flatLoopOf } from './flat-loop.ts';
import type { Lanes } from './shape.ts';
import { assign, type LaneValues } from './values.ts';

/** Locals with lanes, one for each vector. */
export type Mask = readonly number[];

/** What surrounds the segment. `mask`: the lanes that are here, undefined where all are. */
export interface LaneSurroundings {
  /** Called when values have just been given to their locals. */
  defined(values: readonly Value[]): void;
  /** Writes what marks lanes as over. */
  over(mask: Mask | undefined): void;
  /** Writes the jump past the segment. */
  leave(): void;
  /** Writes what an iteration of a loop costs. */
  burn(loop: Loop, mask: Mask | undefined): void;
}

interface OpenLoop {
  readonly loop: Loop;
  readonly leave: Label;
  readonly again: Label;
  /** Masks of the lanes that go on, and that have left by `break`, where these are kept. */
  readonly next: Mask | undefined;
  readonly left: Mask | undefined;
}
interface Yield {
  readonly values: readonly Value[];
  /** The other arm has given other lanes their values. */
  readonly masked: boolean;
}
interface Scope {
  readonly loop?: OpenLoop;
  readonly yield?: Yield;
}

/** Arms up to this cost are both computed rather than branched around. */
const cheap = 16;
/** An arm up to this cost is computed for all lanes, so that no mask is needed for it. */
const affordable = 100;
/** An arm of up to so many instructions is written a second time, without a mask. */
const short = 60;
/** Iterations of a flat loop between two looks at who is left; a power of 2. */
const flatRounds = 4;

/** Neighbouring lanes in one vector. */
export interface Vector {
  readonly values: LaneValues;
  readonly accesses: LaneAccesses;
}

export class LaneStatements {
  readonly #code: Code;
  readonly #scalar: Values;
  readonly #lanes: Lanes;
  readonly #vectors: readonly Vector[];
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #around: LaneSurroundings;
  readonly #assumed: ReadonlyMap<If, boolean>;
  /** The lanes that are here, valid while `masked`. */
  readonly #here: Mask;
  #masked = false;
  /** Writing what has been written already for when all lanes agree. */
  #isCopy = false;

  /** `assumed`: branches that all lanes are sure to take this way. */
  constructor(
    vectors: readonly Vector[],
    definitions: ReadonlyMap<Value, Operation>,
    around: LaneSurroundings,
    assumed: ReadonlyMap<If, boolean> = new Map(),
  ) {
    const { code, scalar, lanes } = vectors[0]!.values;
    this.#code = code;
    this.#scalar = scalar;
    this.#lanes = lanes;
    this.#vectors = vectors;
    this.#definitions = definitions;
    this.#around = around;
    this.#assumed = assumed;
    this.#here = this.#newMask();
  }

  /** `pushMask`: pushes the lanes of a vector to begin with; without it, all. */
  run(body: readonly Instruction[], pushMask?: (vector: number) => void): void {
    this.#masked = pushMask !== undefined;
    if (pushMask !== undefined) this.#setEach(this.#here, pushMask);
    this.#block({ body, end: { kind: 'unreachable' } }, {});
  }

  get #mask(): Mask | undefined {
    return this.#masked ? this.#here : undefined;
  }
  #newMask(): Mask {
    return this.#vectors.map(() => this.#code.local('v128'));
  }
  /** Sets each vector's local to what `push` pushes for it. */
  #setEach(mask: Mask, push: (vector: number) => void): void {
    mask.forEach((local, vector) => {
      push(vector);
      this.#code.set(local);
    });
  }
  #copy(from: Mask, to: Mask): void {
    this.#setEach(to, (vector) => this.#code.get(from[vector]!));
  }
  #clear(mask: Mask): void {
    this.#setEach(mask, () => this.#code.v128(0, 0, 0, 0));
  }
  #beginMask(): void {
    if (!this.#masked) this.#setEach(this.#here, () => this.#code.v128(-1, -1, -1, -1));
    this.#masked = true;
  }
  #pushAny(mask: Mask = this.#here): void {
    mask.forEach((local, vector) => {
      this.#code.get(local);
      if (vector > 0) this.#code.op('v128.or');
    });
    this.#code.op('v128.any_true');
  }
  /** Gives values to the lanes of a mask, or all. */
  #assign(targets: readonly Value[], sources: readonly Value[], mask?: Mask): void {
    assign(
      this.#vectors.map(({ values }) => values),
      targets,
      sources,
      mask,
    );
  }

  #block(block: Block, scope: Scope): void {
    const code = this.#code;
    let open = 0;
    block.body.forEach((instruction) => {
      this.#instruction(instruction, scope);
      if (!this.#lanes.loses(instruction)) return;
      this.#pushAny();
      code.if();
      open++;
    });
    this.#end(block, scope);
    for (; open > 0; open--) code.end();
  }

  #instruction(instruction: Instruction, scope: Scope): void {
    this.#code.mark(instruction.place);
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        if (instruction.result !== undefined) this.#around.defined([instruction.result]);
        return;
      case 'if':
        if (this.#assumed.has(instruction)) this.#assumedIf(instruction, scope);
        else if (!this.#lanes.diverges(instruction)) this.#uniformIf(instruction, scope);
        else this.#partingIf(instruction, scope);
        this.#around.defined(instruction.results);
        return;
      case 'loop':
        this.#loop(instruction);
        this.#around.defined(instruction.results);
        return;
    }
  }

  // ---- branches ----

  #assumedIf(instruction: If, scope: Scope): void {
    const { accept, reject, results } = instruction;
    if (this.#lanes.loses(instruction)) this.#beginMask();
    const masked = this.#masked;
    const taken = this.#assumed.get(instruction) === true ? accept : reject;
    this.#block(taken, { ...scope, yield: { values: results, masked: false } });
    this.#masked = masked;
  }

  #uniformIf(instruction: If, scope: Scope): void {
    const code = this.#code;
    const { condition, accept, reject, results } = instruction;
    if (this.#lanes.loses(instruction)) this.#beginMask();
    const masked = this.#masked;
    const inner = { ...scope, yield: { values: results, masked: false } };
    this.#scalar.push(condition);
    code.if();
    this.#block(accept, inner);
    code.else();
    this.#masked = masked;
    this.#block(reject, inner);
    code.end();
    this.#masked = masked;
  }

  #partingIf(instruction: If, scope: Scope): void {
    const { accept, reject } = instruction;
    const outcome = usualOutcome(instruction);
    const [first, second] = [blockCost(accept), blockCost(reject)];
    const [computed, other] = first < second ? [accept, reject] : [reject, accept];
    if (Math.max(first, second) <= cheap) this.#select(instruction);
    else if (Math.min(first, second) <= affordable && other.end.kind === 'yield' && !this.#lanes.loses(instruction))
      this.#computeAndBranch(instruction, computed, other, scope);
    else if (outcome === undefined || this.#isCopy || sizeOf(outcome ? accept : reject) > short)
      this.#divergentIf(instruction, scope);
    else this.#coherentIf(instruction, outcome, scope);
  }

  /** Where all lanes take the usual arm it runs without a mask; else the lanes part. */
  #coherentIf(instruction: If, outcome: boolean, scope: Scope): void {
    const code = this.#code;
    const { condition, accept, reject, results } = instruction;
    const someMayBeMissing = this.#masked;
    if (this.#lanes.loses(instruction)) this.#beginMask();
    const wasMasked = this.#masked;
    const values = this.#vectors.map((vector) => vector.values);
    pushAgreement(values, this.#definitions, condition, outcome);
    if (someMayBeMissing) {
      this.#here.forEach((local, vector) => {
        code.get(local);
        if (vector > 0) code.op('v128.and');
      });
      code.op('i32x4.all_true', 'i32.and');
    }
    code.if();
    this.#masked = false;
    this.#block(outcome ? accept : reject, { ...scope, yield: { values: results, masked: false } });
    code.else();
    this.#masked = wasMasked;
    this.#isCopy = true;
    this.#divergentIf(instruction, scope);
    this.#isCopy = false;
    code.end();
  }

  #select({ condition, accept, reject, results }: If): void {
    const taken = this.#newMask();
    this.#setEach(taken, (vector) => this.#vectors[vector]!.values.push(condition));
    for (const { body } of [reject, accept]) this.#compute(body);
    this.#assign(results, endValues(reject.end));
    this.#assign(results, endValues(accept.end), taken);
  }

  /** One arm only computes: it does so for all lanes, whether they take it or not, and the other runs where any lane takes it. */
  #computeAndBranch(instruction: If, computed: Block, other: Block, scope: Scope): void {
    const code = this.#code;
    const { condition, results } = instruction;
    const masked = this.#masked;
    const taken = this.#newMask();
    this.#setEach(taken, (vector) => {
      this.#vectors[vector]!.values.push(condition);
      if (other === instruction.reject) code.op('v128.not');
      if (masked) code.get(this.#here[vector]!).op('v128.and');
    });
    this.#compute(computed.body);
    this.#assign(results, endValues(computed.end));
    this.#pushAny(taken);
    code.if();
    if (Number.isFinite(blockCost(other))) {
      this.#compute(other.body);
      this.#assign(results, endValues(other.end), taken);
    } else {
      const before = this.#newMask();
      this.#beginMask();
      this.#copy(this.#here, before);
      this.#copy(taken, this.#here);
      this.#block(other, { ...scope, yield: { values: results, masked: true } });
      this.#copy(before, this.#here);
      this.#masked = masked;
    }
    code.end();
  }
  #compute(body: readonly Instruction[]): void {
    for (const instruction of body) this.#instruction(instruction, {});
  }

  #divergentIf(instruction: If, scope: Scope): void {
    const code = this.#code;
    const { condition, accept, reject, results } = instruction;
    const wasMasked = this.#masked;
    const loses = this.#lanes.loses(instruction);
    this.#beginMask();
    const here = this.#here;
    const before = this.#newMask();
    const others = this.#newMask();
    this.#copy(here, before);
    this.#vectors.forEach(({ values }, vector) => {
      values.push(condition);
      code
        .get(before[vector]!)
        .op('v128.and')
        .tee(here[vector]!)
        .get(before[vector]!)
        .op('v128.xor')
        .set(others[vector]!);
    });
    const mixes = accept.end.kind === 'yield' && reject.end.kind === 'yield';
    const arm = (block: Block, masked: boolean): void => {
      if (block.body.length === 0 && block.end.kind === 'yield' && results.length === 0) return;
      this.#pushAny();
      code.if();
      this.#block(block, { ...scope, yield: { values: results, masked } });
      code.end();
      this.#masked = true;
    };
    arm(accept, false);
    const accepted = this.#newMask();
    this.#copy(here, accepted);
    this.#copy(others, here);
    arm(reject, mixes);
    if (loses) this.#addTo(here, accepted);
    else this.#copy(before, here);
    this.#masked = wasMasked || loses;
  }

  // ---- loops ----

  #loop(loop: Loop): void {
    const flat = flatLoopOf(loop, this.#lanes, this.#definitions);
    if (flat !== undefined) this.#flatLoop(loop, flat);
    else if (this.#lanes.diverges(loop)) this.#divergentLoop(loop);
    else this.#uniformLoop(loop);
  }

  #uniformLoop(loop: Loop): void {
    const code = this.#code;
    const masked = this.#masked;
    this.#assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    this.#around.burn(loop, this.#mask);
    this.#block(loop.body, { loop: { loop, leave, again, next: undefined, left: undefined } });
    code.end().end();
    this.#masked = masked;
  }

  #divergentLoop(loop: Loop): void {
    const code = this.#code;
    const wasMasked = this.#masked;
    const loses = this.#lanes.loses(loop);
    const here = this.#here;
    this.#beginMask();
    const before = this.#newMask();
    const next = this.#lanes.continuesApart(loop) ? this.#newMask() : undefined;
    const left = loses ? this.#newMask() : undefined;
    this.#copy(here, before);
    if (left !== undefined) this.#clear(left);
    this.#assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    if (next !== undefined) this.#clear(next);
    this.#around.burn(loop, here);
    this.#block(loop.body, { loop: { loop, leave, again, next, left } });
    if (next !== undefined) {
      this.#copy(next, here);
      this.#pushAny();
      code.brIf(again);
    }
    code.end().end();
    this.#copy(left ?? before, here);
    this.#masked = wasMasked || loses;
  }

  #flatLoop(loop: Loop, { counters }: FlatLoop): void {
    const code = this.#code;
    const wasMasked = this.#masked;
    const before = this.#newMask();
    this.#beginMask();
    this.#copy(this.#here, before);
    const counted = [...counters.keys()];
    this.#assign(
      counted,
      counted.map((result) => loop.inits[counters.get(result)!.index]!),
    );
    this.#assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    this.#around.burn(loop, this.#here);
    for (const instruction of loop.body.body) {
      if (instruction.kind === 'if') this.#leaveFlat(loop, instruction, leave, counters);
      else this.#instruction(instruction, {});
    }
    this.#assign(loop.params, endValues(loop.body.end));
    for (const [result, { step }] of counters) this.#count(result, step);
    const rounds = code.local('i32');
    code.get(rounds).i32(1).op('i32.add').tee(rounds);
    code
      .i32(flatRounds - 1)
      .op('i32.and')
      .brIf(again);
    this.#pushAny();
    code.brIf(again).end().end();
    this.#copy(before, this.#here);
    this.#masked = wasMasked;
  }
  /** Takes the lanes off that leave, and gives them their results. */
  #leaveFlat(loop: Loop, branch: If, leave: Label, counters: FlatLoop['counters']): void {
    const code = this.#code;
    const { condition, accept } = branch;
    const given = loop.results.flatMap((result, i) =>
      counters.has(result) ? [] : [{ result, value: endValues(accept.end)[i]! }],
    );
    const give = (mask: Mask): void => {
      this.#compute(accept.body);
      this.#assign(
        given.map(({ result }) => result),
        given.map(({ value }) => value),
        mask,
      );
    };
    if (!this.#lanes.diverges(branch)) {
      this.#scalar.push(condition);
      code.if();
      give(this.#here);
      code.br(leave).end();
      return;
    }
    const leaving = this.#newMask();
    this.#setEach(leaving, (vector) => this.#vectors[vector]!.values.push(condition));
    if (given.length > 0) {
      this.#setEach(leaving, (vector) => code.get(leaving[vector]!).get(this.#here[vector]!).op('v128.and'));
      give(leaving);
    }
    this.#setEach(this.#here, (vector) => code.get(this.#here[vector]!).get(leaving[vector]!).op('v128.andnot'));
  }
  /** Adds to the lanes that are here. */
  #count(value: Value, step: number): void {
    const code = this.#code;
    this.#vectors.forEach(({ values }, vector) => {
      const [local] = values.locals(value);
      code.get(local!).get(this.#here[vector]!);
      if (step === 1) code.op('i32x4.sub');
      else code.v128(step, step, step, step).op('v128.and', 'i32x4.add');
      code.set(local!);
    });
  }

  // ---- ends ----

  #end(block: Block, { loop: open, yield: given }: Scope): void {
    const code = this.#code;
    const { end } = block;
    const together = this.#lanes.together(block);
    switch (end.kind) {
      case 'unreachable':
        return;
      case 'yield':
        this.#assign(given!.values, end.values, given!.masked ? this.#here : undefined);
        return;
      case 'return':
        this.#around.over(this.#mask);
        if (together) this.#around.leave();
        else this.#clear(this.#here);
        return;
      case 'break': {
        const { loop, leave, left } = open!;
        this.#assign(loop.results, end.values, this.#lanes.diverges(loop) ? this.#here : undefined);
        if (left !== undefined) this.#addTo(left, this.#here);
        if (together) code.br(leave);
        else this.#clear(this.#here);
        return;
      }
      case 'continue': {
        const { loop, again, next } = open!;
        // the others still use the values of this iteration
        this.#assign(loop.params, end.values, together ? undefined : this.#here);
        if (together) code.br(again);
        else {
          this.#addTo(next!, this.#here);
          this.#clear(this.#here);
        }
        return;
      }
    }
  }
  #addTo(mask: Mask, more: Mask): void {
    this.#setEach(mask, (vector) => this.#code.get(mask[vector]!).get(more[vector]!).op('v128.or'));
  }

  #operation(operation: Operation): void {
    const { op, result } = operation;
    const { form } = rowOf(op);
    if (form === 'barrier' || form === 'collective')
      throw new IsokernelError('compile-failed', `${op} inside a region`);
    // what all lanes have in common is computed once
    const common = result !== undefined && !this.#vectors[0]!.values.varies(result);
    (common && form !== 'atomic' ? this.#vectors.slice(0, 1) : this.#vectors).forEach(
      ({ values, accesses }, vector) => {
        const mask = this.#mask?.[vector];
        switch (form) {
          case 'load':
            accesses.load(operation, mask);
            return;
          case 'store':
            accesses.store(operation, mask);
            return;
          case 'clear':
            accesses.clear(operation, mask);
            return;
          case 'atomic':
            accesses.atomic(operation, op as AtomicOp, mask);
            return;
          default:
            if (!values.scalar.hasLocals(result!)) return;
            values.computeAny(operation);
            values.set(result!);
        }
      },
    );
  }
}
