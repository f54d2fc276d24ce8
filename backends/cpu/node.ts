/** The host that Node knows: its processor, and threads. Bundles for browsers leave this file out (package.json, `browser`). */

import { availableParallelism, cpus } from 'node:os';
import { startPool } from './pool.ts';

export const host = {
  name: cpus()[0]?.model.trim() ?? 'CPU',
  driver: `V8 ${process.versions['v8'] ?? ''}`,
  threads: availableParallelism(),
  start: startPool,
  shared: true,
};
