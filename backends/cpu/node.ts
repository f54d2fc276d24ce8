/** The host that Node knows: its processor, and threads. Bundles for browsers leave this file out (package.json, `browser`). */

import { availableParallelism, cpus, totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { startThreads } from './threads.ts';

export const host = {
  name: cpus()[0]?.model.trim() ?? 'CPU',
  driver: `V8 ${process.versions['v8'] ?? ''}`,
  threads: availableParallelism(),
  // what is left is for the program that uses it, and for everybody else
  memory: totalmem() / 2,
  start: startThreads,
  setRelaxedSimd: (): void => setFlagsFromString('--experimental-wasm-relaxed-simd'),
};
