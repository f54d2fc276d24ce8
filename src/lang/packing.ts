/**
 * Members of `k` that work on parts of words: numbers packed into 32 bits, fields of bits, the parts of a float. Each is a
 * formula of operations, so it gives the same on every device, also where WGSL leaves the result open.
 */

import type { ValueType } from '../ir/types.ts';
import type { Lowering } from './lowering.ts';
import { callable, composite, type Formula, type Op, writer } from './members.ts';
import type { Span } from './parse.ts';
import { objectOf } from './records.ts';
import { integers, ofType, scalarValue } from './scalars.ts';
import { type Argument, type Callable, constant, type Scalar, type Value } from './values.ts';
import { ofValueType, vectorOf } from './vector-values.ts';

/** A function of values of these types; it gets their components in order, and gives a scalar or a vector's components. */
function words(
  name: string,
  takes: readonly ValueType[],
  write: (op: Op, ...parts: Scalar[]) => Scalar | readonly Scalar[],
): Callable {
  return callable(name, takes.length, takes.length, (c, args, span) => {
    const parts = args.flatMap((arg, i) => {
      const value = ofValueType(c, arg, takes[i]!, `argument ${i + 1} of k.${name}`);
      return value.kind === 'vector' ? value.components : [value as Scalar];
    });
    const result = write(writer(c, span), ...parts);
    if (!Array.isArray(result)) return result as Scalar;
    return vectorOf(
      c,
      (result as readonly Scalar[]).map((value): Argument => ({ value, span })),
      span,
    );
  });
}

// ---- packing ----

/** Fields of equal width in one u32, the first lowest; of each only the low bits. */
function pack(op: Op, fields: readonly Scalar[]): Scalar {
  const width = 32 / fields.length;
  return fields
    .map((field, i) => {
      const low = op('and', op.to('u32', field), 2 ** width - 1);
      return i === 0 ? low : op('shl', low, i * width);
    })
    .reduce((word, field) => op('or', word, field));
}
/** The fields of a u32 again, i32 with their sign or u32. */
function unpack(op: Op, word: Scalar, count: number, signed: boolean): Scalar[] {
  const width = 32 / count;
  const bits = signed ? op.to('i32', word) : word;
  return Array.from({ length: count }, (_, i) => op('shr', op('shl', bits, 32 - width * (i + 1)), 32 - width));
}
const limited = (op: Op, x: Scalar, low: number, high: number) => op('min', op('max', x, low), high);

/** Numbers in [-1, 1] or [0, 1] as whole multiples of 1 / most, to nearest; NaN is 0. */
const normed = (op: Op, x: Scalar, low: -1 | 0, most: number) =>
  op.to('i32', op('floor', op('add', op('mul', limited(op, x, low, 1), most), 0.5)));

const packNormed = (name: string, count: 2 | 4, low: -1 | 0): Callable => {
  const most = 2 ** (32 / count + low) - 1;
  return words(name, [`vec${count}<f32>`], (op, ...parts) =>
    pack(
      op,
      parts.map((x) => normed(op, x, low, most)),
    ),
  );
};
const unpackNormed = (name: string, count: 2 | 4, low: -1 | 0): Callable => {
  const most = 2 ** (32 / count + low) - 1;
  return words(name, ['u32'], (op, word) =>
    unpack(op, word!, count, low < 0).map((field) => {
      const value = op('div', op.to('f32', field), most);
      return low < 0 ? op('max', value, -1) : value;
    }),
  );
};
/** The sum of the products of the four bytes of each. */
const dot4 = (name: string, signed: boolean): Callable =>
  words(name, ['u32', 'u32'], (op, x, y) => {
    const [a, b] = [unpack(op, x!, 4, signed), unpack(op, y!, 4, signed)];
    return a.map((each, i) => op('mul', each, b[i]!)).reduce((sum, product) => op('add', sum, product));
  });

const halves = (op: Op, x: Value, y: Value) => pack(op, [op('packHalf', x), op('packHalf', y)]);
const pair = words('pack2x16float', ['vec2<f32>'], (op, x, y) => halves(op, x!, y!));

