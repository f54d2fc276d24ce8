/**
 * What four lanes do inside a segment. Uniform control flow is WebAssembly's own, as in the scalar form (../statements.ts). Where lanes
 * part, a mask says which of them are here: an arm is entered when any lane takes it, lanes that leave are taken off the mask,
 * and code behind runs only if a lane is left; so whatever is executed at all is executed for at least one lane.
 *
 * As long as all lanes are surely here there is no mask, and nothing is spent on one.
 */

import { IsokernelError } from '../../../src/ir/error.ts';
import { type AtomicOp, type Form, rowOf } from '../../../src/ir/ops.ts';
import {
  type Block,
  endValues,
  type If,
  type Instruction,
  type Loop,
  type Operation,
  type Value,
} from '../../../src/ir/program.ts';
import type { Label } from '../wasm/encoder.ts';
import type { LaneAccesses } from './access.ts';
import type { Lanes } from './shape.ts';
import type { LaneValues } from './values.ts';

/** What surrounds the segment. `mask`: local with the lanes that are here, undefined where all are. */
export interface LaneSurroundings {
  /** Called when values have just been given to their locals. */
  defined(values: readonly Value[]): void;
  /** Writes what marks lanes as over. */
  over(mask: number | undefined): void;
  /** Writes the jump past the segment. */
  leave(): void;
  /** Writes what an iteration of a loop costs. */
  burn(loop: Loop, mask: number | undefined): void;
}

interface OpenLoop {
  readonly loop: Loop;
  readonly leave: Label;
  readonly again: Label;
  /** Masks of the lanes that go on, and that have left by `break`, where these are kept. */
  readonly next: number | undefined;
  readonly left: number | undefined;
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

export class LaneStatements {
  readonly #values: LaneValues;
  readonly #lanes: Lanes;
  readonly #accesses: LaneAccesses;
  readonly #around: LaneSurroundings;
  readonly #assumed: ReadonlyMap<If, boolean>;
  /** Local with the lanes that are here, valid while `masked`. */
  readonly #here: number;
  #masked = false;

  /** `assumed`: branches that all lanes are sure to take this way. */
  constructor(
    values: LaneValues,
    accesses: LaneAccesses,
    around: LaneSurroundings,
    assumed: ReadonlyMap<If, boolean> = new Map(),
  ) {
    this.#values = values;
    this.#lanes = values.lanes;
    this.#accesses = accesses;
    this.#around = around;
    this.#assumed = assumed;
    this.#here = values.code.local('v128');
  }

  /** `pushMask`: pushes the lanes to begin with; without it, all. */
  run(body: readonly Instruction[], pushMask?: () => void): void {
    this.#masked = pushMask !== undefined;
    if (pushMask !== undefined) {
      pushMask();
      this.#values.code.set(this.#here);
    }
    this.#block({ body, end: { kind: 'unreachable' } }, {});
  }

