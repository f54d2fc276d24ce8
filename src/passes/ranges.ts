/**
 * Intervals of integers with symbolic ends: what can be known of an i32 or u32 without running the program.
 *
 * A range holds numbers, and bounds relative to symbols, the dimensions of buffers: `i <= x.length - 1` is what proves
 * an access. Every operation's range holds what the operation can give for operands in theirs; where a result may wrap,
 * nothing is known of it. Of code that is never reached a range may say anything, but it is never empty.
 */

import type { ScalarOp } from '../ir/ops.ts';
import type { Value } from '../ir/program.ts';
import type { ScalarType } from '../ir/types.ts';

/** A dimension of a buffer, by identity. */
export type Dimension = Value;
type Bounds = ReadonlyMap<Dimension, number>;

export interface Range {
  readonly min: number;
  readonly max: number;
  /** The value is at most symbol + offset. */
  readonly atMost: Bounds;
  /** The value is at least symbol + offset. */
  readonly atLeast: Bounds;
}

const none: Bounds = new Map();

export function interval(min: number, max: number, atMost = none, atLeast = none): Range {
  return { min, max, atMost, atLeast };
}

const limits = {
  bool: interval(0, 1),
  i32: interval(-(2 ** 31), 2 ** 31 - 1),
  u32: interval(0, 2 ** 32 - 1),
} as const;
const anything = interval(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

/** Every value of the type. */
export function rangeOfType(type: Value['type']): Range {
  return type === 'bool' || type === 'i32' || type === 'u32' ? limits[type] : anything;
}

/** A symbol's own range. */
export function symbolic(symbol: Dimension, max: number): Range {
  const itself = new Map([[symbol, 0]]);
  return interval(0, max, itself, itself);
}

// ---- bounds ----

function shifted(bounds: Bounds, by: number): Bounds {
  if (bounds.size === 0 || by === 0) return bounds;
  if (!Number.isFinite(by)) return none;
  return new Map([...bounds].map(([symbol, offset]) => [symbol, offset + by]));
}
/** What both sides know, or the better of it. */
function either(a: Bounds, b: Bounds, better: (x: number, y: number) => number): Bounds {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [symbol, offset] of b) all.set(symbol, better(offset, all.get(symbol) ?? offset));
  return all;
}
/** What holds whichever side is right. */
function common(a: Bounds, b: Bounds, worse: (x: number, y: number) => number): Bounds {
  if (a.size === 0 || b.size === 0) return none;
  const both = new Map<Dimension, number>();
  for (const [symbol, offset] of a) {
    const other = b.get(symbol);
    if (other !== undefined) both.set(symbol, worse(offset, other));
  }
  return both;
}

/** Both are true of the value. Where they contradict each other nothing runs, and one number is as good as any. */
export function meet(a: Range, b: Range): Range {
  const min = Math.max(a.min, b.min);
  const max = Math.max(min, Math.min(a.max, b.max));
  return interval(min, max, either(a.atMost, b.atMost, Math.min), either(a.atLeast, b.atLeast, Math.max));
}
/** One of them is true of the value. */
export function join(a: Range, b: Range): Range {
  return interval(
    Math.min(a.min, b.min),
    Math.max(a.max, b.max),
    common(a.atMost, b.atMost, Math.max),
    common(a.atLeast, b.atLeast, Math.min),
  );
}
/** What is known of a value that is at most, or at least, another plus `offset`. */
export function atMost(other: Range, offset: number): Range {
  return interval(Number.NEGATIVE_INFINITY, other.max + offset, shifted(other.atMost, offset));
}
export function atLeast(other: Range, offset: number): Range {
  return interval(other.min + offset, Number.POSITIVE_INFINITY, none, shifted(other.atLeast, offset));
}

// ---- operations ----

type Transfer = (type: 'i32' | 'u32', x: Range, y: Range, z: Range) => Range;

/** The range if the type holds all of it; else the result may have wrapped. */
function unwrapped(type: 'i32' | 'u32', range: Range): Range {
  const { min, max } = limits[type];
  return range.min >= min && range.max <= max ? range : limits[type];
}

/** The largest number with as many bits. */
const filled = (max: number): number => 2 ** Math.ceil(Math.log2(max + 1)) - 1;

