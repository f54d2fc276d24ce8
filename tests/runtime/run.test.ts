import { describe, expect, test } from 'vitest';
import { halfBits } from '../../src/ir/bits.ts';
import { fakeRuntime, i32, used } from '../support/fake-runtime.ts';
import { advance, idle, kernelOf, plus, saxpy, total } from '../support/kernels.ts';

describe('outputs', () => {
  test('are the write parameters by name, in new arrays of the caller', async () => {
    const { rt } = await fakeRuntime();
    const args = { a: 2, x: new Float32Array([1, 2, 3]), y: new Float32Array([10, 20, 30]) };
    const [one, two] = [await rt.run(saxpy, args), await rt.run(saxpy, args)];
    expect(one).toEqual({ r: new Float32Array([12, 24, 36]) });
    expect(two).toEqual(one);
    expect((two['r'] as Float32Array).buffer).not.toBe((one['r'] as Float32Array).buffer);
    await rt.close();
  });

  test('are what the caller passed for them', async () => {
    const { rt } = await fakeRuntime();
    const r = i32(9, 9);
    const buffer = rt.buffer('i32', 2);
    expect((await rt.run(plus, { x: i32(1, 2), n: 1, r }))['r']).toBe(r);
    expect(r).toEqual(i32(2, 3));
    expect((await rt.run(plus, { x: i32(1, 2), n: 5, r: buffer }))['r']).toBe(buffer);
    expect(await buffer.read()).toEqual(i32(6, 7));
  });

  test('write starts as zeros, whatever was passed or left there', async () => {
    const odd = kernelOf('odd', (b) => {
      const r = b.buffer('r', 'write', 'i32');
      const i = b.id('globalId');
      b.if(b.op('eq', b.op('and', i, b.i32(1)), b.i32(1)), () => b.store(r, [i], i));
    });
    const { rt } = await fakeRuntime();
    const array = i32(7, 7, 7, 7);
    const buffer = rt.buffer('i32', 4, i32(7, 7, 7, 7));
    await rt.run(odd, { r: array });
    await rt.run(plus, { x: i32(1, 1, 1, 1), n: 0, r: buffer });
    await rt.run(odd, { r: buffer });
    expect(array).toEqual(i32(0, 1, 0, 3));
    expect(await buffer.read()).toEqual(i32(0, 1, 0, 3));
  });

  test('an array is part of a larger memory and of a caller that goes on using the rest', async () => {
    const { rt } = await fakeRuntime();
    const memory = i32(1, 2, 3, 4, 5, 6);
    await rt.run(advance, { x: memory.subarray(2, 4), n: 1 });
    expect(memory).toEqual(i32(1, 2, 10, 13, 5, 6));
  });

  test('shared memory is taken and given back', async () => {
    const { rt } = await fakeRuntime();
    const x = new Int32Array(new SharedArrayBuffer(8));
    x.set([1, 2]);
    await rt.run(advance, { x, n: 0 });
    expect([...x]).toEqual([3, 6]);
  });
});

describe('arguments', () => {
  test('are captured before submit returns', async () => {
    const { rt } = await fakeRuntime();
    const x = i32(1, 2, 3);
    const job = rt.submit(plus, { x, n: 10 });
    x.fill(0);
    expect(await job.done).toEqual({ r: i32(11, 12, 13) });
  });

  test('of every element type come in the array that stands for it', async () => {
    const { rt } = await fakeRuntime();
    const cases = [
      ['f32', new Float32Array([1.5, -2])],
      ['i32', i32(-7, 7)],
      ['u32', new Uint32Array([0xffffffff, 1])],
      ['f16', new Uint16Array([halfBits(1.5), halfBits(-2)])],
      ['i16', new Int16Array([-32768, 5])],
      ['u16', new Uint16Array([65535, 5])],
      ['i8', new Int8Array([-128, 5])],
      ['u8', new Uint8Array([255, 5])],
      ['u8', Buffer.from([255, 5])],
      ['u8', new Uint8ClampedArray([255, 5])],
      ['vec3<f32>', new Float32Array([1, 2, 3, 4, 5, 6])],
    ] as const;
    for (const [type, x] of cases) {
      const copy = kernelOf(
        'copy',
        (b) => {
          const from = b.buffer('x', 'read', type);
          b.store(b.buffer('r', 'write', type), [b.id('globalId')], b.load(from, [b.id('globalId')]));
        },
        { shapes: { r: (args) => (args['x'] as { length: number }).length } },
      );
      const { r } = await rt.run(copy, { x });
      expect([type, ...(r as Int32Array)]).toEqual([type, ...x]);
    }
  });

  test('of scalars: bool, vectors, the ends of the integers', async () => {
    const { rt } = await fakeRuntime();
    const scalars = kernelOf(
      'scalars',
      (b) => {
        const yes = b.argument(b.scalar('yes', 'bool'));
        const v = b.argument(b.scalar('v', 'vec2<i32>'));
        const u = b.argument(b.scalar('u', 'u32'));
        const r = b.buffer('r', 'write', 'i32');
        const values = [b.convert(yes, 'i32'), b.extract(v, 0), b.extract(v, 1), b.bitcast(u, 'i32')];
        values.forEach((value, i) => {
          b.store(r, [b.i32(i)], value);
        });
      },
      { shapes: { r: () => 4 }, invocations: () => 1 },
    );
    const { r } = await rt.run(scalars, { yes: true, v: [-(2 ** 31), 2 ** 31 - 1], u: 2 ** 32 - 1 });
    expect(r).toEqual(i32(1, -(2 ** 31), 2 ** 31 - 1, -1));
  });
});

