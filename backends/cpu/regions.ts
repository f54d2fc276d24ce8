/**
 * The body of a kernel as regions: what runs between barriers, in a loop over the invocations of a workgroup, and what
 * is control flow of the whole workgroup, outside of such loops.
 *
 * Barriers stand in uniform control flow, so an `if` or loop that holds one is taken by all invocations alike and can be
 * executed once for the workgroup. A kernel without barriers is one segment.
 *
 * Nothing here knows of WebAssembly. A value that is the same in all invocations lives on between segments by itself; one
 * that varies and is used in another segment than its own needs a slot per invocation: `slots` and each segment's
 * `reads` say which.
 */

import { rowOf } from '../../src/ir/ops.ts';
import {
  type Block,
  blocksOf,
  type End,
  endValues,
  type If,
  type Instruction,
  type Loop,
  type Operation,
  resultsOf,
  type Value,
} from '../../src/ir/program.ts';

/** In each invocation, all at once: target takes the value of source. */
export interface Assignment {
  readonly target: Value;
  readonly source: Value;
}

/** Runs in every invocation of the workgroup, one after the other. */
export interface Segment {
  readonly kind: 'segment';
  readonly body: Instruction[];
  /** Varying values given at its end. */
  readonly gives: Assignment[];
  /** Varying values of other segments that it uses. */
  readonly reads: Set<Value>;
}

export type Region =
  | Segment
  /** A collective that is a load of the workgroup's memory between two barriers. */
  | { readonly kind: 'load'; readonly operation: Operation }
  /** Uniform values given by the workgroup's control flow. */
  | { readonly kind: 'assign'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'if'; readonly condition: Value; readonly accept: RegionBlock; readonly reject: RegionBlock }
  | { readonly kind: 'loop'; readonly loop: Loop; readonly body: RegionBlock };

export interface RegionBlock {
  readonly regions: readonly Region[];
  readonly end: End['kind'];
}

export interface Regions {
  readonly body: RegionBlock;
  /** Varying values that need a slot per invocation. */
  readonly slots: ReadonlySet<Value>;
  /** An invocation may return while others go on to later segments, so each needs a mark. */
  readonly leavesEarly: boolean;
}

/** `uniform`: values equal in all invocations. `everywhere`: values that any segment can make for itself. */
export function splitRegions(body: Block, uniform: ReadonlySet<Value>, everywhere: (value: Value) => boolean): Regions {
  if (!body.body.some(holdsBarrier)) {
    const whole: RegionBlock = { regions: [newSegment([...body.body])], end: body.end.kind };
    return { body: whole, slots: new Set(), leavesEarly: false };
  }
  const split = new Splitter(uniform).block(body, () => []);
  const slots = new Set<Value>();
  const varies = (value: Value): boolean => !uniform.has(value) && !everywhere(value);
  const segments = [...segmentsOf(split)];
  const home = new Map<Value, Segment>();
  for (const segment of segments)
    forEachValue(
      segment.body,
      (value) => home.set(value, segment),
      () => {},
    );
  for (const segment of segments) {
    const use = (value: Value): void => {
      if (!varies(value) || home.get(value) === segment) return;
      slots.add(value);
      segment.reads.add(value);
    };
    forEachValue(segment.body, () => {}, use);
    for (const { source } of segment.gives) use(source);
  }
  const last = split.regions.at(-1);
  const leavesEarly = segments.some((segment) => segment !== last && returns(segment.body));
  return { body: split, slots, leavesEarly };
}

/** In program order. */
export function* segmentsOf({ regions }: RegionBlock): Generator<Segment> {
  for (const region of regions) {
    if (region.kind === 'segment') yield region;
    else if (region.kind === 'loop') yield* segmentsOf(region.body);
    else if (region.kind === 'if') {
      yield* segmentsOf(region.accept);
      yield* segmentsOf(region.reject);
    }
  }
}

function newSegment(body: Instruction[] = []): Segment {
  return { kind: 'segment', body, gives: [], reads: new Set() };
}

class Splitter {
  readonly #uniform: ReadonlySet<Value>;

  constructor(uniform: ReadonlySet<Value>) {
    this.#uniform = uniform;
  }