export const packing = {
  pack4x8snorm: packNormed('pack4x8snorm', 4, -1),
  pack4x8unorm: packNormed('pack4x8unorm', 4, 0),
  pack2x16snorm: packNormed('pack2x16snorm', 2, -1),
  pack2x16unorm: packNormed('pack2x16unorm', 2, 0),
  pack2x16float: callable('pack2x16float', 1, 2, (c, args, span) =>
    args.length === 1
      ? pair.call(c, args, span)
      : words('pack2x16float', ['f32', 'f32'], (op, x, y) => halves(op, x!, y!)).call(c, args, span),
  ),
  pack4xI8: words('pack4xI8', ['vec4<i32>'], (op, ...parts) => pack(op, parts)),
  pack4xU8: words('pack4xU8', ['vec4<u32>'], (op, ...parts) => pack(op, parts)),
  pack4xI8Clamp: words('pack4xI8Clamp', ['vec4<i32>'], (op, ...parts) =>
    pack(
      op,
      parts.map((x) => limited(op, x, -128, 127)),
    ),
  ),
  pack4xU8Clamp: words('pack4xU8Clamp', ['vec4<u32>'], (op, ...parts) =>
    pack(
      op,
      parts.map((x) => op('min', x, 255)),
    ),
  ),
  unpack4x8snorm: unpackNormed('unpack4x8snorm', 4, -1),
  unpack4x8unorm: unpackNormed('unpack4x8unorm', 4, 0),
  unpack2x16snorm: unpackNormed('unpack2x16snorm', 2, -1),
  unpack2x16unorm: unpackNormed('unpack2x16unorm', 2, 0),
  unpack2x16float: words('unpack2x16float', ['u32'], (op, word) =>
    unpack(op, word!, 2, false).map((x) => op('unpackHalf', x)),
  ),
  unpack4xI8: words('unpack4xI8', ['u32'], (op, word) => unpack(op, word!, 4, true)),
  unpack4xU8: words('unpack4xU8', ['u32'], (op, word) => unpack(op, word!, 4, false)),
  dot4I8Packed: dot4('dot4I8Packed', true),
  dot4U8Packed: dot4('dot4U8Packed', false),
} satisfies Readonly<Record<string, Callable>>;

// ---- fields of bits ----

/** Where a field starts and how wide it is, brought into the word. */
function field(op: Op, offset: Value, count: Value): readonly [start: Scalar, width: Scalar] {
  const start = op('min', offset, 32);
  return [start, op('min', count, op('sub', 32, start))];
}
const extract: Formula = (op, x, offset, count) => {
  const [start, width] = field(op, offset!, count!);
  const above = op('sub', op('sub', 32, start), width);
  // shifts right keep the sign of an i32
  const value = op('shr', op('shl', x!, above), op('sub', 32, width));
  return op('select', op('eq', width, 0), 0, value);
};
const insert: Formula = (op, x, bits, offset, count) => {
  const [start, width] = field(op, offset!, count!);
  const ones = op('select', op('ge', width, 32), -1, op('sub', op('shl', 1, width), 1));
  const mask = op('shl', ones, start);
  const changed = op('or', op('and', x!, op('not', mask)), op('and', op('shl', bits!, start), mask));
  return op('select', op('eq', width, 0), x!, changed);
};

export const fields = {
  extractBits: composite('extractBits', 3, integers, extract),
  insertBits: composite('insertBits', 4, integers, insert),
  firstLeadingBit: composite('firstLeadingBit', 1, integers, (op, x) =>
    op('sub', 31, op('countLeadingZeros', op('select', op('lt', x!, 0), op('not', x!), x!))),
  ),
  // the lowest 1 alone is x & -x
  firstTrailingBit: composite('firstTrailingBit', 1, integers, (op, x) =>
    op('sub', 31, op('countLeadingZeros', op('and', x!, op('neg', x!)))),
  ),
} satisfies Readonly<Record<string, Callable>>;

// ---- the parts of a float ----

