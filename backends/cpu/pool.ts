/**
 * Workers of Node in a piscina pool, parked on shared memory (worker.cjs has their side).
 *
 * The main thread publishes a job's first step, wakes one worker and waits asynchronously; workers wake each other. It never
 * blocks. An idle pool does not keep the process alive; a running job does.
 */

import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Executor } from './executor.ts';
import { changed, type WasmMemory } from './platform.ts';
import { control, controlWords, programWords, stepKinds, stepWords, stopAddress } from './steps.ts';

export function startPool(memory: WasmMemory, threads: number): Executor {
  const shared = new SharedArrayBuffer(controlWords * 4);
  const words = new Int32Array(shared);
  const ticket = new BigUint64Array(shared);
  const pool = new Piscina({
    filename: fileURLToPath(new URL('worker.cjs', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    // Workers leave piscina's loop to park in their own: see worker.cjs.
    atomics: 'disabled',
    // The host's loaders would only slow a worker's start: what it runs is plain JavaScript.
    execArgv: [],
  });
  const layout = { control, step: stepWords, kinds: stepKinds, program: programWords, stopAddress };

  let closing = false;
  const lost = new Promise<string>((resolve) => {
    const lose = (reason: string): void => {
      if (closing) return;
      closing = true;
      resolve(reason);
      // whoever waits for a job finds out
      Atomics.add(words, control.finished, 1);
      Atomics.notify(words, control.finished);
      void pool.destroy();
    };
    for (const thread of pool.threads) thread.once('exit', (code) => lose(`a worker thread ended with code ${code}`));
    pool.on('error', (error) => lose(`a worker thread failed: ${error.message}`));
    for (let i = 0; i < threads; i++) {
      pool
        .run({ memory, shared, threads, layout })
        .catch((error: Error) => lose(`a worker thread failed: ${error.message}`));
    }
  });

  // What keeps the process alive while a job runs: neither the workers nor a pending waitAsync do.
  const alive = setInterval(() => {}, 2 ** 30).unref();
  function hold(running: boolean): void {
    if (running) alive.ref();
    else alive.unref();
  }

  return {
    threads,
    lost,
    get step() {
      return Atomics.load(words, control.step) >>> 0;
    },
    get unitsDone() {
      return Atomics.load(words, control.done) >>> 0;
    },
    async run(firstStep) {
      hold(true);
      const finished = Atomics.load(words, control.finished);
      Atomics.store(words, control.step, firstStep);
      Atomics.store(words, control.done, 0);
      const number = (Atomics.load(ticket, control.ticket >> 1) >> 32n) + 1n;
      const total = new Int32Array(memory.buffer)[firstStep / 4 + stepWords.total]! >>> 0;
      Atomics.store(ticket, control.ticket >> 1, (number << 32n) | BigInt(total));
      Atomics.add(words, control.generation, 1);
      Atomics.notify(words, control.generation, 1);
      await changed(words, control.finished, finished);
      hold(false);
    },
    async close() {
      closing = true;
      clearInterval(alive);
      await pool.destroy();
    },
  };
}
