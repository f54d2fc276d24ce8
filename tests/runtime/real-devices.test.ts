/**
 * Jobs in any order, on whatever real devices this machine has, some of them ended early: what succeeded adds up to what
 * running it one after the other gives, what failed left no trace, and the memory comes back.
 */

import { expect, test, vi } from 'vitest';
import { backend as cpu } from '../../backends/cpu/index.ts';
import { backend as webgpu } from '../../backends/webgpu/index.ts';
import { i32, kernel, read, readWrite, write } from '../../src/index.ts';
import { randomPolicy } from '../../src/router/policies.ts';
import { type Arguments, open, type RunnableKernel } from '../../src/runtime/index.ts';
import { Random } from '../support/random.ts';

const plus = kernel({
  name: 'plus',
  params: { x: read(i32), n: i32, r: write(i32) },
  body({ x, n, r }, k) {
    const i = k.global.x;
    r[i] = x.at(i) + n + x.at(i + 1) * 3;
  },
});
const step = kernel({
  name: 'step',
  params: { x: readWrite(i32), n: i32 },
  body({ x, n }, k) {
    const i = k.global.x;
    x[i] = x.at(i) * 5 + n;
  },
});
/** Stores to some elements only: the others must be zero, not what was there. */
const thirds = kernel({
  name: 'thirds',
  params: { x: read(i32), r: write(i32) },
  body({ x, r }, k) {
    const i = k.global.x;
    if (i % 3 === 1) r[i] = x.at(i) + 1;
  },
});
const difference = kernel({
  name: 'difference',
  params: { x: read(i32), y: readWrite(i32), r: write(i32) },
  body({ x, y, r }, k) {
    const i = k.global.x;
    const before = y.at(i);
    y[i] = x.at(i) - before;
    r[i] = before;
  },
});
const endless = kernel({
  name: 'endless',
  fuel: 100,
  params: { x: readWrite(i32) },
  body({ x }, k) {
    const i = k.global.x;
    while (x.at(i) !== -12345) x[i] = x.at(i) ^ 1;
  },
});

const added = (x: Int32Array, n: number) => x.map((value, i) => value + n + Math.imul(x[i + 1] ?? 0, 3));
const stepped = (x: Int32Array, n: number) => x.map((value) => Math.imul(value, 5) + n);
const everyThird = (x: Int32Array) => x.map((value, i) => (i % 3 === 1 ? value + 1 : 0));

const buffers = 5;
test.each([
  [1, 7],
  [2, 1000],
  [3, 33],
  [4, 1],
])('seed %i, buffers of %i', async (seed, length) => {
  const random = new Random(seed);
  const rt = await open({ backends: [cpu, webgpu], calibrate: false, threads: 2, policy: randomPolicy(seed) });
  const devices = rt.devices.map(({ id }) => id);
  const start = (b: number) => Int32Array.from({ length }, (_, i) => i * 7 + b);
  const real = Array.from({ length: buffers }, (_, b) => rt.buffer('i32', length, start(b)));
  const model = Array.from({ length: buffers }, (_, b) => start(b));
  /** What was asked, in order: how it ends, and what it means where it ends well. */
  const asked: { readonly end: Promise<unknown>; readonly apply: (result: unknown) => void }[] = [];

  for (let n = 0; n < 120; n++) {
    const X = random.below(buffers);
    const Y = (X + random.between(1, buffers - 1)) % buffers;
    const Z = random.pick([0, 1, 2, 3, 4].filter((b) => b !== X && b !== Y));
    const stop = new AbortController();
    const device = random.chance(0.6) ? random.pick(devices) : undefined;
    const run = (job: object, args: Arguments, apply: () => void) => {
      const signal = random.chance(0.3) ? stop.signal : undefined;
      const deadline = random.chance(0.1) ? random.below(20) : undefined;
      asked.push({ end: rt.run(job as RunnableKernel, args, { device, signal, deadline }), apply });
    };
    const what = { plus: 2, step: 2, thirds: 1, difference: 1, endless: 0.3, write: 1, copy: 1, read: 1, graph: 1 };
    switch (random.weighted(what)) {
      case 'plus':
        run(plus, { x: real[X]!, n, r: real[Y]! }, () => (model[Y] = added(model[X]!, n)));
        break;
      case 'step':
        run(step, { x: real[X]!, n }, () => (model[X] = stepped(model[X]!, n)));
        break;
      case 'thirds':
        run(thirds, { x: real[X]!, r: real[Y]! }, () => (model[Y] = everyThird(model[X]!)));
        break;
      case 'difference':
        run(difference, { x: real[X]!, y: real[Y]!, r: real[Z]! }, () => {
          const before = model[Y]!;
          model[Y] = model[X]!.map((value, i) => value - before[i]!);
          model[Z] = before;
        });
        break;
      case 'endless':
        run(endless, { x: real[X]! }, () => expect.fail('an endless job succeeded'));
        break;
      case 'write':
        real[X]!.write(start(n));
        asked.push({ end: Promise.resolve(), apply: () => (model[X] = start(n)) });
        break;
      case 'copy':
        real[Y]!.copyFrom(real[X]!);
        asked.push({ end: Promise.resolve(), apply: () => (model[Y] = model[X]!) });
        break;
      case 'read':
        asked.push({ end: real[X]!.read(), apply: (result) => expect(result).toEqual(model[X]) });
        break;
      case 'graph': {
        const graph = rt.record((r) => {
          r.run(plus as object as RunnableKernel, { x: real[X]!, n, r: real[Y]! });
          r.run(step as object as RunnableKernel, { x: real[Y]!, n });
          r.run(thirds as object as RunnableKernel, { x: real[Y]!, r: real[Z]! });
        });
        const apply = () => {
          model[Y] = stepped(added(model[X]!, n), n);
          model[Z] = everyThird(model[Y]);
        };
        asked.push({ end: graph.run(), apply }, { end: graph.run(), apply });
      }
    }
    for (const { end } of asked.slice(-2)) end.catch(() => {});
    if (random.chance(0.5)) stop.abort(new Error('enough'));
    if (random.chance(0.1)) await new Promise((resolve) => setTimeout(resolve, random.below(5)));
  }

  const ends = await Promise.allSettled(asked.map(({ end }) => end));
  let succeeded = 0;
  for (const [i, end] of ends.entries()) {
    if (end.status === 'rejected') continue;
    asked[i]!.apply(end.value);
    succeeded++;
  }
  expect(succeeded).toBeGreaterThan(20);
  for (const [b, buffer] of real.entries()) {
    // the first read may be where a failure that nobody saw surfaces
    expect(await buffer.read().catch(() => buffer.read())).toEqual(model[b]);
    buffer.free();
  }
  await vi.waitFor(() => {
    rt.trim();
    expect(rt.devices.map(({ memory }) => memory.used)).toEqual(devices.map(() => 0));
  });
  await rt.close().catch(() => {}); // with the first failure that nobody saw
});
