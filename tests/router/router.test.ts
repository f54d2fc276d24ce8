import { describe, expect, test } from 'vitest';
import type { Rates } from '../../src/device/contract.ts';
import type { Verified } from '../../src/ir/verified.ts';
import {
  Load,
  placementText,
  policyOf,
  type Request,
  Router,
  randomPolicy,
  selectDevice,
  type Target,
} from '../../src/router/index.ts';
import { type FakeOptions, fakes } from '../support/fake-device.ts';
import { fails } from '../support/fake-runtime.ts';
import { plus } from '../support/kernels.ts';

const slow: Rates = { f32: 1e6, i32: 1e6, bandwidth: 1e8, upload: 1e8, readback: 1e8, launch: 1e-5 };
const fast: Rates = { f32: 1e9, i32: 1e9, bandwidth: 1e10, upload: 1e8, readback: 1e8, launch: 1e-3 };
const verified = await plus.verified();

async function targets(...options: FakeOptions[]): Promise<Target[]> {
  const { devices } = await fakes(...options);
  return devices.map((device) => ({
    id: device.capabilities.id,
    device,
    rates: device.capabilities.rates,
    load: new Load(),
    certificate: { exact: false, reason: 'not asked' },
  }));
}
function request(all: readonly Target[], elements: number, more: Partial<Request<Target>> = {}): Request<Target> {
  const launch = { args: [[1], [elements], [elements]], grid: [elements, 1, 1], workgroup: [64, 1, 1] } as const;
  return {
    steps: [{ verified, launch }],
    inputs: [],
    memories: [4 * elements, 4 * elements],
    results: 0,
    policy: policyOf('least-finish'),
    targets: all,
    named: false,
    excluded: new Map(),
    ...more,
  };
}

describe('least finish', () => {
  test('a small job goes where launching is cheap, a large one where computing is fast', async () => {
    const all = await targets({ id: 'slow', rates: slow }, { id: 'fast', rates: fast });
    const router = new Router();
    expect(router.place(request(all, 10), 0).target.id).toBe('slow');
    expect(router.place(request(all, 100_000), 0).target.id).toBe('fast');
  });

  test('moving the inputs counts, and so does what comes back', async () => {
    const all = await targets({ id: 'near', rates: slow }, { id: 'far', rates: { ...fast, upload: 1e5 } });
    const router = new Router();
    const input = (holders: Target[]) => ({ inputs: [{ bytes: 400_000, onHost: true, holders }] });
    expect(router.place(request(all, 100_000, input([all[0]!])), 0).target.id).toBe('near');
    expect(router.place(request(all, 100_000, input(all)), 0).target.id).toBe('far');
    const { placement } = router.place(request(all, 100, { results: 1e6 }), 0);
    expect(placement.candidates[0]!.transfer).toBeCloseTo(10);
  });

  test('a queue counts, until it is worked off', async () => {
    const all = await targets({ id: 'a', rates: fast }, { id: 'b', rates: fast });
    const router = new Router();
    const done = all[0]!.load.add(50, 100);
    expect(router.place(request(all, 10), 110).target.id).toBe('b');
    expect(router.place(request(all, 10), 110).placement.candidates.map(({ wait }) => wait)).toEqual([40, 0]);
    done(120);
    expect(router.place(request(all, 10), 120).target.id).toBe('a');
  });
});

describe('what rules a device out', () => {
  test('is said of each candidate', async () => {
    const all = await targets({ id: 'a', ineligible: () => 'no such unit' }, { id: 'b', memory: 100 }, { id: 'c' });
    const router = new Router();
    const { placement } = router.place(request(all, 1000), 0);
    expect(placement.device).toBe('c');
    expect(placement.candidates.map(({ ineligible }) => ineligible)).toEqual([
      'no such unit',
      expect.stringContaining('memory'),
      undefined,
    ]);
    expect(placementText(placement)).toMatch(
      /^c by least-finish\n> c {2}finish .*\n {2}a {2}ruled out: no such unit\n {2}b/,
    );
    await fails(
      () => router.place(request(all, 10, { excluded: new Map(all.map((one) => [one, 'gone'])) }), 0),
      'no-device',
    );
    await fails(() => router.place(request([all[1]!], 1000), 0), 'out-of-memory');
    await fails(() => router.place(request([], 10), 0), 'no-device');
    await fails(() => router.place(request([all[0]!], 10), 0), 'no-device');
    await fails(() => router.place(request([all[0]!], 10, { named: true }), 0), 'ineligible');
  });

  test('being virtual, unless there is nothing else', async () => {
    const all = await targets({ id: 'null', kind: 'virtual', rates: fast }, { id: 'cpu', rates: slow });
    const router = new Router();
    expect(router.place(request(all, 100_000), 0).target.id).toBe('cpu');
    expect(router.place(request(all, 100_000, { excluded: new Map([[all[1]!, 'gone']]) }), 0).target.id).toBe('null');
    expect(router.place(request([all[0]!], 10), 0).target.id).toBe('null');
  });
});

