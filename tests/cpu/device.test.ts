/** What is the CPU device's own: threads, fuel, cancel, death, memory. The contract in general is the conformance suite's. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import type { BufferArgument, Command, Device } from '../../src/device/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { IsokernelError } from '../../src/ir/error.ts';
import type { Program } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import { openCpu, openOnCaller, runByDefinition, runOnCpu } from './on-cpu.ts';

const opened: Device[] = [];
async function open(threads = 2): Promise<Device> {
  const device = await openCpu(threads);
  opened.push(device);
  return device;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((device) => device.close()));
});

function array(device: Device, length: number, data?: Uint32Array): BufferArgument {
  const memory = device.alloc(length * 4);
  if (data !== undefined) device.write(memory, 0, new Uint8Array(data.buffer));
  return { memory, shape: [length] };
}
async function contents(device: Device, { memory }: BufferArgument): Promise<Uint32Array> {
  const bytes = new Uint8Array(memory.bytes);
  await device.read(memory, 0, bytes);
  return new Uint32Array(bytes.buffer);
}

/** r[i] += 1, `rounds` times over, as a loop the verifier can bound, of a multiplication that cannot be skipped. */
function busy(rounds: number): Program {
  const b = new Builder({ name: 'busy' });
  const r = b.buffer('r', 'readWrite', 'u32');
  const i = b.id('globalId');
  const loop = (from: ReturnType<Builder['load']>, count: number, body: (x: typeof from) => typeof from) =>
    b.loop([b.i32(0), from], ['u32'], ([n, x]) => {
      b.if(b.op('ge', n!, b.i32(count)), () => b.break(x!));
      return [b.op('add', n!, b.i32(1)), body(x!)];
    })[0]!;
  const mixed = loop(b.load(r, [i]), rounds, (x) => b.op('add', b.op('mul', x, b.u32(1664525)), b.u32(1013904223)));
  b.store(r, [i], mixed);
  return b.finish();
}
/** Loops while memory says so. */
function endless(): Program {
  const b = new Builder({ name: 'endless', fuel: 2 ** 31 - 1 });
  const r = b.buffer('r', 'readWrite', 'u32');
  b.place = { line: 7, column: 3 };
  b.loop([], [], () => {
    b.if(b.op('ne', b.load(r, [b.i32(0)]), b.u32(0)), () => b.break());
    return [];
  });
  return b.finish();
}
function addOne(): Program {
  const b = new Builder({ name: 'addOne' });
  const r = b.buffer('r', 'readWrite', 'u32');
  const i = b.id('globalId');
  b.store(r, [i], b.op('add', b.load(r, [i]), b.u32(1)));
  return b.finish();
}

it('deals every workgroup exactly once, whatever the number of threads', async () => {
  for (const threads of [1, 3]) {
    const device = await open(threads);
    const program = await device.compile(verify(addOne()));
    const r = array(device, 100_003);
    const step: Command = { kind: 'dispatch', program, buffers: [r], scalars: [], grid: [100_003, 1, 1] };
    for (let i = 0; i < 20; i++) await device.submit([step]).done;
    expect((await contents(device, r)).every((x) => x === 20)).toBe(true);
  }
});

it('keeps small jobs apart that follow each other as fast as can be', async () => {
  const device = await open(4);
  const program = await device.compile(verify(addOne()));
  const wrong: number[] = [];
  for (let round = 0; round < 20; round++) {
    const jobs = Array.from({ length: 50 }, async (_, k) => {
      const length = 1 + (((round * 50 + k) * 7919) % 5000);
      const r = array(device, length, new Uint32Array(length).fill(k));
      const step: Command = { kind: 'dispatch', program, buffers: [r], scalars: [], grid: [length, 1, 1] };
      const steps = Array<Command>(1 + (k % 4)).fill(step);
      void device.submit(steps);
      const results = contents(device, r);
      device.free(r.memory); // its bytes are another job's as soon as these have run
      if (!(await results).every((x) => x === k + steps.length)) wrong.push(k);
    });
    await Promise.all(jobs);
  }
  expect(wrong).toEqual([]);
});

