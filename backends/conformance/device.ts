/** The contract of a device beside the meaning of programs: memory, order, recordings, failures, and what follows them. */

import type { Command, Device, DeviceMemory, DeviceProgram } from '../../src/device/index.ts';
import { type Builder, type Memory, messageOf, type Value } from '../../src/ir/index.ts';
import { type Case, check, checkCode, Skip } from './suite.ts';
import { array, attempt, checkBytes, contentsOf, execute, numbersIn, verified, zeros } from './trial.ts';

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101) % 256);

/** Lends memories of those lengths, and frees them whatever happens. */
async function withMemories(
  device: Device,
  lengths: readonly number[],
  use: (...memories: DeviceMemory[]) => Promise<void>,
): Promise<void> {
  const memories = lengths.map((length) => device.alloc(length));
  try {
    await use(...memories);
  } finally {
    for (const memory of memories) device.free(memory);
  }
}

/** `r[i] = a * x[i] + i`, in i32. */
const affine = verified({
  build: (b) => {
    const a = b.scalar('a', 'i32');
    const x = b.buffer('x', 'read', 'i32');
    const r = b.buffer('r', 'write', 'i32');
    const i = b.id('globalId');
    b.store(r, [i], b.op('add', b.op('mul', b.argument(a), b.load(x, [i])), i));
  },
});
/** `x[i] = x[i] * 3 + 1`. */
const step = verified({
  build: (b) => {
    const x = b.buffer('x', 'readWrite', 'i32');
    const i = b.id('globalId');
    b.store(x, [i], b.op('add', b.op('mul', b.load(x, [i]), b.i32(3)), b.i32(1)));
  },
});
const dispatch = (program: DeviceProgram, memory: DeviceMemory, length: number): Command => ({
  kind: 'dispatch',
  program,
  buffers: [{ memory, shape: [length] }],
  scalars: [],
  grid: [length, 1, 1],
});
const numbers = async (device: Device, memory: DeviceMemory) => numbersIn('i32', await contentsOf(device, memory));

/** Proves that the device still runs jobs. */
async function stillWorks(device: Device): Promise<void> {
  const program = await device.compile(step);
  const [result] = await execute(device, program, [array('i32', [1, 2, 3])], [3, 1, 1]);
  checkBytes(result!, array('i32', [4, 7, 10]).bytes, 'a job after the failure');
}

