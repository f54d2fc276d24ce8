/** Results of a function in mode `exact`, each compared with the true value. */

import { decide, type FunctionName, referenceOf, slack } from './reference.ts';

export interface Findings {
  /** Results that are not the f32 nearest to the true value. */
  readonly incorrect: number;
  /** The largest distance of one of these from the true value, in units of the last place of that; 0 where there is none. */
  readonly worst: number;
  /** Where that is: the operands, and what came of them. */
  readonly at: readonly number[];
  readonly got: number;
}

const least = 2 ** -126;
const bitsOfNaN = 0x7fc00000;

/** `operands` are as the function was given them, before what is subnormal counts as zero. */
export function compare(op: FunctionName, operands: readonly Float32Array[], results: Float32Array): Findings {
  const { real, precise } = referenceOf(op);
  const [xs, ys = none, zs = none] = operands as [Float32Array, Float32Array?, Float32Array?];
  const bits = new Uint32Array(results.buffer, results.byteOffset, results.length);
  let incorrect = 0;
  let worst = 0;
  let at = -1;
  for (let i = 0; i < results.length; i++) {
    const x = normal(xs[i]!);
    const y = ys === none ? 0 : normal(ys[i]!);
    const value = real(x, y, zs === none ? 0 : normal(zs[i]!));
    let wanted = Math.fround(value);
    if (precise !== undefined) {
      if (isNearTie(value)) wanted = decide(precise, x, y, value);
      if (Math.abs(wanted) <= least) wanted = 0;
    }
    const got = results[i]!;
    // equal, and of zeros and NaNs the one that there is
    if (got === wanted ? got !== 0 || bits[i] === 0 : Number.isNaN(wanted) && bits[i] === bitsOfNaN) continue;
    incorrect++;
    const error = distance(got, value);
    if (error <= worst && at >= 0) continue;
    worst = error;
    at = i;
  }
  return at < 0 ? nothing : { incorrect, worst, at: operands.map((operand) => operand[at]!), got: results[at]! };
}
const none = new Float32Array(0);

const normal = (x: number): number => (Math.abs(x) < least ? 0 : x);

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Whether what an f32 does not hold of an f64 is half a unit, or within `slack` of it. */
function isNearTie(value: number): boolean {
  double[0] = value;
  const rest = words[0]! & 0x1fffffff;
  return Math.abs(rest - 0x10000000) <= slack;
}

/** From a result to the true value, in units of the last place. An infinite one counts as 2^128, and 0 as 2^-126. */
function distance(got: number, value: number): number {
  if (Number.isNaN(got) || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  const clamp = (v: number) => Math.sign(v) * Math.min(Math.abs(v), 2 ** 128);
  const nearest = got === 0 && Math.abs(value) >= least ? Math.sign(value) * least : clamp(got);
  const exponent = Math.min(127, Math.max(-126, Math.floor(Math.log2(Math.abs(value)))));
  return Math.abs(nearest - clamp(value)) / 2 ** (exponent - 23);
}

export const nothing: Findings = { incorrect: 0, worst: 0, at: [], got: 0 };
/** The findings of two sets of results as one. */
export function together(one: Findings, other: Findings): Findings {
  const worse = other.worst > one.worst ? other : one;
  return { ...worse, incorrect: one.incorrect + other.incorrect };
}
