/**
 * The meaning of every scalar operation, as code.
 *
 * The interpreter runs it and constant folding computes with it, so it is the one place that says what `div` of zero or
 * `convert` of NaN gives. Numbers are those of bits.ts: an f32 is a double that is an f32, an i32 is in [-2^31, 2^31), a
 * bool is 0 or 1. Floats are computed in f64 and rounded once, which for + - * / and sqrt of f32 and f16 is the correctly
 * rounded result (f64 has more than twice the bits plus two); the functions are then within half an ulp and a little.
 */

import { bitsOf, halfBits, halfValue, numberOf, roundTiesToEven, roundTo } from './bits.ts';
import type { ScalarOp } from './ops.ts';
import { isFloat, isInteger, type ScalarType } from './types.ts';

/** An operation at fixed types: up to three operands; those that it does not take are ignored. */
export type ScalarFunction = (x: number, y: number, z: number) => number;

/** What an operation does for operands of type T, giving the result type `to`. */
type Meaning = (type: ScalarType, to: ScalarType) => ScalarFunction;

/** The result, computed in f64 or as a whole number, rounded or wrapped to T. */
function rounded(compute: ScalarFunction): Meaning {
  return (type) => (x, y, z) => roundTo(type, compute(x, y, z));
}
/** Nothing to round: the result is a value of its type whenever the operands are. */
function plain(compute: ScalarFunction): Meaning {
  return () => compute;
}
function byType(meanings: { i32?: Meaning; u32?: Meaning; bool?: Meaning; float?: Meaning }): Meaning {
  return (type, to) => meanings[type === 'f32' || type === 'f16' ? 'float' : type]!(type, to);
}
const compare = (holds: (x: number, y: number) => boolean): Meaning => plain((x, y) => (holds(x, y) ? 1 : 0));
const integers = (compute: ScalarFunction): { i32: Meaning; u32: Meaning } => ({
  i32: rounded(compute),
  u32: rounded(compute),
});

/** What is a function of real numbers, in f64: to within a few of its units in the last place. */
export const realFunctions = {
  sqrt: Math.sqrt,
  inverseSqrt: (x) => 1 / Math.sqrt(x),
  cbrt: Math.cbrt,
  hypot: (x, y) => Math.hypot(x, y),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  pow: (x, y) => (x < 0 ? Number.NaN : x ** y),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf: errorFunction,
} as const satisfies { readonly [N in ScalarOp]?: ScalarFunction };
const ofReals = Object.fromEntries(
  Object.entries(realFunctions).map(([name, compute]) => [name, rounded(compute)]),
) as { readonly [N in keyof typeof realFunctions]: Meaning };

const meanings: { readonly [N in ScalarOp]: Meaning } = {
  add: rounded((x, y) => x + y),
  sub: rounded((x, y) => x - y),
  mul: byType({ ...integers(Math.imul), float: rounded((x, y) => x * y) }),
  div: byType({ ...integers((x, y) => (y === 0 ? x : Math.trunc(x / y))), float: rounded((x, y) => x / y) }),
  rem: byType({
    ...integers((x, y) => (y === 0 ? 0 : x % y)),
    float: (type) => (x, y) => roundTo(type, x - roundTo(type, y * Math.trunc(roundTo(type, x / y)))),
  }),
  mulHigh: rounded((x, y) => Number((BigInt(x) * BigInt(y)) >> 32n)),
  neg: rounded((x) => -x),
  abs: rounded(Math.abs),
  min: plain((x, y) => (y < x ? y : x)),
  max: plain((x, y) => (x < y ? y : x)),
  fma: rounded(fusedMultiplyAdd),
  floor: plain(Math.floor),
  ceil: plain(Math.ceil),
  trunc: plain(Math.trunc),
  round: plain(roundKeepingSign),
  ...ofReals,
  and: rounded((x, y) => x & y),
  or: rounded((x, y) => x | y),
  xor: rounded((x, y) => x ^ y),
  not: byType({ ...integers((x) => ~x), bool: plain((x) => 1 - x) }),
  shl: rounded((x, n) => x << n),
  shr: byType({ i32: plain((x, n) => x >> n), u32: plain((x, n) => x >>> n) }),
  countOneBits: plain(countOneBits),
  countLeadingZeros: plain((x) => Math.clz32(x)),
  countTrailingZeros: plain((x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x))),
  reverseBits: rounded(reverseBits),
  eq: compare((x, y) => x === y),
  ne: compare((x, y) => x !== y),
  lt: compare((x, y) => x < y),
  le: compare((x, y) => x <= y),
  gt: compare((x, y) => x > y),
  ge: compare((x, y) => x >= y),
  select: plain((condition, x, y) => (condition ? x : y)),
  convert: conversion,
  bitcast: (type, to) => (x) => numberOf(to, bitsOf(type, x)),
  packHalf: plain(halfBits),
  unpackHalf: plain((bits) => halfValue(bits)),
  threefry: plain((seed, counter) => threefry2x32(seed, 0, counter, 0)[0]),
};