const memoryCases: Record<string, Case['run']> = {
  'new memory is zero, also where another was freed': async (device) => {
    for (let round = 0; round < 3; round++)
      await withMemories(device, [1000, 4096], async (small, large) => {
        checkBytes(await contentsOf(device, small), new Uint8Array(1000), 'new memory');
        checkBytes(await contentsOf(device, large), new Uint8Array(4096), 'new memory');
        device.write(
          small,
          0,
          bytes(1000).map((byte) => byte | 1),
        );
        device.write(
          large,
          0,
          bytes(4096).map((byte) => byte | 1),
        );
      });
  },
  'write and read at any offset and length': (device) =>
    withMemories(device, [61], async (memory) => {
      const expected = bytes(61);
      device.write(memory, 0, expected);
      for (const [offset, length] of [
        [0, 1],
        [1, 1],
        [3, 7],
        [5, 4],
        [4, 3],
        [8, 8],
        [60, 1],
        [61, 0],
        [30, 0],
      ] as const) {
        const patch = bytes(length, offset + 2);
        device.write(memory, offset, patch);
        expected.set(patch, offset);
        checkBytes(await contentsOf(device, memory), expected, `after a write of ${length} bytes at ${offset}`);
        const part = await contentsOf(device, memory, offset, length);
        checkBytes(part, expected.subarray(offset, offset + length), `a read of ${length} bytes at ${offset}`);
      }
    }),
  'write captures its bytes before it returns': (device) =>
    withMemories(device, [8], async (memory) => {
      const data = bytes(8);
      device.write(memory, 0, data);
      data.fill(0);
      checkBytes(await contentsOf(device, memory), bytes(8), 'the bytes as they were at the call');
    }),
  'copies at any offset and length': (device) =>
    withMemories(device, [50, 41], async (from, to) => {
      const expected = bytes(41, 9);
      device.write(from, 0, bytes(50));
      device.write(to, 0, expected);
      for (const [fromOffset, toOffset, length] of [
        [0, 0, 16],
        [1, 2, 3],
        [7, 21, 13],
        [4, 36, 5],
        [3, 3, 0],
      ] as const) {
        device.submit([{ kind: 'copy', from, fromOffset, to, toOffset, bytes: length }]);
        expected.set(bytes(50).subarray(fromOffset, fromOffset + length), toOffset);
        checkBytes(await contentsOf(device, to), expected, `after a copy of ${length} bytes`);
      }
      checkBytes(await contentsOf(device, from), bytes(50), 'the source');
    }),
  'fill clears its range only': (device) =>
    withMemories(device, [64], async (memory) => {
      device.write(memory, 0, bytes(64));
      device.submit([
        { kind: 'fill', memory, offset: 8, bytes: 20 },
        { kind: 'fill', memory, offset: 60, bytes: 4 },
        { kind: 'fill', memory, offset: 32, bytes: 0 },
      ]);
      const expected = bytes(64).fill(0, 8, 28).fill(0, 60);
      checkBytes(await contentsOf(device, memory), expected, 'after fills');
    }),
  'memory of no bytes': (device) =>
    withMemories(device, [0], async (memory) => {
      device.write(memory, 0, new Uint8Array());
      checkBytes(await contentsOf(device, memory), [], 'nothing');
    }),
  'many memories at once keep to themselves': async (device) => {
    const lengths = Array.from({ length: 100 }, (_, i) => (i * 13) % 97);
    await withMemories(device, lengths, async (...memories) => {
      memories.forEach((memory, i) => {
        device.write(memory, 0, bytes(memory.bytes, i));
      });
      for (const [i, memory] of memories.entries())
        checkBytes(await contentsOf(device, memory), bytes(memory.bytes, i), `memory ${i}`);
    });
  },
  'what is in use is counted, and freed memory comes back': async (device) => {
    const before = device.memory.used;
    await withMemories(device, [100_000, 50_000], async () => {
      check(
        device.memory.used >= before + 150_000,
        `${device.memory.used} bytes in use, ${before} before 150,000 more`,
      );
      check(device.memory.used <= device.memory.budget, 'more in use than the budget');
    });
    check(device.memory.used === before, `${device.memory.used} bytes in use after freeing, ${before} before`);
  },
  'memory beyond the budget is refused at once': async (device) => {
    const { limits } = device.capabilities;
    await checkCode('out-of-memory', 'more than the budget', () => device.alloc(device.memory.budget + 4));
    await checkCode('out-of-memory', 'more than the largest buffer', () => device.alloc(limits.buffer + 4));
    await stillWorks(device);
  },
  'free waits for the work already submitted': async (device) => {
    const program = await device.compile(affine);
    const [x, r] = [device.alloc(4000), device.alloc(4000)];
    device.write(x, 0, array('i32', new Array(1000).fill(2)).bytes);
    const job = device.submit([
      {
        kind: 'dispatch',
        program,
        buffers: [
          { memory: x, shape: [1000] },
          { memory: r, shape: [1000] },
        ],
        scalars: [[5]],
        grid: [1000, 1, 1],
      },
    ]);
    device.free(x);
    const result = await numbers(device, r);
    await job.done;
    device.free(r);
    check(
      result.every((value, i) => value === 10 + i),
      'the job saw its freed input',
    );
  },
};

