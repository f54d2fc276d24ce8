import { describe, expect, test } from 'vitest';
import { IsokernelError } from '../../src/ir/error.ts';
import { fails, fakeRuntime, i32, settle, used } from '../support/fake-runtime.ts';
import { advance, plus } from '../support/kernels.ts';

describe('a lost device', () => {
  test('its jobs run again elsewhere, from what is left', async () => {
    const { rt, devices, warnings } = await fakeRuntime([{ id: 'a' }, { id: 'b', rates: { launch: 1 } }]);
    const x = rt.buffer('i32', 2, i32(1, 2));
    const array = i32(5);
    devices[0]!.hold();
    const jobs = [
      rt.submit(advance, { x, n: 1 }),
      rt.submit(advance, { x, n: 2 }),
      rt.submit(advance, { x: array, n: 1 }),
    ];
    await settle();
    expect(devices[0]!.count('submit')).toBe(3);
    devices[0]!.vanish();
    for (const job of jobs) await job.done;
    expect(await x.read()).toEqual(i32(14, 23));
    expect(array).toEqual(i32(16));
    expect((await jobs[0]!.placement).device).toBe('b');
    expect((await jobs[0]!.placement).candidates[0]).toMatchObject({
      device: 'a',
      ineligible: expect.stringMatching(/gone/),
    });
    expect(warnings.map(({ code }) => code)).toContain('device-lost');
    expect(rt.devices.map(({ id, lost }) => [id, lost])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    await rt.close();
  });

  test('a chain in place runs again as a whole', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b', rates: { launch: 1 } }]);
    const x = rt.buffer('i32', 1, i32(1));
    devices[0]!.hold();
    const jobs = [1, 2, 3].map((n) => rt.run(advance, { x, n }));
    await settle();
    expect(devices[0]!.count('submit')).toBe(3);
    devices[0]!.vanish();
    await Promise.all(jobs);
    expect(await x.read()).toEqual(i32(((1 * 3 + 1) * 3 + 2) * 3 + 3));
    x.free();
    expect(used(rt, devices[1]!)).toBe(0);
    await rt.close();
  });

  test('what only it held is lost, and can be written again', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const x = rt.buffer('i32', 1, i32(1));
    await rt.run(advance, { x, n: 1 }, { device: 'a' });
    devices[0]!.vanish();
    await settle();
    await fails(() => x.read(), 'device-lost');
    await fails(() => rt.run(plus, { x, n: 1 }), 'device-lost');
    x.write(i32(7));
    expect(await rt.run(plus, { x, n: 1 })).toEqual({ r: i32(8) });
    x.free();
    await rt.close();
  });

  test('what another device holds too goes on', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const x = rt.buffer('i32', 1, i32(1));
    await rt.run(advance, { x, n: 1 }, { device: 'a' });
    await rt.run(plus, { x, n: 1 }, { device: 'b' });
    devices[0]!.vanish();
    await settle();
    expect(await x.read()).toEqual(i32(4));
  });

  test('strict means there or not at all', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    devices[0]!.hold();
    const job = rt.submit(plus, { x: i32(1), n: 1 }, { device: 'a', strict: true });
    await settle();
    devices[0]!.vanish();
    await expect(job.done).rejects.toMatchObject({ code: 'device-lost' });
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }, { device: 'a', strict: true }), 'device-lost');
    expect(await rt.run(plus, { x: i32(1), n: 1 })).toEqual({ r: i32(2) });
  });

  test('the last one: jobs fail, nothing hangs', async () => {
    const { rt, device } = await fakeRuntime();
    device.hold();
    const job = rt.submit(plus, { x: i32(1), n: 1 });
    await settle();
    device.vanish();
    await expect(job.done).rejects.toMatchObject({ code: 'device-lost' });
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }), 'no-device');
    await rt.close();
  });
});

test('a job that a device fails to run moves, and so does what already ran behind it on that device', async () => {
  const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b', rates: { launch: 1 } }]);
  const [x, y] = [rt.buffer('i32', 1, i32(1)), rt.buffer('i32', 1)];
  devices[0]!.hold();
  devices[0]!.failNext(new IsokernelError('out-of-memory', 'the driver gave up', { hint: 'Use less.' }));
  const jobs = [
    rt.run(plus, { x, n: 1, r: y }),
    rt.run(plus, { x: y, n: 10, r: x }),
    rt.submit(advance, { x, n: 0 }).done,
  ];
  await settle();
  expect(devices[0]!.count('submit')).toBe(3);
  devices[0]!.open();
  await Promise.all(jobs);
  expect([await x.read(), await y.read()]).toEqual([i32(36), i32(2)]);
  await rt.close();
});

