/**
 * Operations on floats that a device does not have as `exact` needs them, written out in integers: what its class lacks.
 *
 * Subnormal f32 do not occur here; the sign of a zero and the bits of a NaN are free. Rounding to f16 is written out for
 * every compiler that changes programs: some find that a number taken to f16 and back is that number.
 */

import { Builder } from '../../ir/builder.ts';
import type { NativeOp, NumericClass } from '../../ir/numeric-class.ts';
import type { Operation, Program, Value } from '../../ir/program.ts';
import type { ScalarType } from '../../ir/types.ts';
import { rewrite } from '../rewrite.ts';

type Form = (b: Builder, x: Value, y: Value) => Value;

export function writeOut(program: Program, numeric: NumericClass): Program {
  return rewrite(program, {
    operation(operation, out) {
      const form = formOf(operation, numeric);
      if (form === undefined) return out.append(operation);
      const b = new Builder({ name: program.name });
      b.place = operation.place;
      const [x, y] = operation.args;
      const value = form(b, x!, y!);
      for (const instruction of b.finish().body.body) out.append(instruction);
      out.replace(operation.result!, value);
    },
  });
}

/** How the operation is written out; undefined where it stays. */
function formOf({ op, args, result }: Operation, { native, algebra }: NumericClass): Form | undefined {
  const type = args[0]?.type;
  const lacks = (wanted: NativeOp) => !native.includes(wanted);
  if (op === 'convert') {
    const to = result!.type as ScalarType;
    if (to === 'f16' && type !== 'f16' && type !== 'bool') return algebra === 'none' ? undefined : roundToHalf;
    if (!lacks('convert')) return undefined;
    if (to === 'bool' && type === 'f32') return truth;
    if (type === 'f32' && (to === 'i32' || to === 'u32')) return (b, x) => integerOf(b, x, to);
    return to === 'f32' && (type === 'i32' || type === 'u32') ? floatOf : undefined;
  }
  if (op === 'unpackHalf') return lacks(op) ? unpackHalf : undefined;
  const form = forms[op as keyof typeof forms];
  if (form === undefined || !lacks(op as NativeOp)) return undefined;
  if (type === 'f32') return form;
  return type === 'f16' ? inF32(form, result!.type) : undefined;
}

/** All of f16 is in f32, and none of these gives a number that is not. */
const inF32 =
  (form: Form, result: Value['type']): Form =>
  (b, x, y) => {
    const value = form(b, b.convert(x, 'f32'), y === undefined ? y! : b.convert(y, 'f32'));
    return result === 'f16' ? b.convert(value, 'f16') : value;
  };

// ---- the parts of an f32 ----

const bitsOf = (b: Builder, x: Value) => b.bitcast(x, 'u32');
const float = (b: Builder, bits: Value) => b.bitcast(bits, 'f32');
const magnitude = (b: Builder, x: Value) => b.op('and', bitsOf(b, x), b.u32(0x7fffffff));
const signOf = (b: Builder, x: Value) => b.op('and', bitsOf(b, x), b.u32(0x80000000));
const isNegative = (b: Builder, x: Value) => b.op('lt', b.bitcast(x, 'i32'), b.i32(0));
const isNoNumber = (b: Builder, x: Value) => b.op('gt', magnitude(b, x), b.u32(0x7f800000));
/** The power of two of its first bit, i32; at least -127, and 128 for infinities and NaN. */
const exponentOf = (b: Builder, x: Value) =>
  b.op('sub', b.convert(b.op('shr', magnitude(b, x), b.u32(23)), 'i32'), b.i32(127));
const select = (b: Builder, condition: Value, x: Value, y: Value) => b.op('select', condition, x, y);
const clamped = (b: Builder, x: Value, low: number, high: number) =>
  b.op('max', b.op('min', x, b.i32(high)), b.i32(low));

// ---- comparison ----

/** An integer that is ordered as the number is; both zeros are 0. Not for NaN. */
function orderOf(b: Builder, x: Value): Value {
  const size = b.bitcast(magnitude(b, x), 'i32');
  return select(b, isNegative(b, x), b.op('neg', size), size);
}
const compare =
  (op: 'eq' | 'lt' | 'le'): Form =>
  (b, x, y) => {
    const numbers = b.op('not', b.op('or', isNoNumber(b, x), isNoNumber(b, y)));
    return b.op('and', numbers, b.op(op, orderOf(b, x), orderOf(b, y)));
  };
const less = compare('lt');
const lessOrEqual = compare('le');
const equal = compare('eq');

// ---- rounding to whole numbers ----

/** `nudge` gives what is added to the magnitude's bits before those of the fraction, whose mask it gets, are dropped. */
const rounding =
  (nudge: (b: Builder, x: Value, mask: Value) => Value, below: (b: Builder, x: Value) => Value): Form =>
  (b, x) => {
    const exponent = exponentOf(b, x);
    const mask = b.op('shr', b.u32(0x007fffff), b.convert(clamped(b, exponent, 0, 23), 'u32'));
    const kept = b.op('and', b.op('add', magnitude(b, x), nudge(b, x, mask)), b.op('not', mask));
    const small = b.op('lt', exponent, b.i32(0));
    const large = b.op('ge', exponent, b.i32(23));
    const whole = select(b, small, below(b, x), kept);
    return select(b, large, x, float(b, b.op('or', signOf(b, x), whole)));
  };
