/**
 * What goes wrong on a device: endless loops, memory it does not have, workgroups it cannot run. Each time the caller's arrays are as they
 * were, the device's memory is given back, and the next kernel runs. On the CPU, the interpreter and every WebGPU adapter.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { f32, i32, kernel, open, type Runtime, read, readWrite, write } from '../../src/index.ts';
import { describeAdapters } from '../support/adapters.ts';
import { double, refused, type Unchecked, works } from './support.ts';

/** Counts up by twos to what only memory knows, and misses it for ever where that is odd. */
const endless = (fuel: number) =>
  kernel({
    name: 'endless',
    params: { x: readWrite(i32), goal: read(i32) },
    fuel,
    body({ x, goal }, k) {
      let n = 0;
      while (n !== goal[0]) n += 2;
      x[k.global.x] = n;
    },
  });
const goal = new Int32Array([1]);

const transposed = kernel({
  name: 'transposed',
  params: { m: read(f32, 2), r: write(f32, 2) },
  shapes: { r: ({ m }) => [m.shape[1], m.shape[0]] },
  body({ m, r }, k) {
    r.set(k.global.y, k.global.x, m.at(k.global.x, k.global.y));
  },
});

/** The tests of one device of a runtime that `backend` opens. */
function suite(backend: 'cpu' | 'webgpu' | 'interpreter', id: string): void {
  let rt: Runtime;
  const on = { device: id, strict: true };
  const used = () => {
    (rt as Unchecked).trim();
    return rt.devices.find((device) => device.id === id)!.memory.used;
  };
  beforeAll(async () => {
    rt = await open({ backends: [backend], devices: [id], threads: 2, calibrate: false });
  });
  afterAll(() => rt?.close());

  test('zero sizes are legal', async () => {
    const x = new Float32Array([1, 2, 3]);
    expect(await rt.run(double, { x: new Float32Array(0) }, on)).toEqual({ r: new Float32Array(0) });
    await rt.run(double, { x }, on);
    for (const invocations of [0, [0, 5], [3, 0], [5, 1, 0]])
      expect(await rt.run(double, { x }, { ...on, invocations })).toEqual({ r: new Float32Array(3) });
    for (const shape of [
      [0, 5],
      [5, 0],
      [0, 0],
    ])
      expect(await rt.run(transposed, { m: { data: new Float32Array(0), shape } }, on)).toEqual({
        r: new Float32Array(0),
      });
    using none = rt.buffer(f32, 0);
    await rt.run(double, { x: none }, on);
    expect(await none.read()).toEqual(new Float32Array(0));
    expect(used()).toBe(0);
  });

  test('an endless loop runs out of fuel', async () => {
    const x = new Int32Array([7, 8]);
    const error = await refused(
      () => rt.run(endless(1000), { x, goal }, on),
      'out-of-fuel',
      /"endless".*1000 iterations/,
    );
    expect(error).toMatchObject({ kernel: 'endless', hint: expect.stringContaining('fuel') });
    expect(error.message).toContain('while (n');
    using held = rt.buffer(i32, 2, x);
    await refused(() => rt.run(endless(1000), { x: held, goal }, on), 'out-of-fuel', 'endless');
    expect(await held.read()).toEqual(new Int32Array([7, 8]));
    expect(x).toEqual(new Int32Array([7, 8]));
    await works(rt, id);
  });

  // the interpreter runs a job to its end before anybody else gets a turn
  if (backend !== 'interpreter')
    test('an endless loop ends by deadline, by signal and by cancel', async () => {
      const x = new Int32Array([7, 8]);
      const long = endless(2e6);
      await refused(() => rt.run(long, { x, goal }, { ...on, deadline: 1 }), 'deadline', '1 ms');
      await works(rt, id);

      const controller = new AbortController();
      const reason = new Error('enough of it');
      const aborted = rt.run(long, { x, goal }, { ...on, signal: controller.signal });
      controller.abort(reason);
      await expect(aborted).rejects.toBe(reason);
      await expect(rt.run(long, { x, goal }, { ...on, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

      const job = rt.submit(long, { x, goal }, on);
      job.cancel();
      job.cancel();
      await refused(() => job.done, 'cancelled', 'cancelled');
      await works(rt, id);
      job.cancel();
      expect(x).toEqual(new Int32Array([7, 8]));
      expect(used()).toBe(0);
    });

  test('memory that it does not have', async () => {
    const most = 2 ** 31 - 2 ** 16;
    using huge = rt.buffer(f32, most);
    using other = rt.buffer(f32, most);
    const error = await refused(() => rt.run(double, { x: huge, r: other }, on), 'out-of-memory', id);
    expect(error.message).toMatch(/\d+ bytes/);
    await works(rt, id);
    expect(used()).toBe(0);
  });

  test('too many invocations, and workgroups that are too large', async () => {
    const x = new Float32Array([1]);
    for (const invocations of [2 ** 32, [65_536, 65_536], [1, 2 ** 31], Number.MAX_SAFE_INTEGER])
      await refused(() => rt.run(double, { x }, { ...on, invocations }), 'too-many-invocations', 'grid');
    const rows = (y: number) =>
      kernel({
        name: 'rows',
        params: { r: readWrite(i32) },
        workgroup: [1, 1, y],
        body({ r }, k) {
          r[k.global.x] = 1;
        },
      });
    const r = new Int32Array(2);
    const { limits } = rt.devices[0]!.capabilities;
    if (Math.min(limits.workgroup, limits.workgroupAxes[2]) < 1024) {
      await refused(() => rt.run(rows(1024), { r }, on), 'ineligible', /workgroup of 1 x 1 x 1024/);
      expect(r).toEqual(new Int32Array(2));
    } else await rt.run(rows(1024), { r }, on);
    await works(rt, id);
  });
}

describe('on cpu', () => suite('cpu', 'cpu'));
describe('on interpreter', () => suite('interpreter', 'interpreter'));
describeAdapters('', ({ id }) => suite('webgpu', id));