describe('a device that cannot', () => {
  test('named: another one with a warning, or with strict an error', async () => {
    const { rt, warnings } = await fakeRuntime([{ id: 'a', ineligible: () => 'it has no such unit' }, { id: 'b' }]);
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }, { device: 'a', strict: true }), 'ineligible');
    expect(warnings).toEqual([]);
    const job = rt.submit(plus, { x: i32(1), n: 1 }, { device: 'a' });
    expect(await job.done).toEqual({ r: i32(2) });
    expect((await job.placement).device).toBe('b');
    expect(warnings).toMatchObject([{ code: 'fall-back', message: expect.stringContaining('no such unit') }]);
  });

  test('named, and fails when it has begun: the job moves with one warning', async () => {
    const { rt, devices, warnings } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    devices[0]!.refuseNext(new IsokernelError('compile-failed', 'not today', { hint: 'Report it.' }));
    expect(await rt.run(plus, { x: i32(1), n: 1 }, { device: 'a' })).toEqual({ r: i32(2) });
    expect(warnings).toMatchObject([{ code: 'fall-back', message: expect.stringContaining('not today') }]);
    await rt.close();
  });

  test('none: every reason is given', async () => {
    const { rt } = await fakeRuntime([
      { id: 'a', ineligible: () => 'reason one' },
      { id: 'b', ineligible: () => 'reason two' },
    ]);
    const error = await fails(() => rt.run(plus, { x: i32(1), n: 1 }), 'no-device');
    expect(error.message).toMatch(/reason one.*reason two/);
  });

  test('memory: too little for the job, and too little while others hold it', async () => {
    const { rt, device } = await fakeRuntime([{ memory: 1024 }]);
    await fails(() => rt.run(plus, { x: new Int32Array(1000), n: 1 }), 'out-of-memory');
    const jobs = Array.from({ length: 150 }, (_, n) => rt.submit(plus, { x: new Int32Array(100), n }));
    for (const [n, job] of jobs.entries()) expect((await job.done)['r']).toEqual(new Int32Array(100).fill(n));
    expect(used(rt, device)).toBe(0);
  });

  test('memory held by buffers: an error, and all is well when they are freed', async () => {
    const { rt, device } = await fakeRuntime([{ memory: 1024 }]);
    const held = rt.buffer('i32', 200, new Int32Array(200));
    await rt.run(advance, { x: held, n: 1 });
    await fails(() => rt.run(plus, { x: new Int32Array(100), n: 1 }), 'out-of-memory');
    held.free();
    expect(await rt.run(plus, { x: new Int32Array(100), n: 1 })).toEqual({ r: new Int32Array(100).fill(1) });
    expect(used(rt, device)).toBe(0);
  });

  test('compile: the job goes elsewhere, and fails with the compiler’s words where there is nowhere else', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const refuse = () => Promise.reject(new IsokernelError('compile-failed', 'ptxas says no', { hint: 'Report it.' }));
    devices[0]!.compile = refuse;
    expect(await rt.run(plus, { x: i32(1), n: 1 })).toEqual({ r: i32(2) });
    const { rt: alone, device } = await fakeRuntime();
    device.compile = refuse;
    await fails(() => alone.run(plus, { x: i32(1), n: 1 }), 'compile-failed');
  });
});

describe('opening', () => {
  test('a backend that cannot start is recorded, and no hindrance', async () => {
    const { fakes } = await import('../support/fake-device.ts');
    const { open } = await import('../../src/runtime/index.ts');
    const { backend } = await fakes({});
    const hint = 'Install the driver.';
    const gpu = () => Promise.reject(new IsokernelError('backend-unavailable', 'no driver', { hint }));
    const broken = { name: 'broken', discover: () => Promise.reject(new Error('cannot find module')) };
    const rt = await open({ backends: [gpu, async () => backend, broken], calibrate: false });
    expect(rt.unavailable).toEqual([
      { backend: 'gpu', code: 'backend-unavailable', message: 'no driver', hint },
      { backend: 'broken', code: 'backend-unavailable', message: 'cannot find module', hint: undefined },
    ]);
    expect(await rt.run(plus, { x: i32(1), n: 1 })).toEqual({ r: i32(2) });
  });

  test('without any device: work fails, opening does not', async () => {
    const { open } = await import('../../src/runtime/index.ts');
    const rt = await open({ backends: [] });
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }), 'no-device');
    await rt.close();
  });

  test('options are checked, devices selected, ids made unique', async () => {
    await fails(() => fakeRuntime([{}], { threads: 0 }), 'invalid-option');
    await fails(() => fakeRuntime([{}], { memory: -1 }), 'invalid-option');
    await fails(() => fakeRuntime([{}], { polcy: 'random' } as object), 'invalid-option');
    await fails(() => fakeRuntime([{}], { policy: 'best' as 'random' }), 'invalid-option');
    await fails(() => fakeRuntime([{}], { devices: ['gpu'] }), 'unknown-device');
    const { rt } = await fakeRuntime([{ id: 'gpu:x' }, { id: 'gpu:x' }, { id: 'cpu' }]);
    expect(rt.devices.map(({ id }) => id)).toEqual(['gpu:x', 'gpu:x-2', 'cpu']);
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }, { device: 'gpu' }), 'ambiguous-device');
    const some = await fakeRuntime([{ id: 'gpu:x' }, { id: 'cpu' }], { devices: ['c'] });
    expect(some.rt.devices.map(({ id }) => id)).toEqual(['cpu']);
  });
});
