/**
 * The members of `k` and `Math`: one table each, name to what it does. `k.ts` has their types and what they mean to an
 * author; the table is typed by it, so that neither can have a member that the other lacks.
 *
 * A function of scalars works on vectors too, component by component, and on constants, where JavaScript has the function,
 * in f64.
 */

import { roundTiesToEven } from '../ir/bits.ts';
import type { AtomicOp, CollectiveOp, IdOp } from '../ir/ops.ts';
import { ops } from '../ir/ops.ts';
import type { NumericType, ScalarType } from '../ir/types.ts';
import { declareArray, elementNames, indicesOf } from './arrays.ts';
import { TypeVariable } from './inference.ts';
import type { K } from './k.ts';
import type { Lowering } from './lowering.ts';
import { divide, power, shiftRightLogical } from './operators.ts';
import { fail, quote, type Span } from './parse.ts';
import {
  boolAsNumber,
  type Computed,
  condition,
  convert,
  demand,
  floats,
  integers,
  literal,
  numbers,
  ofType,
  operation,
  scalarValue,
} from './scalars.ts';
import { type Argument, type Callable, constant, type Namespace, nothing, Scalar, type Value } from './values.ts';
import { byComponent, cross, dot, lengthOf, makeVector, normalize, vectorOf } from './vector-values.ts';

const words = ['i32', 'u32', 'f32'] as const;
const infinite = Number.POSITIVE_INFINITY;

type Call = Callable['call'];
type Table = Readonly<Record<string, Value>>;

// ---- making members ----

function callable(name: string, least: number, most: number, call: Call): Callable {
  return {
    kind: 'callable',
    name,
    call(c, args, span) {
      if (args.length < least || args.length > most) {
        const wanted = least === most ? `${least}` : most === infinite ? `at least ${least}` : `${least} to ${most}`;
        fail(
          'wrong-arity',
          `k.${name} takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${args.length}`,
          span,
        );
      }
      return call(c, args, span);
    },
  };
}
function namespace(what: string, members: Table): Namespace {
  return {
    kind: 'namespace',
    what,
    names: Object.keys(members),
    member: (_, name) => (Object.hasOwn(members, name) ? members[name] : undefined),
  };
}

type Fold = (...args: number[]) => number;
type Compute = (c: Lowering, args: readonly Argument[], span: Span) => Value;

/** A function of scalars; `fold` computes it for constants. */
function scalarFunction(name: string, arity: number, compute: Compute, fold?: Fold, most = arity): Callable {
  return callable(name, arity, most, (c, args, span) =>
    byComponent(c, args, span, (parts) => {
      const values = parts.map((part) => scalarValue(c, part));
      if (fold !== undefined && values.every((value) => value.kind === 'constant')) {
        return constant(fold(...values.map((value) => Number(value.value))));
      }
      return compute(c, parts, span);
    }),
  );
}
/** One operation of the op table. */
function single(name: string, op: Computed, fold?: Fold): Callable {
  const { args } = ops[op];
  return scalarFunction(name, args.length, (c, parts, span) => operation(c, op, parts, span, `k.${name}`), fold);
}

/** Writes operations inside a composite function: `op('add', x, 1)`. */
type Op = (op: Computed, ...values: (Value | number)[]) => Scalar;
type Formula = (op: Op, ...args: Value[]) => Value;

/** A function that is a formula of operations: the same formula on every device, in every mode. */
function composite(name: string, arity: number, types: readonly ScalarType[], formula: Formula, fold?: Fold): Callable {
  const compute: Compute = (c, args, span) => {
    const values = args.map((arg) => {
      const value = scalarValue(c, arg);
      if (value.kind === 'scalar') demand(c, value, types, `k.${name}`, arg.span);
      return value;
    });
    const op: Op = (operator, ...operands) => {
      const parts = operands.map((operand) => ({
        value: typeof operand === 'number' ? constant(operand) : operand,
        span,
      }));
      return operation(c, operator, parts, span);
    };
    return formula(op, ...values);
  };
  return scalarFunction(name, arity, compute, fold);
}

/** `min` and `max` of two or more. */
function extreme(
  name: 'min' | 'max',
  op: (c: Lowering, a: Argument, b: Argument, span: Span) => Value,
  fold: Fold,
): Callable {
  return scalarFunction(
    name,
    2,
    (c, parts, span) => parts.slice(1).reduce((a, b) => ({ value: op(c, a, b, span), span }), parts[0]!).value,
    fold,
    infinite,
  );
}

// ---- ids ----