function subtract(type: 'i32' | 'u32', x: Range, y: Range): Range {
  // x >= s + a and y <= s + b: x - y >= a - b
  const gap = (low: Bounds, high: Bounds, fold: (...gaps: number[]) => number) =>
    fold(...[...low].flatMap(([symbol, a]) => (high.has(symbol) ? [a - high.get(symbol)!] : [])));
  return unwrapped(
    type,
    interval(
      Math.max(x.min - y.max, gap(x.atLeast, y.atMost, Math.max)),
      Math.min(x.max - y.min, gap(x.atMost, y.atLeast, Math.min)),
      shifted(x.atMost, -y.min),
      shifted(x.atLeast, -y.max),
    ),
  );
}

const sameBits: Transfer = (type, x) => unwrapped(type, x);
const bitCount: Transfer = () => interval(0, 32);

const transfers: { readonly [N in ScalarOp]?: Transfer } = {
  add: (type, x, y) =>
    unwrapped(
      type,
      interval(
        x.min + y.min,
        x.max + y.max,
        either(shifted(x.atMost, y.max), shifted(y.atMost, x.max), Math.min),
        either(shifted(x.atLeast, y.min), shifted(y.atLeast, x.min), Math.max),
      ),
    ),
  sub: subtract,
  // of INT_MIN it is INT_MIN
  abs: (type, x) => (x.min >= 0 ? x : x.min > limits[type].min ? interval(0, Math.max(-x.min, x.max)) : limits[type]),
  neg: (type, x) => subtract(type, interval(0, 0), x),
  mul(type, x, y) {
    const corners = [x.min * y.min, x.min * y.max, x.max * y.min, x.max * y.max];
    return unwrapped(type, interval(Math.min(...corners), Math.max(...corners)));
  },
  // x / 0 is x, so for whatever y >= 0 the result is between 0 and x
  div: (type, x, y) =>
    x.min >= 0 && y.min >= 0
      ? interval(Math.trunc(x.min / Math.max(y.max, 1)), Math.trunc(x.max / Math.max(y.min, 1)), x.atMost)
      : limits[type],
  rem(type, x, y) {
    if (y.min < 0) return limits[type];
    const most = Math.max(y.max - 1, 0);
    // x rem 0 is 0, which is not below y
    const belowY = y.min > 0 ? shifted(y.atMost, -1) : none;
    if (x.min < 0) return interval(-most, most, belowY);
    return interval(0, Math.min(x.max, most), either(x.atMost, belowY, Math.min));
  },
  min: (_, x, y) =>
    interval(
      Math.min(x.min, y.min),
      Math.min(x.max, y.max),
      either(x.atMost, y.atMost, Math.min),
      common(x.atLeast, y.atLeast, Math.min),
    ),
  max: (_, x, y) =>
    interval(
      Math.max(x.min, y.min),
      Math.max(x.max, y.max),
      common(x.atMost, y.atMost, Math.max),
      either(x.atLeast, y.atLeast, Math.max),
    ),
  and(type, x, y) {
    if (x.min >= 0 && y.min >= 0) return interval(0, Math.min(x.max, y.max), either(x.atMost, y.atMost, Math.min));
    if (x.min >= 0) return interval(0, x.max, x.atMost);
    return y.min >= 0 ? interval(0, y.max, y.atMost) : limits[type];
  },
  or: (type, x, y) =>
    x.min >= 0 && y.min >= 0 ? interval(Math.max(x.min, y.min), filled(Math.max(x.max, y.max))) : limits[type],
  xor: (type, x, y) => (x.min >= 0 && y.min >= 0 ? interval(0, filled(Math.max(x.max, y.max))) : limits[type]),
  shl: (type, x, n) =>
    n.min >= 0 && n.max < 32 && x.min >= 0
      ? unwrapped(type, interval(x.min * 2 ** n.min, x.max * 2 ** n.max))
      : limits[type],
  shr(_, x, n) {
    if (x.min < 0) return interval(x.min, Math.max(x.max, 0));
    const [least, most] = n.min >= 0 && n.max < 32 ? [n.min, n.max] : [0, 31];
    return interval(Math.floor(x.min / 2 ** most), Math.floor(x.max / 2 ** least), x.atMost);
  },
  countOneBits: bitCount,
  countLeadingZeros: bitCount,
  countTrailingZeros: bitCount,
  select: (_, _condition, x, y) => join(x, y),
  convert: sameBits,
  bitcast: sameBits,
};

/** The range of an operation's result of type `to`, where its operands are in theirs. */
export function transfer(op: ScalarOp, to: ScalarType, args: readonly Range[]): Range {
  if (to !== 'i32' && to !== 'u32') return rangeOfType(to);
  const [x = anything, y = anything, z = anything] = args;
  return transfers[op]?.(to, x, y, z) ?? limits[to];
}