describe('the grid', () => {
  const ids = (rank: number) =>
    kernelOf('ids', (b) => {
      const r = b.buffer('r', 'write', 'i32', rank);
      const [x, y, z] = [b.id('globalId', 0), b.id('globalId', 1), b.id('globalId', 2)];
      const index = rank === 1 ? [x] : rank === 2 ? [y, x] : [z, y, x];
      b.store(r, index, b.op('add', b.op('mul', b.op('add', b.op('mul', z, b.i32(10)), y), b.i32(10)), x));
    });
  test('is the shape of the first output, the last index x', async () => {
    const { rt } = await fakeRuntime();
    const data = new Int32Array(12);
    await rt.run(ids(3), { r: { data, shape: [2, 2, 3] } });
    expect(data).toEqual(i32(0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112));
  });
  test('is what invocations say, of the launch before the kernel', async () => {
    const { rt } = await fakeRuntime();
    const data = new Int32Array(4);
    await rt.run(ids(2), { r: { data, shape: [2, 2] } }, { invocations: [1, 2] });
    expect(data).toEqual(i32(0, 0, 10, 0));
  });
  test('of a readWrite parameter where nothing is written anew; atomics ask the kernel', async () => {
    const { rt } = await fakeRuntime();
    const x = i32(1, 2, 3);
    await rt.run(advance, { x, n: 1 });
    expect(x).toEqual(i32(4, 7, 10));
    const sum = new Uint32Array(1);
    await rt.run(total, { x: new Uint32Array([5, 6, 7]), total: sum });
    expect([...sum]).toEqual([18]);
  });
  test('may be empty: nothing runs, outputs have length 0 or are zeros', async () => {
    const { rt, device } = await fakeRuntime();
    expect(await rt.run(plus, { x: i32(), n: 1 })).toEqual({ r: i32() });
    expect(await rt.run(plus, { x: i32(4, 5), n: 1 }, { invocations: 0 })).toEqual({ r: i32(0, 0) });
    // also where memory that held something else is used again
    await rt.run(plus, { x: i32(6, 7), n: 1 });
    expect(await rt.run(plus, { x: i32(4, 5), n: 1 }, { invocations: [2, 1, 0] })).toEqual({ r: i32(0, 0) });
    expect(used(rt, device)).toBe(0);
  });
});

describe('a runtime', () => {
  test('gives back all memory of what has run', async () => {
    const { rt, device } = await fakeRuntime();
    const x = rt.buffer('i32', 100, new Int32Array(100).fill(1));
    await rt.run(advance, { x, n: 1 });
    const before = used(rt, device);
    for (let i = 0; i < 20; i++) {
      await rt.run(plus, { x, n: i });
      await rt.run(advance, { x: new Int32Array(50), n: i });
      await rt.run(advance, { x, n: 1 });
      await rt.submit(advance, { x, n: 1 }).done;
    }
    expect(before).toBe(400);
    expect(used(rt, device)).toBe(before);
    x.free();
    expect(used(rt, device)).toBe(0);
  });

  test('refuses work once closed, and closes after the work before', async () => {
    const { rt, device } = await fakeRuntime();
    device.hold();
    const job = rt.submit(plus, { x: i32(1), n: 1 });
    const closed = rt.close();
    await expect(rt.run(plus, { x: i32(1), n: 1 })).rejects.toMatchObject({ code: 'closed' });
    expect(() => rt.buffer('f32', 1)).toThrow(expect.objectContaining({ code: 'closed' }));
    device.open();
    await closed;
    expect(await job.done).toEqual({ r: i32(2) });
    expect(rt.close()).toBe(rt.close());
  });

  test('a kernel that needs nothing runs', async () => {
    const { rt } = await fakeRuntime();
    expect(
      await rt.run(
        idle(() => []),
        {},
      ),
    ).toEqual({});
  });
});
