/**
 * Which numbers an integer value can be: an interval that holds for every invocation and every time it is evaluated.
 *
 * Without a launch the intervals hold for all launches; with one they use its arguments, shapes and grid. An operation
 * that the table below does not know has the whole range of its type, which is always right; so has arithmetic that
 * could wrap, and whatever lies too deep.
 */

import { numberOf } from './bits.ts';
import { type IdOp, isScalarOp, ops, type ScalarOp } from './ops.ts';
import type { Block, If, Loop, Operation, Program, Value } from './program.ts';
import { type ElementType, isInteger, maxDimension, maxWorkgroupInvocations, type ScalarType } from './types.ts';
import type { LaunchShape } from './verified.ts';

/** Both ends belong to it. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'op'; readonly operation: Operation }
  | { readonly kind: 'if'; readonly instruction: If; readonly index: number }
  | { readonly kind: 'param'; readonly loop: Loop; readonly index: number }
  /** The result of a loop: one of these, which its breaks carry. */
  | { readonly kind: 'broken'; readonly values: readonly Value[] };

/** The origin of every value of a program. */
export function originsOf(program: Program): ReadonlyMap<Value, Origin> {
  const origins = new Map<Value, Origin>();
  const walk = ({ body, end }: Block, broken: readonly Value[][]): void => {
    for (const instruction of body) {
      switch (instruction.kind) {
        case 'op':
          if (instruction.result !== undefined) origins.set(instruction.result, { kind: 'op', operation: instruction });
          break;
        case 'if':
          walk(instruction.accept, broken);
          walk(instruction.reject, broken);
          instruction.results.forEach((result, index) => {
            origins.set(result, { kind: 'if', instruction, index });
          });
          break;
        case 'loop': {
          const values = instruction.results.map((): Value[] => []);
          instruction.params.forEach((param, index) => {
            origins.set(param, { kind: 'param', loop: instruction, index });
          });
          walk(instruction.body, values);
          instruction.results.forEach((result, index) => {
            origins.set(result, { kind: 'broken', values: values[index]! });
          });
        }
      }
    }
    if (end.kind === 'break')
      end.values.forEach((value, index) => {
        broken[index]!.push(value);
      });
  };
  walk(program.body, []);
  return origins;
}

/** The value itself, or where it is the result of an `if` that only one arm gives, what that arm gives. */
export function sourceOf(value: Value, origins: ReadonlyMap<Value, Origin>): Value {
  for (let depth = 0; depth < maxDepth; depth++) {
    const origin = origins.get(value);
    if (origin?.kind !== 'if') return value;
    const { accept, reject } = origin.instruction;
    const accepted = accept.end.kind === 'yield' ? accept.end.values[origin.index] : undefined;
    const rejected = reject.end.kind === 'yield' ? reject.end.values[origin.index] : undefined;
    if (accepted !== undefined && rejected !== undefined) return value;
    value = (accepted ?? rejected)!;
  }
  return value;
}

/** What a recognised loop says of its parameter. */
export type Induction = (ranges: Ranges) => Range;

/** Origins are followed no further than this. */
const maxDepth = 64;

export class Ranges {
  readonly #program: Program;
  readonly #origins: ReadonlyMap<Value, Origin>;
  readonly #inductions: ReadonlyMap<Value, Induction>;
  readonly #launch: LaunchShape | undefined;
  readonly #endless: boolean;
  readonly #known = new Map<Value, Range>();
  #depth = 0;

  constructor(
    program: Program,
    origins: ReadonlyMap<Value, Origin>,
    inductions: ReadonlyMap<Value, Induction>,
    launch?: LaunchShape,
    endless = false,
  ) {
    this.#program = program;
    this.#origins = origins;
    this.#inductions = inductions;
    this.#launch = launch;
    this.#endless = endless;
  }

  /**
   * Ranges for all launches in which what only memory or unknown operations decide has no end, rather than the end of its
   * type: a range is finite where arguments, shapes and grid bound it.
   */
  static endless(
    program: Program,
    origins: ReadonlyMap<Value, Origin>,
    inductions: ReadonlyMap<Value, Induction>,
  ): Ranges {
    return new Ranges(program, origins, inductions, undefined, true);
  }

