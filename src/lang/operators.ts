/** JavaScript's operators on scalars. */

import type { BinaryOperator } from 'acorn';
import type { ScalarType } from '../ir/types.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import {
  boolAsNumber,
  type Computed,
  demand,
  floats,
  integer,
  integers,
  numbers,
  operation,
  scalarValue,
  unify,
} from './scalars.ts';
import { type Argument, constant, isBool, Scalar, type Value } from './values.ts';

/** What an operator does to constants: what JavaScript does, a bool being 0 or 1. */
type Fold = (x: number, y: number) => number | boolean;
type Write = (c: Lowering, x: Argument, y: Argument, span: Span) => Value;

const op =
  (name: Computed, sign: string): Write =>
  (c, x, y, span) =>
    operation(c, name, [x, y], span, `\`${sign}\``);

const table: Readonly<Partial<Record<BinaryOperator, readonly [Fold, Write]>>> = {
  '+': [(x, y) => x + y, op('add', '+')],
  '-': [(x, y) => x - y, op('sub', '-')],
  '*': [(x, y) => x * y, op('mul', '*')],
  '/': [(x, y) => x / y, (c, x, y, span) => divide(c, x, y, floats, span)],
  '%': [(x, y) => x % y, op('rem', '%')],
  '**': [(x, y) => x ** y, power],
  '&': [(x, y) => x & y, op('and', '&')],
  '|': [(x, y) => x | y, op('or', '|')],
  '^': [(x, y) => x ^ y, op('xor', '^')],
  '<<': [(x, y) => x << y, op('shl', '<<')],
  '>>': [(x, y) => x >> y, op('shr', '>>')],
  '>>>': [(x, y) => x >>> y, shiftRightLogical],
  '==': [(x, y) => x === y, op('eq', '==')],
  '===': [(x, y) => x === y, op('eq', '===')],
  '!=': [(x, y) => x !== y, op('ne', '!=')],
  '!==': [(x, y) => x !== y, op('ne', '!==')],
  '<': [(x, y) => x < y, op('lt', '<')],
  '<=': [(x, y) => x <= y, op('le', '<=')],
  '>': [(x, y) => x > y, op('gt', '>')],
  '>=': [(x, y) => x >= y, op('ge', '>=')],
};

export function binary(c: Lowering, operator: BinaryOperator, left: Argument, right: Argument, span: Span): Value {
  const row = table[operator];
  if (row === undefined) fail('unsupported-syntax', `\`${operator}\` has no meaning in a kernel`, span);
  const [fold, write] = row;
  const [x, y] = [scalarValue(c, left), scalarValue(c, right)];
  if ((operator === '===' || operator === '!==') && isBool(x) !== isBool(y)) {
    const which = isBool(x) ? left : right;
    fail(
      'type-mismatch',
      `${quote(which.span)} is a bool, and no number is ${operator} to it`,
      span,
      `Write ${operator.slice(0, 2)}, which takes it as 0 or 1.`,
    );
  }
  if (x.kind === 'constant' && y.kind === 'constant') return constant(fold(Number(x.value), Number(y.value)));
  return write(c, { value: x, span: left.span }, { value: y, span: right.span }, span);
}

export function unary(c: Lowering, operator: '-' | '+' | '~', operand: Argument, span: Span): Value {
  const value = scalarValue(c, operand);
  if (value.kind === 'constant') {
    const x = Number(value.value);
    return constant(operator === '-' ? -x : operator === '+' ? x : ~x);
  }
  const number = isBool(value) ? boolAsNumber(c, value, span) : value;
  if (operator === '+') return number;
  const arg: Argument = { value: number, span: operand.span };
  if (operator === '-') return operation(c, 'neg', [arg], span, '`-`');
  demand(c, number, integers, '`~`', operand.span);
  return operation(c, 'not', [arg], span, '`~`');
}

/** Division of floats, or of integers where the author asked for it. */
export function divide(c: Lowering, x: Argument, y: Argument, types: readonly ScalarType[], span: Span): Scalar {
  const [left, right] = unify(c, [x, y], numbers, span);
  c.inference.demand(left!.type, types, (type) => {
    const [a, b] = [quote(x.span).slice(1, -1), quote(y.span).slice(1, -1)];
    if (types === integers)
      fail('type-mismatch', `k.idiv divides integers, and ${quote(x.span)} is ${type}`, span, `Write ${a} / ${b}.`);
    fail(
      'integer-division',
      `this divides two ${type}`,
      span,
      `Write k.idiv(${a}, ${b}) for the whole quotient, or k.f32(${a}) / k.f32(${b}).`,
    );
  });
  return operation(
    c,
    'div',
    [
      { value: left!, span: x.span },
      { value: right!, span: y.span },
    ],
    span,
  );
}

/** `>>>`: zeros come in from the left, whatever the type, which stays. */
export function shiftRightLogical(c: Lowering, x: Argument, n: Argument, span: Span): Scalar {
  const [value] = unify(c, [x], numbers, span);
  demand(c, value!, integers, '`>>>`', x.span);
  const amount = integer(c, n, 'the shift amount');
  const result = new Scalar(value!.type, span);
  c.push({
    args: [value!, amount],
    results: [result],
    span,
    cost: 1,
    build: (b, [bits, by]) => b.convert(b.op('shr', b.convert(bits!, 'u32'), by!), bits!.type as ScalarType),
  });
  return result;
}

/** Largest exponent that `**` multiplies out. */
const maxMultiplied = 16;

/**
 * x ** y. A whole constant exponent is multiplied out, so that x ** 2 is x * x for every x and every type; minifiers write
 * Math.pow as `**`, and both are this.
 */
export function power(c: Lowering, x: Argument, y: Argument, span: Span): Value {
  const exponent = scalarValue(c, y);
  const base = scalarValue(c, x);
  if (base.kind === 'scalar' && exponent.kind === 'constant') {
    const n = Number(exponent.value);
    if (Number.isInteger(n) && n >= 1 && n <= maxMultiplied) return multiplied(c, base, n, span);
  }
  return operation(c, 'pow', [x, y], span, '`**`');
}
function multiplied(c: Lowering, base: Scalar, n: number, span: Span): Scalar {
  const product = (a: Scalar, b: Scalar) =>
    operation(
      c,
      'mul',
      [
        { value: a, span },
        { value: b, span },
      ],
      span,
    );
  if (n === 1) return base;
  const half = multiplied(c, base, Math.floor(n / 2), span);
  const square = product(half, half);
  return n % 2 === 0 ? square : product(square, base);
}

/** One more or one less, as `++` and `--` make it. */
export function stepBy(c: Lowering, value: Argument, by: 1 | -1, span: Span): Value {
  return binary(c, by > 0 ? '+' : '-', value, { value: constant(1), span }, span);
}
