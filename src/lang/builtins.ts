/**
 * The members of `k`: one table, name to what it does. `k.ts` has their types and what they mean to an author; the table is
 * typed by it, so that neither can have a member that the other lacks.
 *
 * A function of scalars works on vectors too, component by component, and on constants, where JavaScript has the function,
 * in f64.
 */

import { roundTiesToEven } from '../ir/bits.ts';
import type { AtomicOp, CollectiveOp, IdOp } from '../ir/ops.ts';
import { ops } from '../ir/ops.ts';
import type { NumericType } from '../ir/types.ts';
import { declareArray, elementNames, indicesOf } from './arrays.ts';
import { TypeVariable } from './inference.ts';
import type { K } from './k.ts';
import type { Lowering } from './lowering.ts';
import { shared } from './math.ts';
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
import { divide, shiftRightLogical } from './operators.ts';
import { fields, floatParts, packing } from './packing.ts';
import { fail, quote, type Span } from './parse.ts';
import { lowerPrint } from './print.ts';
import {
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
import {
  byComponent,
  cross,
  dot,
  faceForward,
  lengthOf,
  makeVector,
  normalize,
  reflect,
  refract,
} from './vector-values.ts';

const words = ['i32', 'u32', 'f32'] as const;
const infinite = Number.POSITIVE_INFINITY;

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
  const value = c.read(type!.value, type!.span);
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

const clamp: Formula = (op, x, low, high) => op('min', op('max', x, low), high);
const saturate: Formula = (op, x) => op('min', op('max', x, 0), 1);
/** A number of the type that two operands share, one of which has one. */
function like(x: Value, y: Value, value: number): Value {
  const typed = x.kind === 'scalar' ? x : y;
  return typed.kind === 'scalar' ? new Scalar(typed.type, typed.span, value) : constant(value);
}
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
  print: callable('print', 1, infinite, (c, args, span) => {
    lowerPrint(c, args, span);
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
  ...packing,
  ...fields,
  ...floatParts,

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
  reflect: callable('reflect', 2, 2, (c, [e, n], span) => reflect(c, e!, n!, span)),
  refract: callable('refract', 3, 3, (c, [e, n, eta], span) => refract(c, e!, n!, eta!, span)),
  faceForward: callable('faceForward', 3, 3, (c, [e, i, n], span) => faceForward(c, e!, i!, n!, span)),
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
  clamp: composite('clamp', 3, numbers, clamp),
  saturate: composite('saturate', 1, floats, saturate),
  fract: composite('fract', 1, floats, (op, x) => op('sub', x, op('floor', x))),
  mix: composite('mix', 3, floats, (op, x, y, t) => op('add', op('mul', x, op('sub', 1, t)), op('mul', y, t))),
  step: composite(
    'step',
    2,
    floats,
    (op, edge, x) => op('select', op('lt', x, edge), like(edge, x, 0), like(edge, x, 1)),
    (edge, x) => (x < edge ? 0 : 1),
  ),
  smoothstep: composite('smoothstep', 3, floats, (op, low, high, x) => {
    const t = saturate(op, op('div', op('sub', x, low), op('sub', high, low)));
    return op('mul', op('mul', t, t), op('sub', 3, op('mul', t, 2)));
  }),
  fma: single('fma', 'fma'),
  inverseSqrt: single('inverseSqrt', 'inverseSqrt', (x) => 1 / Math.sqrt(x)),
  exp2: single('exp2', 'exp2', (x) => 2 ** x),
  erf: single('erf', 'erf'),
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
    const at = (value: Value): Argument => ({ value, span });
    const top = operation(c, 'shr', [at(randomBits(c, args, span)), at(constant(8))], span);
    return operation(c, 'mul', [at(convert(c, top, 'f32', span)), at(constant(2 ** -24))], span);
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