function readId(c: Lowering, op: IdOp, axis: number, span: Span): Scalar {
  const type = new TypeVariable(ops[op].result);
  return c.once(`${op} ${axis}`, span, [type], (b) => b.id(op, axis))[0]!;
}
const axes = ['x', 'y', 'z'];
function ids(op: IdOp, what: string): Namespace {
  return {
    kind: 'namespace',
    what,
    names: axes,
    member(c, name, span) {
      const axis = axes.indexOf(name);
      return axis < 0 ? undefined : readId(c, op, axis, span);
    },
  };
}

// ---- conversions ----

/** A constant of a type, as conversion gives it. */
function typedConstant(value: number | boolean, to: NumericType, span: Span): Scalar {
  let number = Number(value);
  if (to === 'i32' || to === 'u32') {
    const fits = Number.isInteger(number) && number >= -(2 ** 31) && number < 2 ** 32;
    const [least, most] = to === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
    if (!fits) number = Number.isNaN(number) ? 0 : Math.min(most, Math.max(least, Math.trunc(number)));
  }
  return new Scalar(new TypeVariable(to), span, number);
}
const conversion = (to: NumericType): Callable =>
  scalarFunction(to, 1, (c, [arg], span) => {
    const value = scalarValue(c, arg!);
    return value.kind === 'constant' ? typedConstant(value.value, to, span) : convert(c, value, to, span);
  });
const bitcast = (to: 'i32' | 'u32' | 'f32'): Callable =>
  callable(`bitcast.${to}`, 1, 1, (c, [arg], span) => {
    const value = word(c, arg!, `k.bitcast.${to}`);
    return written(c, new TypeVariable(to), [value], span, 0, (b, [x]) => b.bitcast(x!, to));
  });
/** A value of 32 bits. */
function word(c: Lowering, arg: Argument, what: string): Scalar {
  const value = scalarValue(c, arg);
  const scalar = value.kind === 'constant' ? literal(new TypeVariable(), value, arg.span) : value;
  demand(c, scalar, words, what, arg.span);
  return scalar;
}
/** An i32 or u32 as a u32 of the same bits. */
function bits(c: Lowering, arg: Argument, what: string): Scalar {
  const value = scalarValue(c, arg);
  if (value.kind === 'constant') return ofType(c, arg, 'u32', what);
  demand(c, value, integers, what, arg.span);
  return convert(c, value, 'u32', arg.span);
}
function written(
  c: Lowering,
  type: TypeVariable,
  args: readonly Scalar[],
  span: Span,
  cost: number,
  build: Parameters<Lowering['push']>[0]['build'],
): Scalar {
  const result = new Scalar(type, span);
  c.push({ args, results: [result], span, cost, build });
  return result;
}

// ---- the workgroup and atomics ----

const collective = (name: Exclude<CollectiveOp, 'uniformLoad'>): Callable =>
  callable(name, 1, 1, (c, [arg], span) => {
    const value = word(c, arg!, `k.${name}`);
    return written(c, value.type, [value], span, infinite, (b, [x]) => b.collective(name, x!));
  });
function atomic(name: AtomicOp): Callable {
  const { values, returns } = ops[name];
  return callable(name, 2 + values, 5 + values, (c, args, span) => {
    const array = c.read(args[0]!.value, args[0]!.span);
    const isAtomic =
      array.kind === 'array' &&
      (array.memory.kind === 'buffer' ? array.memory.access === 'atomic' : array.memory.atomic);
    if (array.kind !== 'array' || !isAtomic) {
      fail(
        'type-mismatch',
        `${quote(args[0]!.span)} is no array of atomics`,
        args[0]!.span,
        'Declare the parameter as atomic(u32), or the array as k.shared.atomic(k.u32, n).',
      );
    }
    const { memory } = array;
    const type = memory.element as 'i32' | 'u32';
    const at = indicesOf(c, array, args.slice(1, args.length - values), span);
    const operands = args
      .slice(args.length - values)
      .map((arg) => ofType(c, arg, type, `an element of \`${memory.name}\``, args[0]!.span));
    const result = new Scalar(new TypeVariable(type), span);
    c.push({
      args: [...at, ...operands],
      results: returns ? [result] : [],
      span,
      cost: infinite,
      build: (b, given) => b.atomic(name, memory, given.slice(0, at.length), ...given.slice(at.length)),
    });
    return returns ? result : nothing;
  });
}
const arrays = (space: 'private' | 'workgroup'): Table =>
  Object.fromEntries(
    Object.entries(elementNames).map(([name, element]) => [
      name,
      callable(`${space === 'private' ? 'array' : 'shared'}.${name}`, 1, 1, (c, [length], span) =>
        declareArray(c, space, element, length, span),
      ),
    ]),
  );