const orderCases: Record<string, Case['run']> = {
  'writes, jobs, copies and reads act in the order of the calls': async (device) => {
    const program = await device.compile(step);
    await withMemories(device, [400, 400], async (x, y) => {
      device.write(x, 0, array('i32', new Array(100).fill(1)).bytes);
      device.submit([dispatch(program, x, 100)]); // 4
      device.submit([{ kind: 'copy', from: x, fromOffset: 0, to: y, toOffset: 0, bytes: 400 }]);
      const first = numbers(device, x);
      device.submit([dispatch(program, x, 100), dispatch(program, x, 100)]); // 13, 40
      const second = numbers(device, x);
      device.write(x, 4, array('i32', [9]).bytes);
      device.submit([dispatch(program, x, 2)]);
      const third = numbers(device, x);
      const copied = numbers(device, y);
      const heads = [await first, await second, await third, await copied].map((values) =>
        values.slice(0, 3).join(' '),
      );
      check(heads.join(', ') === '4 4 4, 40 40 40, 121 28 40, 4 4 4', `it saw ${heads.join(', ')}`);
    });
  },
  'a job of several commands, each seeing the one before': async (device) => {
    const program = await device.compile(step);
    await withMemories(device, [64, 64], async (x, y) => {
      device.write(y, 0, bytes(64));
      await device.submit([
        dispatch(program, x, 16), // 1
        { kind: 'fill', memory: y, offset: 0, bytes: 64 },
        { kind: 'copy', from: x, fromOffset: 0, to: y, toOffset: 0, bytes: 32 },
        dispatch(program, y, 16), // 4 and 1
        { kind: 'copy', from: y, fromOffset: 0, to: x, toOffset: 32, bytes: 8 },
        dispatch(program, x, 16),
      ]).done;
      const expected = [...new Array(8).fill(4), 13, 13, ...new Array(6).fill(4)];
      check((await numbers(device, x)).join() === expected.join(), `x is ${await numbers(device, x)}`);
    });
  },
  'a job of no commands': async (device) => {
    const job = device.submit([]);
    await job.done;
    check(job.progress === 1, 'its progress is 1');
  },
  'timing and progress': async (device) => {
    const program = await device.compile(step);
    await withMemories(device, [4000], async (x) => {
      const job = device.submit([dispatch(program, x, 1000)]);
      check(job.progress >= 0 && job.progress <= 1, 'progress is from 0 to 1');
      await job.done;
      const { run, resolution } = await job.timing;
      check(run >= 0 && Number.isFinite(run) && resolution > 0, `it ran ${run} ms in steps of ${resolution}`);
      check(job.progress === 1, 'progress is 1 when done');
    });
  },
};

const recordingCases: Record<string, Case['run']> = {
  'a recording runs again and again': async (device) => {
    const program = await device.compile(step);
    await withMemories(device, [40], async (x) => {
      const recording = device.record([dispatch(program, x, 10), dispatch(program, x, 5)]);
      for (let i = 0; i < 3; i++) device.submit(recording);
      const [twice, once] = [364, 13]; // 6 steps from 0, and 3
      const expected = [...new Array(5).fill(twice), ...new Array(5).fill(once)];
      check((await numbers(device, x)).join() === expected.join(), `x is ${await numbers(device, x)}`);
    });
  },
  'slots for buffers and scalars': async (device) => {
    const program = await device.compile(affine);
    await withMemories(device, [40, 40, 40], async (x, first, second) => {
      device.write(x, 0, array('i32', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).bytes);
      const recording = device.record([
        {
          kind: 'dispatch',
          program,
          buffers: [{ memory: x, shape: [10] }, { slot: 1 }],
          scalars: [{ slot: 0 }],
          grid: [10, 1, 1],
        },
      ]);
      device.submit(recording, [[2], { memory: first, shape: [10] }]);
      device.submit(recording, [[-1], { memory: second, shape: [7] }]);
      device.submit(recording, [[100], { memory: second, shape: [3] }]);
      check((await numbers(device, first)).join() === '2,5,8,11,14,17,20,23,26,29', 'the first replay');
      check((await numbers(device, second)).join() === '100,201,302,-1,-1,-1,-1,0,0,0', 'the second and third');
      await checkCode('argument-range', 'a slot without value', () => device.submit(recording, [[1]]));
    });
  },
};

