/**
 * The state of lowering: the block being written, what every variable holds, and how control flows.
 *
 * The IR knows only the innermost loop's `break` and `continue`, and `return`. Every other jump (out of several loops, out of
 * a labelled block, a `return` in an inlined function) sets a flag, which is a variable like any other, and leaves what it
 * can; what would have been skipped is guarded by the flag. Most jumps need none: one whose target is reached by falling out
 * of the enclosing blocks (`tail`) is nothing at all.
 */

import type { Builder } from '../ir/builder.ts';
import type { BufferParam } from '../ir/program.ts';
import type { Body } from './definition.ts';
import { DraftBlock, type DraftLoop, type DraftOperation, Join } from './draft.ts';
import { Inference, type TypeVariable } from './inference.ts';
import { closeLoop, joinPaths, readPhi } from './joins.ts';
import { type FunctionNode, fail, type Parsed, parse, type Source, type Span, spanOf } from './parse.ts';
import type { Site } from './print.ts';
import { type Resolution, resolve, type Variable } from './resolve.ts';
import { constant, nothing, Phi, Scalar, same, type Value } from './values.ts';

/** Where a jump goes. In the environment it is its own flag: whether the path has left for it. */
export class Target {
  readonly kind = 'target';
  readonly what: 'break' | 'continue' | 'block' | 'return' | 'end';
  /** Loops around the place it leads to. */
  readonly depth: number;
  readonly label: string | undefined;

  constructor(what: Target['what'], depth: number, label?: string) {
    this.what = what;
    this.depth = depth;
    this.label = label;
  }
}
/** A value that lives between statements without being a variable: what a function returns, what a condition gives. */
export interface Slot {
  readonly kind: 'slot';
}
export type Place = Variable | Target | Slot;
export type Environment = Map<Place, Value>;

/**
 * What follows the current place: `open`, more statements; `left`, nothing here, a jump is under way or the target is reached
 * by falling out; `ended`, the block has its end.
 */
export type Flow = 'open' | 'left' | 'ended';

/** The end of a path that reaches a join. */
export interface Path {
  readonly environment: Environment;
  readonly flow: Flow;
}

export interface LoopFrame {
  readonly breaks: Target;
  readonly continues: Target;
  readonly exit: Join;
  readonly exits: Path[];
  readonly head: Join;
  readonly phis: ReadonlyMap<Place, Phi>;
  /** What was declared before the loop. */
  readonly entering: Environment;
  /** What the loop is known to assign. */
  readonly assigned: Set<Variable>;
  /** Lowers what `continue` does before the next iteration; undefined where that may not be repeated. */
  readonly step: (() => void) | undefined;
}

/** A function being lowered: the kernel's body or one inlined in it. */
export interface FunctionFrame {
  readonly node: FunctionNode;
  readonly source: Source;
  readonly resolution: Resolution;
  readonly returns: Target;
  readonly result: Slot;
}

/** A function's text, parsed, with its names resolved. */
export interface Prepared extends Parsed {
  readonly resolution: Resolution;
}
/** The functions of a compilation, each parsed once. */
export class Functions {
  readonly #prepared = new Map<Body, Prepared>();

  of(body: Body): Prepared {
    let prepared = this.#prepared.get(body);
    if (prepared === undefined) {
      const parsed = parse(body);
      prepared = { ...parsed, resolution: resolve(parsed.node) };
      this.#prepared.set(body, prepared);
    }
    return prepared;
  }
}

/** Beyond it a program would take too long to compile anywhere: functions that call functions double with each level. */
const maxOperations = 2 ** 16;

/** Gives a value the author's name for it, where it has none. */
function nameAfter(name: string, value: Value): void {
  if (value.kind === 'scalar' && value.constant === undefined) value.name ??= name;
  if (value.kind === 'vector') {
    for (const [i, component] of value.components.entries()) nameAfter(`${name}_${'xyzw'[i]}`, component);
  }
  if (value.kind === 'record') for (const [member, each] of value.members) nameAfter(`${name}_${member}`, each);
}

export class Lowering {
  readonly builder: Builder;
  readonly inference = new Inference();
  /** What is the same from the start: ids, arguments, dimensions; built before the body, once. */
  readonly prologue = new DraftBlock();
  /** Names of parameters and local arrays so far: each array gets one of its own. */
  readonly names = new Set<string>();
  /** The arrays declared so far, and their bytes. */
  arrays = 0;
  readonly arrayBytes = { private: 0, workgroup: 0 };
  /** Where `k.print` goes, and what each shows; undefined where the text does not mention it. */
  prints: { readonly memory: BufferParam; readonly sites: Site[] } | undefined;
  /** The variable that the value being lowered is for. */
  naming: string | undefined;
  block = new DraftBlock();
  environment: Environment = new Map();
  flow: Flow = 'open';
  readonly loops: LoopFrame[] = [];
  readonly frames: FunctionFrame[] = [];
  /** What `break` and `continue` may mean, innermost last. */
  readonly targets: Target[] = [];
  /** Targets that some path has set a flag for. */
  readonly #flagged = new Set<Target>();
  /** A loop assigns a variable that it was not known to: what has been written is wrong, and the next try knows better. */
  lostTrack = false;
  #operations = 0;
  readonly #once = new Map<string, readonly Scalar[]>();

