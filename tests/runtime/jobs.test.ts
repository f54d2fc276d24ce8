import { describe, expect, test } from 'vitest';
import { IsokernelError } from '../../src/ir/error.ts';
import { fails, fakeRuntime, i32, settle, used } from '../support/fake-runtime.ts';
import { advance, climb, plus } from '../support/kernels.ts';

/** Launched so, a job works on copies of the buffers it changes. */
const careful = () => ({ signal: new AbortController().signal });
const boom = () => new IsokernelError('out-of-fuel', 'boom');

describe('order', () => {
  test('a chain needs no awaiting, and does not wait for the host between its steps', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    device.hold();
    for (const n of [1, 2, 3]) void rt.run(advance, { x, n });
    await settle();
    expect(device.count('submit')).toBe(3);
    expect(device.count('done')).toBe(0);
    device.open();
    expect(await x.read()).toEqual(i32(((1 * 3 + 1) * 3 + 2) * 3 + 3, ((2 * 3 + 1) * 3 + 2) * 3 + 3));
    expect(device.count('copy')).toBe(0);
  });

  test('a job sees what its buffers held when it was submitted', async () => {
    const { rt } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    const before = rt.submit(plus, { x, n: 0 });
    const changed = rt.submit(advance, { x, n: 0 });
    const after = rt.submit(plus, { x, n: 0 });
    x.write(i32(50));
    const last = rt.submit(plus, { x, n: 0 });
    x.free();
    const values = [];
    for (const job of [last, after, before]) values.push((await job.done)['r']);
    await changed.done;
    expect(values).toEqual([i32(50), i32(3), i32(1)]);
  });

  test('independent jobs overlap on two devices', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    devices[0]!.hold();
    const slow = rt.submit(plus, { x: i32(1), n: 1 }, { device: 'a' });
    expect(await rt.run(plus, { x: i32(2), n: 1 }, { device: 'b' })).toEqual({ r: i32(3) });
    expect(slow.progress).toBe(0.5);
    devices[0]!.open();
    expect(await slow.done).toEqual({ r: i32(2) });
    expect(slow.progress).toBe(1);
  });

  test('a job on another device waits for what it needs', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const x = rt.buffer('i32', 1, i32(1));
    devices[0]!.hold();
    void rt.run(advance, { x, n: 1 }, { device: 'a' });
    const second = rt.submit(advance, { x, n: 2 }, { device: 'b' });
    await settle();
    expect(devices[1]!.count('submit')).toBe(0);
    devices[0]!.open();
    await second.done;
    expect(await x.read()).toEqual(i32(14));
  });
});

describe('ending early', () => {
  test('cancel rejects at once, and nothing of the job is seen', async () => {
    const { rt, device } = await fakeRuntime();
    const buffer = rt.buffer('i32', 1, i32(1));
    const array = i32(1);
    device.hold();
    const jobs = [rt.submit(advance, { x: buffer, n: 1 }, careful()), rt.submit(advance, { x: array, n: 1 })];
    await settle();
    for (const job of jobs) job.cancel();
    for (const job of jobs) await fails(() => job.done, 'cancelled');
    await fails(() => jobs[0]!.placement, 'cancelled');
    expect(device.count('cancel')).toBe(2);
    device.open();
    expect(await buffer.read()).toEqual(i32(1));
    await settle();
    expect(array).toEqual(i32(1));
    expect(used(rt, device)).toBe(4);
    for (const job of jobs) job.cancel();
    await rt.close();
  });

  test('cancelling a job that was changing a buffer in place leaves the buffer empty', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    device.hold();
    const job = rt.submit(advance, { x, n: 1 });
    await settle();
    job.cancel();
    await fails(() => job.done, 'cancelled');
    device.open();
    await expect(x.read()).rejects.toMatchObject({ code: 'dependency-failed', cause: { code: 'cancelled' } });
    await fails(() => rt.run(plus, { x, n: 1 }), 'dependency-failed');
    x.write(i32(5));
    expect(await x.read()).toEqual(i32(5));
    await rt.close();
  });

  test('a cancelled job that had not begun never runs', async () => {
    const { rt, device } = await fakeRuntime();
    const job = rt.submit(plus, { x: i32(1), n: 1 });
    job.cancel();
    await fails(() => job.done, 'cancelled');
    await settle();
    expect(device.count('submit')).toBe(0);
    expect(used(rt, device)).toBe(0);
  });

  test('a deadline', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    device.hold();
    await fails(() => rt.run(advance, { x, n: 1 }, { deadline: 5 }), 'deadline');
    device.open();
    expect(await x.read()).toEqual(i32(1));
    expect(await rt.run(plus, { x, n: 1 }, { deadline: 60_000 })).toEqual({ r: i32(2) });
    await rt.close();
  });

  test('a signal rejects with its reason, before and during', async () => {
    const { rt, device } = await fakeRuntime();
    const reason = new Error('not wanted any more');
    await expect(rt.run(plus, { x: i32(1), n: 1 }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(device.count('submit')).toBe(0);
    const controller = new AbortController();
    device.hold();
    const running = rt.run(plus, { x: i32(1), n: 1 }, { signal: controller.signal });
    await settle();
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    device.open();
    await rt.close();
  });
});