  /** `targets`: what the block's end gives its values to, by the kind of end. */
  block({ body, end }: Block, targets: (kind: End['kind']) => readonly Value[]): RegionBlock {
    const regions: Region[] = [];
    let open: Segment | undefined;
    const segment = (): Segment => {
      if (open === undefined) regions.push((open = newSegment()));
      return open;
    };
    const push = (region: Exclude<Region, Segment>): void => {
      regions.push(region);
      open = undefined;
    };
    const give = (to: readonly Value[], values: readonly Value[]): void => {
      const pairs = to.map((target, i): Assignment => ({ target, source: values[i]! }));
      const varying = pairs.filter(({ target }) => !this.#uniform.has(target));
      const assignments = pairs.filter(({ target }) => this.#uniform.has(target));
      if (varying.length > 0) segment().gives.push(...varying);
      open = undefined;
      if (assignments.length > 0) push({ kind: 'assign', assignments });
    };
    for (const instruction of body) {
      if (!this.#splits(instruction)) {
        segment().body.push(instruction);
      } else if (instruction.kind === 'if') {
        const { condition, results } = instruction;
        const inner = (kind: End['kind']) => (kind === 'yield' ? results : targets(kind));
        push({
          kind: 'if',
          condition,
          accept: this.block(instruction.accept, inner),
          reject: this.block(instruction.reject, inner),
        });
      } else if (instruction.kind === 'loop') {
        const { params, results } = instruction;
        give(params, instruction.inits);
        const inner = (kind: End['kind']) => (kind === 'continue' ? params : kind === 'break' ? results : []);
        push({ kind: 'loop', loop: instruction, body: this.block(instruction.body, inner) });
      } else if (instruction.op === 'barrier') {
        open = undefined; // what follows is another segment
      } else {
        push({ kind: 'load', operation: instruction });
      }
    }
    give(targets(end.kind), endValues(end));
    return { regions, end: end.kind };
  }

  /** Whether an instruction is the workgroup's: it is or holds a barrier, or leaves a region for all invocations alike. */
  #splits(instruction: Instruction): boolean {
    if (instruction.kind === 'op') return meets(instruction);
    if (holdsBarrier(instruction)) return true;
    return leaves(instruction) && this.#leavesUniformly(instruction);
  }
  #leavesUniformly(instruction: If | Loop): boolean {
    if (instruction.kind === 'if') return this.#uniform.has(instruction.condition);
    const uniform = (block: Block): boolean =>
      block.body.every(
        (inner) =>
          inner.kind !== 'if' ||
          !leaves(inner) ||
          (this.#uniform.has(inner.condition) && blocksOf(inner).every(uniform)),
      );
    return uniform(instruction.body);
  }
}

function meets({ op }: Operation): boolean {
  const { form } = rowOf(op);
  return form === 'barrier' || form === 'collective';
}
function holdsBarrier(instruction: Instruction): boolean {
  if (instruction.kind === 'op') return meets(instruction);
  return blocksOf(instruction).some((block) => block.body.some(holdsBarrier));
}
/** Whether control may go from inside the instruction to somewhere else than behind it. */
function leaves(instruction: Instruction): boolean {
  if (instruction.kind === 'op') return false;
  const inLoop = instruction.kind === 'loop';
  const ends = (block: Block, depth: number): boolean =>
    block.end.kind === 'return' ||
    (depth === 0 && (block.end.kind === 'break' || block.end.kind === 'continue')) ||
    block.body.some((inner) => blocksOf(inner).some((b) => ends(b, depth + (inner.kind === 'loop' ? 1 : 0))));
  return blocksOf(instruction).some((block) => ends(block, inLoop ? 1 : 0));
}
function returns(body: readonly Instruction[]): boolean {
  return body.some((instruction) =>
    blocksOf(instruction).some((block) => block.end.kind === 'return' || returns(block.body)),
  );
}

/** Visits what the instructions, and those inside them, define and use. */
function forEachValue(body: readonly Instruction[], define: (value: Value) => void, use: (value: Value) => void): void {
  for (const instruction of body) {
    if (instruction.kind === 'op') instruction.args.forEach(use);
    else if (instruction.kind === 'if') use(instruction.condition);
    else {
      instruction.inits.forEach(use);
      instruction.params.forEach(define);
    }
    for (const block of blocksOf(instruction)) {
      forEachValue(block.body, define, use);
      endValues(block.end).forEach(use);
    }
    resultsOf(instruction).forEach(define);
  }
}
