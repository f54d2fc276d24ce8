import { describe, expect, test } from 'vitest';
import { backend as cpu } from '../../backends/cpu/index.ts';
import { open } from '../../src/runtime/index.ts';
import { fails, fakeRuntime, i32, settle, used } from '../support/fake-runtime.ts';
import { advance, climb, plus } from '../support/kernels.ts';

describe('what moves', () => {
  test('data goes up once, and stays', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 3, i32(1, 2, 3));
    expect(device.log).toEqual([]);
    for (let n = 0; n < 3; n++) await rt.run(plus, { x, n });
    expect(device.log.filter((event) => event.startsWith('write'))).toEqual(['write 12']);
    expect(device.count('copy')).toBe(0);
  });

  test('zeros go nowhere', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 3);
    expect(await x.read()).toEqual(i32(0, 0, 0));
    await rt.run(advance, { x, n: 1 });
    expect(await x.read()).toEqual(i32(1, 1, 1));
    expect(device.count('write')).toBe(0);
  });

  test('reading moves what is asked for', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 8);
    await rt.run(advance, { x, n: 1 });
    expect(await x.read(2, 3)).toEqual(i32(1, 1, 1));
    expect(await x.read(8)).toEqual(i32());
    expect(device.log.filter((event) => event.startsWith('read'))).toEqual(['read 12']);
  });

  test('a device that needs it gets it from one that has it, once', async () => {
    const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }]);
    const x = rt.buffer('i32', 2, i32(1, 2));
    await rt.run(advance, { x, n: 1 }, { device: 'a' });
    for (let n = 0; n < 3; n++) await rt.run(plus, { x, n, r: rt.buffer('i32', 2) }, { device: 'b' });
    expect(devices[0]!.count('read 8')).toBe(1);
    expect(devices[1]!.count('write 8')).toBe(1);
    await rt.run(plus, { x, n: 1, r: rt.buffer('i32', 2) }, { device: 'a' });
    expect(devices[0]!.count('write 8')).toBe(1);
  });

  test('jobs that cannot fail change a buffer in place; those that may, work on a copy', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    await rt.run(advance, { x, n: 1 });
    await rt.run(advance, { x, n: 1 });
    expect(device.count('copy')).toBe(0);
    await rt.run(climb, { limit: i32(100), x });
    expect(device.count('copy 8')).toBe(1);
    await rt.run(advance, { x, n: 1 }, { deadline: 60_000 });
    expect(device.count('copy 8')).toBe(2);
    expect(used(rt, device)).toBe(8);
  });

  test('an output that is stored to everywhere is not cleared first; else it is', async () => {
    const { rt, device } = await fakeRuntime();
    const r = rt.buffer('i32', 4);
    await rt.run(plus, { x: i32(1, 2, 3, 4), n: 1, r });
    await rt.run(plus, { x: i32(1, 2, 3, 4), n: 2, r });
    expect(device.count('fill')).toBe(0);
    await rt.run(plus, { x: i32(1, 2, 3, 4), n: 3, r }, { invocations: 2 });
    expect(device.count('fill 16')).toBe(1);
    expect(await r.read()).toEqual(i32(4, 5, 0, 0));
  });
});

