/** The host that a browser page is: one thread, its own; and workers where the page is cross-origin isolated. */

import { canWaitAsync } from './platform.ts';
import type { StartThreads } from './pool.ts';

export const host = {
  name: 'CPU',
  driver: 'WebAssembly',
  threads: 1,
  memory: 2 ** 31,
  start: undefined as StartThreads | undefined,
  setRelaxedSimd: undefined,
};

const page = globalThis as unknown as {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
};

export async function hostOfPage(): Promise<typeof host> {
  const reason = await whyAlone();
  if (reason !== undefined) return { ...host, driver: `${host.driver}, one thread: ${reason}` };
  const { startWorkers } = await import('./web-workers.ts');
  return { ...host, threads: page.navigator?.hardwareConcurrency ?? 2, start: startWorkers };
}

async function whyAlone(): Promise<string | undefined> {
  if (page.crossOriginIsolated !== true) return 'the page is not cross-origin isolated';
  if (!canWaitAsync) return 'no Atomics.waitAsync';
  const { blocked } = await import('./web-workers.ts');
  return blocked();
}
