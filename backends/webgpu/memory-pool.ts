/**
 * Device memory: whole GPU buffers by size class, kept for reuse after `free`.
 *
 * Every memory is a buffer of its own, because WebGPU refuses one buffer bound for reading and for writing at once, even in
 * disjoint ranges. A reused buffer is cleared before anything else sees it: `takeClears` hands over what is still to clear.
 */

import type { DeviceMemory } from '../../src/device/contract.ts';
import { bufferUsage } from './constants.ts';

export class WebGpuMemory implements DeviceMemory {
  readonly bytes: number;
  readonly buffer: GPUBuffer;
  /** Distinct for every GPU buffer of a device. */
  readonly id: number;
  /** The driver had no memory for it, although the budget allowed it. */
  readonly refused: () => boolean;

  constructor(bytes: number, { buffer, id, refused }: Pooled) {
    this.bytes = bytes;
    this.buffer = buffer;
    this.id = id;
    this.refused = refused;
  }
}

type Pooled = Pick<WebGpuMemory, 'buffer' | 'id' | 'refused'>;

const smallest = 256;
/** Idle bytes kept for reuse. */
const mostIdle = 2 ** 29;

/** Bytes of the buffer that holds so many: four steps to each doubling, at most a quarter more than asked. */
export function sizeClass(bytes: number): number {
  if (bytes <= smallest) return smallest;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

export class MemoryPool {
  readonly #device: GPUDevice;
  readonly #largest: number;
  readonly #idle = new Map<number, Pooled[]>();
  #idleBytes = 0;
  readonly #unclean = new Set<GPUBuffer>();
  #nextId = 0;

  /** `largest`: bytes of the largest buffer. */
  constructor(device: GPUDevice, largest: number) {
    this.#device = device;
    this.#largest = largest;
  }

  take(bytes: number): WebGpuMemory {
    const size = this.#sizeOf(bytes);
    const kept = this.#idle.get(size)?.pop();
    if (kept === undefined) return new WebGpuMemory(bytes, this.#create(size));
    this.#idleBytes -= size;
    this.#unclean.add(kept.buffer);
    return new WebGpuMemory(bytes, kept);
  }
  #create(size: number): Pooled {
    let refused = false;
    this.#device.pushErrorScope('out-of-memory');
    const { storage, copySource, copyDestination } = bufferUsage;
    const buffer = this.#device.createBuffer({ size, usage: storage | copySource | copyDestination });
    this.#device.popErrorScope().then(
      (error) => {
        refused = error !== null;
      },
      () => {}, // the device is gone, which its own promise tells
    );
    return { buffer, id: this.#nextId++, refused: () => refused };
  }

  /** Takes back a memory whose work is all in the queue. */
  release(memory: WebGpuMemory): void {
    const size = this.#sizeOf(memory.bytes);
    this.#unclean.delete(memory.buffer);
    if (memory.refused() || this.#idleBytes + size > mostIdle) {
      memory.buffer.destroy();
      return;
    }
    const idle = this.#idle.get(size);
    if (idle === undefined) this.#idle.set(size, [memory]);
    else idle.push(memory);
    this.#idleBytes += size;
  }

  /** Buffers to clear before what comes next in the queue. */
  takeClears(): readonly GPUBuffer[] {
    const clears = [...this.#unclean];
    this.#unclean.clear();
    return clears;
  }
  get hasClears(): boolean {
    return this.#unclean.size > 0;
  }

  /** Gives idle buffers back to the driver. */
  trim(): void {
    for (const buffers of this.#idle.values()) for (const { buffer } of buffers) buffer.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  #sizeOf(bytes: number): number {
    const size = sizeClass(bytes);
    return size <= this.#largest ? size : Math.ceil(bytes / 4) * 4;
  }
}
