/**
 * What a device is asked: lines, each a small expression of three floats. Many lines make one program, whose results are compared
 * with the interpreter's, word by word.
 */

import { Builder } from '../../ir/builder.ts';
import { type NativeOp, nativeOps } from '../../ir/numeric-class.ts';
import type { Value } from '../../ir/program.ts';
import type { NumericMode, ScalarType } from '../../ir/types.ts';
import type { Verified } from '../../ir/verified.ts';
import { verify } from '../../ir/verify.ts';

export interface Line {
  /** As people write it. */
  readonly name: string;
  /** `word` has the bits of x. */
  readonly build: (b: Builder, x: Value, y: Value, z: Value, word: Value) => Value;
}

/**
 * One program of these lines: reads x, y, z and the bits of x, and writes what line i gives to row i of `floats`, or of
 * `integers` where it is no f32. The other one keeps zeros there.
 */
export function programOf(name: string, lines: readonly Line[], mode: NumericMode): Verified {
  const b = new Builder({ name, mode });
  const [x, y, z] = (['x', 'y', 'z'] as const).map((param) => b.buffer(param, 'read', 'f32'));
  const words = b.buffer('words', 'read', 'u32');
  const floats = b.buffer('floats', 'write', 'f32', 2);
  const integers = b.buffer('integers', 'write', 'u32', 2);
  const i = b.id('globalId', 0);
  const operands = [x!, y!, z!, words].map((param) => b.load(param, [i])) as [Value, Value, Value, Value];
  lines.forEach(({ build }, row) => {
    const value = build(b, ...operands);
    const at = [b.i32(row), i];
    if (value.type === 'f32') b.store(floats, at, value);
    else b.store(integers, at, b.convert(value, 'u32'));
  });
  return verify(b.finish());
}

// ---- what a device does by itself ----

/** An operation alone, with the types it is asked at. */
export interface NativeLine extends Line {
  readonly op: NativeOp;
  readonly to: ScalarType;
}
const operandCounts: { readonly [N in NativeOp]: 1 | 2 | 3 } = {
  ...{ add: 2, sub: 2, mul: 2, div: 2, sqrt: 1, fma: 3 },
  ...{ floor: 1, ceil: 1, trunc: 1, round: 1 },
  ...{ min: 2, max: 2, eq: 2, ne: 2, lt: 2, le: 2, gt: 2, ge: 2 },
  ...{ convert: 1, packHalf: 1, unpackHalf: 1 },
};
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;

export const nativeLines: readonly NativeLine[] = [
  ...nativeOps
    .filter((op) => op !== 'convert' && op !== 'unpackHalf')
    .map(
      (op): NativeLine => ({
        op,
        name: op,
        to: (comparisons as readonly string[]).includes(op) ? 'bool' : op === 'packHalf' ? 'u32' : 'f32',
        build: (b, ...args) => b.op(op, ...args.slice(0, operandCounts[op])),
      }),
    ),
  // what a compiler that assumes away NaN turns round
  ...comparisons.map(
    (op): NativeLine => ({ op, name: `not ${op}`, to: 'bool', build: (b, x, y) => b.op('not', b.op(op, x, y)) }),
  ),
  { op: 'ne', name: 'x != x', to: 'bool', build: (b, x) => b.op('ne', x, x) },
  { op: 'convert', name: 'bool of', to: 'bool', build: (b, x) => b.convert(x, 'bool') },
  { op: 'convert', name: 'i32 of', to: 'i32', build: (b, x) => b.convert(x, 'i32') },
  { op: 'convert', name: 'u32 of', to: 'u32', build: (b, x) => b.convert(x, 'u32') },
  { op: 'convert', name: 'f32 of i32', to: 'f32', build: (b, _x, _y, _z, w) => b.convert(b.bitcast(w, 'i32'), 'f32') },
  { op: 'convert', name: 'f32 of u32', to: 'f32', build: (b, _x, _y, _z, w) => b.convert(w, 'f32') },
  { op: 'unpackHalf', name: 'unpackHalf', to: 'f32', build: (b, _x, _y, _z, w) => b.op('unpackHalf', w) },
];

// ---- what a compiler may make of expressions ----

export interface Hazard extends Line {
  /** Fusing a product with a sum alone explains a difference. */
  readonly fusible: boolean;
}
const hazard = (name: string, build: Line['build'], fusible = false): Hazard => ({ name, build, fusible });