  /** The range of a value; of one that is no integer, infinite. */
  of(value: Value): Range {
    const whole = wholeRange(value.type as ScalarType);
    const unknown = this.#endless ? endlessRange(value.type as ScalarType) : whole;
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    if (this.#depth === maxDepth) return unknown;
    // where a value depends on itself, this is the answer
    this.#known.set(value, unknown);
    this.#depth++;
    const range = this.#compute(value);
    this.#depth--;
    // what is finite and does not fit has wrapped; what is NaN came of no end times 0
    const finite = Number.isFinite(range.low) && Number.isFinite(range.high);
    const fits = range.low >= whole.low && range.high <= whole.high;
    const fitting = fits ? range : finite ? whole : unknown;
    this.#known.set(value, fitting);
    return fitting;
  }

  /** The parameter's loop has been recognised since it was asked for. */
  forget(param: Value): void {
    this.#known.delete(param);
  }

  #compute(value: Value): Range {
    const origin = this.#origins.get(value);
    if (origin === undefined) return everything;
    switch (origin.kind) {
      case 'op':
        return this.#operation(origin.operation);
      case 'if': {
        const { accept, reject } = origin.instruction;
        const yields = [accept, reject].flatMap(({ end }) => (end.kind === 'yield' ? [end.values[origin.index]!] : []));
        return this.#union(yields);
      }
      case 'broken':
        return this.#union(origin.values);
      case 'param':
        return this.#inductions.get(value)?.(this) ?? everything;
    }
  }

  #union(values: readonly Value[]): Range {
    const ranges = values.map((value) => this.of(value));
    return { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
  }

  #operation(operation: Operation): Range {
    const { op, args, attribute, reference, result } = operation;
    if (isScalarOp(op)) {
      const transfer = transfers[op];
      if (transfer === undefined || !args.every(({ type }) => isInteger(type) || type === 'bool')) return everything;
      return transfer(args.map((arg) => this.of(arg)));
    }
    const row = ops[op];
    switch (row.form) {
      case 'constant':
        return isInteger(result!.type) || result!.type === 'bool'
          ? exactly(numberOf(result!.type, attribute))
          : everything;
      case 'argument': {
        const given = this.#given(reference!);
        if (!isInteger(result!.type)) return everything;
        return given === undefined ? wholeRange(result!.type) : exactly(given[0]!);
      }
      case 'dimension':
        return spread(this.#given(reference!)?.[attribute], 0, maxDimension);
      case 'id':
        return this.#id(op as IdOp, attribute as 0 | 1 | 2);
      case 'load':
        return reference!.kind === 'scalar' ? everything : (packedRanges[reference!.element] ?? everything);
      case 'collective':
        // these give a value that some invocation holds
        return op === 'uniform' || op === 'groupBroadcast' || op === 'groupMin' || op === 'groupMax'
          ? this.of(args[0]!)
          : everything;
      default:
        return everything;
    }
  }

  #given(param: NonNullable<Operation['reference']>): readonly number[] | undefined {
    if (this.#launch === undefined || param.kind === 'local') return undefined;
    return this.#launch.args[this.#program.params.indexOf(param)];
  }

  #id(op: IdOp, axis: 0 | 1 | 2): Range {
    const declared = this.#launch?.workgroup ?? this.#program.workgroup;
    const size = declared === undefined ? { low: 1, high: maxWorkgroupInvocations } : exactly(declared[axis]);
    const grid = this.#launch?.grid[axis] ?? maxDimension;
    const groups = Math.ceil(grid / size.low);
    switch (op) {
      case 'globalId':
        // ghosts stand beyond the grid
        return upTo(declared === undefined ? grid + size.high : groups * size.high);
      case 'localId':
        return upTo(size.high);
      case 'workgroupId':
        return upTo(groups);
      case 'numWorkgroups':
        return { low: this.#launch === undefined ? 0 : groups, high: groups };
      case 'workgroupSize':
        return size;
      case 'localIndex':
        return upTo(declared === undefined ? maxWorkgroupInvocations : declared[0] * declared[1] * declared[2]);
      case 'inGrid':
        return { low: 0, high: 1 };
    }
  }
}

