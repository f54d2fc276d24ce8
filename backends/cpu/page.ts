/** The host that a browser page is: one thread, its own. */

export const host = {
  name: 'CPU',
  driver: 'WebAssembly',
  threads: 1,
  memory: 2 ** 31,
  start: undefined,
  setRelaxedSimd: undefined,
};
