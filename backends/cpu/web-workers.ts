/**
 * Web Workers of a page that has shared memory.
 *
 * Their script is text in this bundle, started from a `blob:` address: so there is no file that a bundler must know of or a
 * server must have, and a page may load the library from another origin. A Content-Security-Policy must allow
 * `worker-src blob:`; where it does not, `blocked` says so, and the page goes on with one thread.
 */

import type { Start, Threads } from './pool.ts';
import { workerText } from './worker-text.ts';

/** What is used of a worker; no library of types declares it for Node too. */
interface WebWorker {
  onmessage: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}
const page = globalThis as unknown as {
  readonly Worker: new (address: string) => WebWorker;
  readonly Blob: new (parts: readonly string[], options: { readonly type: string }) => object;
  readonly URL: { createObjectURL(blob: object): string; revokeObjectURL(address: string): void };
};

function newWorker(text: string): WebWorker {
  const address = page.URL.createObjectURL(new page.Blob([text], { type: 'text/javascript' }));
  try {
    return new page.Worker(address);
  } finally {
    // a worker that has begun to load needs it no more
    page.URL.revokeObjectURL(address);
  }
}

/** Why workers cannot be started, where they cannot. */
export function blocked(): Promise<string | undefined> {
  return new Promise((resolve) => {
    try {
      const worker = newWorker('postMessage(0)');
      const end = (reason?: string): void => {
        worker.terminate();
        resolve(reason);
      };
      worker.onmessage = () => end();
      worker.onerror = (event) => {
        event.preventDefault();
        end('its Content-Security-Policy needs worker-src blob:');
      };
    } catch {
      resolve('it may not start workers');
    }
  });
}

export function startWorkers(start: Start): Threads {
  let workers: WebWorker[] = [];
  const close = async (): Promise<void> => {
    for (const worker of workers) worker.terminate();
    workers = [];
  };
  const lost = new Promise<string>((resolve) => {
    for (let index = 0; index < start.threads; index++) {
      const worker = newWorker(workerText);
      workers.push(worker);
      worker.onerror = (event) => {
        event.preventDefault();
        void close();
        resolve(`a worker failed: ${event.message ?? 'it could not be started'}`);
      };
      worker.postMessage({ start, index });
    }
  });
  return { lost, hold() {}, close };
}
