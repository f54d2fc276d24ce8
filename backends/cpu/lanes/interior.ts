/**
 * The interior of a row: the invocations for which every guard holds and every branch goes the usual way, as far as that can be said
 * of a whole row before it starts. Their code has neither guards nor masks for it: the edges of an array are looked at once for each row.
 *
 * What is looked at are integers that are the same along a row, or count up by one, and can be computed from ids, arguments, dimensions
 * and what is uniform in the workgroup. A condition on these holds for an interval of the row; the interior is where all do.
 * Nothing here depends on how many lanes there are, or on WebAssembly.
 */

import { isScalarOp, type OpName, rowOf } from '../../../src/ir/ops.ts';
import {
  forEachInstruction,
  type If,
  type Instruction,
  type Memory,
  type Operation,
  rankOf,
  resultsOf,
  type Value,
} from '../../../src/ir/program.ts';
import { isInteger } from '../../../src/ir/types.ts';
import { isComparison, opposite } from '../../../src/passes/identities.ts';
import type { Segment } from '../regions.ts';
import { isEverywhere } from '../values.ts';
import { usualOutcome } from './cost.ts';

/** What must hold in the interior. */
export type Requirement =
  /** An index is in bounds. */
  | { readonly kind: 'inside'; readonly index: Value; readonly memory: Memory; readonly axis: number }
  /** A comparison of two integers, of which the first counts up along the row. */
  | {
      readonly kind: 'compares';
      readonly op: 'eq' | 'lt' | 'le' | 'gt' | 'ge';
      readonly counting: Value;
      readonly bound: Value;
    }
  /** A bool that is the same along the row. */
  | { readonly kind: 'is'; readonly condition: Value; readonly outcome: boolean };

export interface Interior {
  /** Branches that all invocations of an interior take alike. */
  readonly assumed: ReadonlyMap<If, boolean>;
  /** Accesses that need no guard there. */
  readonly sure: ReadonlySet<Operation>;
  /** Of each segment for which there is anything to gain. */
  readonly requirements: ReadonlyMap<Segment, readonly Requirement[]>;
}

/** How a value goes along a row: it is the same, or counts up by one. */
export type Course = 'same' | 'counts';

/** Which integers can be computed before a row of a segment starts, and how they go on. */
export class Courses {
  readonly #options: Pick<InteriorOptions, 'definitions' | 'uniform'>;
  readonly #inside = new Set<Value>();
  readonly #known = new Map<Value, { readonly course: Course | undefined; readonly size: number }>();

  /** `body`: the segment's. */
  constructor(body: readonly Instruction[], options: Pick<InteriorOptions, 'definitions' | 'uniform'>) {
    this.#options = options;
    forEachInstruction({ body, end: { kind: 'unreachable' } }, (instruction) => {
      for (const value of resultsOf(instruction)) this.#inside.add(value);
      if (instruction.kind === 'loop') for (const param of instruction.params) this.#inside.add(param);
    });
  }

  /** undefined where it goes any other way, or is not known before. */
  of(value: Value): Course | undefined {
    return this.#of(value).course;
  }
  /** Whether the segment itself computes it. */
  isInside(value: Value): boolean {
    return this.#inside.has(value);
  }

  #of(value: Value): { readonly course: Course | undefined; readonly size: number } {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const found = this.#find(value);
    this.#known.set(value, found);
    return found;
  }
  #find(value: Value): { readonly course: Course | undefined; readonly size: number } {
    const definition = this.#options.definitions.get(value);
    if (!isWhole(value)) return { course: undefined, size: 0 };
    if (definition !== undefined && isEverywhere(definition)) return { course: courseOfId(definition), size: 0 };
    if (!this.#inside.has(value)) return { course: this.#options.uniform.has(value) ? 'same' : undefined, size: 0 };
    if (definition === undefined || !isScalarOp(definition.op) || !definition.args.every(isWhole))
      return { course: undefined, size: 0 };
    const args = definition.args.map((arg) => this.#of(arg));
    const size = args.reduce((sum, arg) => sum + arg.size, 1);
    const course = combine(
      definition.op,
      args.map((arg) => arg.course),
    );
    return { course: size <= largest ? course : undefined, size };
  }
}
/** Operations that a value may take to compute before a row starts. */
const largest = 24;