it('has a barrier between the steps of a job, with more threads than cores too', async () => {
  // each element depends on its neighbours of the step before, so a unit that runs too early or twice shows
  const b = new Builder({ name: 'spread' });
  const [from, to] = [b.buffer('from', 'read', 'u32'), b.buffer('to', 'write', 'u32')];
  const i = b.id('globalId');
  const at = (distance: number) => b.load(from, [b.op('add', i, b.i32(distance))]);
  b.store(to, [i], b.op('add', b.op('mul', at(-1), b.u32(3)), b.op('add', at(0), b.op('mul', at(1), b.u32(5)))));
  const verified = verify(b.finish());
  const length = 20_001;
  const steps = 100;
  let wanted = Uint32Array.from({ length }, (_, n) => n);
  for (let step = 0; step < 2 * steps; step++)
    wanted = wanted.map((x, n) => 3 * (wanted[n - 1] ?? 0) + x + 5 * (wanted[n + 1] ?? 0));
  for (const threads of [2, 8]) {
    const device = await open(threads);
    const program = await device.compile(verified, { workgroup: [64, 1, 1] });
    const one = array(
      device,
      length,
      Uint32Array.from({ length }, (_, n) => n),
    );
    const two = array(device, length);
    const spread = (buffers: BufferArgument[]): Command => {
      return { kind: 'dispatch', program, buffers, scalars: [], grid: [length, 1, 1] };
    };
    const recording = device.record(
      Array.from({ length: steps }, (_, n) => spread(n % 2 === 0 ? [one, two] : [two, one])),
    );
    device.submit(recording);
    await device.submit(recording).done;
    expect(await contents(device, one)).toEqual(wanted);
  }
});

it('finds its jobs in memory that has grown since its workers saw it', async () => {
  const device = await open();
  const program = await device.compile(verify(addOne()));
  for (let megabytes = 1; megabytes <= 64; megabytes *= 4) {
    const r = array(device, megabytes * 2 ** 18);
    const length = r.shape[0]!;
    const step: Command = { kind: 'dispatch', program, buffers: [r], scalars: [], grid: [length, 1, 1] };
    await device.submit([step, step, step]).done;
    const results = await contents(device, r);
    expect(results.every((x) => x === 3)).toBe(true);
  }
});

it('runs a long list of commands in order', async () => {
  const device = await open();
  const program = await device.compile(verify(addOne()));
  const r = array(device, 300_000);
  const copy = array(device, 300_000);
  const run: Command = { kind: 'dispatch', program, buffers: [r], scalars: [], grid: [300_000, 1, 1] };
  const recording = device.record([
    ...Array.from({ length: 50 }, () => run),
    { kind: 'copy', from: r.memory, fromOffset: 0, to: copy.memory, toOffset: 0, bytes: 1_200_000 },
    run,
    { kind: 'fill', memory: r.memory, offset: 4, bytes: 1_199_992 },
  ]);
  await device.submit(recording).done;
  expect((await contents(device, copy)).every((x) => x === 50)).toBe(true);
  expect((await contents(device, r)).every((x, i) => x === (i === 0 || i === 299_999 ? 51 : 0))).toBe(true);
});

it('ends a kernel that is out of fuel, names the loop and stays usable', async () => {
  const device = await open();
  const slow = { ...endless(), fuel: 1000 };
  await expect(runOnCpu(device, slow, launch(512))).rejects.toMatchObject({
    code: 'out-of-fuel',
    place: { line: 7 },
  });
  const [after] = await runOnCpu(device, addOne(), launch(512));
  expect(new Uint32Array(after!.buffer).every((x) => x === 1)).toBe(true);
});

it.each(['alone', 'beside barriers', 'around barriers'])(
  'counts fuel as the interpreter does, in loops %s',
  async (kind) => {
    const device = await open();
    const outcomes: string[] = [];
    for (const fuel of [9, 10, 11, 12]) {
      const b = new Builder({ name: 'counted', fuel, workgroup: [4, 1, 1] });
      const r = b.buffer('r', 'readWrite', 'u32');
      const bounds = b.buffer('bounds', 'read', 'u32');
      const bound = b.load(bounds, [b.i32(0)]);
      // two entries of one loop, five and six iterations with the one that leaves
      for (const rounds of [4, 5]) {
        b.loop([b.u32(0)], [], ([k]) => {
          b.if(b.op('eq', k!, b.op('mul', bound, b.u32(rounds))), () => b.break());
          if (kind === 'around barriers') b.barrier();
          return [b.op('add', k!, b.u32(1))];
        });
        if (kind === 'beside barriers') b.barrier();
      }
      b.store(r, [b.id('globalId')], b.u32(1));
      const program = b.finish();
      const args = [8, 1].map((length) => ({
        shape: [length],
        bytes: new Uint8Array(new Uint32Array(length).fill(1).buffer),
      }));
      const settings = { args, grid: [8, 1, 1], workgroup: [4, 1, 1] } as const;
      const code = (error: unknown) => (error as IsokernelError).code;
      const wanted = await Promise.resolve(settings)
        .then((all) => runByDefinition(program, all))
        .then(() => 'done', code);
      expect(await runOnCpu(device, program, settings).then(() => 'done', code), `fuel ${fuel}`).toBe(wanted);
      outcomes.push(wanted);
    }
    expect(outcomes).toEqual(['out-of-fuel', 'out-of-fuel', 'done', 'done']);
  },
);