const one = 0x3f800000;
const half = 0x3f000000;
/** Away from zero where the sign says so: the whole mask carries into the next whole number. */
const away = (towards: (b: Builder, x: Value) => Value) =>
  rounding(
    (b, x, mask) => select(b, towards(b, x), mask, b.u32(0)),
    (b, x) => {
      const nonzero = b.op('ne', magnitude(b, x), b.u32(0));
      return select(b, b.op('and', towards(b, x), nonzero), b.u32(one), b.u32(0));
    },
  );
const toEven = rounding(
  (b, x, mask) => {
    const fractionBits = b.op('countOneBits', mask);
    const odd = b.op('and', b.op('shr', magnitude(b, x), fractionBits), b.u32(1));
    const most = b.op('shr', mask, b.u32(1));
    // of a number from 2^23 on there is no fraction, and nothing to add
    return select(b, b.op('eq', mask, b.u32(0)), b.u32(0), b.op('add', most, odd));
  },
  (b, x) => select(b, b.op('gt', magnitude(b, x), b.u32(half)), b.u32(one), b.u32(0)),
);

// ---- conversion ----

/** Truncated and saturated; 0 for NaN. */
function integerOf(b: Builder, x: Value, to: 'i32' | 'u32'): Value {
  const exponent = exponentOf(b, x);
  const significand = b.op('or', b.op('and', bitsOf(b, x), b.u32(0x007fffff)), b.u32(0x00800000));
  const left = b.op('shl', significand, b.convert(clamped(b, b.op('sub', exponent, b.i32(23)), 0, 31), 'u32'));
  const right = b.op('shr', significand, b.convert(clamped(b, b.op('sub', b.i32(23), exponent), 0, 31), 'u32'));
  const size = select(b, b.op('ge', exponent, b.i32(23)), left, right);
  const negative = isNegative(b, x);
  const zero = b.op('or', b.op('lt', exponent, b.i32(0)), isNoNumber(b, x));
  if (to === 'u32') {
    const whole = select(b, b.op('ge', exponent, b.i32(32)), b.u32(0xffffffff), size);
    return select(b, b.op('or', zero, negative), b.u32(0), whole);
  }
  const value = b.convert(select(b, negative, b.op('neg', size), size), 'i32');
  const limit = select(b, negative, b.i32(-(2 ** 31)), b.i32(2 ** 31 - 1));
  return select(b, zero, b.i32(0), select(b, b.op('ge', exponent, b.i32(31)), limit, value));
}

const truth: Form = (b, x) => b.op('and', b.op('ne', magnitude(b, x), b.u32(0)), b.op('not', isNoNumber(b, x)));

/** To nearest, ties to even. */
function floatOf(b: Builder, x: Value): Value {
  const negative = x.type === 'i32' ? b.op('lt', x, b.i32(0)) : b.bool(false);
  const bits = b.convert(x, 'u32');
  const size = select(b, negative, b.op('neg', bits), bits);
  const zeros = b.op('countLeadingZeros', size);
  const aligned = b.op('shl', size, zeros);
  const significand = b.op('shr', aligned, b.u32(8));
  const rest = b.op('and', aligned, b.u32(0xff));
  const odd = b.op('and', significand, b.u32(1));
  // of 256ths, more than half or half of an odd one
  const up = b.op('shr', b.op('add', rest, b.op('add', b.u32(0x7f), odd)), b.u32(8));
  const exponent = b.op('shl', b.op('sub', b.u32(127 + 31 - 1), zeros), b.u32(23));
  const sum = b.op('add', exponent, b.op('add', significand, up));
  const sign = select(b, negative, b.u32(0x80000000), b.u32(0));
  return float(b, select(b, b.op('eq', size, b.u32(0)), b.u32(0), b.op('or', sign, sum)));
}

function unpackHalf(b: Builder, x: Value): Value {
  const sign = b.op('shl', b.op('and', x, b.u32(0x8000)), b.u32(16));
  const size = b.op('and', x, b.u32(0x7fff));
  const wide = b.op('shl', size, b.u32(13));
  const normal = b.op('add', wide, b.u32((127 - 15) << 23));
  const beyond = b.op('or', wide, b.u32(0x7f800000));
  // below 2^-14: a whole number of 2^-24
  const subnormal = b.op('sub', bitsOf(b, floatOf(b, size)), b.u32(24 << 23));
  const small = select(b, b.op('eq', size, b.u32(0)), b.u32(0), subnormal);
  const finite = select(b, b.op('lt', size, b.u32(0x0400)), small, normal);
  return float(b, b.op('or', sign, select(b, b.op('ge', size, b.u32(0x7c00)), beyond, finite)));
}

/** Rounded in integers; what then becomes f16 is one already. */
function roundToHalf(b: Builder, x: Value): Value {
  const wide = x.type === 'f32' ? x : b.convert(x, 'f32');
  return b.convert(unpackHalf(b, b.op('packHalf', wide)), 'f16');
}

const forms = {
  eq: equal,
  ne: (b, x, y) => b.op('not', equal(b, x, y)),
  lt: less,
  le: lessOrEqual,
  gt: (b, x, y) => less(b, y, x),
  ge: (b, x, y) => lessOrEqual(b, y, x),
  min: (b, x, y) => select(b, less(b, y, x), y, x),
  max: (b, x, y) => select(b, less(b, x, y), y, x),
  trunc: rounding(
    (b) => b.u32(0),
    (b) => b.u32(0),
  ),
  floor: away(isNegative),
  ceil: away((b, x) => b.op('not', isNegative(b, x))),
  round: toEven,
} satisfies { readonly [N in NativeOp]?: Form };