function isWhole({ type }: Value): boolean {
  return type === 'bool' || isInteger(type);
}
function courseOfId({ op, attribute }: Operation): Course | undefined {
  if (op === 'inGrid') return undefined;
  return op === 'localIndex' || ((op === 'globalId' || op === 'localId') && attribute === 0) ? 'counts' : 'same';
}
function combine(op: OpName, courses: readonly (Course | undefined)[]): Course | undefined {
  if (courses.every((course) => course === 'same')) return 'same';
  if (courses.includes(undefined)) return undefined;
  const [x, y] = courses;
  if (op === 'add') return x === y ? undefined : 'counts';
  if (op === 'sub') return x === 'counts' && y === 'same' ? 'counts' : undefined;
  return op === 'convert' || op === 'bitcast' ? x : undefined;
}

export interface InteriorOptions {
  readonly definitions: ReadonlyMap<Value, Operation>;
  /** Values equal in the whole workgroup. */
  readonly uniform: ReadonlySet<Value>;
  /** Whether lanes may take different arms. */
  readonly diverges: (branch: If) => boolean;
}

export function findInterior(segments: Iterable<Segment>, options: InteriorOptions): Interior {
  const assumed = new Map<If, boolean>();
  const sure = new Set<Operation>();
  const requirements = new Map<Segment, readonly Requirement[]>();
  for (const segment of segments) {
    const found = new Finder(segment, options, assumed, sure).requirements;
    if (found.length > 0) requirements.set(segment, found);
  }
  return { assumed, sure, requirements };
}

class Finder {
  readonly requirements: Requirement[] = [];
  readonly #options: InteriorOptions;
  readonly #courses: Courses;
  readonly #assumed: Map<If, boolean>;
  readonly #sure: Set<Operation>;

  constructor({ body }: Segment, options: InteriorOptions, assumed: Map<If, boolean>, sure: Set<Operation>) {
    this.#options = options;
    this.#courses = new Courses(body, options);
    this.#assumed = assumed;
    this.#sure = sure;
    this.#walk(body);
  }

  #walk(body: readonly Instruction[]): void {
    for (const instruction of body) {
      if (instruction.kind === 'op') this.#access(instruction);
      else if (instruction.kind === 'loop') this.#walk(instruction.body.body);
      else this.#branch(instruction);
    }
  }

  #access(operation: Operation): void {
    const { op, args, reference, proven } = operation;
    const { form } = rowOf(op);
    if (proven || (form !== 'load' && form !== 'store')) return;
    const memory = reference as Memory;
    const indices = args.slice(0, rankOf(memory));
    if (!indices.every((index) => this.#courses.of(index) !== undefined)) return;
    this.#sure.add(operation);
    indices.forEach((index, axis) => {
      this.#require({ kind: 'inside', index, memory, axis });
    });
  }

  #branch(branch: If): void {
    const { condition, accept, reject } = branch;
    const outcome = usualOutcome(branch);
    const needed = this.#options.diverges(branch) && outcome !== undefined && this.#needed(condition, outcome);
    if (needed) {
      this.#assumed.set(branch, outcome);
      for (const requirement of needed) this.#require(requirement);
      this.#walk((outcome ? accept : reject).body);
    } else for (const { body } of [accept, reject]) this.#walk(body);
  }
  /** What gives the condition this outcome; undefined where that cannot be said of a row. */
  #needed(condition: Value, outcome: boolean): readonly Requirement[] | undefined {
    if (this.#courses.of(condition) === 'same') return [{ kind: 'is', condition, outcome }];
    const { op, args } = this.#options.definitions.get(condition) ?? {};
    const [x, y] = (args ?? []) as [Value, Value];
    if (op === 'not') return this.#needed(x, !outcome);
    if (op === (outcome ? 'and' : 'or')) {
      const both = [this.#needed(x, outcome), this.#needed(y, outcome)];
      return both.includes(undefined) ? undefined : both.flatMap((each) => each!);
    }
    if (op === undefined || !isComparison(op) || !isInteger(x.type)) return undefined;
    const holding = outcome ? op : opposite[op];
    const courses = [this.#courses.of(x), this.#courses.of(y)].join();
    if (holding === 'ne') return undefined;
    if (courses === 'counts,same') return [{ kind: 'compares', op: holding, counting: x, bound: y }];
    if (courses === 'same,counts') return [{ kind: 'compares', op: mirrored[holding], counting: y, bound: x }];
    return undefined;
  }

  #require(requirement: Requirement): void {
    const known = this.requirements.some(
      (other) =>
        other.kind === 'inside' &&
        requirement.kind === 'inside' &&
        other.index === requirement.index &&
        other.memory === requirement.memory &&
        other.axis === requirement.axis,
    );
    if (!known) this.requirements.push(requirement);
  }
}

const mirrored = { eq: 'eq', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' } as const;
