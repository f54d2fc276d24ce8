/**
 * The CPU backend: IR to WebAssembly, run by threads over one shared memory.
 *
 * A kernel goes through optimize (src/passes), expand.ts (what WebAssembly lacks, written out; functions in math/), regions.ts (what
 * runs between barriers) and emit.ts (with values.ts, access.ts, frame.ts) into wasm/encoder.ts. A job goes from device.ts as a
 * chain of steps (job.ts, steps.ts) to the workers (pool.ts, worker.cjs).
 */

import type { Backend } from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import { openCpu } from './device.ts';
import { wasm } from './platform.ts';

export const backend: Backend = {
  name: 'cpu',
  async discover({ threads, memory }) {
    const unavailable = (why: string, cause?: unknown) =>
      new IsokernelError('backend-unavailable', `cpu: ${why}`, {
        hint: 'It needs WebAssembly, SharedArrayBuffer and worker threads: Node 20 or later.',
        cause,
      });
    if (wasm === undefined || typeof SharedArrayBuffer === 'undefined')
      throw unavailable('no shared WebAssembly memory');
    if (globalThis.process?.versions?.node === undefined) throw unavailable('no worker threads');
    try {
      const { host } = await import('./node.ts');
      return [openCpu({ ...host, threads: threads ?? host.threads, memory })];
    } catch (cause) {
      throw unavailable(messageOf(cause), cause);
    }
  },
};
