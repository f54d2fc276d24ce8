/** What devices share: the queue, submissions, memory accounting, and the checks of commands. */
import { describe, expect, test } from 'vitest';
import { backend as nullBackend } from '../../backends/null/index.ts';
import {
  bindCommands,
  type Capabilities,
  type Dispatch,
  Memories,
  Queue,
  ruledOut,
  submission,
} from '../../src/device/index.ts';
import { Builder, verify } from '../../src/ir/index.ts';

const timing = { run: 1, resolution: 1, clock: 'host' } as const;
const later = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
async function nullCapabilities(): Promise<Capabilities> {
  const [device] = await nullBackend.discover({});
  return device!.capabilities;
}

describe('queue', () => {
  test('runs tasks in the order of the calls, whatever they wait for and whether they fail', async () => {
    const queue = new Queue();
    const seen: number[] = [];
    const first = queue.run(async () => {
      await later();
      seen.push(1);
      throw new Error('one');
    });
    const second = queue.run(() => {
      seen.push(2);
      return 'two';
    });
    await expect(first).rejects.toThrow('one');
    expect(await second).toBe('two');
    expect(seen).toEqual([1, 2]);
  });

  test('a submission that fails tells `done` only, and holds nothing up', async () => {
    const queue = new Queue();
    const failing = submission(queue, async () => {
      throw new Error('no');
    });
    const next = submission(queue, async () => timing);
    await expect(failing.done).rejects.toThrow('no');
    await next.done;
    expect(await next.timing).toEqual(timing);
    expect(next.progress).toBe(1);
    expect(await Promise.race([failing.timing, later().then(() => 'pending')])).toBe('pending');
  });

  test('cancel acts at the next checkpoint, before the start too, and not after the end', async () => {
    const queue = new Queue();
    let slices = 0;
    const running = submission(queue, async (progress) => {
      for (;;) {
        slices++;
        await later();
        progress.checkpoint();
      }
    });
    const waiting = submission(queue, async () => {
      throw new Error('it started');
    });
    while (slices < 2) await later();
    running.cancel();
    waiting.cancel();
    await expect(running.done).rejects.toMatchObject({ code: 'cancelled' });
    await expect(waiting.done).rejects.toMatchObject({ code: 'cancelled' });
    const done = submission(queue, async () => timing);
    await done.done;
    done.cancel();
    await done.done;
  });
});

describe('memories', () => {
  test('are counted, checked and forgotten', async () => {
    const capabilities = await nullCapabilities();
    const limits = { ...capabilities.limits, buffer: 60, memory: 100 };
    const memories = new Memories<{ readonly bytes: number }>({ ...capabilities, limits });
    const add = (bytes: number) => memories.add(bytes, () => ({ bytes }));
    const code = (what: () => unknown, expected: string) =>
      expect(what).toThrow(expect.objectContaining({ code: expected, hint: expect.any(String) }));
    const [a, b] = [add(60), add(40)];
    expect(memories.used).toBe(100);
    code(() => add(1), 'out-of-memory');
    code(() => add(61), 'out-of-memory');
    code(() => add(-1), 'argument-range');
    code(() => add(0.5), 'argument-range');
    expect(memories.check(a, 10, 50)).toBe(a);
    code(() => memories.check(a, 10, 51), 'argument-range');
    code(() => memories.check(a, -1, 2), 'argument-range');
    code(() => memories.check({ bytes: 60 }), 'foreign-buffer');
    memories.remove(a);
    code(() => memories.check(a), 'freed-buffer');
    code(() => memories.remove(a), 'freed-buffer');
    expect(memories.used).toBe(40);
    code(
      () =>
        memories.add(1, () => {
          throw new RangeError('no more');
        }),
      'out-of-memory',
    );
    expect(memories.used).toBe(40);
    memories.remove(b);
    expect(memories.used).toBe(0);
  });
});

