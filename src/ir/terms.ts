/** Short words for writing formulas through a builder. A number among the operands is a constant of the other's type. */

import type { Builder } from './builder.ts';
import type { Value } from './program.ts';
import type { ScalarType } from './types.ts';

export type Term = Value | number;
type Binary =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'and'
  | 'or'
  | 'xor'
  | 'mulHigh'
  | 'min'
  | 'max'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'eq'
  | 'ne';
type Unary = 'neg' | 'abs' | 'sqrt' | 'round' | 'trunc' | 'not' | 'countLeadingZeros';

export interface Terms
  extends Readonly<Record<Binary, (x: Term, y: Term) => Value>>,
    Readonly<Record<Unary, (x: Value) => Value>> {
  readonly shl: (x: Value, by: Term) => Value;
  readonly shr: (x: Value, by: Term) => Value;
  readonly select: (condition: Value, x: Term, y: Term) => Value;
  /** A polynomial in x, lowest coefficient first. */
  readonly poly: (x: Value, coefficients: readonly number[]) => Value;
  /** The bits of an f32, u32; and back. */
  readonly bits: (x: Value) => Value;
  readonly float: (bits: Value) => Value;
  /** The same 32 bits as an integer with a sign, and as one without. */
  readonly signed: (x: Value) => Value;
  readonly unsigned: (x: Value) => Value;
  /** 1 where a condition holds, else 0; u32. */
  readonly flag: (condition: Value) => Value;
  /** The magnitude of x with the sign of y. */
  readonly copySign: (x: Value, y: Value) => Value;
}

const signBit = 0x80000000;

export function terms(b: Builder): Terms {
  const lift = (x: Term, like: Term): Value => {
    if (typeof x !== 'number') return x;
    return b.constant(typeof like === 'number' ? 'f32' : (like.type as ScalarType), x);
  };
  const binary = (op: Binary) => (x: Term, y: Term) => b.op(op, lift(x, y), lift(y, x));
  const unary = (op: Unary) => (x: Value) => b.op(op, x);
  const add = binary('add');
  const mul = binary('mul');
  const and = binary('and');
  const bits = (x: Value) => b.bitcast(x, 'u32');
  const float = (x: Value) => b.bitcast(x, 'f32');
  return {
    add,
    sub: binary('sub'),
    mul,
    div: binary('div'),
    and,
    or: binary('or'),
    xor: binary('xor'),
    mulHigh: binary('mulHigh'),
    min: binary('min'),
    max: binary('max'),
    lt: binary('lt'),
    le: binary('le'),
    gt: binary('gt'),
    ge: binary('ge'),
    eq: binary('eq'),
    ne: binary('ne'),
    neg: unary('neg'),
    abs: unary('abs'),
    sqrt: unary('sqrt'),
    round: unary('round'),
    trunc: unary('trunc'),
    not: unary('not'),
    countLeadingZeros: unary('countLeadingZeros'),
    shl: (x, by) => b.op('shl', x, typeof by === 'number' ? b.u32(by) : by),
    shr: (x, by) => b.op('shr', x, typeof by === 'number' ? b.u32(by) : by),
    select: (condition, x, y) => b.op('select', condition, lift(x, y), lift(y, x)),
    poly: (x, coefficients) =>
      coefficients.slice(0, -1).reduceRight((sum, c) => add(mul(sum, x), c), lift(coefficients.at(-1)!, x)),
    bits,
    float,
    signed: (x) => b.bitcast(x, 'i32'),
    unsigned: (x) => b.bitcast(x, 'u32'),
    flag: (condition) => b.convert(condition, 'u32'),
    copySign: (x, y) => float(b.op('or', and(bits(x), ~signBit >>> 0), and(bits(y), signBit))),
  };
}
