/** Measuring: implementations of one workload on one device, each checked first, then all timed in turns (A B A B). */

import { createHash } from 'node:crypto';
import type { TypedArray } from '../src/index.ts';
import type { Workload } from './case.ts';
import { type Result, type Spread, spreadOf } from './report.ts';

/** An implementation of a workload with its data in place. */
export interface Running {
  /** The device that it really runs on, once it has. */
  readonly ranOn: string;
  /** CPU threads it works with, where that is not the device's number. */
  readonly threads?: number;
  /** Milliseconds of the phases of the first run, once it has run. */
  readonly phases: { readonly compile: number; readonly upload: number };
  /** One run, from submit to done, data resident. */
  run(): Promise<unknown>;
  /** Copies of the outputs, by name. */
  read(): Promise<Readonly<Record<string, TypedArray>>>;
  close(): void;
}

export type Measured = Pick<Result, 'ranOn' | 'maxUlp' | 'hash' | 'ms' | 'gflops' | 'gbps'> & Pick<Running, 'threads'>;

/** How long one implementation is timed: milliseconds of its runs together, and their number. */
interface Budget {
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
  /** Milliseconds past which whatever has been timed is enough. */
  readonly patience: number;
}
const alone: Budget = { milliseconds: 400, least: 3, most: 50, patience: 2000 };
/** A ratio wants more runs than a time. */
const compared: Budget = { milliseconds: 1500, least: 11, most: 200, patience: 6000 };

interface Checked {
  readonly maxUlp: number;
  readonly hash: string;
  readonly readback: number;
  readonly total: number;
}
/** Runs once from fresh data and checks the outputs. Throws `check-failed` where they are wrong. */
async function check(workload: Workload, running: Running): Promise<Checked> {
  const started = performance.now();
  await running.run();
  const ran = performance.now();
  const outputs = await running.read();
  const finished = performance.now();
  const { maxUlp } = workload.check(outputs);
  const hash = createHash('sha256');
  for (const name of workload.outputs) {
    const { buffer, byteOffset, byteLength } = outputs[name]!;
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return { maxUlp, hash: hash.digest('hex'), readback: finished - ran, total: finished - started };
}

/**
 * Times all in turns, so that a machine that changes its pace hurts all alike. One round warms up and is not counted. Who has
 * been timed enough drops out, but for the first, which all others are compared with.
 */
async function timeInTurns(all: readonly Running[]): Promise<Spread[]> {
  const budget = all.length > 1 ? compared : alone;
  const times = all.map((): number[] => []);
  const spent = all.map(() => 0);
  const enough = (i: number) => {
    const { length } = times[i]!;
    if (length === 0) return false;
    return length >= budget.most || spent[i]! >= (length >= budget.least ? budget.milliseconds : budget.patience);
  };
  for (let round = 0; !all.every((_, i) => enough(i)); round++) {
    for (const [i, running] of all.entries()) {
      if (i > 0 && enough(i)) continue;
      const started = performance.now();
      await running.run();
      const time = performance.now() - started;
      if (round === 0) continue;
      times[i]!.push(time);
      spent[i]! += time;
    }
  }
  return times.map(spreadOf);
}

/** Results of all implementations, in their order. */
export async function measure(workload: Workload, all: readonly Running[]): Promise<Measured[]> {
  const checked: Checked[] = [];
  for (const running of all) checked.push(await check(workload, running));
  const spreads = await timeInTurns(all);
  return all.map(({ ranOn, threads, phases }, i): Measured => {
    const { maxUlp, hash, readback, total } = checked[i]!;
    const run = spreads[i]!;
    return {
      ranOn,
      ...(threads === undefined ? {} : { threads }),
      maxUlp,
      hash,
      ms: { ...phases, run, readback, total },
      gflops: workload.operations / run.p50 / 1e6,
      gbps: workload.bytes / run.p50 / 1e6,
    };
  });
}
