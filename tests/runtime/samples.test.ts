/**
 * Samples of exact jobs: a device that is certified, and then computes a bit wrong, is found out before anybody sees the bit.
 */

import { describe, expect, test } from 'vitest';
import { f32, type Kernel, kernel, read, readWrite, write } from '../../src/index.ts';
import { placementText } from '../../src/router/placement.ts';
import type { Store } from '../../src/router/store.ts';
import type { OpenOptions, RunnableKernel } from '../../src/runtime/index.ts';
import { type Fixture, fails, fakeRuntime } from '../support/fake-runtime.ts';
import { plus } from '../support/kernels.ts';

const runnable = <P, C>(k: Kernel<P, C>) => k as unknown as RunnableKernel;
const body = kernel({
  name: 'scale',
  params: { a: f32, x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, r }, k) {
    const i = k.global.x;
    r[i] = a * x.at(i) + 1;
  },
});
const scale = runnable(body.as('exact'));
const stableScale = runnable(body);
const grow = runnable(
  kernel({
    name: 'grow',
    mode: 'exact',
    params: { x: readWrite(f32) },
    body({ x }, k) {
      x[k.global.x] = x.at(k.global.x) * 3 + 1;
    },
  }),
);
const rows = runnable(
  kernel({
    name: 'rows',
    mode: 'exact',
    params: { x: read(f32, 2), r: write(f32, 2) },
    shapes: { r: ({ x }) => x.shape },
    body({ x, r }, k) {
      const i = k.global.y;
      const j = k.global.x;
      r.set(i, j, x.at(i, j) * 0.5);
    },
  }),
);

function memoryStore(from?: Map<string, string>): Store & { readonly kept: Map<string, string> } {
  const kept = new Map(from);
  return { kept, load: async (name) => kept.get(name), save: async (name, text) => void kept.set(name, text) };
}

/** A GPU that has to be probed. */
const gpu = { id: 'gpu', kind: 'gpu-discrete', unproven: true } as const;
/** Its certificate, made once for all tests here. */
const certified = memoryStore();
const { rt: probing } = await fakeRuntime([gpu], { store: certified });
await probing.certify();
await probing.close();

/** That GPU, certified, and a CPU that is slow enough to be second. */
async function pair(more: Partial<OpenOptions> = {}, cpuRates = {}): Promise<Fixture> {
  const store = memoryStore(certified.kept);
  const fixture = await fakeRuntime([gpu, { id: 'cpu', rates: { launch: 1, ...cpuRates } }], { store, ...more });
  await fixture.rt.certify();
  return fixture;
}
const x = Float32Array.from({ length: 100 }, (_, i) => i / 7);
const scaled = x.map((value) => Math.fround(Math.fround(3 * value) + 1));

describe('a sample that is right', () => {
  test('is told in the placement; other jobs are no samples', async () => {
    const { rt, devices, warnings } = await pair();
    const first = rt.submit(scale, { a: 3, x });
    expect(await first.done).toEqual({ r: scaled });
    expect(await first.placement).toMatchObject({ device: 'gpu', checked: { device: 'cpu', bytes: 400 } });
    expect(placementText(await first.placement)).toMatch(/400 bytes checked on cpu/);
    const submissions = devices[1]!.count('submit');
    for (const job of [
      rt.submit(scale, { a: 3, x }),
      rt.submit(stableScale, { a: 3, x }),
      rt.submit(plus, { x: new Int32Array(4), n: 1 }),
      rt.submit(scale, { a: 3, x }, { device: 'cpu' }),
    ])
      expect((await job.placement).checked).toBeUndefined();
    expect(devices[1]!.count('submit')).toBe(submissions + 1);
    expect(warnings).toEqual([]);
    await rt.close();
  });

  test.each([
    [0, []],
    [0.5, [0, 2, 4]],
    [1, [0, 1, 2, 3, 4, 5]],
  ])('the fraction %d checks the jobs %j', async (samples, expected) => {
    const { rt } = await pair({ samples });
    const checked: number[] = [];
    for (let i = 0; i < 6; i++) {
      const job = rt.submit(scale, { a: 3, x });
      if ((await job.placement).checked !== undefined) checked.push(i);
    }
    expect(checked).toEqual(expected);
    await rt.close();
  });

  test('sees what was there before a job in place', async () => {
    const { rt, warnings } = await pair({ samples: 1 });
    const u = rt.buffer('f32', 3, Float32Array.of(1, 2, 3));
    const jobs = [rt.submit(grow, { x: u }), rt.submit(grow, { x: u })];
    for (const job of jobs) expect((await job.placement).checked).toEqual({ device: 'cpu', bytes: 12 });
    expect(await u.read()).toEqual(Float32Array.of(13, 22, 31));
    const array = Float32Array.of(1);
    await rt.run(grow, { x: array });
    expect(array[0]).toBe(4);
    expect(warnings).toEqual([]);
    await rt.close();
  });

  test('of a graph takes all its steps', async () => {
    const { rt } = await pair({ samples: 1 });
    const u = rt.buffer('f32', 2, Float32Array.of(1, 2));
    const graph = rt.record((recorder) => {
      recorder.run(grow, { x: u });
      recorder.run(grow, { x: u });
    });
    for (const expected of [13, 121]) {
      const job = graph.submit({});
      expect((await job.placement).checked).toEqual({ device: 'cpu', bytes: 8 });
      expect((await u.read())[0]).toBe(expected);
    }
    await rt.close();
  });

  test('is not taken of a graph with other modes: there devices may differ', async () => {
    const { rt } = await pair({ samples: 1 });
    const [u, r] = [rt.buffer('f32', 2, Float32Array.of(1, 2)), rt.buffer('f32', 2)];
    const graph = rt.record((recorder) => {
      recorder.run(grow, { x: u });
      recorder.run(stableScale, { a: 2, x: u, r });
    });
    expect((await graph.submit({}).placement).checked).toBeUndefined();
    await rt.close();
  });

  test('of a large job is a slice of its rows, another one each time', async () => {
    // by prediction, the CPU takes a second for all
    const { rt, devices } = await pair({ samples: 1 }, { bandwidth: 4e5 });
    const data = Float32Array.from({ length: 200 * 256 }, (_, i) => i);
    for (let run = 0; run < 3; run++) {
      const job = rt.submit(rows, { x: { data, shape: [200, 256] } }, { device: 'gpu' });
      const { checked } = await job.placement;
      expect(checked!.bytes).toBeGreaterThan(0);
      expect(checked!.bytes).toBeLessThan(data.byteLength / 10);
      expect(checked!.bytes % 1024).toBe(0);
    }
    expect(devices[1]!.count('submit')).toBe(3);
    await rt.close();
  });
});