const sharedAtomic = callable('shared.atomic', 2, 2, (c, [type, length], span) => {
  const { value } = type!;
  const element = value.kind === 'text' ? value.text : value.kind === 'callable' ? value.name : undefined;
  if (element !== 'u32' && element !== 'i32') {
    fail('type-mismatch', `atomics are i32 or u32`, type!.span, 'Write k.shared.atomic(k.u32, n).');
  }
  return declareArray(c, 'workgroup', element, length, span, true);
});

function randomBits(c: Lowering, args: readonly Argument[], span: Span): Scalar {
  const [seed, counter] = args.map((arg) => ({ value: bits(c, arg, 'k.random'), span: arg.span }));
  return operation(c, 'threefry', [seed!, counter!], span);
}

// ---- the tables ----

const anyNumber = numbers;
const clamp: Formula = (op, x, low, high) => op('min', op('max', x, low), high);
const sign: Formula = (op, x) => op('select', op('gt', x, 0), 1, op('select', op('lt', x, 0), -1, x));
const saturate: Formula = (op, x) => op('min', op('max', x, 0), 1);
/** x rotated left by n: the bits shifted out on one side come in on the other. */
function rotate(name: string, left: boolean): Callable {
  return scalarFunction(name, 2, (c, [x, n], span) => {
    const arg = (value: Value): Argument => ({ value, span });
    const rest = arg(operation(c, 'sub', [arg(constant(32)), n!], span));
    const [up, down] = left ? [n!, rest] : [rest, n!];
    const high = operation(c, 'shl', [x!, up], span, `k.${name}`);
    return operation(c, 'or', [arg(high), arg(shiftRightLogical(c, x!, down, span))], span);
  });
}

