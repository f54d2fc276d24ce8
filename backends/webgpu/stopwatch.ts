/**
 * Times compute passes on the device (`timestamp-query`). Clocks are rounded, to 100 µs by default, so it is worth its readback
 * for work of milliseconds only.
 */

import { bufferUsage } from './constants.ts';
import type { StagingPool } from './staging.ts';

/** Milliseconds that the clock steps by, as browsers and Dawn round it. */
export const timestampResolution = 0.1;
/** Milliseconds below which the host's clock says more. */
export const shortestTimed = 5;

/** Passes that may be timed at once; more are left to the host's clock. */
const slots = 16;
const stampBytes = 16;
/** Where results may be resolved to. */
const slotBytes = 256;

export class Stopwatch {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: StagingPool;
  readonly #free: number[] = Array.from({ length: slots }, (_, slot) => slot);

  constructor(device: GPUDevice, staging: StagingPool) {
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 * slots });
    this.#resolved = device.createBuffer({
      size: slots * slotBytes,
      usage: bufferUsage.queryResolve | bufferUsage.copySource,
    });
    this.#staging = staging;
  }

  /** A pass to be timed; undefined where too many are under way. */
  take(): Stamp | undefined {
    const slot = this.#free.pop();
    if (slot === undefined) return undefined;
    const buffer = this.#staging.take(stampBytes);
    return {
      writes: { querySet: this.#queries, beginningOfPassWriteIndex: 2 * slot, endOfPassWriteIndex: 2 * slot + 1 },
      resolve: (encoder) => {
        encoder.resolveQuerySet(this.#queries, 2 * slot, 2, this.#resolved, slot * slotBytes);
        encoder.copyBufferToBuffer(this.#resolved, slot * slotBytes, buffer, 0, stampBytes);
      },
      read: async () => {
        try {
          return await this.#staging.map(buffer, stampBytes, millisecondsOf);
        } catch {
          return undefined; // the device is lost or closed, which its work says better
        } finally {
          this.#free.push(slot);
        }
      },
    };
  }
}

export interface Stamp {
  readonly writes: GPUComputePassTimestampWrites;
  /** To be encoded after the pass. */
  resolve(encoder: GPUCommandEncoder): void;
  /** Milliseconds that the pass took, once it is submitted; undefined where the clock gave nothing. */
  read(): Promise<number | undefined>;
}

function millisecondsOf(contents: Uint8Array): number | undefined {
  const view = new DataView(contents.buffer, contents.byteOffset);
  const nanoseconds = view.getBigUint64(8, true) - view.getBigUint64(0, true);
  return nanoseconds > 0n ? Number(nanoseconds) / 1e6 : undefined;
}
