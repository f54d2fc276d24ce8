/**
 * How each scalar operation is written in WGSL.
 *
 * WGSL itself pins what runs most often: wrapping, division by zero (x), INT_MIN / -1, remainder by zero (0), and shift
 * amounts modulo 32. It refuses some of the same as constants. The emitter sees to it that never all operands are
 * constants; a constant right operand that WGSL refuses is dealt with here.
 */

import type { ScalarOp } from '../../src/ir/ops.ts';
import { isFloat, type ScalarType } from '../../src/ir/types.ts';
import type { ExpandedOp } from '../../src/passes/index.ts';
import {
  atom,
  call,
  combine,
  comparison,
  type Expression,
  infix,
  level,
  not,
  type Operator,
  prefix,
} from './expression.ts';
import type { UsedHelpers } from './helpers.ts';

export interface Typing {
  /** What T of the op table is. */
  readonly type: ScalarType;
  readonly result: ScalarType;
}
type Rendering = (args: readonly Expression[], typing: Typing, helpers: UsedHelpers) => Expression;

const builtin =
  (name: string): Rendering =>
  (args) =>
    call(name, args);
const operator =
  (symbol: Operator): Rendering =>
  ([x, y]) =>
    infix(symbol, x!, y!);

const compare =
  (symbol: '==' | '<' | '<=' | '>' | '>='): Rendering =>
  ([x, y], { type }) =>
    isFloat(type) ? infix(symbol, x!, y!) : comparison(symbol, x!, y!);

/** Integers have WGSL's own; floats need a pinned choice. */
const extremum =
  (own: 'min' | 'max', pinned: 'minimum' | 'maximum'): Rendering =>
  (args, { type }, helpers) =>
    call(isFloat(type) ? helpers.use(pinned, type) : own, args);

/** A function that f16 has too little range for. */
const inF32 =
  (name: 'asinh' | 'acosh'): Rendering =>
  ([x], { type }, helpers) => {
    const helper = helpers.use(name, 'f32');
    return type === 'f16' ? call('f16', [call(helper, [call('f32', [x!])])]) : call(helper, [x!]);
  };

const zero: Record<ScalarType, string> = { bool: 'false', i32: '0', u32: '0u', f16: '0.0h', f32: '0.0' };

const shift =
  (symbol: '<<' | '>>'): Rendering =>
  ([x, amount], _typing) => {
    if (amount!.constant !== undefined) return infix(symbol, x!, atom(`${amount!.constant & 31}u`));
    return infix(symbol, x!, call('u32', [amount!]));
  };

const convert: Rendering = ([x], { type, result }, helpers) => {
  const value = x!;
  if (type === result) return value;
  if (result === 'bool') {
    // false for NaN, as every comparison with it is
    return isFloat(type) ? infix('>', call('abs', [value]), atom(zero[type])) : infix('!=', value, atom(zero[type]));
  }
  if (isFloat(type) && (result === 'i32' || result === 'u32')) {
    const wide = type === 'f16' ? call('f32', [value]) : value;
    return call(helpers.use(result === 'i32' ? 'i32_from' : 'u32_from', 'f32'), [wide]);
  }
  if (isFloat(result) && (type === 'i32' || type === 'u32')) {
    const wide = call(type === 'u32' ? helpers.use('f32_from', 'u32') : 'f32', [value]);
    // integers that f32 rounds are beyond f16's range, so this rounds once
    return result === 'f16' ? call('f16', [wide]) : wide;
  }
  return call(result, [value]);
};

export const scalarRenderings: { readonly [N in Exclude<ScalarOp, ExpandedOp>]: Rendering } = {
  add: operator('+'),
  sub: operator('-'),
  mul: operator('*'),
  div: ([x, y], { type }) => (y!.constant === 0 && !isFloat(type) ? x! : infix('/', x!, y!)),
  rem: ([x, y], { type }, helpers) => {
    if (isFloat(type)) return call(helpers.use('remainder', type), [x!, y!]);
    return y!.constant === 0 ? atom(zero[type]) : infix('%', x!, y!);
  },
  mulHigh: (args, { type }, helpers) => call(helpers.use('mul_high', type), args),
  neg: ([x], { type }) => (type === 'u32' ? infix('-', atom('0u'), x!) : prefix('-', x!)),
  abs: builtin('abs'),
  min: extremum('min', 'minimum'),
  max: extremum('max', 'maximum'),
  fma: builtin('fma'),
  floor: builtin('floor'),
  ceil: builtin('ceil'),
  trunc: builtin('trunc'),
  round: builtin('round'),
  sqrt: builtin('sqrt'),
  inverseSqrt: builtin('inverseSqrt'),
  exp: builtin('exp'),
  exp2: builtin('exp2'),
  log: builtin('log'),
  log2: builtin('log2'),
  pow: builtin('pow'),
  sin: builtin('sin'),
  cos: builtin('cos'),
  tan: builtin('tan'),
  asin: builtin('asin'),
  acos: builtin('acos'),
  atan: builtin('atan'),
  atan2: builtin('atan2'),
  sinh: builtin('sinh'),
  cosh: builtin('cosh'),
  tanh: (args, { type }, helpers) => call(helpers.use('tanh', type), args),
  asinh: inF32('asinh'),
  acosh: inF32('acosh'),
  atanh: builtin('atanh'),
  and: operator('&'),
  or: operator('|'),
  xor: ([x, y], { type }) => infix(type === 'bool' ? '!=' : '^', x!, y!),
  not: ([x], { type }) => (type === 'bool' ? not(x!) : prefix('~', x!)),
  shl: shift('<<'),
  shr: shift('>>'),
  countOneBits: builtin('countOneBits'),
  countLeadingZeros: builtin('countLeadingZeros'),
  countTrailingZeros: builtin('countTrailingZeros'),
  reverseBits: builtin('reverseBits'),
  eq: compare('=='),
  // `!=` of a NaN is false on some drivers
  ne: ([x, y], { type }) => (isFloat(type) ? prefix('!', infix('==', x!, y!)) : comparison('!=', x!, y!)),
  lt: compare('<'),
  le: compare('<='),
  gt: compare('>'),
  ge: compare('>='),
  select: ([c, x, y]) => call('select', [y!, x!, c!]),
  convert,
  bitcast: ([x], { result }) => call(`bitcast<${result}>`, [x!]),
  packHalf: (args, _typing, helpers) => call(helpers.use('pack_half', 'f32'), args),
  unpackHalf: ([x]) => combine(`${call('unpack2x16float', [x!]).text}.x`, level.primary, [x!]),
};
