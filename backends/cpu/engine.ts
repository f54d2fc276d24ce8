/**
 * What runs jobs on one linear memory: the thread of the caller, for what is sure to be brief, and the threads of a pool. Where the
 * host has no threads, the caller's does it all, in slices short enough that whatever else it does goes on, and cancel
 * and deadline act.
 *
 * One job at a time: whose turn it is, is the device's to know.
 */

import type { Timing } from '../../src/device/index.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { outOfFuel } from '../../src/ir/fuel.ts';
import type { Range } from './allocator.ts';
import { Chain, type Repeated, type Step } from './chain.ts';
import type { LinearMemory } from './memory.ts';
import { turn } from './platform.ts';
import { Pool, type StartThreads } from './pool.ts';
import { control, programWords, stopCancelled } from './steps.ts';

interface Scratch {
  readonly range: Range;
  readonly address: number;
  readonly stride: number;
}

/** What runs on the caller's thread at once: as many picoseconds, known or feared, and basic operations. */
const briefTime = 50e6;
const briefWeight = 200_000;
/** Picoseconds that an operation may take: where the program has run lately, and where it has not. */
const knownPace = 250;
const fearedPace = 1000;
/** Milliseconds of such jobs, one after the other, until the thread must do something else. */
const longestBurst = 2;
/** Milliseconds of a slice on the caller's thread, and of the chunks it is made of. */
const slice = 8;
const chunk = 1;
/** Pools that may die in a row before that is taken as their fate. */
const mostDeaths = 3;

export class Engine {
  readonly linear: LinearMemory;
  readonly #threads: number;
  readonly #start: StartThreads | undefined;
  /** Told when threads can no longer be had. */
  readonly #lose: (reason: string) => void;
  #pool: Pool | undefined;
  #deaths = 0;
  /** Why the last pool died; undefined while there is one. */
  #died: string | undefined;
  #scratch: Scratch | undefined;
  /** Arguments of what runs on the caller's thread. */
  #arguments: Range | undefined;
  /** Since when the caller's thread has run jobs and done nothing else. */
  #burst: number | undefined;
  #progress: (() => number) | undefined;

  constructor(linear: LinearMemory, threads: number, start: StartThreads | undefined, lose: (reason: string) => void) {
    this.linear = linear;
    this.#threads = threads;
    this.#start = start;
    this.#lose = lose;
  }