/** A loop without bound, which starts one body more than the number that it reads from memory. */
function spin(b: Builder, memory: Memory, at: Value, body: () => void = () => {}): void {
  const limit = b.load(memory, [at]);
  b.loop([b.i32(0)], [], ([k]) => {
    b.if(b.op('eq', k!, limit), () => b.break());
    body();
    return [b.op('add', k!, b.i32(1))];
  });
}
const fuelled = (fuel: number, barrier: boolean) =>
  verified(
    {
      fuel,
      workgroup: [8, 1, 1],
      build: (b) => {
        const limits = b.buffer('limits', 'read', 'i32');
        const out = b.buffer('out', 'write', 'i32');
        b.place = { line: 12, column: 5 };
        spin(b, limits, barrier ? b.i32(0) : b.id('globalId'), () => {
          if (barrier) b.barrier();
        });
        b.store(out, [b.id('globalId')], b.i32(1));
      },
    },
    'spin',
  );
const endless = verified(
  {
    fuel: 2 ** 20,
    build: (b) => {
      const x = b.buffer('x', 'readWrite', 'u32');
      const i = b.id('globalId');
      const [state] = b.loop([b.u32(1)], ['u32'], ([s]) => {
        b.if(b.op('eq', s!, b.u32(0)), () => b.break(s!));
        return [b.op('or', b.op('mul', s!, b.u32(3)), b.u32(1))];
      });
      b.store(x, [i], state!);
    },
  },
  'endless',
);

const fuelCases: Record<string, Case['run']> = Object.fromEntries(
  [false, true].flatMap((barrier) => [
    [
      `exactly enough fuel${barrier ? ', in a loop with a barrier' : ''}`,
      async (device: Device) => {
        const program = await device.compile(fuelled(101, barrier));
        const [, out] = await execute(
          device,
          program,
          [array('i32', new Array(20).fill(100)), zeros('i32', 20)],
          [20, 1, 1],
        );
        check(
          numbersIn('i32', out!).every((value) => value === 1),
          'every invocation came through',
        );
      },
    ],
    [
      `one iteration too many${barrier ? ', in a loop with a barrier' : ''}`,
      async (device: Device) => {
        const program = await device.compile(fuelled(100, barrier));
        const limits = array(
          'i32',
          Array.from({ length: 20 }, (_, i) => (barrier || i === 13 ? 100 : 3)),
        );
        const job = execute(device, program, [limits, zeros('i32', 20)], [20, 1, 1]);
        const error = await job.then(
          () => undefined,
          (thrown) => thrown,
        );
        check(error?.code === 'out-of-fuel', `it ended with ${error === undefined ? 'success' : messageOf(error)}`);
        check(
          error.kernel === 'spin' && error.place?.line === 12,
          'the error names the kernel and the place of the loop',
        );
        await stillWorks(device);
      },
    ],
  ]),
);

