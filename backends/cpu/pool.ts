/**
 * Threads parked on shared memory (worker.cjs has their side).
 *
 * The main thread publishes a job's first step, wakes one worker and waits asynchronously; workers wake each other. It never blocks.
 */

import { changed, type WasmMemory } from './platform.ts';
import { control, programBytes, programWords, stepWords } from './steps.ts';

/** What a host knows of threads. */
export interface Threads {
  /** Resolves with the reason when one of them has ended by itself; by then all have. */
  readonly lost: Promise<string>;
  /** Whether the process is to go on for them. */
  hold(running: boolean): void;
  /** Ends them; resolves when they have ended. */
  close(): Promise<void>;
}
/** What each thread is started with. */
export interface Start {
  readonly memory: WasmMemory;
  readonly threads: number;
  readonly layout: {
    readonly control: typeof control;
    readonly step: typeof stepWords;
    readonly program: typeof programWords;
    readonly programBytes: number;
  };
}
export type StartThreads = (start: Start) => Threads;

export class Pool {
  readonly lost: Promise<string>;
  readonly #threads: Threads;
  readonly #memory: WasmMemory;
  /** The control words stay where they are when the memory grows. */
  readonly #words: Int32Array;
  #gone = false;

  constructor(memory: WasmMemory, threads: number, start: StartThreads) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.buffer);
    // what an earlier pool over this memory left
    this.#words.fill(0, control.ticket, control.arrived + 1);
    const layout = { control, step: stepWords, program: programWords, programBytes };
    this.#threads = start({ memory, threads, layout });
    this.lost = this.#threads.lost.then((reason) => {
      this.#gone = true;
      // whoever waits for a job finds out
      Atomics.add(this.#words, control.finished, 1);
      Atomics.notify(this.#words, control.finished);
      return reason;
    });
  }

  /** Runs the chain that starts at this address; one chain at a time. Never rejects; resolves also when lost. */
  async run(first: number, scratch: { readonly address: number; readonly stride: number }): Promise<void> {
    if (this.#gone) return;
    this.#threads.hold(true);
    const words = this.#words;
    const step = new Int32Array(this.#memory.buffer, first, 4);
    const finished = Atomics.load(words, control.finished);
    words[control.scratch] = scratch.address;
    words[control.stride] = scratch.stride;
    Atomics.store(words, control.busy, 1);
    Atomics.store(words, control.step, first);
    Atomics.store(words, control.total, step[stepWords.total]!);
    Atomics.store(words, control.program, step[stepWords.program]!);
    Atomics.store(words, control.done, 0);
    Atomics.add(words, control.end, step[stepWords.total]!);
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation, 1);
    await changed(words, control.finished, finished);
    this.#threads.hold(false);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}
