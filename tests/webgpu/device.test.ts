/** What is this device's own: bytes at any offset, grids beyond the hardware's limits, slices, fuel, recordings. */

import { expect, test, vi } from 'vitest';
import type { BufferArgument, Device, DeviceMemory } from '../../src/device/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { Value } from '../../src/ir/program.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { verify } from '../../src/ir/verify.ts';
import { describeAdapters } from '../support/adapters.ts';
import { Random } from '../support/random.ts';
import { deviceOf } from './on-device.ts';

function built(
  build: (b: Builder) => void,
  options: { fuel?: number; workgroup?: [number, number, number] } = {},
): Verified {
  const b = new Builder({ name: 'test', ...options });
  build(b);
  return verify(b.finish());
}

/** x[i] = i + add */
const numbering = built((b) => {
  const [x, add] = [b.buffer('x', 'write', 'i32'), b.scalar('add', 'i32')];
  const i = b.id('globalId');
  b.store(x, [i], b.op('add', i, b.argument(add)));
});
/** x[i] = 1 after so many rounds of something. */
const slow = built((b) => {
  const [x, rounds] = [b.buffer('x', 'readWrite', 'u32'), b.scalar('rounds', 'i32')];
  const i = b.id('globalId');
  const spin = ([round, word]: readonly Value[]) => {
    b.if(b.op('ge', round!, b.argument(rounds)), () => b.break(word!));
    return [b.op('add', round!, b.i32(1)), b.op('mul', b.op('xor', word!, b.u32(77)), b.u32(2654435761))];
  };
  const [word] = b.loop([b.i32(0), b.load(x, [i])], ['u32'], spin);
  b.store(x, [i], b.op('or', word!, b.u32(1)));
});

async function contents(device: Device, memory: DeviceMemory, bytes = memory.bytes): Promise<Uint8Array> {
  const into = new Uint8Array(bytes);
  await device.read(memory, 0, into);
  return into;
}