const everything: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
const exactly = (value: number): Range => ({ low: value, high: value });
/** From 0, below `end`. */
const upTo = (end: number): Range => ({ low: 0, high: Math.max(0, end - 1) });
const spread = (given: number | undefined, low: number, high: number): Range =>
  given === undefined ? { low, high } : exactly(given);

/** All numbers of a type. */
export function wholeRange(type: ScalarType): Range {
  switch (type) {
    case 'i32':
      return { low: -(2 ** 31), high: 2 ** 31 - 1 };
    case 'u32':
      return { low: 0, high: 2 ** 32 - 1 };
    case 'bool':
      return { low: 0, high: 1 };
    default:
      return everything;
  }
}

/** A range of the type that nothing bounds. */
function endlessRange(type: ScalarType): Range {
  return type === 'u32' ? { low: 0, high: Number.POSITIVE_INFINITY } : type === 'bool' ? wholeRange(type) : everything;
}

const packedRanges: { readonly [E in ElementType]?: Range } = {
  u8: { low: 0, high: 0xff },
  u16: { low: 0, high: 0xffff },
  i8: { low: -0x80, high: 0x7f },
  i16: { low: -0x8000, high: 0x7fff },
};

type Transfer = (args: readonly Range[]) => Range;
/** From the extremes of a function that is monotonic in each operand, up or down. */
const corners =
  (f: (x: number, y: number) => number): Transfer =>
  ([x, y]) => {
    const values = [f(x!.low, y!.low), f(x!.low, y!.high), f(x!.high, y!.low), f(x!.high, y!.high)];
    return { low: Math.min(...values), high: Math.max(...values) };
  };
/** As `corners`, where the second operand is one known number from 0 to 31. */
const shift =
  (f: (x: number, n: number) => number): Transfer =>
  ([x, n]) =>
    n!.low === n!.high && n!.low >= 0 && n!.low < 32 ? corners(f)([x!, n!]) : everything;
const count: Transfer = () => ({ low: 0, high: 32 });
const same: Transfer = ([x]) => x!;

/** Exact ranges of operations on integers, as if nothing wrapped; `of` widens what does not fit the result's type. */
const transfers: { readonly [N in ScalarOp]?: Transfer } = {
  add: ([x, y]) => ({ low: x!.low + y!.low, high: x!.high + y!.high }),
  sub: ([x, y]) => ({ low: x!.low - y!.high, high: x!.high - y!.low }),
  mul: corners((x, y) => x * y),
  div: ([x, y]) => (y!.low >= 1 ? corners((a, b) => Math.trunc(a / b))([x!, y!]) : everything),
  rem: ([x, y]) => {
    if (y!.low < 1) return everything;
    const most = y!.high - 1;
    return { low: x!.low >= 0 ? 0 : Math.max(x!.low, -most), high: x!.high <= 0 ? 0 : Math.min(x!.high, most) };
  },
  neg: ([x]) => ({ low: -x!.high, high: -x!.low }),
  abs: ([x]) => ({
    low: x!.low > 0 ? x!.low : x!.high < 0 ? -x!.high : 0,
    high: Math.max(-x!.low, x!.high),
  }),
  min: ([x, y]) => ({ low: Math.min(x!.low, y!.low), high: Math.min(x!.high, y!.high) }),
  max: ([x, y]) => ({ low: Math.max(x!.low, y!.low), high: Math.max(x!.high, y!.high) }),
  and: ([x, y]) => {
    const highs = [x!, y!].filter(({ low }) => low >= 0).map(({ high }) => high);
    return highs.length === 0 ? everything : { low: 0, high: Math.min(...highs) };
  },
  shl: shift((x, n) => x * 2 ** n),
  shr: shift((x, n) => Math.floor(x / 2 ** n)),
  select: ([, x, y]) => ({ low: Math.min(x!.low, y!.low), high: Math.max(x!.high, y!.high) }),
  convert: same,
  bitcast: same,
  countOneBits: count,
  countLeadingZeros: count,
  countTrailingZeros: count,
};
