/**
 * Worker threads of Node, in a piscina pool. Idle ones do not keep the process alive.
 */

import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Start, Threads } from './pool.ts';

export function startThreads(start: Start): Threads {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('worker.cjs', import.meta.url)),
    minThreads: start.threads,
    maxThreads: start.threads,
    // Workers leave piscina's loop to park in their own: see worker.cjs.
    atomics: 'disabled',
    // The host's loaders would only slow a worker's start: what it runs is plain JavaScript.
    execArgv: [],
  });
  // What keeps the process alive while a job runs: neither the workers nor a pending waitAsync do.
  const alive = setInterval(() => {}, 2 ** 30).unref();
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    clearInterval(alive);
    ended ??= pool.destroy();
    return ended;
  };
  const lost = new Promise<string>((resolve) => {
    const lose = (reason: string): void => {
      // one that is gone may leave a step that never ends: none goes on
      if (ended === undefined) void end().finally(() => resolve(reason));
    };
    for (const thread of pool.threads) thread.once('exit', (code) => lose(`a worker thread ended with code ${code}`));
    pool.on('error', (error) => lose(`a worker thread failed: ${error.message}`));
    for (let i = 0; i < start.threads; i++)
      pool.run(start).catch((error: Error) => lose(`a worker thread failed: ${error.message}`));
  });
  return {
    lost,
    hold(running) {
      if (running) alive.ref();
      else alive.unref();
    },
    close: end,
  };
}
