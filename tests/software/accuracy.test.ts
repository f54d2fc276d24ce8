/**
 * Software functions against doubles: all exponents and both signs, dense samples where a function does something, and its special
 * points. `isokernel numerics` tries every operand.
 */

import { describe, expect, test } from 'vitest';
import { softwareFunction } from '../../src/ir/interpreter/software.ts';
import type { SoftwareOp } from '../../src/ir/ops.ts';
import { Random } from '../support/random.ts';
import { accuracy, apply, between, bitsOf, bitsOfNaN, numberOf, operands, pairs } from './apply.ts';

interface Row {
  readonly reference: (x: number) => number;
  /** Where to look closely. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly points: readonly number[];
  /** Units of the last place that it may be wrong by, and the share of results that may not be the nearest ones. */
  readonly most: number;
  readonly wrong: number;
}

// near multiples of pi/2: among all f32, the first two are nearest to one
const turns = [16367173 * 2 ** 72, 10741887 * 2 ** 11, 16573937 * 2 ** -16, 8, 32, 2 ** 24].concat(
  [1, 2, 3, 4, 5, 1000, 12345].map((n) => (n * Math.PI) / 4),
);
/** Nodes and weights of Gauss and Legendre on [-1, 1]. */
const nodes = Array.from({ length: 30 }, (_, i) => {
  const n = 30;
  let at = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
  let slope = 1;
  for (let round = 0; round < 8; round++) {
    let [before, here] = [0, 1];
    for (let k = 1; k <= n; k++) [before, here] = [here, ((2 * k - 1) * at * here - (k - 1) * before) / k];
    slope = (n * (at * here - before)) / (at * at - 1);
    at -= here / slope;
  }
  return { at, weight: 2 / ((1 - at * at) * slope * slope) };
});
const rows: { readonly [N in SoftwareOp]?: Row } = {
  sin: {
    reference: Math.sin,
    ranges: [
      [-10, 10],
      [0, 0.13],
      [1e3, 1e5],
    ],
    points: turns,
    most: 0.54,
    wrong: 0.02,
  },
  cos: {
    reference: Math.cos,
    ranges: [
      [-10, 10],
      [0, 0.13],
      [1e3, 1e5],
    ],
    points: turns,
    most: 0.54,
    wrong: 0.02,
  },
  tan: {
    reference: Math.tan,
    ranges: [
      [-10, 10],
      [0, 0.13],
      [1e3, 1e5],
    ],
    points: turns,
    most: 0.56,
    wrong: 0.03,
  },
  asin: {
    reference: Math.asin,
    ranges: [
      [-1, 1],
      [0.99, 1],
    ],
    points: [0.5, 1],
    most: 0.53,
    wrong: 0.01,
  },
  acos: {
    reference: Math.acos,
    ranges: [
      [-1, 1],
      [0.99, 1],
    ],
    points: [0.5, 1],
    most: 0.53,
    wrong: 0.01,
  },
  atan: {
    reference: Math.atan,
    ranges: [
      [-3, 3],
      [0.41, 0.42],
    ],
    points: [Math.SQRT2 - 1, 1],
    most: 0.54,
    wrong: 0.01,
  },
  sinh: {
    reference: Math.sinh,
    ranges: [
      [-1, 1],
      [-10, 10],
      [-100, 100],
    ],
    points: [0.25, 0.34657, 89.4],
    most: 0.55,
    wrong: 0.02,
  },
  cosh: {
    reference: Math.cosh,
    ranges: [
      [-1, 1],
      [-10, 10],
      [-100, 100],
    ],
    points: [0.25, 0.34657, 89.4],
    most: 0.55,
    wrong: 0.02,
  },
  tanh: {
    reference: Math.tanh,
    ranges: [
      [-1, 1],
      [-10, 10],
    ],
    points: [0.25, 0.34657, 9],
    most: 0.55,
    wrong: 0.02,
  },
  asinh: {
    reference: Math.asinh,
    ranges: [
      [-1, 1],
      [-10, 10],
    ],
    points: [0.75, 1, 2],
    most: 0.55,
    wrong: 0.02,
  },
  acosh: {
    reference: Math.acosh,
    ranges: [
      [1, 1.01],
      [1, 2],
      [1, 10],
    ],
    points: [1, 1.25, 2, 2.125],
    most: 0.55,
    wrong: 0.02,
  },
  atanh: {
    reference: Math.atanh,
    ranges: [
      [-1, 1],
      [0.99, 1],
    ],
    points: [1 / 3, 1],
    most: 0.54,
    wrong: 0.02,
  },
  cbrt: { reference: Math.cbrt, ranges: [[-8, 8]], points: [2, 4, 8, 27, 2 ** -60], most: 0.50001, wrong: 1e-9 },
  erf: {
    reference: erf,
    ranges: [
      [-1, 1],
      [-4, 4],
      [1.9, 2.1],
    ],
    points: [2, 4],
    most: 0.56,
    wrong: 0.02,
  },
};

/** The error function by Gauss's quadrature with as many nodes as doubles can use up to 4; beyond it is 1. */
function erf(x: number): number {
  if (Math.abs(x) > 4.1) return Math.sign(x);
  const sum = nodes.reduce((total, { at, weight }) => total + weight * Math.exp(-((((at + 1) * x) / 2) ** 2)), 0);
  return (x * sum) / Math.sqrt(Math.PI);
}