  readonly functions: Functions;

  constructor(builder: Builder, functions: Functions) {
    this.builder = builder;
    this.functions = functions;
  }

  get frame(): FunctionFrame {
    return this.frames[this.frames.length - 1]!;
  }
  get loop(): LoopFrame | undefined {
    return this.loops[this.loops.length - 1];
  }
  span(node: { start: number; end: number }): Span {
    return spanOf(this.frame.source, node);
  }

  // ---- values ----

  /** The value itself, where it is a variable that paths disagree on. */
  read(value: Value, span: Span): Value {
    return value.kind === 'phi' ? readPhi(value, span) : value;
  }
  push(operation: Omit<DraftOperation, 'kind'>): void {
    if (++this.#operations > maxOperations) {
      fail(
        'too-large',
        `the kernel has more than ${maxOperations} operations, its functions inlined`,
        operation.span,
        'Call functions in a loop, or fewer of them.',
      );
    }
    this.block.body.push({ kind: 'op', ...operation });
  }
  /** Scalars that are the same wherever they stand, built once at the start. */
  once(
    key: string,
    span: Span,
    types: readonly TypeVariable[],
    build: DraftOperation['build'],
    args: readonly Scalar[] = [],
  ): readonly Scalar[] {
    let results = this.#once.get(key);
    if (results === undefined) {
      results = types.map((type) => new Scalar(type, span));
      this.prologue.body.push({ kind: 'op', args, results, span, cost: 0, build });
      this.#once.set(key, results);
    }
    return results;
  }
  /** Sets what a place holds. (Lowering the value may change the environment, so it comes first.) */
  keep(place: Place, value: Value): void {
    this.environment.set(place, value);
  }
  /** Gives a variable its value, and the value the author's name. */
  assign(variable: Variable, value: Value): void {
    for (const { entering, assigned } of this.loops) {
      if (!entering.has(variable) || assigned.has(variable)) continue;
      assigned.add(variable);
      this.lostTrack = true;
    }
    nameAfter(variable.name, value);
    this.environment.set(variable, value);
  }

  // ---- paths ----

  /** Lowers one way on, in a block of its own, from the current environment. */
  path(lower: () => void): Path & { readonly block: DraftBlock } {
    const { block: outerBlock, environment: outer, flow: outerFlow } = this;
    this.block = new DraftBlock();
    this.environment = new Map(outer);
    this.flow = 'open';
    lower();
    const { block, environment, flow } = this;
    this.block = outerBlock;
    this.environment = outer;
    this.flow = outerFlow;
    return { block, environment, flow };
  }

