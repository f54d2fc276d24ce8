/**
 * Finds what is legal and slow in a program: by how indices and conditions change between neighbouring invocations (strides.ts).
 * It says what it is sure of, as far as arguments can make it so: an index made from what memory holds is never found fault with.
 */

import type { Place } from '../ir/error.ts';
import { rowOf } from '../ir/ops.ts';
import {
  type Block,
  definitionsOf,
  forEachInstruction,
  type If,
  type Loop,
  type Memory,
  type Operation,
  type Program,
  rankOf,
  type Value,
} from '../ir/program.ts';
import { elementBytes } from '../ir/types.ts';
import type { Verified } from '../ir/verified.ts';
import type { LintWarning } from './codes.ts';
import { type Axis, type Stride, stridesAlong } from './strides.ts';

export interface Located extends LintWarning {
  /** In the kernel's body. */
  readonly place: Place | undefined;
}

/** What could be faster, in program order: of accesses the first to each array, of loops each. */
export function lint(verified: Verified): Located[] {
  const { program } = verified;
  const axes = axesOf(verified);
  const strides = axes.map((axis) => ({ axis, of: stridesAlong(program, axis) }));
  const alongX = strides.find(({ axis }) => axis === 0)?.of;
  const varies = (value: Value) => strides.some(({ of }) => of(value) !== 0);
  const sizes = program.workgroup ?? assumedWorkgroup;
  /** How far apart the values of a workgroup's invocations are. */
  const spread = (value: Value) =>
    strides.reduce((sum, { axis, of }) => {
      const stride = of(value);
      return sum + (typeof stride === 'number' ? Math.abs(stride) * (sizes[axis] - 1) : Number.POSITIVE_INFINITY);
    }, 0);
  const found = new Map<unknown, Located>();
  const note = (key: unknown, warning: LintWarning | undefined, place: Place | undefined) => {
    if (warning !== undefined && !found.has(key)) found.set(key, { ...warning, place });
  };
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind === 'loop') {
      if (isDivergent(instruction, program, varies, spread)) note(instruction, divergentLoop, instruction.place);
    } else if (instruction.kind === 'op' && alongX !== undefined) {
      const { form } = rowOf(instruction.op);
      if (form !== 'load' && form !== 'store' && form !== 'atomic') return;
      const memory = instruction.reference as Memory;
      const width = program.workgroup?.[0] ?? 64;
      note(memory, accessWarning(memory, indexStrides(instruction, memory, alongX), width), instruction.place);
    }
  });
  return [...found.values()];
}

/** The axes along which a workgroup has more than one invocation. */
function axesOf({ program: { workgroup }, facts }: Verified): Axis[] {
  return ([0, 1, 2] as const).filter((axis) => (workgroup === undefined ? axis < facts.gridRank : workgroup[axis] > 1));
}

// ---- accesses ----

function indexStrides({ args }: Operation, memory: Memory, of: (value: Value) => Stride): Stride[] {
  return args.slice(0, rankOf(memory)).map(of);
}

function accessWarning(memory: Memory, strides: readonly Stride[], width: number): LintWarning | undefined {
  if (strides.includes('any')) return undefined;
  if (memory.kind === 'buffer') return uncoalesced(memory, strides);
  return memory.space === 'workgroup' ? bankConflict(memory, strides[0]!, width) : undefined;
}

/** Neighbours that are no further apart take what one access of a vector would. */
const mostBytesApart = 16;

function uncoalesced(memory: Memory, strides: readonly Stride[]): LintWarning | undefined {
  const last = strides.at(-1)!;
  const rows = strides.slice(0, -1).some((stride) => stride !== 0);
  const bytes = typeof last === 'number' ? Math.abs(last) * elementBytes(memory.element) : Number.POSITIVE_INFINITY;
  const name = `\`${memory.name}\``;
  const message = rows
    ? `neighbours along x touch different rows of ${name}`
    : `neighbours along x touch elements of ${name} that are ${typeof last === 'number' ? Math.abs(last) : 'a multiple of some size'} apart`;
  if (!rows && (bytes <= mostBytesApart || Math.abs(last as number) === 1)) return undefined;
  return {
    code: 'uncoalesced-access',
    message,
    hint: rows
      ? 'Let k.global.x be the last index, which is the fastest. Where both orders are needed, go through a tile in k.shared.'
      : 'Let the index grow by 1 with k.global.x: index with j * count + i instead of i * size + j, or keep what belongs together in vectors.',
  };
}