  get #mask(): number | undefined {
    return this.#masked ? this.#here : undefined;
  }
  #beginMask(): void {
    if (!this.#masked) this.#values.code.v128(-1, -1, -1, -1).set(this.#here);
    this.#masked = true;
  }
  #pushAny(): void {
    this.#values.code.get(this.#here).op('v128.any_true');
  }

  #block(block: Block, scope: Scope): void {
    const { code } = this.#values;
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
    this.#values.code.mark(instruction.place);
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
        if (this.#lanes.diverges(instruction)) this.#divergentLoop(instruction);
        else this.#uniformLoop(instruction);
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
    const { code, scalar } = this.#values;
    const { condition, accept, reject, results } = instruction;
    if (this.#lanes.loses(instruction)) this.#beginMask();
    const masked = this.#masked;
    const inner = { ...scope, yield: { values: results, masked: false } };
    scalar.push(condition);
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
    const [first, second] = [costOf(accept), costOf(reject)];
    const [computed, other] = first < second ? [accept, reject] : [reject, accept];
    if (Math.max(first, second) <= cheap) this.#select(instruction);
    else if (Math.min(first, second) <= affordable && other.end.kind === 'yield' && !this.#lanes.loses(instruction))
      this.#computeAndBranch(instruction, computed, other, scope);
    else this.#divergentIf(instruction, scope);
  }

  #select({ condition, accept, reject, results }: If): void {
    const { code } = this.#values;
    const pushCondition = this.#values.hold(condition);
    for (const { body } of [accept, reject]) this.#compute(body);
    const [yes, no] = [endValues(accept.end), endValues(reject.end)];
    results.forEach((result, i) => {
      for (const [component, local] of this.#values.locals(result).entries()) {
        this.#values.push(yes[i]!, component);
        this.#values.push(no[i]!, component);
        pushCondition();
        code.op('v128.bitselect').set(local);
      }
    });
  }

  /** One arm only computes: it does so for all lanes, whether they take it or not, and the other runs where any lane takes it. */
  #computeAndBranch(instruction: If, computed: Block, other: Block, scope: Scope): void {
    const { code } = this.#values;
    const { condition, results } = instruction;
    const masked = this.#masked;
    const taken = code.local('v128');
    this.#values.push(condition);
    if (other === instruction.reject) code.op('v128.not');
    if (masked) code.get(this.#here).op('v128.and');
    code.set(taken);
    this.#compute(computed.body);
    this.#values.assign(results, endValues(computed.end));
    code.get(taken).op('v128.any_true').if();
    if (Number.isFinite(costOf(other))) {
      this.#compute(other.body);
      this.#values.assign(results, endValues(other.end), taken);
    } else {
      const before = code.local('v128');
      this.#beginMask();
      code.get(this.#here).set(before).get(taken).set(this.#here);
      this.#block(other, { ...scope, yield: { values: results, masked: true } });
      code.get(before).set(this.#here);
      this.#masked = masked;
    }
    code.end();
  }
  #compute(body: readonly Instruction[]): void {
    for (const instruction of body) this.#instruction(instruction, {});
  }

  #divergentIf(instruction: If, scope: Scope): void {
    const { code } = this.#values;
    const { condition, accept, reject, results } = instruction;
    const wasMasked = this.#masked;
    const loses = this.#lanes.loses(instruction);
    this.#beginMask();
    const here = this.#here;
    const before = code.local('v128');
    const others = code.local('v128');
    code.get(here).set(before);
    this.#values.push(condition);
    code.get(before).op('v128.and').tee(here).get(before).op('v128.xor').set(others);
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
    const accepted = code.local('v128');
    code.get(here).set(accepted).get(others).set(here);
    arm(reject, mixes);
    if (loses) code.get(here).get(accepted).op('v128.or').set(here);
    else code.get(before).set(here);
    this.#masked = wasMasked || loses;
  }

  // ---- loops ----

  #uniformLoop(loop: Loop): void {
    const { code } = this.#values;
    const masked = this.#masked;
    this.#values.assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    this.#around.burn(loop, this.#mask);
    this.#block(loop.body, { loop: { loop, leave, again, next: undefined, left: undefined } });
    code.end().end();
    this.#masked = masked;
  }

  #divergentLoop(loop: Loop): void {
    const { code } = this.#values;
    const wasMasked = this.#masked;
    const loses = this.#lanes.loses(loop);
    const here = this.#here;
    this.#beginMask();
    const before = code.local('v128');
    const next = this.#lanes.continuesApart(loop) ? code.local('v128') : undefined;
    const left = loses ? code.local('v128') : undefined;
    code.get(here).set(before);
    if (left !== undefined) code.v128(0, 0, 0, 0).set(left);
    this.#values.assign(loop.params, loop.inits);
    const leave = code.block();
    const again = code.loop();
    if (next !== undefined) code.v128(0, 0, 0, 0).set(next);
    this.#around.burn(loop, here);
    this.#block(loop.body, { loop: { loop, leave, again, next, left } });
    if (next !== undefined) code.get(next).tee(here).op('v128.any_true').brIf(again);
    code.end().end();
    code.get(left ?? before).set(here);
    this.#masked = wasMasked || loses;
  }

  // ---- ends ----

  #end(block: Block, { loop: open, yield: given }: Scope): void {
    const { code } = this.#values;
    const { end } = block;
    const together = this.#lanes.together(block);
    switch (end.kind) {
      case 'unreachable':
        return;
      case 'yield':
        this.#values.assign(given!.values, end.values, given!.masked ? this.#here : undefined);
        return;
      case 'return':
        this.#around.over(this.#mask);
        if (together) this.#around.leave();
        else this.#nobodyHere();
        return;
      case 'break': {
        const { loop, leave, left } = open!;
        this.#values.assign(loop.results, end.values, this.#lanes.diverges(loop) ? this.#here : undefined);
        if (left !== undefined) this.#addHere(left);
        if (together) code.br(leave);
        else this.#nobodyHere();
        return;
      }
      case 'continue': {
        const { loop, again, next } = open!;
        // the others still use the values of this iteration
        this.#values.assign(loop.params, end.values, together ? undefined : this.#here);
        if (together) code.br(again);
        else {
          this.#addHere(next!);
          this.#nobodyHere();
        }
        return;
      }
    }
  }
  #nobodyHere(): void {
    this.#values.code.v128(0, 0, 0, 0).set(this.#here);
  }
  /** Adds the lanes that are here to a mask. */
  #addHere(mask: number): void {
    this.#values.code.get(mask).get(this.#here).op('v128.or').set(mask);
  }

  #operation(operation: Operation): void {
    const { op, result } = operation;
    const { form } = rowOf(op);
    switch (form) {
      case 'load':
        this.#accesses.load(operation, this.#mask);
        return;
      case 'store':
        this.#accesses.store(operation, this.#mask);
        return;
      case 'clear':
        this.#accesses.clear(operation, this.#mask);
        return;
      case 'atomic':
        this.#accesses.atomic(operation, op as AtomicOp, this.#mask);
        return;
      case 'barrier':
      case 'collective':
        throw new IsokernelError('compile-failed', `${op} inside a region`);
      default:
        if (!this.#values.scalar.hasLocals(result!)) return;
        this.#values.computeAny(operation);
        this.#values.set(result!);
    }
  }
}

/** What a block costs that only computes; infinite where it does anything else. */
function costOf({ body, end }: Block): number {
  let cost = end.kind === 'yield' ? 0 : Number.POSITIVE_INFINITY;
  for (const instruction of body) {
    const computes = instruction.kind === 'op' && computing.has(rowOf(instruction.op).form);
    cost += computes ? rowOf(instruction.op).cost : Number.POSITIVE_INFINITY;
  }
  return cost;
}
const computing: ReadonlySet<Form> = new Set<Form>([
  'scalar',
  'constant',
  'argument',
  'id',
  'dimension',
  'compose',
  'extract',
]);