/** The operation as a function of numbers: operands of type T, result of type `to`. */
export function scalarFunction(op: ScalarOp, type: ScalarType, to: ScalarType): ScalarFunction {
  return meanings[op](type, to);
}

/** What `op` gives for these operands. `type` is its T; `to` its result type. */
export function evaluate(op: ScalarOp, type: ScalarType, args: readonly number[], to: ScalarType): number {
  const [x = 0, y = 0, z = 0] = args;
  return meanings[op](type, to)(x, y, z);
}

const integerRange = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

/** The value in another type; only a float that becomes an integer saturates, everything else rounds or wraps. */
function conversion(from: ScalarType, to: ScalarType): ScalarFunction {
  if (to === 'bool') return (x) => (x === 0 || Number.isNaN(x) ? 0 : 1);
  if (!isFloat(from) || !isInteger(to)) return (x) => roundTo(to, x);
  const [least, greatest] = integerRange[to];
  return (x) => (Number.isNaN(x) ? 0 : roundTo(to, Math.min(Math.max(Math.trunc(x), least), greatest)));
}

const scratch = new DataView(new ArrayBuffer(8));

/**
 * x * y + z before its one rounding to f32 or f16. The product of two f32 is exact in f64; the sum may not be, and
 * rounding it to nearest and then to f32 would round twice. So it is rounded to odd: an inexact sum gets an odd last bit,
 * which no tie of the narrower type has, and the second rounding comes out as if it were the only one.
 */
function fusedMultiplyAdd(x: number, y: number, z: number): number {
  const product = x * y;
  const sum = product + z;
  if (!Number.isFinite(sum)) return sum;
  const part = sum - product;
  const error = product - (sum - part) + (z - part);
  if (error === 0) return sum;
  scratch.setFloat64(0, sum);
  const bits = scratch.getBigUint64(0);
  if (bits & 1n) return sum;
  const awayFromZero = error > 0 === sum > 0;
  scratch.setBigUint64(0, awayFromZero ? bits + 1n : bits - 1n);
  return scratch.getFloat64(0);
}

/**
 * 2 / sqrt(pi) times the integral of e^(-s^2) from 0 to x: e^(-x^2) times a series whose terms have one sign (Abramowitz and
 * Stegun, "Handbook of Mathematical Functions", formula 7.1.6), so that nothing cancels.
 */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -60; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** To nearest, ties to even; what rounds to zero keeps its sign. */
function roundKeepingSign(x: number): number {
  if (!(Math.abs(x) < 2 ** 24)) return x; // whole already, infinite or NaN
  const magnitude = roundTiesToEven(Math.abs(x));
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude;
}

function countOneBits(x: number): number {
  let count = 0;
  for (let rest = x >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}

function reverseBits(x: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((x >>> bit) & 1);
  return reversed;
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Threefry2x32-20: a block cipher of 64 bits cut down to random numbers; both words of the result. */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const keys = [key0, key1, 0x1bd11bda ^ key0 ^ key1];
  let x = (counter0 + key0) | 0;
  let y = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round % 8]!;
    x = (x + y) | 0;
    y = ((y << rotation) | (y >>> (32 - rotation))) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + keys[injection % 3]!) | 0;
      y = (y + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}