describe('commands', () => {
  const b = new Builder({ name: 'copy', workgroup: [4, 2, 1] });
  const x = b.buffer('x', 'read', 'i32', 2);
  const scale = b.scalar('scale', 'vec2<f32>');
  const r = b.buffer('r', 'write', 'i32');
  b.store(r, [b.id('localIndex')], b.load(x, [b.i32(0), b.convert(b.extract(b.argument(scale), 0), 'i32')]));
  const verified = verify(b.finish());
  const [first, second] = [{ bytes: 24 }, { bytes: 24 }];
  const dispatch: Dispatch = {
    kind: 'dispatch',
    program: { verified, workgroup: [4, 2, 1] },
    buffers: [{ memory: first, shape: [2, 3] }, { slot: 1 }],
    scalars: [{ slot: 0 }],
    grid: [9, 3, 2],
  };
  const slots = [[1, 2], { memory: second, shape: [6] }];
  const bind = (change: Partial<Dispatch>, values: typeof slots = slots) =>
    bindCommands([{ ...dispatch, ...change }], values, (memory, offset, bytes) => {
      if (offset + bytes > memory.bytes) throw new Error('outside');
    });

  test('slots are filled in and the box worked out', () => {
    expect(bind({ base: [1, 0, 1] })).toEqual([
      {
        ...dispatch,
        buffers: [dispatch.buffers[0], slots[1]],
        scalars: [[1, 2]],
        groups: [3, 2, 2],
        base: [1, 0, 1],
        count: [2, 2, 1],
      },
    ]);
  });

  test.each([
    ['a grid of 2^32 invocations', { grid: [2 ** 16, 2 ** 16, 1] }, slots, 'too-many-invocations'],
    ['a grid with a fraction', { grid: [1.5, 1, 1] }, slots, 'too-many-invocations'],
    ['a grid too long', { grid: [2 ** 31 - 1, 1, 1] }, slots, 'too-many-invocations'],
    ['a box beyond the grid', { base: [2, 0, 0], count: [2, 1, 1] }, slots, 'argument-range'],
    ['a slot without value', {}, [[1, 2]], 'argument-range'],
    ['a scalar in the slot of a buffer', {}, [[1, 2], [3]], 'argument-type'],
    ['too few components', {}, [[1], slots[1]!], 'argument-type'],
    ['too few buffers', { buffers: [] }, slots, 'argument-type'],
    ['the wrong rank', { buffers: [{ memory: first, shape: [6] }, { slot: 1 }] }, slots, 'argument-range'],
    ['a negative length', { buffers: [{ memory: first, shape: [-2, -3] }, { slot: 1 }] }, slots, 'argument-range'],
    ['one memory twice', {}, [[1, 2], { memory: first, shape: [6] }], 'overlapping-arguments'],
  ] as const)('%s is refused', (_, change, values, code) => {
    expect(() => bind(change as Partial<Dispatch>, values as unknown as typeof slots)).toThrow(
      expect.objectContaining({ code, hint: expect.any(String) }),
    );
  });

  test('what the capability record rules out is said', async () => {
    const capabilities = await nullCapabilities();
    const { limits, features } = capabilities;
    expect(ruledOut(capabilities, verified)).toBeUndefined();
    expect(ruledOut({ ...capabilities, limits: { ...limits, workgroup: 4 } }, verified)).toContain('4 x 2 x 1');
    expect(ruledOut({ ...capabilities, limits: { ...limits, workgroupAxes: [4, 1, 1] } }, verified)).toContain(
      '4 x 2 x 1',
    );
    expect(ruledOut({ ...capabilities, limits: { ...limits, bindings: 1 } }, verified)).toContain('2 buffers');
    const launch = { args: [[100, 100], [1, 2], [6]], grid: [9, 3, 2], workgroup: [4, 2, 1] } as const;
    expect(ruledOut({ ...capabilities, limits: { ...limits, buffer: 1000 } }, verified, launch)).toContain(
      '40000 bytes',
    );

    const half = new Builder({ name: 'half' });
    half.store(half.buffer('h', 'write', 'f16'), [half.i32(0)], half.constant('f16', 1));
    const program = verify(half.finish());
    expect(ruledOut({ ...capabilities, features: { ...features, f16: false } }, program)).toContain('f16');
  });
});