describe('writing', () => {
  test('a part, on the host and on a device', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 4, i32(1, 2, 3, 4));
    x.write(i32(20, 30), 1);
    expect(await x.read()).toEqual(i32(1, 20, 30, 4));
    await rt.run(advance, { x, n: 0 });
    device.log.length = 0;
    x.write(i32(7), 3);
    x.write(i32(8), 0);
    expect(await x.read()).toEqual(i32(8, 60, 90, 7));
    expect(device.log).toEqual(['write 4', 'write 4', 'read 16']);
    x.write(i32());
    const zeros = rt.buffer('u8', 3);
    zeros.write(new Uint8Array([5]), 2);
    expect([...(await zeros.read())]).toEqual([0, 0, 5]);
  });

  test('does not reach jobs submitted before', async () => {
    const { rt } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    await rt.run(advance, { x, n: 0 });
    const before = rt.submit(plus, { x, n: 0 });
    x.write(i32(100), 0);
    const after = rt.submit(plus, { x, n: 0 });
    expect([(await before.done)['r'], (await after.done)['r']]).toEqual([i32(3, 6), i32(100, 6)]);
  });

  test('a part, behind a job that fails: the failure comes out at the read, once', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    device.hold();
    const job = rt.submit(climb, { limit: i32(-5), x });
    x.write(i32(9), 0);
    device.open();
    await fails(() => x.read(), 'dependency-failed');
    await fails(() => job.done, 'out-of-fuel');
    expect(await x.read()).toEqual(i32(1, 2));
    await rt.close();
  });

  test('captures the data', async () => {
    const { rt } = await fakeRuntime();
    const data = i32(1, 2);
    const x = rt.buffer('i32', 2, data);
    data.fill(0);
    expect(await x.read()).toEqual(i32(1, 2));
    const more = i32(3, 4);
    x.write(more);
    more.fill(0);
    expect(await x.read()).toEqual(i32(3, 4));
  });

  test('copyFrom shares until one of them is written', async () => {
    const { rt, device } = await fakeRuntime();
    const [x, y] = [rt.buffer('i32', 2, i32(1, 2)), rt.buffer('i32', 2)];
    y.copyFrom(x);
    y.copyFrom(y);
    await rt.run(advance, { x: y, n: 1 });
    expect([await x.read(), await y.read()]).toEqual([i32(1, 2), i32(4, 7)]);
    x.copyFrom(y);
    x.write(i32(0), 1);
    expect([await x.read(), await y.read()]).toEqual([i32(4, 0), i32(4, 7)]);
    x.free();
    y.free();
    expect(used(rt, device)).toBe(0);
  });

  test('map lends the elements', async () => {
    const { rt } = await fakeRuntime();
    const x = rt.buffer('i32', 3, i32(1, 2, 3));
    expect(await x.map((array) => [...array].reduce((sum, value) => sum + value, 0))).toBe(6);
    await expect(
      x.map(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await fails(() => x.map(async (array) => array[0]), 'argument-type');
  });

  test('map lends the memory of the CPU itself, once what was submitted before has run', async () => {
    const rt = await open({ backends: [cpu], calibrate: false });
    const x = rt.buffer('i32', 100_000);
    for (let n = 1; n <= 20; n++) rt.submit(advance, { x, n });
    const lent = x.map((array) => {
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
      return array.slice();
    });
    // another job, and another buffer of the same content, do not see each other through it
    const y = rt.buffer('i32', 100_000);
    y.copyFrom(x);
    rt.submit(advance, { x, n: 1000 });
    const before = await lent;
    expect(before.every((value) => value === before[0])).toBe(true);
    expect(await y.map((array) => array[7])).toBe(before[0]);
    expect(await x.map((array) => array[7])).toBe((Math.imul(before[0]!, 3) + 1000) | 0);
    await rt.close();
  });
});

describe('freeing', () => {
  test('lets jobs submitted before finish', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    await rt.run(advance, { x, n: 1 });
    device.hold();
    const job = rt.submit(plus, { x, n: 1 });
    const reading = x.read();
    x.free();
    device.open();
    expect(await job.done).toEqual({ r: i32(5, 8) });
    expect(await reading).toEqual(i32(4, 7));
    expect(used(rt, device)).toBe(0);
  });

  test('by using, also after close', async () => {
    const { rt, device } = await fakeRuntime();
    const kept = rt.buffer('i32', 2);
    {
      using x = rt.buffer('i32', 2);
      await rt.run(advance, { x, n: 1 });
      await rt.run(advance, { x: kept, n: 1 });
    }
    expect(used(rt, device)).toBe(8);
    await rt.close();
    kept.free();
  });

  test('a failed job leaves no memory behind', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 2, i32(1, 2));
    for (let i = 0; i < 3; i++) await fails(() => rt.run(climb, { limit: i32(0), x }), 'out-of-fuel');
    await settle();
    x.free();
    expect(used(rt, device)).toBe(0);
  });
});