const banks = 32;
/** So many invocations at one bank are worth a word. */
const leastWays = 8;

function bankConflict(memory: Memory, stride: Stride, width: number): LintWarning | undefined {
  if (typeof stride !== 'number' || stride === 0) return undefined;
  const bytes = elementBytes(memory.element);
  const words = bytes === 12 ? 1 : Math.max(1, bytes / 4);
  const ways = Math.min(width, divisor(Math.abs(stride) * words, banks) / words);
  if (ways < leastWays) return undefined;
  const name = `\`${memory.name}\``;
  return {
    code: 'bank-conflict',
    message: `neighbours along x touch elements of ${name} that are ${Math.abs(stride)} apart: ${ways} at a time ask one bank`,
    hint: `Make its rows one element longer: ${stride} becomes ${Math.abs(stride) + 1} in its length and in every index.`,
  };
}
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

// ---- loops ----

const divergentLoop: LintWarning = {
  code: 'divergent-loop',
  message: 'invocations of a workgroup leave this loop at different times, and wait for the last',
  hint: 'Let arguments or shapes say how often it runs; where the data must, sort it so that neighbours have alike many to do.',
};

/** Of a kernel that leaves it open: along x, invocations run in lockstep in groups of about so many. */
const assumedWorkgroup = [32, 8, 4] as const;

type Of<T> = (value: Value) => T;

function isDivergent(loop: Loop, program: Program, varies: Of<boolean>, spread: Of<number>): boolean {
  const definitions = definitionsOf(program.body);
  return exitConditions(loop).some(
    (condition) => varies(condition) && !isStrided(condition, loop, definitions, varies, spread),
  );
}

/** The conditions that decide whether an iteration is the last. */
function exitConditions(loop: Loop): Value[] {
  const conditions: Value[] = [];
  /** Whether the block leaves the loop: by a `break` where that is this one's, or by a `return`. */
  const walk = ({ body, end }: Block, ofLoop: boolean): boolean => {
    let leaves = end.kind === 'return' || (ofLoop && end.kind === 'break');
    for (const instruction of body) {
      if (instruction.kind === 'if' && branch(instruction, ofLoop)) leaves = true;
      else if (instruction.kind === 'loop' && walk(instruction.body, false)) leaves = true;
    }
    return leaves;
  };
  const branch = ({ condition, accept, reject }: If, ofLoop: boolean): boolean => {
    const leaves = [accept, reject].map((arm) => walk(arm, ofLoop));
    if (leaves.includes(true)) conditions.push(condition);
    return leaves.includes(true);
  };
  walk(loop.body, true);
  return conditions;
}

/**
 * Whether a condition compares a counter that begins at the invocation's own index and strides over all of them with a limit that is the
 * same for all: neighbours then differ by one iteration at most.
 */
function isStrided(
  condition: Value,
  loop: Loop,
  definitions: ReadonlyMap<Value, Operation>,
  varies: Of<boolean>,
  spread: Of<number>,
): boolean {
  let comparison = definitions.get(condition);
  if (comparison?.op === 'not') comparison = definitions.get(comparison.args[0]!);
  if (comparison === undefined || !['lt', 'le', 'gt', 'ge'].includes(comparison.op)) return false;
  const [subject, ...others] = comparison.args.filter(varies);
  const at = loop.params.indexOf(subject!);
  if (others.length > 0 || at < 0) return false;
  return continuesOf(loop.body).every((values) => {
    const next = definitions.get(values[at]!);
    if (next === undefined || (next.op !== 'add' && next.op !== 'sub') || !next.args.includes(subject!)) return false;
    const step = next.args.find((arg) => arg !== subject);
    if (step === undefined || varies(step)) return false;
    const constant = definitions.get(step);
    return constant?.op !== 'constant' || Math.abs(constant.attribute | 0) > spread(subject!);
  });
}
function continuesOf({ body, end }: Block): (readonly Value[])[] {
  const inner = body.flatMap((it) => (it.kind === 'if' ? [it.accept, it.reject].flatMap(continuesOf) : []));
  return end.kind === 'continue' ? [...inner, end.values] : inner;
}