const failureCases: Record<string, Case['run']> = {
  ...fuelCases,
  'an endless loop ends, and the device goes on': async (device) => {
    const program = await device.compile(endless);
    await checkCode('out-of-fuel', 'an endless loop', () => execute(device, program, [zeros('u32', 1)], [1, 1, 1]));
    await stillWorks(device);
  },
  'cancel ends a job, or comes too late': async (device) => {
    const program = await device.compile(step);
    await withMemories(device, [4_000_000], async (x) => {
      const jobs = [0, 1, 2].map(() => device.submit(Array.from({ length: 4 }, () => dispatch(program, x, 100_000))));
      for (const job of jobs) job.cancel();
      for (const job of jobs) {
        const code = await job.done.then(
          () => 'done',
          (error) => error.code,
        );
        check(code === 'done' || code === 'cancelled', `it ended with ${code}`);
      }
    });
    await stillWorks(device);
  },
  'freed, foreign and shared memories are refused': async (device) => {
    const program = await device.compile(affine);
    await withMemories(device, [40, 40], async (x, r) => {
      const freed = device.alloc(40);
      device.free(freed);
      const job = (first: DeviceMemory, second: DeviceMemory, shape = [10]): Command => ({
        kind: 'dispatch',
        program,
        buffers: [
          { memory: first, shape },
          { memory: second, shape },
        ],
        scalars: [[1]],
        grid: [10, 1, 1],
      });
      await checkCode('freed-buffer', 'a job on a freed memory', () => device.submit([job(freed, r)]));
      await checkCode('freed-buffer', 'a write to it', () => device.write(freed, 0, bytes(4)));
      await checkCode('freed-buffer', 'a read of it', () => device.read(freed, 0, bytes(4)));
      await checkCode('foreign-buffer', 'a memory of nobody', () => device.submit([job({ bytes: 40 }, r)]));
      await checkCode('overlapping-arguments', 'a memory read and written', () => device.submit([job(x, x)]));
      await checkCode('argument-range', 'a shape beyond the memory', () => device.submit([job(x, r, [11])]));
      await checkCode('argument-range', 'a write beyond the memory', () => device.write(x, 38, bytes(3)));
    });
    await stillWorks(device);
  },
  'one memory may be read through two parameters': (device) => {
    const build = (b: Builder) => {
      const [x, y] = [b.buffer('x', 'read', 'i32'), b.buffer('y', 'read', 'i32')];
      const r = b.buffer('r', 'write', 'i32');
      const i = b.id('globalId');
      b.store(r, [i], b.op('sub', b.load(x, [i]), b.load(y, [b.op('sub', b.i32(9), i)])));
    };
    return withMemories(device, [40, 40], async (memory, r) => {
      device.write(memory, 0, array('i32', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).bytes);
      const program = await device.compile(verified({ build }));
      const argument = { memory, shape: [10] };
      const buffers = [argument, argument, { memory: r, shape: [10] }];
      device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [10, 1, 1] }]);
      check((await numbers(device, r)).join() === '-9,-7,-5,-3,-1,1,3,5,7,9', `r is ${await numbers(device, r)}`);
    });
  },
  'as many buffers as it says it binds': async (device) => {
    const count = Math.min(device.capabilities.limits.bindings, 24);
    await attempt(device, {
      build: (b) => {
        const buffers = Array.from({ length: count - 1 }, (_, i) => b.buffer(`x${i}`, 'read', 'i32'));
        const r = b.buffer('r', 'write', 'i32');
        const i = b.id('globalId');
        b.store(
          r,
          [i],
          buffers.reduce((sum, x) => b.op('sub', b.load(x, [i]), sum), b.i32(0)),
        );
      },
      args: [...Array.from({ length: count - 1 }, (_, k) => array('i32', [k, k * k, 7 - k])), zeros('i32', 3)],
      grid: 3,
    });
  },
  'a workgroup larger than the limit is refused': async (device) => {
    const { workgroup, workgroupAxes } = device.capabilities.limits;
    if (workgroup >= 1024 && workgroupAxes[2] >= 1024) throw new Skip('it takes the largest workgroup there is');
    const size: [number, number, number] = workgroup < 1024 ? [1024, 1, 1] : [1, 1, workgroupAxes[2] + 1];
    const program = verified({
      workgroup: size,
      build: (b) => b.store(b.buffer('x', 'write', 'i32'), [b.i32(0)], b.id('localIndex')),
    });
    check(device.ineligible(program) !== undefined, 'ineligible says why');
    await checkCode('ineligible', 'compiling it', () => device.compile(program));
  },
};

/** The last case, for it ends the device. */
const closing: Case = {
  group: 'close',
  name: 'the work submitted before ends, and what comes after is refused',
  run: async (device) => {
    const program = await device.compile(step);
    const x = device.alloc(400);
    const job = device.submit([dispatch(program, x, 100)]);
    const result = numbers(device, x);
    await device.close();
    await job.done;
    check(
      (await result).every((value) => value === 1),
      'the job ran',
    );
    await device.close();
    await checkCode('closed', 'alloc', () => device.alloc(4));
    await checkCode('closed', 'submit', () => device.submit([]));
    await checkCode('closed', 'compile', () => device.compile(affine));
  },
};

export function deviceCases(): Case[] {
  const group = (name: string, cases: Record<string, Case['run']>): Case[] =>
    Object.entries(cases).map(([title, run]) => ({ group: name, name: title, run }));
  return [
    ...group('device memory', memoryCases),
    ...group('order', orderCases),
    ...group('recordings', recordingCases),
    ...group('failures', failureCases),
  ];
}
export const closingCases: readonly Case[] = [closing];