describe('failure', () => {
  test('leaves arrays and buffers as they were', async () => {
    const { rt, device } = await fakeRuntime();
    const [array, limit] = [i32(5, 5), i32(3)];
    const buffer = rt.buffer('i32', 2, i32(5, 5));
    const error = await fails(() => rt.run(climb, { limit, x: array }), 'out-of-fuel');
    expect(error.message).toMatch(/climb|loop/);
    await fails(() => rt.run(climb, { limit, x: buffer }), 'out-of-fuel');
    expect(array).toEqual(i32(5, 5));
    expect(await buffer.read()).toEqual(i32(5, 5));
    await rt.run(climb, { limit: i32(7), x: buffer });
    expect(await buffer.read()).toEqual(i32(7, 7));
    expect(used(rt, device)).toBe(8);
  });

  test('fails what depends on it, with the same cause, and nothing else', async () => {
    const { rt, device } = await fakeRuntime();
    const [x, y] = [rt.buffer('i32', 1, i32(1)), rt.buffer('i32', 1, i32(2))];
    device.hold();
    const error = boom();
    device.failNext(error);
    const first = rt.submit(advance, { x, n: 1 }, careful());
    const second = rt.submit(plus, { x, n: 1, r: y });
    const third = rt.submit(advance, { x: y, n: 1 });
    const free = rt.submit(plus, { x: i32(4), n: 1 });
    device.open();
    await expect(first.done).rejects.toBe(error);
    for (const job of [second, third]) {
      await expect(job.done).rejects.toMatchObject({ code: 'dependency-failed', cause: error });
    }
    expect(await free.done).toEqual({ r: i32(5) });
    expect([await x.read(), await y.read()]).toEqual([i32(1), i32(2)]);
    await rt.close();
  });

  test('that nobody saw surfaces at the next read, once', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    const error = boom();
    device.failNext(error);
    rt.submit(advance, { x, n: 1 }, careful());
    await settle();
    await expect(x.read()).rejects.toBe(error);
    expect(await x.read()).toEqual(i32(1));
    await rt.close();
  });

  test('that nobody saw surfaces at close, else', async () => {
    const { rt, device } = await fakeRuntime();
    const error = boom();
    device.failNext(error);
    rt.submit(plus, { x: i32(1), n: 1 });
    await expect(rt.close()).rejects.toBe(error);
  });

  test('that was seen through a dependent does not surface again', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    device.failNext(boom());
    rt.submit(advance, { x, n: 1 });
    await fails(() => rt.run(advance, { x, n: 1 }), 'dependency-failed');
    await rt.close();
  });

  test('is never an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 1, i32(1));
    device.failNext(boom());
    rt.submit(advance, { x, n: 1 });
    rt.submit(advance, { x, n: 1 });
    rt.submit(plus, { x: i32(1), n: 1 }).cancel();
    x.write(i32(), 0);
    await settle();
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    await rt.close().catch(() => {});
  });
});

test('placement and timing say what happened', async () => {
  const { rt } = await fakeRuntime([{ id: 'a', rates: { f32: 1e6, i32: 1e6 } }, { id: 'b' }]);
  const job = rt.submit(plus, { x: i32(1, 2), n: 1 });
  await job.done;
  const placement = await job.placement;
  expect(placement).toMatchObject({ device: 'b', policy: 'least-finish', measured: expect.any(Number) });
  expect(placement.candidates.map(({ device }) => device)).toEqual(['a', 'b']);
  expect(await job.timing).toMatchObject({ device: 'b', total: expect.any(Number) });
  const { total, compile, upload, run, readback } = await job.timing;
  for (const part of [compile, upload, run, readback]) expect(part).toBeGreaterThanOrEqual(0);
  expect(total).toBeGreaterThan(0);
});
