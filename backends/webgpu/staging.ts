/** Buffers that the host can map, kept for the next read. */

import { bufferUsage, mapRead } from './constants.ts';
import { sizeClass } from './memory-pool.ts';

/** Idle bytes kept. */
const mostIdle = 2 ** 26;

export class StagingPool {
  readonly #device: GPUDevice;
  readonly #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  take(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const found = this.#idle.findIndex((buffer) => buffer.size === size);
    const buffer = this.#idle[found];
    if (buffer === undefined)
      return this.#device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyDestination });
    this.#idle.splice(found, 1);
    this.#idleBytes -= size;
    return buffer;
  }

  /** Calls `use` with the first `bytes` once the work that fills them is done, and takes the buffer back. */
  async map<T>(buffer: GPUBuffer, bytes: number, use: (contents: Uint8Array) => T): Promise<T> {
    const size = Math.ceil(bytes / 4) * 4;
    await buffer.mapAsync(mapRead, 0, size);
    const result = use(new Uint8Array(buffer.getMappedRange(0, size), 0, bytes));
    buffer.unmap();
    if (this.#idleBytes + buffer.size > mostIdle) buffer.destroy();
    else {
      this.#idle.push(buffer);
      this.#idleBytes += buffer.size;
    }
    return result;
  }

  trim(): void {
    for (const buffer of this.#idle) buffer.destroy();
    this.#idle.length = 0;
    this.#idleBytes = 0;
  }
}
