/** The kernels of docs/guide.md, as they stand there, against plain references, on the interpreter and the CPU. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as isokernel from '../src/index.ts';

const guide = readFileSync(new URL('../docs/guide.md', import.meta.url), 'utf8');
const code = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, block]) => block!)
  .filter((block) => !block.startsWith('import'));
const names = [...code.join('').matchAll(/^const (\w+) = kernel\(/gm)].map(([, name]) => name!);
const kernels: Record<string, isokernel.Kernel> = runInNewContext(`${code.join('')}\n({ ${names.join(', ')} })`, {
  ...isokernel,
});

const f = Math.fround;
const floats = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => ((i * step) % 101) / 37 - 1 + i / 1000);

test('there are ten, and one to look into', () => {
  expect(names).toHaveLength(11);
});

describe.each(['interpreter', 'cpu'] as const)('on %s', (device) => {
  let rt: isokernel.Runtime;
  beforeAll(async () => {
    rt = await isokernel.open({ backends: [device], calibrate: false });
  });
  afterAll(() => rt.close());
  // What the guide's text gives has no types here; tests/readme.test.ts checks them.
  const run = (name: string, args: Record<string, unknown>) =>
    rt.run(kernels[name]!, args as never) as Promise<Record<string, ArrayLike<number>>>;

  test('axpy', async () => {
    const [x, y] = [floats(1000, 3), floats(1000, 7)];
    const { r } = await run('axpy', { a: 2.5, x, y });
    expect(r).toEqual(x.map((value, i) => f(f(2.5 * value) + y[i]!)));
  });

  test('brighten', async () => {
    const image = Uint8Array.from({ length: 999 }, (_, i) => i);
    const expected = image.map((value) => Math.min(255, Math.trunc(value * 1.5)));
    await run('brighten', { image, factor: 1.5 });
    expect(image).toEqual(expected);
  });

  test('collatz', async () => {
    const n = Uint32Array.from({ length: 300 }, (_, i) => i);
    const { steps } = await run('collatz', { n });
    const count = (value: number): number => (value > 1 ? 1 + count(value % 2 ? 3 * value + 1 : value / 2) : 0);
    expect(Array.from(steps!)).toEqual(Array.from(n, count));
  });

  test('smooth, for two radii', async () => {
    const x = floats(100, 5);
    for (const radius of [1, 3]) {
      const { r } = (await rt.run(kernels['smooth']!.with({ RADIUS: radius }), { x } as never)) as { r: Float32Array };
      const expected = x.map((_, i) => {
        let sum = 0;
        for (let d = -radius; d <= radius; d++) sum = f(sum + (x[i + d] ?? 0));
        return f(sum / (2 * radius + 1));
      });
      expect(r).toEqual(expected);
    }
  });

  test('transpose', async () => {
    const data = floats(35, 3);
    const { t } = await run('transpose', { a: { data, shape: [5, 7] } });
    expect(t).toEqual(Float32Array.from({ length: 35 }, (_, i) => data[(i % 5) * 7 + Math.floor(i / 5)]!));
  });

  test('swirl', async () => {
    const points = floats(200, 3);
    const before = points.slice();
    await run('swirl', { points, strength: 0.5 });
    for (let i = 0; i < 100; i++) {
      const [x, y] = [before[2 * i]!, before[2 * i + 1]!];
      const angle = Math.atan2(y, x) + 0.5 * Math.hypot(x, y);
      expect(points[2 * i]).toBeCloseTo(Math.hypot(x, y) * Math.cos(angle), 4);
      expect(points[2 * i + 1]).toBeCloseTo(Math.hypot(x, y) * Math.sin(angle), 4);
    }
  });

  test('darts', async () => {
    const { hits } = await run('darts', { seed: 1, throws: 500, players: 40 });
    const all = Array.from(hits!).reduce((sum, each) => sum + each, 0);
    // five standard deviations of 20,000 throws
    expect(Math.abs((4 * all) / 20_000 - Math.PI)).toBeLessThan(0.058);
    expect(new Set(Array.from(hits!)).size).toBeGreaterThan(5);
  });

  test('histogram', async () => {
    const values = Uint8Array.from({ length: 1001 }, (_, i) => (i * i) % 256);
    const bins = new Uint32Array(256);
    await run('histogram', { values, bins });
    const expected = new Uint32Array(256);
    for (const value of values) expected[value]!++;
    expect(bins).toEqual(expected);
  });

  test('normalized prints what is too large', async () => {
    const printed: isokernel.Printout[] = [];
    await using talking = await isokernel.open({
      backends: [device],
      calibrate: false,
      onPrint: (it) => printed.push(it),
    });
    const x = Float32Array.of(1, 6, 4, -2);
    await talking.run(kernels['normalized']!, { x, scale: 4 } as never);
    expect([...x]).toEqual([0.25, 1, 1, 0]);
    expect(printed.map(({ lines }) => lines)).toEqual([
      [{ invocation: [1, 0, 0], values: ['too large', { i: 1, value: 1.5 }] }],
    ]);
  });

  test('normalized, step by step, has the step that the guide shows', async () => {
    const simulation = await kernels['normalized']!.simulate({ x: Float32Array.of(1, 6), scale: 4 } as never, {
      invocation: 1,
    });
    const steps = [...simulation];
    expect(steps.map(({ text, result, values }) => [text, result, values])).toContainEqual([
      'value = div(6, scale)',
      1.5,
      { value: 1.5, i: 1, scale: 4 },
    ]);
    expect(simulation.memory('x')).toEqual([1, 1]);
  });

  test('blockSums, down to one number', async () => {
    // whole numbers, so that any order of adding is exact
    let x: ArrayLike<number> = Float32Array.from({ length: 5000 }, (_, i) => i % 9);
    const expected = Array.from(x).reduce((sum, each) => sum + each, 0);
    while (x.length > 1) x = (await run('blockSums', { x })).sums!;
    expect(x[0]).toBe(expected);
  });

  test.each([
    [16, 16, 16],
    [5, 37, 18],
  ])('matmul of %i x %i by %i columns', async (rows, inner, columns) => {
    const [a, b] = [floats(rows * inner, 3), floats(inner * columns, 7)];
    const { c } = await run('matmul', {
      a: { data: a, shape: [rows, inner] },
      b: { data: b, shape: [inner, columns] },
    });
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < inner; j++) {
        sum = f(sum + f(a[Math.floor(i / columns) * inner + j]! * b[j * columns + (i % columns)]!));
      }
      return sum;
    });
    expect(c).toEqual(expected);
  });
});
