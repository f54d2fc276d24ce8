/**
 * What a function's results are compared with: the true value in f64, and where that does not tell which f32 is nearest, in 60
 * decimal digits.
 */

import { Decimal } from 'decimal.js';
import { realFunctions, type ScalarFunction } from '../../ir/evaluate.ts';
import { exactFunction } from '../../ir/exact.ts';
import { ops, type ScalarRow } from '../../ir/ops.ts';

const D = Decimal.clone({ precision: 60 });
type Precise = (x: Decimal, y: Decimal) => Decimal;

/** An f32, or a number halfway between two, as it is: the constructor would take its shortest decimal form for it. */
export function digitsOf(x: number): Decimal {
  const exponent = x === 0 ? 0 : Math.floor(Math.log2(Math.abs(x))) - 52;
  return new D(x * 2 ** -exponent).mul(new D(2).pow(exponent));
}

/**
 * Units of the last place of an f64 that a reference may be off: far more than any of V8's functions is, which come from
 * FreeBSD's msun and claim less than 1. tests/cli/numerics.test.ts samples them against 60 digits.
 */
export const slack = 256;

export interface Reference {
  /** The true value, to `slack`; of what is exact by its definition, the f32 itself. */
  readonly real: ScalarFunction;
  /** Not given where `real` says it all. */
  readonly precise?: Precise | undefined;
}

const half = new D(0.5);
const one = new D(1);
/** The alternating series: the digits that it loses up to |x| = 6 can be missed. Beyond, even an f64 is 1. */
function erf(x: Decimal): Decimal {
  if (x.abs().gt(6)) return new D(x.isNegative() ? -1 : 1);
  let [term, sum] = [x, x];
  for (let n = 1; term.abs().gt(1e-50); n++) {
    term = term.mul(x).mul(x).neg().div(n);
    sum = sum.plus(term.div(2 * n + 1));
  }
  return sum.mul(2).div(D.acos(-1).sqrt());
}
const precise: { readonly [N in keyof typeof realFunctions]: Precise } = {
  sqrt: (x) => x.sqrt(),
  inverseSqrt: (x) => one.div(x.sqrt()),
  cbrt: (x) => x.cbrt(),
  hypot: (x, y) => D.hypot(x, y),
  exp: (x) => x.exp(),
  exp2: (x) => new D(2).pow(x),
  expm1: (x) =>
    x.abs().lt(1e-8) ? x.plus(x.mul(x).mul(half)).plus(x.pow(3).div(6)).plus(x.pow(4).div(24)) : x.exp().minus(1),
  log: (x) => x.ln(),
  log2: (x) => D.log2(x),
  log10: (x) => D.log10(x),
  log1p: (x) => x.plus(1).ln(),
  pow: (x, y) => x.pow(y),
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  tan: (x) => x.tan(),
  asin: (x) => x.asin(),
  acos: (x) => x.acos(),
  atan: (x) => x.atan(),
  atan2: (y, x) => D.atan2(y, x),
  sinh: (x) => x.sinh(),
  cosh: (x) => x.cosh(),
  tanh: (x) => x.tanh(),
  asinh: (x) => x.asinh(),
  acosh: (x) => x.acosh(),
  atanh: (x) => x.atanh(),
  erf,
};

/** What is pinned as a formula, or exact in f64 already, needs no more digits. */
const pinned = ['rem', 'fma', 'div'] as const;

/** The functions that `exact` has in software, or written out. */
export type FunctionName = (typeof pinned)[number] | keyof typeof realFunctions;

export const functionNames: readonly FunctionName[] = [
  ...(Object.keys(realFunctions) as (keyof typeof realFunctions)[]),
  ...pinned,
];
function isPinned(op: FunctionName): op is (typeof pinned)[number] {
  return (pinned as readonly FunctionName[]).includes(op);
}
export function arityOf(op: FunctionName): number {
  return (ops[op] as ScalarRow).args.length;
}
export function referenceOf(op: FunctionName): Reference {
  return isPinned(op) ? { real: exactFunction(op, 'f32', 'f32')! } : { real: realFunctions[op], precise: precise[op] };
}

/** The f32 nearest to the true value, ties to even, where `near`, an f64, is within `slack` of it and of a tie. */
export function decide(value: Precise, x: number, y: number, near: number): number {
  const [low, high] = [Math.fround(near * (1 - 2 ** -40)), Math.fround(near * (1 + 2 ** -40))];
  if (low === high) return low;
  const finite = (f: number) => (Number.isFinite(f) ? f : Math.sign(f) * 2 ** 128);
  const middle = (finite(low) + finite(high)) / 2;
  const difference = value(digitsOf(x), digitsOf(y)).minus(digitsOf(middle));
  // of neighbours, the even one has a 0 as the last bit
  const even = new Uint32Array(Float32Array.of(low).buffer)[0]! % 2 === 0 ? low : high;
  if (difference.isZero()) return even;
  return difference.isPositive() === near > 0 ? high : low;
}
