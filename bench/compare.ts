/** Comparison of outputs with a reference. */

import { IsokernelError, type TypedArray } from '../src/index.ts';
import type { Verdict } from './case.ts';

const word = new Int32Array(1);
const float = new Float32Array(word.buffer);
/** Floats in order as whole numbers: neighbours differ by 1. */
function ordinal(value: number): number {
  float[0] = value;
  const bits = word[0]!;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}
/** Distance of two f32 in units in the last place. */
function ulpDistance(a: number, b: number): number {
  return Object.is(a, b) ? 0 : Math.abs(ordinal(a) - ordinal(b));
}

export interface Tolerance {
  /** An element is right within `absolute + relative * |expected|`. */
  readonly absolute?: number;
  readonly relative?: number;
  /** Fraction of elements that may be outside: for chaotic results, where one rounding changes everything. */
  readonly outliers?: number;
}

/**
 * Compares outputs with what they should be, all of them or those of the given indices. `expected` gives an element as a
 * double. Throws `check-failed`, naming the first wrong element.
 */
export function compare(
  name: string,
  got: TypedArray,
  expected: (index: number) => number,
  { absolute = 0, relative = 0, outliers = 0 }: Tolerance = {},
  indices: Iterable<number> = got.keys(),
): Verdict {
  let maxUlp = 0;
  let wrong = 0;
  let count = 0;
  let first: string | undefined;
  for (const i of indices) {
    count++;
    const value = got[i]!;
    const wanted = expected(i);
    const distance = got instanceof Float32Array ? ulpDistance(value, Math.fround(wanted)) : Math.abs(value - wanted);
    const near = Math.abs(value - wanted) <= absolute + relative * Math.abs(wanted);
    if (near || distance === 0) maxUlp = Math.max(maxUlp, distance);
    else {
      wrong++;
      first ??= `${name}[${i}] is ${value}, not ${wanted}`;
    }
  }
  if (wrong > outliers * count)
    throw new IsokernelError('check-failed', `${wrong} of ${count} elements are wrong: ${first}`);
  return { maxUlp };
}

/** The worse of several verdicts. */
export function worst(...verdicts: readonly Verdict[]): Verdict {
  return { maxUlp: Math.max(0, ...verdicts.map(({ maxUlp }) => maxUlp)) };
}
