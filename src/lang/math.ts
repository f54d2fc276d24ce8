/**
 * `Math`, and the functions that `k` shares with it. On values `Math.f` is `k.f`, except where JavaScript's special values
 * differ; on constants it is JavaScript's.
 */

import type { Lowering } from './lowering.ts';
import {
  callable,
  composite,
  extreme,
  type Formula,
  namespace,
  scalarFunction,
  single,
  type Table,
} from './members.ts';
import { power } from './operators.ts';
import { fail, type Span } from './parse.ts';
import { convert, demand, floats, integers, numbers, operation, scalarValue } from './scalars.ts';
import { type Argument, constant, type Namespace, type Scalar, type Value } from './values.ts';

const sign: Formula = (op, x) => op('select', op('gt', x, 0), 1, op('select', op('lt', x, 0), -1, x));

/** Functions that `k` and `Math` share. */
export const shared = {
  floor: single('floor', 'floor', Math.floor),
  ceil: single('ceil', 'ceil', Math.ceil),
  trunc: single('trunc', 'trunc', Math.trunc),
  abs: single('abs', 'abs', Math.abs),
  sign: composite('sign', 1, numbers, sign, Math.sign),
  sqrt: single('sqrt', 'sqrt', Math.sqrt),
  cbrt: single('cbrt', 'cbrt', Math.cbrt),
  hypot: single('hypot', 'hypot', Math.hypot),
  exp: single('exp', 'exp', Math.exp),
  expm1: single('expm1', 'expm1', Math.expm1),
  log: single('log', 'log', Math.log),
  log2: single('log2', 'log2', Math.log2),
  log10: single('log10', 'log10', Math.log10),
  log1p: single('log1p', 'log1p', Math.log1p),
  pow: scalarFunction(
    'pow',
    2,
    (c, [x, y], span) => power(c, x!, y!, span),
    (x, y) => x ** y,
  ),
  sin: single('sin', 'sin', Math.sin),
  cos: single('cos', 'cos', Math.cos),
  tan: single('tan', 'tan', Math.tan),
  asin: single('asin', 'asin', Math.asin),
  acos: single('acos', 'acos', Math.acos),
  atan: single('atan', 'atan', Math.atan),
  atan2: single('atan2', 'atan2', Math.atan2),
  sinh: single('sinh', 'sinh', Math.sinh),
  cosh: single('cosh', 'cosh', Math.cosh),
  tanh: single('tanh', 'tanh', Math.tanh),
  asinh: single('asinh', 'asinh', Math.asinh),
  acosh: single('acosh', 'acosh', Math.acosh),
  atanh: single('atanh', 'atanh', Math.atanh),
} satisfies Table;

/** NaN if either is NaN, as JavaScript has it. */
const propagating =
  (op: 'min' | 'max') =>
  (c: Lowering, a: Argument, b: Argument, span: Span): Value => {
    const least = operation(c, op, [a, b], span, `Math.${op}`);
    if (least.type.type === 'i32' || least.type.type === 'u32') return least;
    // the operation gives its first operand when that is NaN
    const unordered = operation(c, 'ne', [b, b], span);
    return operation(c, 'select', [{ value: unordered, span }, b, { value: least, span }], span);
  };

export const math: Namespace = namespace('Math', {
  ...shared,
  min: extreme('min', propagating('min'), Math.min),
  max: extreme('max', propagating('max'), Math.max),
  // half rounds up, towards infinity
  round: composite(
    'round',
    1,
    floats,
    (op, x) => {
      const whole = op('floor', x);
      return op('select', op('ge', op('sub', x, whole), 0.5), op('add', whole, 1), whole);
    },
    Math.round,
  ),
  fround: scalarFunction(
    'fround',
    1,
    (c, [x], span) => convert(c, scalarValue(c, x!) as Scalar, 'f32', span),
    Math.fround,
  ),
  imul: scalarFunction(
    'imul',
    2,
    (c, args, span) => {
      const product = operation(c, 'mul', args, span);
      demand(c, product, integers, 'Math.imul', span);
      return product;
    },
    Math.imul,
  ),
  clz32: single('clz32', 'countLeadingZeros', Math.clz32),
  random: callable('random', 0, Number.POSITIVE_INFINITY, (_, __, span) =>
    fail('unknown-builtin', 'Math.random is not the same twice', span, 'Use k.random(seed, counter), which is.'),
  ),
  ...Object.fromEntries(
    (['PI', 'E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'] as const).map((name) => [
      name,
      constant(Math[name]),
    ]),
  ),
});
