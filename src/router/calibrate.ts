/**
 * Calibration: how fast a device really is, from a few tiny programs, in well under a second; kept in a store, so that a machine
 * is measured once. A file that cannot be read is reported, and the device measured again.
 */

import type { Command, Device, DeviceMemory, Rates } from '../device/contract.ts';
import { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/program.ts';
import type { Verified } from '../ir/verified.ts';
import { verify } from '../ir/verify.ts';
import { costOf } from './estimate.ts';
import { fingerprintOf, isRecord, Kept } from './kept.ts';
import type { Store } from './store.ts';

/** Raised when the probes change, so that rates of an older version are measured again. */
const probeVersion = 2;

type Warn = (code: 'calibration-unreadable' | 'calibration-failed', message: string) => void;

/** The rates of a device: kept ones where they are of this very device and driver, else measured and kept. */
export async function calibrate(device: Device, store: Store | undefined, warn: Warn): Promise<Rates> {
  const name = `calibration-${device.capabilities.id}`;
  const kept = new Kept(store, name, fingerprintOf(device, probeVersion), 'rates', isRates);
  const known = await kept.load().catch((error: unknown) => {
    warn('calibration-unreadable', `the kept ${name} is ignored and written anew: ${String(error)}`);
    return undefined;
  });
  if (known !== undefined) return known;
  const rates = await measure(device);
  await kept.save(rates).catch((error: unknown) => {
    warn('calibration-failed', `the rates of ${device.capabilities.id} could not be kept: ${String(error)}`);
  });
  return rates;
}

const rateNames = [
  'f32',
  'i32',
  'bandwidth',
  'upload',
  'readback',
  'launch',
] as const satisfies readonly (keyof Rates)[];
function isRates(value: unknown): value is Rates {
  return (
    isRecord(value) &&
    rateNames.every((name) => typeof value[name] === 'number' && Number.isFinite(value[name]) && value[name] > 0)
  );
}

// ---- what is measured ----

/** Milliseconds that a probe must take to say something, and to stop growing. */
const longEnough = 8;
/** Bytes of transfers and of the bandwidth probe. */
const transferBytes = 2 ** 23;
const invocations = 2 ** 14;

async function measure(device: Device): Promise<Rates> {
  const launch = await launchTime(device);
  const f32 = await arithmeticRate(device, 'f32', launch);
  const i32 = await arithmeticRate(device, 'i32', launch);
  const bandwidth = await copyRate(device, launch);
  const { upload, readback } = await transferRates(device);
  return { f32, i32, bandwidth, upload, readback, launch: launch / 1000 };
}

async function launchTime(device: Device): Promise<number> {
  return withMemories(device, [4], async ([memory]) => {
    const program = await device.compile(arithmeticProbe('i32'));
    const command: Command = {
      kind: 'dispatch',
      program,
      buffers: [{ memory: memory!, shape: [1] }],
      scalars: [[0]],
      grid: [1, 1, 1],
    };
    const times: number[] = [];
    for (let i = 0; i < 9; i++) times.push(await timed(() => device.submit([command]).done));
    // the least: whatever disturbed the others is no part of launching
    return Math.max(Math.min(...times), 1e-3);
  });
}

/** Basic operations a second, the loop's own counted. */
async function arithmeticRate(device: Device, type: 'f32' | 'i32', launch: number): Promise<number> {
  const verified = arithmeticProbe(type);
  return withMemories(device, [4 * invocations], async ([memory]) => {
    const program = await device.compile(verified);
    for (let iterations = 16; ; iterations *= 4) {
      const grid = [invocations, 1, 1] as const;
      const command: Command = {
        kind: 'dispatch',
        program,
        buffers: [{ memory: memory!, shape: [invocations] }],
        scalars: [[iterations]],
        grid,
      };
      const time = await timed(() => device.submit([command]).done);
      if (time - launch < longEnough && iterations < 2 ** 24) continue;
      const best = await bestTime(device, [command], time);
      const cost = costOf(verified, { args: [[invocations], [iterations]], grid, workgroup: [64, 1, 1] });
      return rate(cost.f32 + cost.i32, withoutLaunch(best, launch));
    }
  });
}

/** Four independent chains, so that latency hides behind other work, as it does in most kernels. */
function arithmeticProbe(type: 'f32' | 'i32'): Verified {
  const b = new Builder({ name: `probe-${type}` });
  const r = b.buffer('r', 'write', type);
  const n = b.argument(b.scalar('n', 'i32'));
  const i = b.id('globalId', 0);
  const start = b.convert(i, type);
  const factor = b.constant(type, 3);
  const chains = [1, 2, 3, 4].map((k) => b.op('add', start, b.constant(type, k)));
  const results = b.loop([b.i32(0), ...chains], [type, type, type, type], ([count, ...values]) => {
    b.if(b.op('ge', count!, n), () => b.break(...values));
    const step = (x: Value): Value => b.op('add', b.op('mul', x, factor), start);
    return [b.op('add', count!, b.i32(1)), ...values.map((value) => step(step(step(value))))];
  });
  b.store(
    r,
    [i],
    results.reduce((sum, value) => b.op('add', sum, value)),
  );
  return verify(b.finish());
}

/** Bytes a second of a copying kernel, both directions counted. */
async function copyRate(device: Device, launch: number): Promise<number> {
  const b = new Builder({ name: 'probe-copy' });
  const x = b.buffer('x', 'read', 'f32');
  const r = b.buffer('r', 'write', 'f32');
  const i = b.id('globalId', 0);
  b.store(r, [i], b.load(x, [i]));
  const verified = verify(b.finish());
  return withMemories(device, [transferBytes, transferBytes], async ([from, to]) => {
    const shape = [transferBytes / 4];
    const command: Command = {
      kind: 'dispatch',
      program: await device.compile(verified),
      buffers: [
        { memory: from!, shape },
        { memory: to!, shape },
      ],
      scalars: [],
      grid: [transferBytes / 4, 1, 1],
    };
    for (let times = 1; ; times *= 4) {
      const commands = Array.from({ length: times }, () => command);
      const time = await timed(() => device.submit(commands).done);
      if (time - launch < longEnough && times < 256) continue;
      return rate(2 * transferBytes * times, withoutLaunch(await bestTime(device, commands, time), launch));
    }
  });
}

async function transferRates(device: Device): Promise<Pick<Rates, 'upload' | 'readback'>> {
  const data = new Uint8Array(transferBytes).fill(1);
  return withMemories(device, [transferBytes], async ([memory]) => {
    const uploads: number[] = [];
    const readbacks: number[] = [];
    for (let i = 0; i < 4; i++) {
      // what is written counts as arrived when a read behind it has an answer
      uploads.push(
        await timed(() => {
          device.write(memory!, 0, data);
          return device.read(memory!, 0, new Uint8Array(4));
        }),
      );
      readbacks.push(await timed(() => device.read(memory!, 0, data)));
    }
    return { upload: rate(transferBytes, median(uploads)), readback: rate(transferBytes, median(readbacks)) };
  });
}

// ---- small tools ----

async function withMemories<R>(
  device: Device,
  sizes: readonly number[],
  use: (memories: readonly DeviceMemory[]) => Promise<R>,
): Promise<R> {
  const memories: DeviceMemory[] = [];
  try {
    for (const bytes of sizes) memories.push(device.alloc(bytes));
    return await use(memories);
  } finally {
    for (const memory of memories) device.free(memory);
  }
}

async function timed(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** The least of a few times more: the first ones may still run code that is being optimised. */
async function bestTime(device: Device, commands: readonly Command[], first: number): Promise<number> {
  let best = first;
  let spent = first;
  for (let i = 0; i < 3 && spent < 10 * longEnough; i++) {
    const time = await timed(() => device.submit(commands).done);
    best = Math.min(best, time);
    spent += time;
  }
  return best;
}

/** Launching is a part of what was measured, but on a disturbed machine not to be trusted to be most of it. */
function withoutLaunch(time: number, launch: number): number {
  return Math.max(time - launch, time / 2);
}

/** Per second, from milliseconds; a clock that saw no time pass counts as its coarsest step. */
function rate(amount: number, milliseconds: number): number {
  return (1000 * amount) / Math.max(milliseconds, 0.1);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