it.each(['threads', 'no threads'])('cancels a kernel that runs too long, with %s', async (kind) => {
  const device = kind === 'threads' ? await open() : openOnCaller();
  // with threads inside one workgroup; without, between slices
  const program = kind === 'threads' ? busy(10_000_000) : busy(1000);
  const length = kind === 'threads' ? 256 : 2 ** 24;
  const cancelled = runOnCpu(device, program, launch(length), (submission) => {
    setTimeout(() => submission.cancel(), 50);
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  const [after] = await runOnCpu(device, addOne(), launch(512));
  expect(new Uint32Array(after!.buffer).every((x) => x === 1)).toBe(true);
});

it('touches nothing outside its buffers, whatever the indices', async () => {
  const device = await open();
  const b = new Builder({ name: 'hostile' });
  const where = b.buffer('where', 'read', 'i32');
  const r = b.buffer('r', 'readWrite', 'u32', 2);
  const small = b.buffer('small', 'readWrite', 'u8');
  const tally = b.buffer('tally', 'atomic', 'u32');
  const local = b.privateArray('local', 'u32', 3);
  const group = b.workgroupArray('group', 'u32', 3);
  const j = b.load(where, [b.id('globalId')]);
  const poison = b.u32(0xdeadbeef);
  b.store(r, [j, b.i32(1)], poison);
  b.store(r, [b.i32(1), j], poison);
  b.store(r, [b.bitcast(j, 'u32'), j], poison);
  b.store(small, [j], poison);
  b.atomic('atomicAdd', tally, [j], poison);
  b.atomic('atomicMax', tally, [j], poison);
  b.atomic('atomicExchange', tally, [j], poison);
  b.store(local, [j], poison);
  b.store(group, [j], poison);
  b.store(r, [b.i32(0), b.i32(0)], b.op('or', b.load(local, [j]), b.op('or', b.load(r, [j, j]), b.load(small, [j]))));
  const program = await device.compile(verify(b.finish()));
  const hostile = Uint32Array.from(
    [
      -1,
      4,
      5,
      64,
      1024,
      2 ** 20,
      2 ** 28,
      2 ** 29,
      2 ** 30,
      2 ** 31 - 1,
      -(2 ** 31),
      -(2 ** 30),
      -4,
      -64,
      0x3fffffff,
      0x40000001,
    ],
    (x) => x >>> 0,
  );
  // canaries between the buffers, and behind them
  const guard = () => array(device, 1024, new Uint32Array(1024).fill(0xc0ffee));
  const guards = [guard()];
  const fresh = (length: number) => {
    const one = array(device, length);
    guards.push(guard());
    return one;
  };
  const indices = array(device, hostile.length, hostile);
  const table = fresh(16);
  const bytes = fresh(4);
  const counts = fresh(4);
  const buffers = [indices, { ...table, shape: [4, 4] }, { ...bytes, shape: [4] }, counts];
  await device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [hostile.length, 1, 1] }]).done;
  for (const one of guards) expect((await contents(device, one)).every((x) => x === 0xc0ffee)).toBe(true);
  for (const one of [table, bytes, counts]) expect([...(await contents(device, one))].every((x) => x === 0)).toBe(true);
  expect(await contents(device, indices)).toEqual(hostile);
});

it('reuses memory that was freed, zeroed, and says when there is none left', async () => {
  const device = await open();
  const length = 2 ** 20;
  for (let i = 0; i < 20; i++) {
    const one = array(device, length);
    expect((await contents(device, one)).every((x) => x === 0)).toBe(true);
    device.write(one.memory, 0, new Uint8Array(length * 4).fill(255));
    device.free(one.memory);
  }
  expect(device.memory.used).toBe(0);
  expect(() => device.alloc(2 ** 40)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
  device.free(device.alloc(1000));
});

it('lends the bytes themselves, between the jobs', async () => {
  const device = await open();
  const program = await device.compile(verify(busy(100)));
  const r = array(device, 2 ** 20);
  const step: Command = { kind: 'dispatch', program, buffers: [r], scalars: [], grid: [2 ** 20, 1, 1] };
  const seen: number[] = [];
  const look = () => device.lend!(r.memory, (bytes) => seen.push(new Uint32Array(bytes.buffer, bytes.byteOffset)[7]!));
  const busily = (x: number) => {
    for (let i = 0; i < 100; i++) x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x;
  };
  device.submit([step]);
  const first = look();
  device.submit([step]);
  await Promise.all([first, look()]);
  expect(seen).toEqual([busily(0), busily(busily(0))]);
  await device.lend!(r.memory, (bytes) => expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer));
  const thrown = device.lend!(r.memory, () => {
    throw new Error('mine');
  });
  await expect(thrown).rejects.toThrow('mine');
  await device.submit([step]).done;
});

