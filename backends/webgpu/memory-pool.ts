/**
 * Device memory: whole GPU buffers by size class, kept for reuse after `free`.
 *
 * Every memory is a buffer of its own, because WebGPU refuses one buffer bound for reading and for writing at once, even in
 * disjoint ranges. A reused buffer is cleared before anything else sees it: `takeClears` hands over what the device still has to clear.
 */

import type { DeviceMemory } from '../../src/device/contract.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { bufferUsage } from './constants.ts';

export class WebGpuMemory implements DeviceMemory {
  readonly bytes: number;
  /** Distinct for every GPU buffer of a device. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly pool: MemoryPool;
  freed = false;

  constructor(pool: MemoryPool, bytes: number, { id, buffer }: PooledBuffer) {
    this.pool = pool;
    this.bytes = bytes;
    this.id = id;
    this.buffer = buffer;
  }
}

interface PooledBuffer {
  readonly id: number;
  readonly buffer: GPUBuffer;
}

const smallest = 256;

/** Bytes of the buffer that holds so many: four steps to each doubling, at most a quarter more than asked. */
export function sizeClass(bytes: number): number {
  if (bytes <= smallest) return smallest;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

export class MemoryPool {
  readonly budget: number;
  readonly #device: GPUDevice;
  /** Largest buffer. */
  readonly #limit: number;
  readonly #idle = new Map<number, PooledBuffer[]>();
  readonly #unclean = new Set<GPUBuffer>();
  #idleBytes = 0;
  #used = 0;
  #nextId = 0;
  /** Set once the driver refused memory that the budget allowed: by buffer. */
  readonly #refused = new WeakSet<GPUBuffer>();

  constructor(device: GPUDevice, budget: number, limit: number) {
    this.#device = device;
    this.budget = budget;
    this.#limit = limit;
  }

  /** Bytes that memories in use take on the device. */
  get used(): number {
    return this.#used;
  }

  alloc(bytes: number): WebGpuMemory {
    const size = this.#sizeOf(bytes);
    if (bytes > this.#limit || this.#used + size > this.budget) throw this.#outOfMemory(bytes);
    const kept = this.#idle.get(size)?.pop();
    this.#used += size;
    if (kept !== undefined) {
      this.#idleBytes -= size;
      this.#unclean.add(kept.buffer);
      return new WebGpuMemory(this, bytes, kept);
    }
    if (this.#used + this.#idleBytes > this.budget) this.trim();
    this.#device.pushErrorScope('out-of-memory');
    const { storage, copySource, copyDestination } = bufferUsage;
    const buffer = this.#device.createBuffer({ size, usage: storage | copySource | copyDestination });
    this.#device.popErrorScope().then(
      (error) => {
        if (error !== null) this.#refused.add(buffer);
      },
      () => {}, // the device is gone, which its own promise tells
    );
    return new WebGpuMemory(this, bytes, { id: this.#nextId++, buffer });
  }

  /** Takes back a memory whose work is all in the queue. */
  release(memory: WebGpuMemory): void {
    const size = this.#sizeOf(memory.bytes);
    this.#used -= size;
    this.#unclean.delete(memory.buffer);
    if (this.#refused.has(memory.buffer) || this.#idleBytes + size > this.budget / 4) {
      memory.buffer.destroy();
      return;
    }
    const idle = this.#idle.get(size) ?? [];
    idle.push(memory);
    this.#idle.set(size, idle);
    this.#idleBytes += size;
  }

  /** Buffers that must be cleared before what comes next in the queue. */
  takeClears(): readonly GPUBuffer[] {
    const clears = [...this.#unclean];
    this.#unclean.clear();
    return clears;
  }
  /** Whether a buffer still waits to be cleared. */
  get hasClears(): boolean {
    return this.#unclean.size > 0;
  }

  /** The error for a memory that the driver refused although the budget allowed it. */
  refusal(memory: WebGpuMemory): IsokernelError | undefined {
    return this.#refused.has(memory.buffer) ? this.#outOfMemory(memory.bytes) : undefined;
  }

  /** Gives idle buffers back to the driver. */
  trim(): void {
    for (const buffers of this.#idle.values()) for (const { buffer } of buffers) buffer.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  #sizeOf(bytes: number): number {
    const size = sizeClass(bytes);
    return size <= this.#limit ? size : Math.ceil(bytes / 4) * 4;
  }
  #outOfMemory(bytes: number): IsokernelError {
    return new IsokernelError(
      'out-of-memory',
      `${bytes} bytes do not fit: ${this.#used} of ${this.budget} bytes are in use`,
      {
        hint: `free buffers that are no longer needed, or work in pieces; one buffer may have up to ${this.#limit} bytes`,
      },
    );
  }
}