describeAdapters('the device', ({ id }) => {
  test('writes, copies and reads at any byte', async () => {
    const device = await deviceOf(id);
    const random = new Random(7);
    const sizes = [1, 7, 64, 1003];
    const memories = sizes.map((bytes) => device.alloc(bytes));
    const mirror = sizes.map((bytes) => new Uint8Array(bytes));
    for (let step = 0; step < 60; step++) {
      const to = random.below(sizes.length);
      const offset = random.below(sizes[to]! + 1);
      if (random.chance(0.5)) {
        const data = Uint8Array.from({ length: random.below(sizes[to]! - offset + 1) }, () => random.below(256));
        device.write(memories[to]!, offset, data);
        mirror[to]!.set(data, offset);
        data.fill(0); // the bytes were captured
      } else {
        const from = (to + 1 + random.below(sizes.length - 1)) % sizes.length;
        const fromOffset = random.below(sizes[from]! + 1);
        const bytes = random.below(Math.min(sizes[from]! - fromOffset, sizes[to]! - offset) + 1);
        const copy = {
          kind: 'copy',
          from: memories[from]!,
          fromOffset,
          to: memories[to]!,
          toOffset: offset,
          bytes,
        } as const;
        await device.submit([copy]).done;
        mirror[to]!.set(mirror[from]!.subarray(fromOffset, fromOffset + bytes), offset);
      }
    }
    for (const [i, memory] of memories.entries()) {
      expect(await contents(device, memory)).toEqual(mirror[i]);
      const [start, end] = [random.below(sizes[i]!), sizes[i]!];
      const part = new Uint8Array(end - start);
      await device.read(memory, start, part);
      expect(part).toEqual(mirror[i]!.subarray(start));
      device.free(memory);
    }
  });

  test('shared memory of the host, both ways', async () => {
    const device = await deviceOf(id);
    const memory = device.alloc(11);
    device.write(memory, 0, new Uint8Array(new SharedArrayBuffer(32), 5, 11).fill(9));
    const into = new Uint8Array(new SharedArrayBuffer(32), 1, 11);
    await device.read(memory, 0, into);
    expect([...into]).toEqual(Array.from({ length: 11 }, () => 9));
    device.free(memory);
  });

  test('memory is zero also where it was used before', async () => {
    const device = await deviceOf(id);
    const used = device.alloc(5000);
    device.write(used, 0, new Uint8Array(5000).fill(255));
    device.free(used);
    const again = device.alloc(4990);
    device.write(again, 8, Uint8Array.of(1));
    const expected = new Uint8Array(4990);
    expected[8] = 1;
    expect(await contents(device, again)).toEqual(expected);
    device.free(again);
  });

  test('more workgroups than an axis of the hardware takes', async () => {
    const device = await deviceOf(id);
    const n = 65_536 * 8 + 5;
    const program = await device.compile(
      built(
        (b) => {
          const x = b.buffer('x', 'write', 'i32');
          const i = b.id('globalId');
          b.store(x, [i], b.op('add', i, b.op('mul', b.id('numWorkgroups'), b.id('localId'))));
        },
        { workgroup: [8, 1, 1] },
      ),
    );
    const memory = device.alloc(4 * n);
    const buffers = [{ memory, shape: [n] }];
    await device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [n, 1, 1] }]).done;
    const words = new Int32Array((await contents(device, memory)).buffer);
    const groups = Math.ceil(n / 8);
    expect(words.findIndex((word, i) => word !== ((i + groups * (i % 8)) | 0))).toBe(-1);
    device.free(memory);
  });

  test('cancel ends a long job between slices; the device goes on', async () => {
    const device = await deviceOf(id);
    const program = await device.compile(slow);
    const memory = device.alloc(4 * 2 ** 20);
    const argument = { memory, shape: [2 ** 20] };
    const job = (rounds: number, invocations: number) =>
      device.submit([
        { kind: 'dispatch', program, buffers: [argument], scalars: [[rounds]], grid: [invocations, 1, 1] },
      ]);
    // a minute of work, if it were all run
    const long = job(30_000, 2 ** 20);
    const before = device.submit([{ kind: 'fill', memory, offset: 0, bytes: memory.bytes }]);
    setTimeout(() => long.cancel(), 20);
    await expect(long.done).rejects.toMatchObject({ code: 'cancelled' });
    await before.done;
    await job(1, 100).done;
    const words = new Uint32Array((await contents(device, memory)).buffer);
    expect(words.findIndex((word, i) => (word === 0) === i < 100)).toBe(-1);
    device.free(memory);
  });

  test('out of fuel: which loop of which dispatch', async () => {
    const device = await deviceOf(id);
    const place = { file: 'kernel.ts', line: 12, column: 3 };
    const verified = built(
      (b) => {
        const [x, n] = [b.buffer('x', 'readWrite', 'u32'), b.scalar('n', 'i32')];
        b.loop([b.i32(0)], [], ([i]) => {
          b.if(b.op('ge', i!, b.argument(n)), () => b.break());
          return [b.op('add', i!, b.i32(1))];
        });
        b.place = place;
        b.loop([b.load(x, [b.id('globalId')])], [], ([word]) => {
          b.if(b.op('eq', word!, b.u32(1)), () => b.break());
          return [b.op('shr', word!, b.u32(1))];
        });
      },
      { fuel: 100 },
    );
    const program = await device.compile(verified);
    const memory = device.alloc(4);
    const job = (first: number) => {
      device.write(memory, 0, Uint8Array.of(first, 0, 0, 0));
      const buffers: BufferArgument[] = [{ memory, shape: [1] }];
      const command = { kind: 'dispatch', program, buffers, scalars: [[5]], grid: [1, 1, 1] } as const;
      return device.submit([command, command]).done;
    };
    await job(8);
    await expect(job(0)).rejects.toMatchObject({ code: 'out-of-fuel', place, kernel: 'test' });
    await job(8);
    device.free(memory);
  });

  test('a recording of a hundred steps is one submission of the driver', async () => {
    const device = await deviceOf(id);
    const program = await device.compile(numbering);
    const memory = device.alloc(40);
    const buffers = [{ memory, shape: [10] }];
    const steps = Array.from({ length: 100 }, () => {
      return { kind: 'dispatch', program, buffers, scalars: [{ slot: 0 }], grid: [10, 1, 1] } as const;
    });
    const recording = device.record(steps);
    const { globals } = await import('webgpu');
    const submit = vi.spyOn((globals as unknown as { GPUQueue: { prototype: GPUQueue } }).GPUQueue.prototype, 'submit');
    try {
      const calls: number[] = [];
      for (let run = 0; run < 5; run++) {
        submit.mockClear();
        await device.submit(recording, [[run]]).done;
        calls.push(submit.mock.calls.length);
      }
      // the first runs may go in slices, until the device knows how long a step takes
      expect(Math.min(...calls)).toBe(1);
    } finally {
      submit.mockRestore();
    }
    const words = new Int32Array((await contents(device, memory)).buffer);
    expect([...words]).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    device.free(memory);
  });
});