  /** Has its threads start, so that they are there when they are needed. */
  prepare(): void {
    if (this.#start === undefined || this.#pool !== undefined) return;
    const pool = new Pool(this.linear.wasm, this.#threads, this.#start);
    this.#pool = pool;
    this.#died = undefined;
    void pool.lost.then((reason) => {
      this.#pool = undefined;
      this.#died = reason;
      if (++this.#deaths >= mostDeaths) this.#lose(reason);
    });
  }
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  /** Fraction done of the job under way, 0 to 1. */
  get progress(): number {
    return this.#progress?.() ?? 0;
  }
  /** Ends the job under way early. */
  stop(): void {
    Atomics.compareExchange(this.linear.words, control.stop, 0, stopCancelled);
  }

  // ---- at once ----

  /** Runs the steps before it returns, where that is sure to be brief and the thread has not long been doing nothing else. */
  runBriefly(steps: readonly Step[]): Timing | undefined {
    const begin = performance.now();
    if (this.#burst !== undefined && begin - this.#burst > longestBurst) return undefined;
    if (!this.#isBrief(steps)) return undefined;
    if (this.#burst === undefined) {
      this.#burst = begin;
      void turn().then(() => {
        this.#burst = undefined;
      });
    }
    const { words } = this.linear;
    words[control.stop] = 0;
    for (const step of steps) {
      if (step.units > 0) this.#enter(step)(0, step.units);
    }
    const end = performance.now();
    if (steps.length === 1 && steps[0]!.units > 0) this.#learn(steps[0]!, end - begin);
    return timing(begin, end);
  }
  #isBrief(steps: readonly Step[]): boolean {
    let time = 0;
    for (const step of steps) {
      const { executable, units } = step;
      if (units === 0) continue;
      const loaded = executable.in(this.linear);
      if (loaded === undefined) return false;
      const pace = this.linear.words[loaded.address / 4 + programWords.pace]!;
      time += Math.max(pace * units, step.weight(briefWeight) * (pace === 0 ? fearedPace : knownPace));
      if (!(time <= briefTime)) return false;
    }
    return true;
  }
  #learn({ executable, units }: Step, ms: number): void {
    const at = executable.in(this.linear)!.address / 4 + programWords.pace;
    const old = this.linear.words[at]!;
    const measured = Math.min(Math.max((ms * 1e9) / units, 1), 2 ** 31 - 1);
    this.linear.words[at] = old === 0 ? measured : old + (measured - old) / 4;
  }
  /** Readies a step for this thread: what runs its units. */
  #enter(step: Step): (first: number, count: number) => void {
    const { address: scratch } = this.#scratchFor(step.executable.scratchBytes);
    if (this.#arguments === undefined || this.#arguments.bytes < step.argumentBytes) {
      if (this.#arguments !== undefined) this.linear.give(this.#arguments);
      this.#arguments = undefined;
      this.#arguments = this.linear.take(Math.max(step.argumentBytes, 256));
    }
    const args = this.#arguments.start;
    step.writeArguments(this.linear.words, args);
    const { run } = step.executable.in(this.linear)!;
    return (first, count) => run(args, scratch, first, count);
  }

  // ---- in turn ----

  /** Runs the steps to their end. Rejects with `cancelled`, where that is so, `out-of-fuel`, `out-of-memory`, `device-lost`. */
  async run(steps: readonly Step[], repeated: Repeated | undefined, cancelled: () => boolean): Promise<Timing> {
    const { linear } = this;
    for (const { executable, units } of steps)
      if (units > 0 && executable.in(linear) === undefined) await executable.load(linear);
    linear.words[control.stop] = 0;
    // asked for before its turn came, or while it was being readied
    if (cancelled()) throw wasCancelled();
    const begin = performance.now();
    let last: Step | undefined;
    if (steps.some(({ units }) => units > 0)) {
      this.prepare();
      last = await (this.#pool === undefined ? this.#inSlices(steps) : this.#inPool(this.#pool, steps, repeated));
    }
    this.#progress = undefined;
    const stop = Atomics.load(linear.words, control.stop);
    if (last !== undefined && stop === stopCancelled) throw wasCancelled();
    if (last?.command.kind === 'dispatch' && stop > 0) throw outOfFuel(last.command.program.verified.program, stop - 1);
    return timing(begin, performance.now());
  }

  /** The last step that ran. */
  async #inPool(pool: Pool, steps: readonly Step[], repeated: Repeated | undefined): Promise<Step> {
    const { linear } = this;
    // all scratch first: every step is to find the same
    const scratch = this.#scratchFor(Math.max(...steps.map(({ executable }) => executable.scratchBytes)));
    let chain = repeated && linear.chains.get(repeated);
    if (chain === undefined) {
      chain = new Chain(linear, steps);
      if (repeated !== undefined) {
        linear.chains.set(repeated, chain);
        linear.giveWithOwner(repeated, chain.range);
      }
    } else chain.write(linear, steps, repeated!.slotted);
    const address = (): number => Atomics.load(linear.words, control.step) >>> 0;
    this.#progress = () => chain.progress(address(), Atomics.load(linear.words, control.done) >>> 0, steps);
    await pool.run(chain.first, scratch);
    const last = steps[chain.indexOf(address())!]!;
    if (repeated === undefined) linear.give(chain.range);
    if (this.#died !== undefined)
      throw new IsokernelError('device-lost', `the job is lost: ${this.#died}`, {
        hint: 'Submit it again: the device goes on with new threads. What the job was changing in place is lost with it.',
      });
    this.#deaths = 0;
    return last;
  }

  async #inSlices(steps: readonly Step[]): Promise<Step> {
    let last = steps[0]!;
    let until = performance.now() + slice;
    for (const [at, step] of steps.entries()) {
      if (step.units === 0) continue;
      last = step;
      const run = this.#enter(step);
      let done = 0;
      this.#progress = () => (at + done / step.units) / steps.length;
      for (let grain = 1; done < step.units; ) {
        if (this.linear.words[control.stop] !== 0) return step;
        const count = Math.min(grain, step.units - done);
        const begin = performance.now();
        run(done, count);
        done += count;
        const end = performance.now();
        if (end - begin < chunk / 2) grain *= 2;
        else if (end - begin > chunk) grain = Math.max(grain >> 1, 1);
        if (end < until) continue;
        await turn();
        until = performance.now() + slice;
      }
    }
    return last;
  }

  /** Scratch memory of so many bytes for each thread. */
  #scratchFor(bytes: number): Scratch {
    if (this.#scratch === undefined || this.#scratch.stride < bytes) {
      if (this.#scratch !== undefined) this.linear.give(this.#scratch.range);
      this.#scratch = undefined;
      const stride = Math.ceil(Math.max(bytes, 64) / 64) * 64;
      const range = this.linear.take(stride * this.#threads);
      this.#scratch = { range, address: range.start, stride };
    }
    return this.#scratch;
  }
}

function timing(begin: number, end: number): Timing {
  return { run: end - begin, resolution: 0.001, clock: 'host' };
}
export function wasCancelled(): IsokernelError {
  return new IsokernelError('cancelled', 'the submission was cancelled');
}