describe('a sample that is wrong', () => {
  test('decertifies for good; the job runs elsewhere; others may stay', async () => {
    const store = memoryStore(certified.kept);
    const { rt, devices, warnings } = await pair({ store });
    devices[0]!.lie();
    const job = rt.submit(scale, { a: 3, x });
    expect(await job.done).toEqual({ r: scaled });
    const { device, candidates } = await job.placement;
    expect(device).toBe('cpu');
    expect(candidates[0]).toMatchObject({ device: 'gpu', ineligible: expect.stringMatching(/scale.*offset 0/) });
    expect(warnings.map(({ code }) => code)).toEqual(['decertified', 'fall-back']);
    expect(rt.devices[0]!.certificate).toMatchObject({
      exact: false,
      reason: expect.stringMatching(/differs from cpu/),
    });
    expect((await rt.explain(scale, { a: 3, x })).candidates[0]!.ineligible).toMatch(/^exact: a sample of scale/);
    expect((await rt.submit(plus, { x: new Int32Array(4), n: 1 }).placement).device).toBe('gpu');
    await rt.close();

    const again = await pair({ store });
    expect(again.rt.devices[0]!.certificate).toMatchObject({ exact: false });
    expect(again.devices[0]!.count('compile')).toBe(0);
    await again.rt.close();
  });

  test('fails a job that must run there, and touches none of its arrays', async () => {
    const { rt, devices } = await pair();
    devices[0]!.lie();
    const array = Float32Array.of(1, 2);
    const r = new Float32Array(2);
    await fails(() => rt.run(scale, { a: 3, x: array, r }, { device: 'gpu', strict: true }), 'decertified');
    await fails(() => rt.run(grow, { x: array }, { device: 'gpu', strict: true }), 'ineligible');
    expect([...array, ...r]).toEqual([1, 2, 0, 0]);
    await rt.close();
  });

  test('takes along the jobs that follow it', async () => {
    const { rt, devices } = await pair();
    devices[0]!.lie();
    const u = rt.buffer('f32', 2, Float32Array.of(1, 2));
    const jobs = [1, 2, 3].map(() => rt.submit(grow, { x: u }));
    await Promise.all(jobs.map(({ done }) => done));
    expect(await u.read()).toEqual(Float32Array.of(40, 67));
    for (const job of jobs) expect((await job.placement).device).toBe('cpu');
    await rt.close();
  });

  test('is found in a slice', async () => {
    const { rt, devices } = await pair({}, { bandwidth: 4e5 });
    devices[0]!.lie();
    const data = Float32Array.from({ length: 200 * 256 }, (_, i) => i + 1);
    const { r } = await rt.run(rows, { x: { data, shape: [200, 256] } }, { device: 'gpu' });
    expect((r as Float32Array).every((value, i) => value === data[i]! / 2)).toBe(true);
    expect(rt.devices[0]!.certificate.exact).toBe(false);
    await rt.close();
  });
});

test('a device that cannot be probed is no candidate, and says why', async () => {
  const { rt, devices } = await fakeRuntime([gpu]);
  devices[0]!.lie();
  const error = await fails(() => rt.run(scale, { a: 3, x }), 'no-device');
  expect(error.message).toMatch(/exact: its own .* of floats/);
  await rt.close();
});
