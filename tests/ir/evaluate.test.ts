/** The pinned meanings, against BigInt and rational arithmetic, DataView conversions and published known answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bitsOf,
  evaluate,
  isScalarOp,
  numberOf,
  opNames,
  rowOf,
  type ScalarOp,
  type ScalarRow,
  type ScalarType,
  threefry2x32,
} from '../../src/ir/index.ts';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
const edges = {
  i32: [0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 65535, 65536, -65536, 0x12345678, INT_MAX, INT_MIN, INT_MIN + 1],
  u32: [0, 1, 2, 3, 7, 31, 32, 33, 64, 65535, 65536, 0x12345678, 0x7fffffff, 0x80000000, 0xfffffffe, UINT_MAX],
};
const f32Values = fc.integer({ min: 0, max: UINT_MAX }).map((bits) => numberOf('f32', bits));
const property = (check: (...values: never[]) => void, ...arbitraries: fc.Arbitrary<number>[]) =>
  fc.assert(fc.property(...(arbitraries as [fc.Arbitrary<number>]), check as (x: number) => void), {
    seed: 7,
    numRuns: 2000,
  });

describe('integers', () => {
  const wrap = { i32: (x: bigint) => Number(BigInt.asIntN(32, x)), u32: (x: bigint) => Number(BigInt.asUintN(32, x)) };
  const quotient = (x: bigint, y: bigint) => (y === 0n ? x : x / y);
  const remainder = (x: bigint, y: bigint) => (y === 0n ? 0n : x % y);
  const reference: Partial<Record<ScalarOp, (x: bigint, y: bigint) => bigint>> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: quotient,
    rem: remainder,
    mulHigh: (x, y) => (x * y) >> 32n,
    min: (x, y) => (x < y ? x : y),
    max: (x, y) => (x > y ? x : y),
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    shl: (x, y) => x << (y & 31n),
    shr: (x, y) => x >> (y & 31n),
    neg: (x) => -x,
    not: (x) => ~x,
  };
  for (const type of ['i32', 'u32'] as const)
    for (const [op, expected] of Object.entries(reference) as [ScalarOp, (x: bigint, y: bigint) => bigint][])
      test(`${op} of ${type}`, () => {
        for (const x of edges[type])
          for (const y of edges[type])
            expect([x, y, evaluate(op, type, [x, y], type)]).toEqual([
              x,
              y,
              wrap[type](expected(BigInt(x), BigInt(y))),
            ]);
      });

  test('the cases that devices disagree on', () => {
    expect(evaluate('div', 'i32', [INT_MIN, -1], 'i32')).toBe(INT_MIN);
    expect(evaluate('rem', 'i32', [INT_MIN, -1], 'i32')).toBe(0);
    expect(evaluate('div', 'u32', [5, 0], 'u32')).toBe(5);
    expect(evaluate('rem', 'i32', [-5, 0], 'i32')).toBe(0);
    expect(evaluate('rem', 'i32', [-4, 2], 'i32')).toBe(0); // not -0
    expect(evaluate('abs', 'i32', [INT_MIN], 'i32')).toBe(INT_MIN);
    expect(evaluate('shl', 'i32', [1, 32], 'i32')).toBe(1);
    expect(evaluate('shr', 'i32', [-8, 33], 'i32')).toBe(-4);
    expect(evaluate('shl', 'u32', [1, -1], 'u32')).toBe(0x80000000);
  });

  test('bit counting, against the binary digits', () => {
    for (const type of ['i32', 'u32'] as const)
      for (const x of edges[type]) {
        const digits = (x >>> 0).toString(2).padStart(32, '0');
        const zeros = (text: string) => text.match(/^0*/)![0].length;
        const backwards = [...digits].reverse().join('');
        expect(evaluate('countOneBits', type, [x], type)).toBe(digits.replaceAll('0', '').length);
        expect(evaluate('countLeadingZeros', type, [x], type)).toBe(zeros(digits));
        expect(evaluate('countTrailingZeros', type, [x], type)).toBe(zeros(backwards));
        expect(evaluate('reverseBits', type, [x], type)).toBe(wrap[type](BigInt(`0b${backwards}`)));
      }
  });
});