it('drops a large memory when nothing is in it, once the one before is collected, and goes on', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const device = await open();
  const program = await device.compile(verify(addOne()));
  const size = async () => {
    const one = array(device, 4);
    let bytes = 0;
    await device.lend!(one.memory, ({ buffer }) => {
      bytes = buffer.byteLength;
    });
    device.free(one.memory);
    return bytes;
  };
  for (let round = 0; round < 2; round++) {
    const r = array(device, 2 ** 24 + 2 ** 22);
    const kept = array(device, 1000);
    const dispatch = (on: BufferArgument): Command => {
      return { kind: 'dispatch', program, buffers: [on], scalars: [], grid: [on.shape[0]!, 1, 1] };
    };
    const recording = device.record([dispatch(r), dispatch(kept), dispatch(kept)]);
    const results = [0, 1].map(async () => {
      device.submit(recording);
      return contents(device, kept);
    });
    device.free(r.memory); // not all of it: it must stay
    expect((await Promise.all(results))[1]!.every((x) => x === 4)).toBe(true);
    expect(await size()).toBeGreaterThan(2 ** 26);
    device.free(kept.memory);
    await vi.waitFor(async () => {
      gc();
      expect(await size()).toBeLessThan(2 ** 26);
    });
  }
});

it('leaves nothing behind when it is closed', async () => {
  const before = process.getActiveResourcesInfo().length;
  for (let round = 0; round < 8; round++) {
    const device = await openCpu(2);
    await runOnCpu(device, busy(2), launch(2 ** 18));
    await device.close();
  }
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 1);
});

it('fails only the job when a worker dies, and goes on with new ones', async () => {
  const started = vi.spyOn(Worker.prototype, 'postMessage'); // every worker gets a first message
  const device = await open();
  const kept = array(device, 3, Uint32Array.of(1, 2, 3));
  const running = runOnCpu(device, busy(100_000_000), launch(256));
  const failed = expect(running).rejects.toMatchObject({ code: 'device-lost', hint: expect.stringMatching(/again/) });
  await vi.waitUntil(() => started.mock.contexts.length > 0);
  const [worker] = started.mock.contexts as Worker[];
  started.mockRestore();
  await worker!.terminate();
  await failed;
  const [after] = await runOnCpu(device, busy(10), launch(2 ** 20));
  const [wanted] = await runOnCpu(openOnCaller(), busy(10), launch(2 ** 20));
  expect(Buffer.compare(after!, wanted!)).toBe(0);
  expect(await contents(device, kept)).toEqual(Uint32Array.of(1, 2, 3));
});

it('is lost when its workers die again and again', async () => {
  const device = await open();
  let deaths = 0;
  for (const started = vi.spyOn(Worker.prototype, 'postMessage'); deaths < 3; deaths++) {
    started.mockClear();
    const running = runOnCpu(device, busy(100_000_000), launch(256));
    const failed = expect(running).rejects.toMatchObject({ code: 'device-lost' });
    await vi.waitUntil(() => started.mock.contexts.length > 0);
    await (started.mock.contexts as Worker[])[0]!.terminate();
    await failed;
  }
  vi.restoreAllMocks();
  expect(await device.lost).toContain('worker');
  expect(() => device.alloc(4)).toThrow(expect.objectContaining({ code: 'device-lost' }));
  await expect(device.compile(verify(addOne()))).rejects.toMatchObject({ code: 'device-lost' });
});

it('does not keep the process alive when idle, but does while a job runs', async () => {
  const child = fileURLToPath(new URL('forgetful.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child], { timeout: 20_000 });
  expect(stdout).toBe('0,1,2,3\n');
});

function launch(length: number) {
  const args = [{ shape: [length], bytes: new Uint8Array(length * 4) }];
  return { args, grid: [length, 1, 1] as const, workgroup: [256, 1, 1] as const };
}