/** Functions that `k` and `Math` share. */
const shared = {
  floor: single('floor', 'floor', Math.floor),
  ceil: single('ceil', 'ceil', Math.ceil),
  trunc: single('trunc', 'trunc', Math.trunc),
  abs: single('abs', 'abs', Math.abs),
  sign: composite('sign', 1, anyNumber, sign, Math.sign),
  sqrt: single('sqrt', 'sqrt', Math.sqrt),
  exp: single('exp', 'exp', Math.exp),
  log: single('log', 'log', Math.log),
  log2: single('log2', 'log2', Math.log2),
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

const atomicNames = Object.keys(ops).filter((name): name is AtomicOp => name.startsWith('atomic'));
const collectiveNames = ['groupSum', 'groupMin', 'groupMax', 'groupScan', 'groupBroadcast', 'uniform'] as const;

const kMembers: Readonly<Record<Exclude<keyof K, 'localIndex'>, Value>> = {
  global: ids('globalId', 'k.global'),
  local: ids('localId', 'k.local'),
  group: ids('workgroupId', 'k.group'),
  groups: ids('numWorkgroups', 'k.groups'),
  size: ids('workgroupSize', 'k.size'),
  array: namespace('k.array', arrays('private')),
  shared: namespace('k.shared', { ...arrays('workgroup'), atomic: sharedAtomic }),
  barrier: callable('barrier', 0, 0, (c, _, span) => {
    c.push({ args: [], results: [], span, cost: infinite, build: (b) => b.barrier() });
    return nothing;
  }),
  ...(Object.fromEntries(collectiveNames.map((name) => [name, collective(name)])) as Record<
    (typeof collectiveNames)[number],
    Value
  >),
  ...(Object.fromEntries(atomicNames.map((name) => [name, atomic(name)])) as Record<AtomicOp, Value>),

  f32: conversion('f32'),
  f16: conversion('f16'),
  i32: conversion('i32'),
  u32: conversion('u32'),
  bool: callable('bool', 1, 1, (c, [arg]) => condition(c, arg!)),
  bitcast: namespace('k.bitcast', { f32: bitcast('f32'), i32: bitcast('i32'), u32: bitcast('u32') }),
  pack2x16float: composite('pack2x16float', 2, ['f32'], (op, x, y) =>
    op('or', op('packHalf', x), op('shl', op('packHalf', y), 16)),
  ),
  unpack2x16float: callable('unpack2x16float', 1, 1, (c, [arg], span) => {
    const low: Argument = { value: bits(c, arg!, 'k.unpack2x16float'), span };
    const high = operation(c, 'shr', [low, { value: constant(16), span }], span);
    const halves = [low, { value: high, span }].map((half) => ({
      value: operation(c, 'unpackHalf', [half], span),
      span,
    }));
    return vectorOf(c, halves, span);
  }),

  vec2: callable('vec2', 1, 2, (c, args, span) => makeVector(c, 2, args, span)),
  vec3: callable('vec3', 1, 3, (c, args, span) => makeVector(c, 3, args, span)),
  vec4: callable('vec4', 1, 4, (c, args, span) => makeVector(c, 4, args, span)),
  dot: callable('dot', 2, 2, (c, [x, y], span) => dot(c, x!, y!, span)),
  cross: callable('cross', 2, 2, (c, [x, y], span) => cross(c, x!, y!, span)),
  length: callable('length', 1, 1, (c, [x], span) => lengthOf(c, x!, span)),
  distance: callable('distance', 2, 2, (c, args, span) => {
    const difference = byComponent(c, args, span, (parts) => operation(c, 'sub', parts, span));
    return lengthOf(c, { value: difference, span }, span);
  }),
  normalize: callable('normalize', 1, 1, (c, [x], span) => normalize(c, x!, span)),

  idiv: scalarFunction(
    'idiv',
    2,
    (c, args, span) => divide(c, args[0]!, args[1]!, integers, span),
    (x, y) => (y === 0 ? x : Math.trunc(x / y)),
  ),
  mulHigh: single('mulHigh', 'mulHigh'),
  rotateLeft: rotate('rotateLeft', true),
  rotateRight: rotate('rotateRight', false),
  countOneBits: single('countOneBits', 'countOneBits'),
  countLeadingZeros: single('countLeadingZeros', 'countLeadingZeros'),
  countTrailingZeros: single('countTrailingZeros', 'countTrailingZeros'),
  reverseBits: single('reverseBits', 'reverseBits'),

  ...shared,
  min: extreme(
    'min',
    (c, a, b, span) => operation(c, 'min', [a, b], span, 'k.min'),
    (...all) => all.reduce((x, y) => (y < x ? y : x)),
  ),
  max: extreme(
    'max',
    (c, a, b, span) => operation(c, 'max', [a, b], span, 'k.max'),
    (...all) => all.reduce((x, y) => (x < y ? y : x)),
  ),
  round: single('round', 'round', roundTiesToEven),
  clamp: composite('clamp', 3, anyNumber, clamp),
  saturate: composite('saturate', 1, floats, saturate),
  fract: composite('fract', 1, floats, (op, x) => op('sub', x, op('floor', x))),
  mix: composite('mix', 3, floats, (op, x, y, t) => op('add', op('mul', x, op('sub', 1, t)), op('mul', y, t))),
  step: scalarFunction('step', 2, (c, [edge, x], span) => {
    const reached = operation(c, 'lt', [x!, edge!], span);
    return boolAsNumber(c, operation(c, 'not', [{ value: reached, span }], span), span);
  }),
  smoothstep: composite('smoothstep', 3, floats, (op, low, high, x) => {
    const t = saturate(op, op('div', op('sub', x, low), op('sub', high, low)));
    return op('mul', op('mul', t, t), op('sub', 3, op('mul', t, 2)));
  }),
  fma: single('fma', 'fma'),
  inverseSqrt: single('inverseSqrt', 'inverseSqrt', (x) => 1 / Math.sqrt(x)),
  exp2: single('exp2', 'exp2', (x) => 2 ** x),
  degrees: composite(
    'degrees',
    1,
    floats,
    (op, x) => op('mul', x, 180 / Math.PI),
    (x) => x * (180 / Math.PI),
  ),
  radians: composite(
    'radians',
    1,
    floats,
    (op, x) => op('mul', x, Math.PI / 180),
    (x) => x * (Math.PI / 180),
  ),

  random: callable('random', 2, 2, (c, args, span) => {
    const top: Argument = {
      value: operation(
        c,
        'shr',
        [
          { value: randomBits(c, args, span), span },
          { value: constant(8), span },
        ],
        span,
      ),
      span,
    };
    const float = convert(c, top.value as Scalar, 'f32', span);
    return operation(
      c,
      'mul',
      [
        { value: float, span },
        { value: constant(2 ** -24), span },
      ],
      span,
    );
  }),
  randomU32: callable('randomU32', 2, 2, randomBits),
};

/** `k` itself. `localIndex` alone is a value that is not the same object each time. */
export const k: Namespace = {
  kind: 'namespace',
  what: 'k',
  names: [...Object.keys(kMembers), 'localIndex'],
  member(c, name, span) {
    if (name === 'localIndex') return readId(c, 'localIndex', 0, span);
    return Object.hasOwn(kMembers, name) ? kMembers[name as keyof typeof kMembers] : undefined;
  },
};

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
  hypot: composite(
    'hypot',
    2,
    floats,
    (op, x, y) => op('sqrt', op('add', op('mul', x, x), op('mul', y, y))),
    Math.hypot,
  ),
  random: callable('random', 0, infinite, (_, __, span) =>
    fail('unknown-builtin', 'Math.random is not the same twice', span, 'Use k.random(seed, counter), which is.'),
  ),
  ...Object.fromEntries(
    (['PI', 'E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'] as const).map((name) => [
      name,
      constant(Math[name]),
    ]),
  ),
});
