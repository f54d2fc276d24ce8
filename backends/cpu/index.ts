/**
 * The CPU backend: IR to WebAssembly, run by threads over one shared memory.
 *
 * A kernel goes through optimize (src/passes), expand.ts (what WebAssembly lacks, written out; functions in math/), regions.ts (what
 * runs between barriers), emit.ts and loops.ts (the invocations of a workgroup) into wasm/encoder.ts. What an invocation does is written in two forms: four neighbours along x
 * in the lanes of vectors (lanes/, after the analysis lanes/shape.ts), and one by one (invocation.ts, with statements.ts, values.ts and
 * access.ts) for what is left of a row. A job
 * goes from device.ts as a list of steps (chain.ts) to the engine (engine.ts), which runs it on the caller's own thread where that is
 * brief, and else on threads parked on the memory (pool.ts, steps.ts, worker.cjs; threads.ts starts them in Node, web-workers.ts in a page).
 */

import type { Backend } from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import { openCpu } from './device.ts';
import { laneCount } from './lanes/values.ts';
import { wasm } from './platform.ts';
import { hasSimd } from './simd.ts';

const isNode = globalThis.process?.versions?.node !== undefined;

export const backend: Backend = {
  name: 'cpu',
  async discover({ threads, memory, flags = true }) {
    if (wasm === undefined)
      throw new IsokernelError('backend-unavailable', 'cpu: no WebAssembly here', {
        hint: 'Use Node 20 or a browser.',
      });
    try {
      const host = isNode ? (await import('./node.ts')).host : await (await import('./page.ts')).hostOfPage();
      // what is measured of the device depends on the code that is written for it, so that is part of the driver;
      // without vectors, invocations run one by one: slower, and right
      const lanes = hasSimd() ? laneCount : 1;
      return [
        openCpu({
          ...host,
          driver: `${host.driver}, ${lanes === 1 ? 'no SIMD' : `${lanes} lanes`}`,
          lanes,
          threads: host.start === undefined ? 1 : (threads ?? host.threads),
          memory: memory ?? host.memory,
          setRelaxedSimd: flags ? host.setRelaxedSimd : undefined,
        }),
      ];
    } catch (cause) {
      throw new IsokernelError('backend-unavailable', `cpu: ${messageOf(cause)}`, {
        hint: 'It needs memory for WebAssembly and, in Node, worker threads.',
        cause,
      });
    }
  },
};