/** Expressions that compilers with the laws of real numbers, or with fused multiply-add, turn into others. */
export const hazards: readonly Hazard[] = [
  hazard('x * y + z', (b, x, y, z) => b.op('add', b.op('mul', x, y), z), true),
  hazard('x * y - z', (b, x, y, z) => b.op('sub', b.op('mul', x, y), z), true),
  hazard('z - x * y', (b, x, y, z) => b.op('sub', z, b.op('mul', x, y)), true),
  hazard('-(x * y) + z', (b, x, y, z) => b.op('add', b.op('neg', b.op('mul', x, y)), z), true),
  hazard('x * y + y * z', (b, x, y, z) => b.op('add', b.op('mul', x, y), b.op('mul', y, z)), true),
  hazard('(x + y) - x', (b, x, y) => b.op('sub', b.op('add', x, y), x)),
  hazard('x - (x - y)', (b, x, y) => b.op('sub', x, b.op('sub', x, y))),
  hazard('(x + y) + z', (b, x, y, z) => b.op('add', b.op('add', x, y), z)),
  hazard('(x * y) * z', (b, x, y, z) => b.op('mul', b.op('mul', x, y), z)),
  hazard('(x + 1) - 1', (b, x) => b.op('sub', b.op('add', x, b.f32(1)), b.f32(1))),
  hazard('(x + 1) + 2.1', (b, x) => b.op('add', b.op('add', x, b.f32(1)), b.f32(2.1))),
  hazard('(x * 3) * 0.1', (b, x) => b.op('mul', b.op('mul', x, b.f32(3)), b.f32(0.1))),
  hazard('x * 3 + x * 0.1', (b, x) => b.op('add', b.op('mul', x, b.f32(3)), b.op('mul', x, b.f32(0.1))), true),
  hazard('x / 3', (b, x) => b.op('div', x, b.f32(3))),
  hazard('1 / (1 / x)', (b, x) => b.op('div', b.f32(1), b.op('div', b.f32(1), x))),
  hazard('(x / y) * y', (b, x, y) => b.op('mul', b.op('div', x, y), y)),
  hazard('x / y + z / y', (b, x, y, z) => b.op('add', b.op('div', x, y), b.op('div', z, y))),
  hazard('x / (y / z)', (b, x, y, z) => b.op('div', x, b.op('div', y, z))),
  hazard('sqrt|x| * sqrt|x|', (b, x) => {
    const root = b.op('sqrt', b.op('abs', x));
    return b.op('mul', root, root);
  }),
  hazard('sqrt|x| * sqrt|y|', (b, x, y) => b.op('mul', b.op('sqrt', b.op('abs', x)), b.op('sqrt', b.op('abs', y)))),
  // the error of a sum, by Knuth's two-sum: 0 by the laws of real numbers
  hazard('error of x + y', (b, x, y) => {
    const sum = b.op('add', x, y);
    const part = b.op('sub', sum, x);
    return b.op('add', b.op('sub', x, b.op('sub', sum, part)), b.op('sub', y, part));
  }),
  hazard('x + y < x', (b, x, y) => b.op('lt', b.op('add', x, y), x)),
  hazard(
    'a loop: s = (s + x) * y, t = t + (s - x)',
    (b, x, y) => {
      const zero = b.f32(0);
      const [, t] = b.loop([b.i32(0), zero, zero], ['f32', 'f32'], ([k, s, t]) => {
        b.if(b.op('ge', k!, b.i32(4)), () => b.break(s!, t!));
        const next = b.op('mul', b.op('add', s!, x), y);
        return [b.op('add', k!, b.i32(1)), next, b.op('add', t!, b.op('sub', next, x))];
      });
      return t!;
    },
    true,
  ),
];

/** Expressions of which a compiler that assumes away NaN, infinities and signed zeros believes to know the value. */
export const specials: readonly Line[] = [
  { name: 'x - x', build: (b, x) => b.op('sub', x, x) },
  { name: 'x / x', build: (b, x) => b.op('div', x, x) },
  { name: 'x * 0', build: (b, x) => b.op('mul', x, b.f32(0)) },
  { name: 'x + y - y', build: (b, x, y) => b.op('sub', b.op('add', x, y), y) },
  { name: 'x * 1', build: (b, x) => b.op('mul', x, b.f32(1)) },
  { name: '|x| < 0', build: (b, x) => b.op('lt', b.op('abs', x), b.f32(0)) },
  { name: 'x < y or x >= y', build: (b, x, y) => b.op('or', b.op('lt', x, y), b.op('ge', x, y)) },
  { name: 'min(x, y) + max(x, y)', build: (b, x, y) => b.op('add', b.op('min', x, y), b.op('max', x, y)) },
  {
    name: 'x < y ? x * z : y * z',
    build: (b, x, y, z) => b.op('select', b.op('lt', x, y), b.op('mul', x, z), b.op('mul', y, z)),
  },
  { name: '-(x - y)', build: (b, x, y) => b.op('neg', b.op('sub', x, y)) },
  {
    name: '|x * y| - |y * x|',
    build: (b, x, y) => b.op('sub', b.op('abs', b.op('mul', x, y)), b.op('abs', b.op('mul', y, x))),
  },
  { name: 'i32(x + 0.5)', build: (b, x) => b.convert(b.op('add', x, b.f32(0.5)), 'i32') },
  { name: 'x', build: (_, x) => x },
];

/** Functions, for all: they are integer algorithms, which leave a device little to get wrong. */
export const functionLines: readonly Line[] = (['exp', 'log', 'sin'] as const).map(
  (op): Line => ({ name: op, build: (b, x) => b.op(op, x) }),
);