/** A finite double as a fraction of a power of two. */
function rational(x: number): { numerator: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 2047n);
  const fraction = bits & ((1n << 52n) - 1n);
  const significand = biased === 0 ? fraction : fraction | (1n << 52n);
  return { numerator: bits >> 63n ? -significand : significand, exponent: Math.max(biased, 1) - 1075 };
}
/** numerator * 2^exponent rounded to nearest even in a format of that precision and least exponent. */
function roundExact(numerator: bigint, exponent: number, precision: number, least: number, overflow: number): number {
  const magnitude = numerator < 0n ? -numerator : numerator;
  if (magnitude === 0n) return 0;
  const drop = Math.max(magnitude.toString(2).length - precision, least - exponent, 0);
  const shift = BigInt(drop);
  let kept = magnitude >> shift;
  const rest = magnitude - (kept << shift);
  const half = drop === 0 ? 0n : 1n << (shift - 1n);
  if (drop > 0 && (rest > half || (rest === half && kept & 1n))) kept += 1n;
  const e = exponent + drop;
  const value = Number(kept) * 2 ** Math.max(e, -1000) * 2 ** Math.min(e + 1000, 0);
  const result = value >= overflow ? Number.POSITIVE_INFINITY : value;
  return numerator < 0n ? -result : result;
}
const roundF32 = (n: bigint, e: number) => roundExact(n, e, 24, -149, 2 ** 128);