  /** Two ways on. Afterwards control is where they meet. */
  branch(condition: Scalar, accept: () => void, reject: () => void, span: Span): void {
    this.meet(condition, this.path(accept), this.path(reject), span);
  }
  meet(
    condition: Scalar,
    accept: ReturnType<Lowering['path']>,
    reject: ReturnType<Lowering['path']>,
    span: Span,
  ): void {
    const join = new Join();
    join.closed = true;
    this.block.body.push({ kind: 'if', condition, accept: accept.block, reject: reject.block, join, span });
    const paths: Path[] = [];
    for (const { block, environment, flow } of [accept, reject]) {
      if (flow === 'ended') continue;
      block.end = { kind: 'yield', join, edge: paths.length };
      paths.push({ environment, flow });
    }
    this.#resume(join, paths);
  }
  #resume(join: Join, paths: readonly Path[]): void {
    join.edges = paths.length;
    if (paths.length === 0) {
      this.block.end = { kind: 'unreachable' };
      this.flow = 'ended';
      return;
    }
    this.environment = joinPaths(join, paths, this.environment);
    this.flow = paths.every((path) => path.flow === 'left') ? 'left' : 'open';
  }

  /**
   * A loop. `lower` writes the body and what comes before the next iteration; falling out of it starts that. `step` is what a
   * `continue` statement does before it, where it may be written more than once.
   */
  repeat(
    assigned: Set<Variable>,
    label: string | undefined,
    step: (() => void) | undefined,
    lower: (frame: LoopFrame) => void,
    span: Span,
  ): void {
    const head = new Join();
    const exit = new Join();
    const body = new DraftBlock();
    const loop: DraftLoop = { kind: 'loop', head, exit, body, span };
    const { block, environment } = this;
    const inside = new Map(environment);
    const phis = new Map<Place, Phi>();
    for (const variable of assigned) {
      const entering = environment.get(variable);
      if (entering === undefined) continue;
      const phi = new Phi(head, variable.name, [entering]);
      phis.set(variable, phi);
      inside.set(variable, phi);
    }
    head.edges = 1;
    const depth = this.loops.length;
    const frame: LoopFrame = {
      breaks: new Target('break', depth, label),
      continues: new Target('continue', depth + 1, label),
      exit,
      exits: [],
      head,
      phis,
      entering: environment,
      assigned,
      step,
    };
    this.loops.push(frame);
    this.targets.push(frame.breaks, frame.continues);
    this.block = body;
    this.environment = inside;
    this.flow = 'open';
    lower(frame);
    if ((this.flow as Flow) !== 'ended') this.#continue(frame);
    this.loops.pop();
    this.targets.length -= 2;
    closeLoop(head);
    this.block = block;
    this.environment = environment;
    block.body.push(loop);
    exit.closed = true;
    this.#resume(exit, frame.exits);
    this.arrive(frame.breaks);
  }
  #continue({ head, phis }: LoopFrame): void {
    for (const [place, phi] of phis) phi.inputs.push(this.environment.get(place) ?? nothing);
    this.block.end = { kind: 'continue', join: head, edge: head.edges++ };
    this.flow = 'ended';
  }
  #break({ exit, exits }: LoopFrame, flow: Flow): void {
    this.block.end = { kind: 'break', join: exit, edge: exits.length };
    exits.push({ environment: this.environment, flow });
    this.flow = 'ended';
  }

  // ---- jumps ----

  /** Goes to a target. `tail` are those that falling out of the enclosing blocks reaches. */
  jump(target: Target, tail: readonly Target[] = []): void {
    const { loop } = this;
    if (tail.includes(target)) {
      this.flow = 'left';
    } else if (target.what === 'end') {
      this.block.end = { kind: 'return' };
      this.flow = 'ended';
    } else if (target === loop?.breaks) {
      this.environment.delete(target);
      this.#break(loop, 'open');
    } else if (target === loop?.continues && loop.step !== undefined) {
      this.environment.delete(target);
      loop.step();
      this.#continue(loop);
    } else {
      this.#flagged.add(target);
      this.environment.set(target, constant(true));
      if (loop !== undefined && this.leavesLoop(target)) this.#break(loop, 'left');
      else this.flow = 'left';
    }
  }

  /** Control is at the target: nothing is on its way there any more. */
  arrive(target: Target): void {
    this.environment.delete(target);
    this.#flagged.delete(target);
    if (this.flow === 'left' && !this.#pending().some((other) => this.#surely(other))) this.flow = 'open';
  }
  /** Whether every path to here is on its way to the target. */
  #surely(target: Target): boolean {
    const flag = this.environment.get(target);
    return flag?.kind === 'constant' && flag.value === true;
  }

  /** Targets that a path to here may be on its way to. */
  #pending(): Target[] {
    const targets: Target[] = [];
    for (const target of this.#flagged) {
      const flag = this.environment.get(target);
      if (flag !== undefined && !(flag.kind === 'constant' && flag.value === false)) targets.push(target);
    }
    return targets;
  }
  /** Whether a jump to the target leaves the innermost loop. */
  leavesLoop(target: Target): boolean {
    return this.loops.length > target.depth;
  }
  /** Whether a jump ends the block, so that no flag is needed from here on. */
  #ends(target: Target): boolean {
    const { loop } = this;
    return this.leavesLoop(target) || (target === loop?.continues && loop.step !== undefined);
  }

  /** Ends the paths that are on their way elsewhere, as far as they can be ended here. */
  sendOff(span: Span): void {
    for (const target of this.#pending()) {
      if (this.flow === 'ended' || !this.#ends(target)) continue;
      if (this.#surely(target)) {
        this.jump(target);
        continue;
      }
      this.branch(
        this.#flag(target, span),
        () => this.jump(target),
        () => this.environment.set(target, constant(false)),
        span,
      );
    }
  }
  /** Lowers what follows for the paths that are not on their way elsewhere. False where all are here: nothing was lowered. */
  guard(span: Span, rest: () => void): boolean {
    if (this.flow !== 'open') return true;
    const [target] = this.#pending();
    if (target === undefined) return false;
    this.branch(
      this.#flag(target, span),
      () => {
        this.environment.set(target, constant(true));
        this.flow = 'left';
      },
      () => {
        this.environment.set(target, constant(false));
        if (!this.guard(span, rest)) rest();
      },
      span,
    );
    return true;
  }
  #flag(target: Target, span: Span): Scalar {
    return this.read(this.environment.get(target)!, span) as Scalar;
  }

  /** Whether a path changed nothing but what it computed. */
  unchanged(path: Path): boolean {
    for (const [place, value] of this.environment) {
      const after = path.environment.get(place);
      if (after === undefined || !same(value, after)) return false;
    }
    return path.flow === 'open';
  }
}
