/** The host that a browser page is: one thread, its own. */

import { startCaller } from './caller.ts';

export const host = {
  name: 'CPU',
  driver: 'WebAssembly',
  threads: 1,
  memory: 2 ** 31,
  start: startCaller,
  shared: false,
};
