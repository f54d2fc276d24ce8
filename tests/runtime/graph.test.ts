import { describe, expect, test } from 'vitest';
import { fails, fakeRuntime, i32, used } from '../support/fake-runtime.ts';
import { advance, climb, plus } from '../support/kernels.ts';

describe('a graph', () => {
  test('replays its calls in order, as one submission', async () => {
    const { rt, device } = await fakeRuntime();
    const [x, y] = [rt.buffer('i32', 2, i32(1, 2)), rt.buffer('i32', 2)];
    const graph = rt.record((r) => {
      for (let i = 0; i < 5; i++) {
        r.run(plus, { x, n: 1, r: y });
        r.run(plus, { x: y, n: 10, r: x });
      }
    });
    for (let i = 0; i < 3; i++) await graph.run();
    expect(await x.read()).toEqual(i32(1 + 3 * 55, 2 + 3 * 55));
    expect(await y.read()).toEqual(i32(1 + 3 * 55 - 10, 2 + 3 * 55 - 10));
    expect(device.count('submit')).toBe(3);
    // the first run finds the buffers in other memory than it leaves them in
    expect(device.count('record')).toBeLessThanOrEqual(2);
    expect(used(rt, device)).toBe(16);
  });

  test('slots: scalars anew each time, buffers with a value of their own', async () => {
    const { rt } = await fakeRuntime();
    const [x, other] = [rt.buffer('i32', 1, i32(1)), rt.buffer('i32', 1, i32(5))];
    const graph = rt.record(
      (r) => {
        r.run(advance, { x: r.slots['u']!, n: r.slots['n']! });
        r.run(advance, { x: r.slots['u']!, n: 100 });
      },
      { slots: { n: 'i32', u: x } },
    );
    await graph.run({ n: 1 });
    expect(await x.read()).toEqual(i32(112));
    await graph.run({ n: 2, u: other });
    expect([await x.read(), await other.read()]).toEqual([i32(112), i32(151)]);
    await fails(() => graph.run(), 'missing-argument');
    await fails(() => graph.run({ n: 0.5 }), 'argument-range');
    await fails(() => graph.run({ n: 1, m: 1 }), 'unknown-argument');
    await fails(() => graph.run({ n: 1, u: rt.buffer('i32', 2) }), 'argument-type');
    await fails(() => graph.run({ n: 1, u: 3 }), 'argument-type');
  });

  test('an output used within it starts as zeros at every run', async () => {
    const { rt } = await fakeRuntime();
    const [x, y] = [rt.buffer('i32', 3, i32(1, 2, 3)), rt.buffer('i32', 3)];
    const graph = rt.record((r) => {
      r.run(plus, { x, n: 1, r: y }, { invocations: 2 });
      r.run(advance, { x: y, n: 1 });
    });
    for (let i = 0; i < 3; i++) {
      await graph.run();
      expect(await y.read()).toEqual(i32(7, 10, 1));
    }
  });

  test('is ordered with other jobs by its buffers', async () => {
    const { rt } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    const graph = rt.record((r) => r.run(advance, { x, n: 1 }));
    void graph.run();
    void rt.run(advance, { x, n: 2 });
    void graph.run();
    x.write(i32(0));
    void graph.run();
    expect(await x.read()).toEqual(i32(1));
  });

  test('is all or nothing', async () => {
    const { rt } = await fakeRuntime();
    const [x, y] = [rt.buffer('i32', 1, i32(1)), rt.buffer('i32', 1, i32(2))];
    const limit = rt.buffer('i32', 1, i32(-1));
    const graph = rt.record((r) => {
      r.run(advance, { x, n: 1 });
      r.run(climb, { limit, x: y });
    });
    await fails(() => graph.run(), 'out-of-fuel');
    expect([await x.read(), await y.read()]).toEqual([i32(1), i32(2)]);
    limit.write(i32(3));
    await graph.run();
    expect([await x.read(), await y.read()]).toEqual([i32(4), i32(3)]);
  });

  test('moves to another device when its own is lost', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const x = rt.buffer('i32', 1, i32(1));
    const graph = rt.record((r) => r.run(advance, { x, n: 1 }));
    const y = rt.buffer('i32', 1);
    y.copyFrom(x);
    devices[0]!.hold();
    const running = graph.run({}, { device: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 2));
    devices[0]!.vanish();
    await running;
    expect(await x.read()).toEqual(i32(4));
  });

  test('is a job like any other: submitted, cancelled, refused bad options', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    const graph = rt.record((r) => r.run(advance, { x, n: 1 }));
    device.hold();
    const job = graph.submit();
    job.cancel();
    await fails(() => job.done, 'cancelled');
    device.open();
    expect(await graph.submit().done).toEqual({});
    expect(await x.read()).toEqual(i32(4));
    await fails(() => graph.run({}, { invocations: 3 }), 'invalid-option');
    await fails(() => graph.run({}, { device: 'b' }), 'unknown-device');
    graph[Symbol.dispose]();
    await fails(() => graph.run(), 'closed');
    await rt.close();
    await fails(() => rt.record(() => {}), 'closed');
  });

  test('refuses what it cannot hold', async () => {
    const { rt } = await fakeRuntime();
    const other = await fakeRuntime();
    const x = rt.buffer('i32', 1);
    const y = rt.buffer('i32', 1);
    await fails(() => rt.record((r) => r.run(advance, { x: i32(1), n: 1 })), 'argument-type');
    await fails(() => rt.record((r) => r.run(plus, { x, n: 1 })), 'argument-type');
    await fails(() => rt.record((r) => r.run(plus, { x, n: 1, r: x })), 'overlapping-arguments');
    await fails(() => rt.record((r) => r.run(advance, { x: other.rt.buffer('i32', 1), n: 1 })), 'foreign-buffer');
    await fails(
      () => rt.record((r) => r.run(advance, { x, n: r.slots['n']! }), { slots: { n: 'f32' } }),
      'argument-type',
    );
    await fails(() => rt.record(async () => {}), 'invalid-option');
    let kept: Parameters<Parameters<typeof rt.record>[0]>[0] | undefined;
    const graph = rt.record(
      (r) => {
        kept = r;
        r.run(plus, { x: r.slots['u']!, n: 1, r: y });
      },
      { slots: { u: x } },
    );
    await fails(() => kept!.run(advance, { x, n: 1 }), 'invalid-option');
    await fails(() => graph.run({ u: y }), 'overlapping-arguments');
    await fails(() => rt.run(advance, { x: kept!.slots['u']!, n: 1 }), 'argument-type');
    y.free();
    await fails(() => graph.run(), 'freed-buffer');
  });
});
