/** Every library kernel against a plain reference, at awkward sizes, on the interpreter and the CPU. */

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addBlockOffsets,
  blackScholes,
  heat,
  histogram,
  mandelbrot,
  matmul,
  nbody,
  saxpy,
  scanBlocks,
  sha256,
  sha256Constants,
  sha256Hex,
  sha256Input,
  sumBlocks,
  sumLevels,
  triad,
} from '../../kernels/index.ts';
import { open, type Runtime } from '../../src/index.ts';
import { Random } from '../support/random.ts';

const f = Math.fround;
/** Numbers in [0, 1). */
const random = (seed: number) => {
  const generator = new Random(seed);
  return () => generator.bits() / 2 ** 32;
};
const floats = (length: number, seed: number) => {
  const next = random(seed);
  return Float32Array.from({ length }, () => next() * 2 - 1);
};

describe.each(['interpreter', 'cpu'] as const)('on %s', (device) => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await open({ backends: [device], calibrate: false });
  });
  afterAll(() => rt.close());

  test.each([0, 1, 63, 64, 65, 1000])('saxpy and triad of %i elements', async (n) => {
    const x = floats(n, 1);
    const y = floats(n, 2);
    const { r } = await rt.run(triad, { a: 0.5, x, y });
    expect(r).toEqual(x.map((value, i) => f(value + f(0.5 * y[i]!))));
    const before = y.slice();
    await rt.run(saxpy, { a: 3, x, y });
    expect(y).toEqual(x.map((value, i) => f(f(3 * value) + before[i]!)));
  });

  test.each([1, 63, 1023, 1024, 1025, 5000])('sum of %i elements, in the canonical tree', async (n) => {
    const x = floats(n, 3);
    let level: Float32Array = x;
    for (const _ of sumLevels(n)) level = (await rt.run(sumBlocks, { x: level })).sums;
    expect(Array.from(level)).toEqual([canonicalSum(x)]);
  });

  test.each([1, 3, 1024, 1025, 3000])('scan of %i elements', async (n) => {
    const next = random(4);
    const x = Uint32Array.from({ length: n }, () => next() * 2 ** 32);
    const { y, totals } = await rt.run(scanBlocks, { x });
    const { y: offsets } = await rt.run(scanBlocks, { x: totals });
    await rt.run(addBlockOffsets, { totals: offsets, y });
    let sum = 0;
    expect(y).toEqual(x.map((value) => (sum = (sum + value) >>> 0)));
  });

  test('mandelbrot', async () => {
    const view = { left: -2, top: -1.25, step: 0.25, limit: 40, width: 11, height: 10 };
    const { iterations } = await rt.run(mandelbrot, view);
    const expected = Int32Array.from({ length: 110 }, (_, i) => {
      const cx = -2 + 0.25 * (i % 11);
      const cy = -1.25 + 0.25 * Math.floor(i / 11);
      let x = 0;
      let y = 0;
      let n = 0;
      for (; n < 40 && !(f(f(x * x) + f(y * y)) > 4); n++) {
        [x, y] = [f(f(f(x * x) - f(y * y)) + cx), f(f(f(2 * x) * y) + cy)];
      }
      return n;
    });
    expect(iterations).toEqual(expected);
  });

  test.each([1, 64, 100])('n-body of %i bodies', async (n) => {
    const bodies = floats(4 * n, 5).map((value, i) => (i % 4 === 3 ? Math.abs(value) : value));
    const velocities = floats(4 * n, 6);
    const { moved, faster } = await rt.run(nbody, { bodies, velocities, dt: 0.1, softening: 0.01 });
    for (let i = 0; i < n; i++) {
      for (let axis = 0; axis < 3; axis++) {
        let pull = 0;
        for (let j = 0; j < n; j++) {
          const d = [0, 1, 2].map((a) => bodies[4 * j + a]! - bodies[4 * i + a]!);
          pull += (d[axis]! * bodies[4 * j + 3]!) / d.reduce((sum, each) => sum + each * each, 0.01) ** 1.5;
        }
        const v = velocities[4 * i + axis]! + 0.1 * pull;
        expect(Math.abs(faster[4 * i + axis]! - v)).toBeLessThan(1e-4 * (1 + Math.abs(v)));
        expect(Math.abs(moved[4 * i + axis]! - (bodies[4 * i + axis]! + 0.1 * v))).toBeLessThan(
          1e-4 * (1 + Math.abs(v)),
        );
      }
      expect(moved[4 * i + 3]).toBe(bodies[4 * i + 3]);
    }
  });

  test.each([
    [1, 1, 1],
    [16, 16, 16],
    [17, 5, 33],
    [3, 0, 4],
  ])('matmul of %i x %i by %i columns', async (rows, inner, columns) => {
    const a = floats(rows * inner, 7);
    const b = floats(inner * columns, 8);
    const { c } = await rt.run(matmul, {
      a: { data: a, shape: [rows, inner] },
      b: { data: b, shape: [inner, columns] },
    });
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum = f(sum + f(a[Math.floor(i / columns) * inner + k]! * b[k * columns + (i % columns)]!));
      return sum;
    });
    expect(c).toEqual(expected);
  });

  test.each([
    [1, 1],
    [3, 3],
    [7, 12],
  ])('heat on %i x %i cells', async (height, width) => {
    const now = floats(height * width, 9);
    const { next } = await rt.run(heat, { rate: 0.25, now: { data: now, shape: [height, width] } });
    const expected = now.map((own, i) => {
      const x = i % width;
      const y = Math.floor(i / width);
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return own;
      const change = f(f(f(f(now[i - width]! + now[i + width]!) + now[i - 1]!) + now[i + 1]!) - f(4 * own));
      return f(own + f(0.25 * change));
    });
    expect(next).toEqual(expected);
  });

  test('Black-Scholes keeps put-call parity and known prices', async () => {
    // Hull, "Options, Futures, and Other Derivatives": S = 42, K = 40, T = 0.5, r = 10 %, σ = 20 %: call 4.76, put 0.81
    const one = { price: Float32Array.of(42), strike: Float32Array.of(40), time: Float32Array.of(0.5) };
    const { call, put } = await rt.run(blackScholes, { ...one, rate: 0.1, volatility: 0.2 });
    expect(call[0]).toBeCloseTo(4.7594, 3);
    expect(put[0]).toBeCloseTo(0.8086, 3);
  });

  test.each([0, 1, 5000, 70_001])('histogram of %i bytes', async (n) => {
    const next = random(10);
    const data = Uint8Array.from({ length: n }, () => next() ** 2 * 256);
    const bins = new Uint32Array(256).fill(7);
    await rt.run(histogram, { data, bins });
    const expected = new Uint32Array(256).fill(7);
    for (const byte of data) expected[byte]!++;
    expect(bins).toEqual(expected);
  });

  test('SHA-256 of messages of all awkward lengths, in one launch and in several', async () => {
    const next = random(11);
    const messages = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000].map((n) =>
      Uint8Array.from({ length: n }, () => next() * 256),
    );
    const expected = messages.map((message) => createHash('sha256').update(message).digest('hex'));
    for (const count of [100, 3]) {
      const { words, starts, blocks, state: data } = sha256Input(messages);
      const state = { data, shape: [messages.length, 8] };
      for (let from = 0; from < Math.max(...blocks); from += count) {
        await rt.run(sha256, { words, starts, blocks, from, count, constants: sha256Constants, state });
      }
      expect(messages.map((_, m) => sha256Hex(data, m))).toEqual(expected);
    }
  });
});

/** DESIGN's tree in plain loops: blocks of 1,024, lanes of stride 64, then halves. */
function canonicalSum(x: Float32Array): number {
  if (x.length === 1) return x[0]!;
  const sums: number[] = [];
  for (let first = 0; first < x.length; first += 1024) {
    const block = x.subarray(first, first + 1024);
    const lanes: (number | undefined)[] = Array.from({ length: 64 }, (_, lane) => {
      let sum: number | undefined;
      for (let i = lane; i < block.length; i += 64) sum = sum === undefined ? block[i]! : f(sum + block[i]!);
      return sum;
    });
    for (let half = 32; half >= 1; half /= 2) {
      for (let lane = 0; lane < half; lane++) {
        const right = lanes[lane + half];
        if (right !== undefined) lanes[lane] = f(lanes[lane]! + right);
      }
    }
    sums.push(lanes[0]!);
  }
  return sums.length === 1 ? sums[0]! : canonicalSum(Float32Array.from(sums));
}