describe('f32', () => {
  test('+ - * and fma are correctly rounded (exact rational reference)', () => {
    const exact = (x: number, y: number, z: number) => {
      const [a, b, c] = [rational(x), rational(y), rational(z)];
      const product = { numerator: a.numerator * b.numerator, exponent: a.exponent + b.exponent };
      const e = Math.min(product.exponent, c.exponent);
      const sum = (product.numerator << BigInt(product.exponent - e)) + (c.numerator << BigInt(c.exponent - e));
      return roundF32(sum, e) || 0;
    };
    property(
      (x: number, y: number, z: number) => {
        if (![x, y, z].every(Number.isFinite)) return;
        expect(evaluate('fma', 'f32', [x, y, z], 'f32') || 0).toBe(exact(x, y, z));
        expect(evaluate('add', 'f32', [x, z], 'f32') || 0).toBe(exact(x, 1, z));
        expect(evaluate('sub', 'f32', [z, x], 'f32') || 0).toBe(exact(x, -1, z));
        expect(evaluate('mul', 'f32', [x, y], 'f32') || 0).toBe(exact(x, y, 0));
      },
      f32Values,
      f32Values,
      f32Values,
    );
  });

  test('fma rounds once where two roundings differ', () => {
    // 1 + 2^-24 is a tie of f32; the far smaller addend decides it, and f64 alone would lose it
    const tie = [1 + 2 ** -12, 1 + 2 ** -12] as const; // product 1 + 2^-11 + 2^-24
    expect(evaluate('fma', 'f32', [...tie, 2 ** -80], 'f32')).toBe(1 + 2 ** -11 + 2 ** -23);
    expect(evaluate('fma', 'f32', [...tie, -(2 ** -80)], 'f32')).toBe(1 + 2 ** -11);
    expect(evaluate('fma', 'f32', [...tie, 0], 'f32')).toBe(1 + 2 ** -11);
    expect(evaluate('fma', 'f32', [2, Number.POSITIVE_INFINITY, 1], 'f32')).toBe(Number.POSITIVE_INFINITY);
    expect(evaluate('fma', 'f32', [0, Number.POSITIVE_INFINITY, 1], 'f32')).toBeNaN();
  });

  test('/ and sqrt are the nearest f32: no neighbour is closer', () => {
    const neighbours = (q: number) => [numberOf('f32', bitsOf('f32', q) - 1), numberOf('f32', bitsOf('f32', q) + 1)];
    const cubeOf = (n: number) => fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }).map((m) => m * 2 ** n);
    property(
      (x: number, y: number) => {
        const q = evaluate('div', 'f32', [x, y], 'f32');
        // |x - q y| compared in exact arithmetic
        const distance = (candidate: number) => {
          const [a, c, b] = [rational(x), rational(candidate), rational(y)];
          const difference =
            (a.numerator << BigInt(a.exponent + 1200)) -
            ((c.numerator * b.numerator) << BigInt(c.exponent + b.exponent + 1200));
          return difference < 0n ? -difference : difference;
        };
        for (const other of neighbours(q)) expect(distance(q) <= distance(other)).toBe(true);
        // nearest root: (r - half ulp)^2 < x < (r + half ulp)^2, in exact arithmetic
        const r = evaluate('sqrt', 'f32', [x], 'f32');
        const [below, above] = neighbours(r) as [number, number];
        const square = (v: number) => (rational(v).numerator ** 2n) << BigInt(2 * rational(v).exponent + 2400);
        const target = rational(x).numerator << BigInt(rational(x).exponent + 2400);
        expect(square((r + below) / 2) <= target && target <= square((r + above) / 2)).toBe(true);
      },
      cubeOf(-20),
      cubeOf(-30),
    );
  });

  test('special values', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    const f32 = (op: ScalarOp, ...args: number[]) => evaluate(op, 'f32', args, 'f32');
    expect(f32('min', 1, nan)).toBe(1);
    expect(f32('min', nan, 1)).toBeNaN();
    expect(f32('max', 1, nan)).toBe(1);
    expect(f32('max', nan, 1)).toBeNaN();
    expect(f32('min', -0, 0)).toBe(-0);
    expect(f32('min', 0, -0)).toBe(0);
    expect(f32('rem', 5.5, 2)).toBe(1.5);
    expect(f32('rem', -5.5, 2)).toBe(-1.5);
    expect(f32('rem', 1, 0)).toBeNaN();
    expect(f32('pow', -2, 2)).toBeNaN();
    expect(f32('sqrt', -1)).toBeNaN();
    expect(f32('inverseSqrt', 0)).toBe(infinity);
    expect(f32('div', 1, -0)).toBe(-infinity);
    for (const [x, nearest] of [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, -0],
      [-1.5, -2],
      [-0.2, -0],
      [0.75, 1],
      [8388609, 8388609],
    ] as const)
      expect(f32('round', x)).toBe(nearest);
    for (const op of ['floor', 'ceil', 'trunc', 'round'] as const) {
      expect(f32(op, -0)).toBe(-0);
      expect(f32(op, -infinity)).toBe(-infinity);
      expect(f32(op, nan)).toBeNaN();
    }
    for (const op of ['lt', 'le', 'gt', 'ge', 'eq'] as const) expect(evaluate(op, 'f32', [nan, nan], 'bool')).toBe(0);
    expect(evaluate('ne', 'f32', [nan, nan], 'bool')).toBe(1);
    expect(evaluate('eq', 'f32', [0, -0], 'bool')).toBe(1);
  });
});

