/** kernel.simulate: what each step shows, against what the kernel must do, and what it takes. */

import { describe, expect, test } from 'vitest';
import {
  atomic,
  f32,
  type IsokernelError,
  i32,
  kernel,
  open,
  read,
  readWrite,
  u32,
  vec2f,
  write,
} from '../../src/index.ts';

const sums = kernel({
  name: 'sums',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    const i = k.global.x;
    let sum = k.f32(0);
    for (let j = 0; j <= i; j++) {
      const value = x.at(j);
      if (value > 0) sum += value;
    }
    r[i] = sum;
  },
});
const x = Float32Array.of(1, -2, 4, 8);

describe('the steps of an invocation', () => {
  test('show the loads in order, the variables as they are then, and the store', async () => {
    const simulation = await sums.simulate({ x }, { invocation: 2 });
    const steps = [...simulation];
    expect(steps.filter(({ text }) => text.startsWith('value = x[')).map(({ result }) => result)).toEqual([1, -2, 4]);
    const seen = steps
      .filter(({ text }) => text.startsWith('value = x['))
      .map(({ values }) => [values['j'], values['sum'], values['value'], values['i']]);
    expect(seen).toEqual([
      [0, 0, 1, 2],
      [1, 1, -2, 2],
      [2, 1, 4, 2],
    ]);
    const last = steps.at(-1)!;
    expect([last.text, last.result]).toEqual(['r[i] = sum', 5]);
    expect(last.source).toMatchObject({ text: 'r[i] = sum;', file: expect.stringContaining('simulate.test.ts') });
    expect(simulation.memory('r')).toEqual([0, 0, 5, 0]);
    expect(simulation.next()).toBeUndefined();
  });

  test('can be taken one at a time, and memory looked at between them', async () => {
    const twice = kernel({
      name: 'twice',
      params: { p: readWrite(vec2f), n: i32 },
      body({ p, n }, k) {
        const t = k.array.f32(2);
        t[n] = p.at(0).x;
        p[0] = k.vec2(t.at(1), -1);
      },
    });
    const p = Float32Array.of(3, 4);
    const simulation = await twice.simulate({ p, n: 1 });
    expect(simulation.memory('t')).toEqual([0, 0]);
    while (!simulation.next()?.text.startsWith('t['));
    expect(simulation.memory('t')).toEqual([0, 3]);
    expect(simulation.memory('p')).toEqual([[3, 4]]);
    const rest = [...simulation];
    expect(rest.at(-1)!.result).toEqual([3, -1]);
    expect(simulation.memory('p')).toEqual([[3, -1]]);
    // the caller's array is the caller's
    expect([...p]).toEqual([3, 4]);
  });

  test('meet the others at barriers', async () => {
    const reversed = kernel({
      name: 'reversed',
      params: { x: read(f32), r: write(f32) },
      workgroup: 4,
      shapes: { r: ({ x }) => x.length },
      body({ x, r }, k) {
        const tile = k.shared.f32(4);
        tile[k.local.x] = x.at(k.global.x);
        k.barrier();
        const other = tile.at(3 - k.local.x);
        r[k.global.x] = other + k.groupSum(other);
      },
    });
    const simulation = await reversed.simulate({ x }, { invocation: 1 });
    let step = simulation.next()!;
    for (; step.text !== 'barrier'; step = simulation.next()!)
      expect(simulation.memory('tile').slice(2)).toEqual([0, 0]);
    expect(simulation.memory('tile')).toEqual([...x]);
    const after = [...simulation];
    expect(after.find(({ text }) => text.startsWith('other = tile['))!.result).toBe(4);
    expect(after.find(({ text }) => text.startsWith('groupSum'))!.result).toBe(11);
    expect(after.at(-1)!.result).toBe(15);
    await using rt = await open({ backends: ['interpreter'], calibrate: false });
    const { r } = await rt.run(reversed, { x });
    expect(r[1]).toBe(15);
  });

  test('give what the whole launch gives, at every place of a grid', async () => {
    const moved = kernel({
      name: 'moved',
      params: { m: read(i32, 2), r: write(i32, 2), c: atomic(u32), up: u32 },
      shapes: { r: ({ m }) => m.shape },
      body({ m, r, c, up }, k) {
        const [row, column] = [k.global.y, k.global.x];
        const v = m.at(row + 1, column - 1);
        if (v === 0) return;
        r.set(row, column, v * 2 + k.i32(k.atomicAdd(c, 1, up)));
      },
    });
    const m = { data: Int32Array.from({ length: 12 }, (_, i) => i), shape: [3, 4] };
    await using rt = await open({ backends: ['interpreter'], calibrate: false });
    const { r } = await rt.run(moved, { m, c: new Uint32Array(2), up: 0 });
    for (let at = 0; at < 12; at++) {
      const simulation = await moved.simulate(
        { m, c: new Uint32Array(2), up: 7 },
        { invocation: [at % 4, Math.floor(at / 4)] },
      );
      const steps = [...simulation];
      expect((simulation.memory('r') as number[])[at]).toBe(r[at]);
      expect(simulation.memory('c')).toEqual([0, steps.some(({ text }) => text === 'atomicAdd(c[1], up)') ? 7 : 0]);
    }
  });

  test('print', async () => {
    const loud = kernel({ name: 'loud', params: { x: readWrite(f32) }, body: ({ x }, k) => k.print('x', x.at(1)) });
    const simulation = await loud.simulate({ x: Float32Array.of(1, 2) }, { invocation: 1 });
    expect(await simulation.printed()).toEqual({ lines: [], lost: 0 });
    for (const _ of simulation);
    expect(await simulation.printed()).toEqual({ lines: [{ invocation: [1, 0, 0], values: ['x', 2] }], lost: 0 });
  });
});

describe('what it does not take', () => {
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'accepted',
      (error: IsokernelError) => error.code,
    );
  test.each([
    [4, 'invalid-option'],
    [-1, 'invalid-option'],
    [0.5, 'invalid-option'],
    [[0, 1] as const, 'invalid-option'],
    [3, 'accepted'],
  ])('an invocation beyond the grid: %s', async (invocation, expected) => {
    expect(await code(sums.simulate({ x }, { invocation }))).toBe(expected);
  });
  test('buffers of devices, and arguments that a launch refuses', async () => {
    await using rt = await open({ backends: ['interpreter'], calibrate: false });
    expect(await code(sums.simulate({ x: rt.buffer(f32, 4) }))).toBe('argument-type');
    expect(await code(sums.simulate({ x: new Int32Array(4) as never }))).toBe('argument-type');
    expect(await code(sums.simulate({} as never))).toBe('missing-argument');
    // @ts-expect-error no such parameter
    await code(sums.simulate({ x, z: 1 }));
  });
  test('arrays that are not there', async () => {
    const simulation = await sums.simulate({ x });
    expect(() => simulation.memory('z')).toThrowError(
      expect.objectContaining({ code: 'unknown-name', hint: 'Its arrays are x, r.' }),
    );
  });
  test('a loop without end, which is said at its place', async () => {
    const endless = kernel({
      name: 'endless',
      params: { n: readWrite(u32) },
      fuel: 10,
      body({ n }, k) {
        while (n.at(0) < 5) n[k.global.x] = n.at(0) & 1;
      },
    });
    const simulation = await endless.simulate({ n: new Uint32Array(1) });
    expect(() => [...simulation]).toThrowError(
      expect.objectContaining({ code: 'out-of-fuel', place: expect.objectContaining({ file: expect.any(String) }) }),
    );
  });
});