/** A function of a float, or of each component of a vector, that gives several values by name. */
function parts(name: string, write: (op: Op, x: Scalar) => Readonly<Record<string, Scalar>>): Callable {
  return callable(name, 1, 1, (c, [arg], span) => {
    const value = c.read(arg!.value, arg!.span);
    const single = value.kind !== 'vector';
    const given = single
      ? [ofType(c, arg!, 'f32', `k.${name}`)]
      : value.components.map((each) => typed(c, each, name, arg!.span));
    const results = given.map((x) => write(writer(c, span), x));
    const names = Object.keys(results[0]!);
    const gather = (of: string): Value =>
      single
        ? results[0]![of]!
        : vectorOf(
            c,
            results.map((each): Argument => ({ value: each[of]!, span })),
            span,
          );
    return objectOf(Object.fromEntries(names.map((of) => [of, gather(of)])));
  });
}
const typed = (c: Lowering, value: Scalar, name: string, span: Span) => ofType(c, { value, span }, 'f32', `k.${name}`);

/**
 * x = fract * 2^exp with |fract| in [0.5, 1), in integers, so that subnormal numbers come out right too. 0, infinities and
 * NaN are their own fract, with exponent 0.
 */
function frexp(op: Op, x: Scalar): Readonly<Record<string, Scalar>> {
  const bits = op.cast('u32', x);
  const mantissa = op('and', bits, 0x7fffff);
  const biased = op.to('i32', op('and', op('shr', bits, 23), 255));
  const tiny = op('eq', biased, 0);
  // by how much a subnormal number's first 1 lacks of bit 23
  const lacks = op('sub', op('countLeadingZeros', mantissa), 8);
  const shifted = op('and', op('select', tiny, op('shl', mantissa, lacks), mantissa), 0x7fffff);
  const fract = op('or', op('or', op('and', bits, 0x80000000), 126 * 2 ** 23), shifted);
  const exponent = op('select', tiny, op('sub', -125, op.to('i32', lacks)), op('sub', biased, 126));
  const special = op('or', op('eq', op('and', bits, 0x7fffffff), 0), op('eq', biased, 255));
  return {
    fract: op.cast('f32', op('select', special, bits, fract)),
    exp: op('select', special, 0, exponent),
  };
}

/**
 * x * 2^n, rounded once. Three factors reach from one end of the range to the other; on the way down the first two stop at
 * 2^-102, so that no number is rounded as subnormal before the last.
 */
const scale: Formula = (op, x, exponent) => {
  const power = (n: Scalar) => op.cast('f32', op('shl', op('add', n, 127), 23));
  let rest = limited(op, exponent as Scalar, -330, 381);
  let result = x as Scalar;
  for (let i = 0; i < 2; i++) {
    const step = op('select', op('lt', rest, -126), -102, op('select', op('gt', rest, 127), 127, 0));
    result = op('mul', result, power(step));
    rest = op('sub', rest, step);
  }
  return op('mul', result, power(limited(op, rest, -126, 127)));
};

export const floatParts = {
  frexp: parts('frexp', frexp),
  modf: parts('modf', (op, x) => {
    const whole = op('trunc', x);
    return { fract: op('sub', x, whole), whole };
  }),
  ldexp: callable('ldexp', 2, 2, (c, [x, n], span) => {
    const [value, exponent] = [c.read(x!.value, x!.span), c.read(n!.value, n!.span)];
    const op = writer(c, span);
    const one = (a: Value, b: Value) =>
      scale(op, typed(c, a as Scalar, 'ldexp', x!.span), ofType(c, { value: b, span: n!.span }, 'i32', 'the exponent'));
    if (value.kind !== 'vector') return one(scalarValue(c, x!), scalarValue(c, n!));
    const exponents = exponent.kind === 'vector' ? exponent.components : value.components.map(() => exponent);
    return vectorOf(
      c,
      value.components.map((each, i) => ({ value: one(each, exponents[i] ?? constant(0)), span })),
      span,
    );
  }),
  quantizeToF16: composite('quantizeToF16', 1, ['f32'], (op, x) => op('unpackHalf', op('packHalf', x!))),
} satisfies Readonly<Record<string, Callable>>;