describe('conversion', () => {
  const convert = (from: ScalarType, to: ScalarType, x: number) => evaluate('convert', from, [x], to);
  test('float to integer truncates, saturates and takes NaN to 0', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    for (const [x, signed, unsigned] of [
      [nan, 0, 0],
      [infinity, INT_MAX, UINT_MAX],
      [-infinity, INT_MIN, 0],
      [-0, 0, 0],
      [-0.99, 0, 0],
      [1.99, 1, 1],
      [-1.99, -1, 0],
      [2147483648, INT_MAX, 2147483648],
      [-2147483648, INT_MIN, 0],
      [4294967296, INT_MAX, UINT_MAX],
      [4294967040, INT_MAX, 4294967040],
    ] as const) {
      expect(convert('f32', 'i32', x)).toBe(signed);
      expect(convert('f32', 'u32', x)).toBe(unsigned);
    }
    expect(convert('f16', 'i32', infinity)).toBe(INT_MAX);
  });
  test('integers to float round to nearest even', () => {
    expect(convert('i32', 'f32', 16777217)).toBe(16777216);
    expect(convert('i32', 'f32', 16777219)).toBe(16777220);
    expect(convert('u32', 'f32', UINT_MAX)).toBe(2 ** 32);
    expect(convert('i32', 'f16', 2049)).toBe(2048);
    expect(convert('u32', 'f16', 65520)).toBe(Number.POSITIVE_INFINITY);
    expect(convert('u32', 'f16', 65519)).toBe(65504);
  });
  test('bool and bits', () => {
    expect(convert('f32', 'bool', Number.NaN)).toBe(0);
    expect(convert('f32', 'bool', -0)).toBe(0);
    expect(convert('f32', 'bool', 1e-40)).toBe(1);
    expect(convert('i32', 'bool', -3)).toBe(1);
    expect(convert('bool', 'f32', 1)).toBe(1);
    expect(convert('u32', 'i32', UINT_MAX)).toBe(-1);
    expect(convert('i32', 'u32', -1)).toBe(UINT_MAX);
    const view = new DataView(new ArrayBuffer(4));
    property(
      (bits: number) => {
        view.setUint32(0, bits);
        const value = view.getFloat32(0);
        expect(evaluate('bitcast', 'u32', [bits], 'f32')).toBe(value);
        expect(evaluate('bitcast', 'f32', [value], 'i32')).toBe(Number.isNaN(value) ? 0x7fc00000 : bits | 0);
      },
      fc.integer({ min: 0, max: UINT_MAX }),
    );
  });
  test('every f16, and what rounds to it', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = evaluate('unpackHalf', 'u32', [bits], 'f32');
      expect(evaluate('packHalf', 'f32', [value], 'u32')).toBe(Number.isNaN(value) ? 0x7e00 : bits);
    }
    property(
      (bits: number) => {
        const x = numberOf('f32', bits);
        if (!Number.isFinite(x)) return;
        const { numerator, exponent } = rational(x);
        const expected = roundExact(numerator, exponent, 11, -24, 65536);
        expect(evaluate('convert', 'f32', [x], 'f16') || 0).toBe(expected || 0);
      },
      fc.integer({ min: 0x33000000, max: 0x47800000 }),
    );
  });
});

test('threefry gives the known answers of Random123', () => {
  // kat_vectors: threefry2x32 20, counter, key, result
  for (const [c0, c1, k0, k1, r0, r1] of [
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ] as const)
    expect(threefry2x32(k0, k1, c0, c1)).toEqual([r0, r1]);
  expect(evaluate('threefry', 'u32', [0, 0], 'u32')).toBe(0x6b200159);
});

test('every operation gives a value of its result type for every type it takes', () => {
  const operands: Record<ScalarType, readonly number[]> = {
    bool: [0, 1],
    ...edges,
    f32: [0, -0, 1, -1.5, 2 ** 127, -(2 ** -149), Number.NaN, Number.NEGATIVE_INFINITY],
    f16: [0, -0, 1, -1.5, 65504, -(2 ** -24), Number.NaN, Number.NEGATIVE_INFINITY],
  };
  for (const op of opNames.filter(isScalarOp)) {
    const row = rowOf(op) as ScalarRow;
    for (const type of row.of) {
      const results = row.result === 'any' ? row.to! : [row.result === 'T' ? type : row.result];
      const choices = row.args.map((arg) => operands[arg === 'T' ? type : arg === 'int' ? 'u32' : arg]);
      for (const to of results)
        for (const x of choices[0]!)
          for (const y of choices[1] ?? [0])
            for (const z of choices[2] ?? [0]) {
              const result = evaluate(op, type, [x, y, z], to);
              if (!Object.is(numberOf(to, bitsOf(to, result)), result))
                expect.fail(`${op} of ${type} (${x}, ${y}, ${z}) gives ${result}, which is no ${to}`);
            }
    }
  }
});