describe('functions of one operand', () => {
  for (const [op, { reference, ranges, points, most, wrong }] of Object.entries(rows)) {
    test(op, async () => {
      const samples = [operands(50_000, 1, points), ...ranges.map(([from, to]) => between(25_000, from, to))];
      for (const x of samples) {
        const found = accuracy(await apply(op as SoftwareOp, x), reference, x);
        expect(found.worst, found.at).toBeLessThan(most);
        expect(found.wrong / x.length).toBeLessThan(wrong);
      }
    });
  }
});

test('the angle of a point', async () => {
  const reference = (y: number, x: number) => Math.atan2(y === 0 ? 0 : y, x === 0 ? 0 : x);
  const special = operands(0, 1, [0.5, 2, Math.SQRT2 - 1, 2 ** -64, 2 ** 64]);
  const samples = [
    pairs(special, special),
    [operands(100_000, 2), operands(100_000, 3)],
    pairs(between(300, -1, 1), between(300, -1.1, 1.2)),
  ] as const;
  for (const [y, x] of samples) {
    const found = accuracy(await apply('atan2', y, x), reference, y, x);
    expect(found.worst, found.at).toBeLessThan(0.54);
  }
});

test('what is exact is exact', async () => {
  const results = async (op: SoftwareOp, ...x: number[]) =>
    [...(await apply(op, Uint32Array.from(x.map(bitsOf))))].map((bits) =>
      bits === bitsOfNaN ? 'NaN' : numberOf(bits),
    );
  const inf = Number.POSITIVE_INFINITY;
  expect(await results('sin', 0, -0, 2 ** -126, -(2 ** -127), inf, -inf)).toEqual([0, 0, 0, 0, 'NaN', 'NaN']);
  expect(await results('cos', 0, 1e-20, inf)).toEqual([1, 1, 'NaN']);
  expect(await results('acos', 1, -1, 1.0000001)).toEqual([0, Math.fround(Math.PI), 'NaN']);
});

test('the interpreter gives the same bits', async () => {
  const x = operands(100, 4);
  for (const op of Object.keys(rows) as SoftwareOp[]) {
    const results = await apply(op, x);
    const defined = softwareFunction(op)!;
    for (const [i, bits] of x.entries()) expect(bitsOf(defined(numberOf(bits), 0, 0)), op).toBe(results[i]);
  }
});

test('the length of a vector is correctly rounded', async () => {
  const special = operands(0, 1, [0.5, 2, 3, 4, 2 ** -64, 2 ** 64, 2 ** 126]);
  const samples = [
    pairs(special, special),
    [operands(100_000, 2), operands(100_000, 3)],
    pairs(between(300, -1, 1), between(300, -1.1, 1.2)),
  ] as const;
  for (const [x, y] of samples) {
    const found = accuracy(await apply('hypot', x, y), Math.hypot, x, y);
    expect(found.wrong, found.at).toBe(0);
  }
});

/** Whether a rounded magnitude is the nearest to a true one, and even if another is as near: `compare` says how the true one is to another. */
function isNearest(bits: number, compare: (halves: bigint, exponent: number) => number): boolean {
  const exponent = (bits >>> 23) - 150;
  const significand = BigInt((bits & 0x7fffff) | 0x800000);
  const even = (bits & 1) === 0;
  const [above, below] = [compare(2n * significand + 1n, exponent - 1), compare(2n * significand - 1n, exponent - 1)];
  return (above < 0 || (above === 0 && even)) && (below > 0 || (below === 0 && even));
}
const order = (x: bigint, y: bigint): number => (x < y ? -1 : x > y ? 1 : 0);

test('cube roots next to ties', async () => {
  const random = new Random(7);
  const x = Array.from({ length: 20_000 }, () => {
    const middle = random.between(2 ** 23, 2 ** 24 - 1) + 0.5;
    return Math.fround((middle * 2 ** random.between(-50, 10)) ** 3);
  });
  const results = await apply('cbrt', Uint32Array.from(x.map(bitsOf)));
  for (const [i, bits] of results.entries()) {
    // the operand is a whole number of units 2^-300
    const cube = BigInt(x[i]! * 2 ** 200) << 100n;
    const good = isNearest(bits, (halves, exponent) => order(cube, (halves ** 3n) << BigInt(3 * exponent + 300)));
    expect(good, `${x[i]}`).toBe(true);
  }
});

test('lengths that are ties', async () => {
  // legs and hypotenuse p^2 - q^2, 2 p q, p^2 + q^2, the last an odd number of 25 bits
  const random = new Random(8);
  const triples = Array.from({ length: 20_000 }, () => {
    const q = random.between(1, 2000);
    const p = random.between(4200, 5300) | 1;
    return [p * p - q * q, 2 * p * q, p * p + q * q] as const;
  }).filter((sides) => sides.every((side, i) => i === 2 || Math.fround(side) === side));
  expect(triples.length).toBeGreaterThan(1000);
  const leg = (i: 0 | 1) => Uint32Array.from(triples.map((sides) => bitsOf(sides[i])));
  const results = await apply('hypot', leg(0), leg(1));
  for (const [i, bits] of results.entries()) expect(numberOf(bits)).toBe(Math.fround(triples[i]![2]));
});