describe('learning', () => {
  const run = (router: Router<Target>, all: Target[], milliseconds: number) => {
    const asked = request(all, 1000);
    const decision = router.place(asked, 0);
    router.learn(asked, decision, milliseconds);
    return decision.placement.predicted;
  };

  test('predictions come to what is measured', async () => {
    const all = await targets({ id: 'a', rates: slow });
    const router = new Router<Target>();
    run(router, all, 700);
    for (let i = 0; i < 5; i++) expect(run(router, all, 700)).toBeCloseTo(700);
  });

  test('one disturbed run changes little, two alike start afresh', async () => {
    const all = await targets({ id: 'a', rates: slow });
    const router = new Router<Target>();
    for (let i = 0; i < 4; i++) run(router, all, 10);
    run(router, all, 100);
    expect(run(router, all, 10)).toBeLessThan(20);
    run(router, all, 200);
    run(router, all, 200);
    expect(run(router, all, 200)).toBeCloseTo(200);
  });

  test('jobs that are little but launching say nothing of larger ones', async () => {
    const all = await targets({ id: 'a', rates: { ...slow, launch: 1 } });
    const router = new Router<Target>();
    const large = request(all, 1_000_000);
    const before = router.place(large, 0).placement.predicted;
    for (let i = 0; i < 5; i++) run(router, all, 0.5);
    expect(router.place(large, 0).placement.predicted).toBe(before);
    for (let i = 0; i < 2; i++) run(router, all, 50_000);
    expect(router.place(large, 0).placement.predicted).toBeGreaterThan(before);
  });

  test('a time of nothing teaches nothing', async () => {
    const all = await targets({ id: 'a', rates: slow });
    const router = new Router<Target>();
    const before = run(router, all, 0);
    expect(run(router, all, 5)).toBe(before);
  });
});

describe('policies', () => {
  const rates = [fast, slow, fast];
  const three = () => targets(...rates.map((one, i) => ({ id: 'abc'[i]!, rates: one })));
  const choices = (all: Target[], policy: Request<Target>['policy'], more: Partial<Request<Target>> = {}) =>
    Array.from({ length: 6 }, () => new Router().place(request(all, 10, { policy, ...more }), 0).target.id).join('');

  test('round robin takes turns', async () => {
    expect(choices(await three(), policyOf('round-robin'))).toBe('abcabc');
  });
  test('data ready goes where the inputs are', async () => {
    const all = await three();
    const inputs = [{ bytes: 100, onHost: false, holders: [all[2]!] }];
    expect(choices(all, policyOf('data-ready'), { inputs })).toBe('cccccc');
  });
  test('random is the same for the same seed, and reaches every device', async () => {
    const all = await three();
    const many = (seed: number) => {
      const policy = randomPolicy(seed);
      return Array.from({ length: 10 }, () => choices(all, policy)).join('');
    };
    expect(many(7)).toBe(many(7));
    expect(many(7)).not.toBe(many(8));
    expect([...new Set(many(7))].sort()).toEqual(['a', 'b', 'c']);
  });
  test('one of the caller’s own', async () => {
    const all = await three();
    expect(choices(all, { name: 'last', choose: (candidates) => candidates.at(-1)! })).toBe('cccccc');
    const stranger = { device: 'x', wait: 0, transfer: 0, run: 0, finish: 0 };
    await fails(() => choices(all, { name: 'wild', choose: () => stranger }), 'invalid-option');
  });
});

describe('names of devices', () => {
  const list = ['cpu', 'webgpu:llvmpipe', 'webgpu:swiftshader', 'cpu-2'].map((id) => ({ id }));
  test('an id, or a prefix of one only', async () => {
    expect(selectDevice(list, 'cpu').id).toBe('cpu');
    expect(selectDevice(list, 'cpu-').id).toBe('cpu-2');
    expect(selectDevice(list, 'webgpu:s').id).toBe('webgpu:swiftshader');
    await fails(() => selectDevice(list, 'webgpu'), 'ambiguous-device');
    await fails(() => selectDevice(list, 'swiftshader'), 'unknown-device');
    await fails(() => selectDevice(list, ''), 'unknown-device');
    await fails(() => selectDevice([], 'cpu'), 'unknown-device');
  });
});

test('what is known of a launch is asked once', async () => {
  let asked = 0;
  const ineligible = (_: Verified) => {
    asked++;
    return undefined;
  };
  const all = await targets({ id: 'a', ineligible }, { id: 'b' });
  const router = new Router();
  for (let i = 0; i < 5; i++) router.place(request(all, 10), 0);
  expect(asked).toBe(1);
  router.place(request(all, 11), 0);
  expect(asked).toBe(2);
});
