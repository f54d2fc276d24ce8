/** The functions against Math's in double precision: a dense sample of all magnitudes, and the edges. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/device/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { ScalarOp } from '../../src/ir/ops.ts';
import { Random } from '../support/random.ts';
import { openCpu, runOnCpu } from './on-cpu.ts';

let device: Device;
beforeAll(async () => {
  device = await openCpu();
});
afterAll(() => device.close());

type Function = Exclude<ScalarOp, 'convert' | 'bitcast'>;

/** The operation of each row of operands. */
async function apply(op: Function, ...operands: Float32Array<ArrayBuffer>[]): Promise<Float32Array> {
  const b = new Builder({ name: op });
  const length = operands[0]!.length;
  const inputs = operands.map((_, i) => b.buffer(`x${i}`, 'read', 'f32'));
  const output = b.buffer('r', 'write', 'f32');
  const i = b.id('globalId');
  b.store(output, [i], b.op(op, ...inputs.map((input) => b.load(input, [i]))));
  const args = [...operands, new Float32Array(length)].map(({ buffer }) => ({
    shape: [length],
    bytes: new Uint8Array(buffer),
  }));
  const all = await runOnCpu(device, b.finish(), { args, grid: [length, 1, 1], workgroup: [256, 1, 1] });
  return new Float32Array(all.at(-1)!.buffer);
}

const { fround } = Math;
/** Distance between neighbouring f32 around a number. */
function ulp(x: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -126))) - 23, -149);
}
/** In units of the last place of the right result, or infinite where only one of them is special. */
function distance(got: number, wanted: number): number {
  if (Object.is(got, fround(wanted))) return 0;
  if (Number.isNaN(got) || Number.isNaN(wanted))
    return Number.isNaN(got) && Number.isNaN(wanted) ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(fround(wanted)) || !Number.isFinite(got)) {
    // at the edge of the range a neighbour will do
    const clamp = (x: number) => Math.sign(x) * Math.min(Math.abs(x), 2 ** 128);
    return Math.abs(clamp(got) - clamp(wanted)) / 2 ** 104;
  }
  return Math.abs(got - wanted) / ulp(wanted);
}

const edges = [
  ...[
    0,
    1,
    2,
    0.5,
    3,
    10,
    100,
    Math.PI,
    Math.PI / 2,
    Math.PI / 4,
    Math.SQRT1_2,
    Math.SQRT2,
    Math.SQRT2 - 1,
    Math.E,
    Math.LN2,
  ],
  ...[
    88,
    88.72283,
    88.8,
    87.3,
    103.9,
    104.1,
    126,
    127,
    127.99,
    128,
    149,
    150,
    0.625,
    1 - 2 ** -24,
    1 + 2 ** -23,
    1e10,
    1e20,
    3e38,
    8192,
    8191.9995,
  ],
  ...[
    2 ** -149,
    2 ** -140,
    2 ** -127,
    2 ** -126,
    2 ** -30,
    2 ** -12,
    2 ** 24,
    2 ** 31,
    16367173 * 2 ** 72,
    Number.POSITIVE_INFINITY,
  ],
].flatMap((x) => [x, -x]);
function sample(
  low: number,
  high: number,
  seed: number,
  spread: 'even' | 'exponents' = 'even',
): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  const uniform = () => random.bits() / 2 ** 32;
  const pick = {
    even: () => low + (high - low) * uniform(),
    exponents: () => (random.chance(0.5) && low < 0 ? -1 : 1) * 2 ** (Math.log2(high) - 150 * uniform() * uniform()),
  }[spread];
  return Float32Array.from([...edges, Number.NaN, ...Array.from({ length: 20000 }, pick)]);
}

// The sample's range, the greatest distance, and the reference where Math's is not it
const functions: readonly [
  op: (Function & keyof typeof Math) | 'exp2' | 'inverseSqrt',
  low: number,
  high: number,
  atMost: number,
  reference?: (x: number) => number,
][] = [
  ['exp', -104, 89, 1],
  ['exp2', -150, 128, 1, (x) => 2 ** x],
  ['log', 0, 3.4e38, 0.75],
  ['log2', 0, 3.4e38, 1.25],
  ['sin', -10, 10, 1],
  ['cos', -10, 10, 1],
  ['tan', -10, 10, 2.5],
  ['sin', -1e6, 3.4e38, 1],
  ['cos', -1e6, 3.4e38, 1],
  ['tan', -1e6, 3.4e38, 2.5],
  ['asin', -1, 1, 2],
  ['acos', -1, 1, 1.5],
  ['atan', -8, 8, 2],
  ['sinh', -89.5, 89.5, 1.5],
  ['cosh', -89.5, 89.5, 1.5],
  ['tanh', -10, 10, 1.5],
  ['asinh', -50, 3.4e38, 1.5],
  ['acosh', 1, 3.4e38, 1.5],
  ['atanh', -1, 1, 1.5],
  ['inverseSqrt', 0, 3.4e38, 1.5, (x) => 1 / Math.sqrt(x)],
];

describe.each(functions)('%s on [%d, %d]', (op, low, high, atMost, reference) => {
  it(`is within ${atMost} ulp`, async () => {
    const of = reference ?? (Math[op as 'sin'] as (x: number) => number);
    const spreads = ['even', 'exponents'] as const;
    for (const spread of spreads) {
      const inputs = sample(low, high, 11, spread);
      const results = await apply(op as Function, inputs);
      let worst = { distance: 0, x: 0, got: 0, wanted: 0 };
      inputs.forEach((x, i) => {
        const wanted = of(x);
        const off = distance(results[i]!, wanted);
        if (off > worst.distance) worst = { distance: off, x, got: results[i]!, wanted };
      });
      expect(worst.distance, JSON.stringify(worst)).toBeLessThanOrEqual(atMost);
    }
  });
});

const pairs = (seed: number): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => {
  const random = new Random(seed);
  const specials = [...edges, Number.NaN];
  const any = () => (random.bits() / 2 ** 31 - 1) * 2 ** random.between(-20, 20);
  const xs = [...specials.flatMap((x) => specials.map(() => x)), ...Array.from({ length: 20000 }, any)];
  const ys = [...specials.flatMap(() => specials), ...Array.from({ length: 20000 }, any)];
  return [Float32Array.from(xs), Float32Array.from(ys)];
};

it('atan2 is within 2 ulp', async () => {
  const [y, x] = pairs(3);
  const results = await apply('atan2', y, x);
  y.forEach((_, i) => {
    const wanted = Math.atan2(y[i]!, x[i]!);
    expect(distance(results[i]!, wanted), `atan2(${y[i]}, ${x[i]}) = ${results[i]}, not ${wanted}`).toBeLessThanOrEqual(
      2,
    );
  });
});

it('pow is within 1 ulp', async () => {
  const [first, second] = pairs(5);
  const random = new Random(9);
  // where results are finite
  const near = Array.from({ length: 20000 }, () => 2 ** ((random.bits() / 2 ** 31 - 1) * 20));
  const exponents = near.map((x) => ((random.bits() / 2 ** 31 - 1) * 126) / Math.max(Math.abs(Math.log2(x)), 0.01));
  const x = Float32Array.from([...first, ...near]);
  const y = Float32Array.from([...second, ...exponents]);
  const results = await apply('pow', x, y);
  x.forEach((base, i) => {
    const wanted = base < 0 ? Number.NaN : base ** y[i]!;
    expect(distance(results[i]!, wanted), `pow(${base}, ${y[i]}) = ${results[i]}, not ${wanted}`).toBeLessThanOrEqual(
      1,
    );
  });
});
