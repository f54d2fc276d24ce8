/**
 * Memory of a device that nothing uses any more, kept for a moment: jobs that repeat find their memory again instead of having it
 * made and cleared anew. What it holds is undefined. Work submitted earlier may still use it, which is no matter on a
 * device with one queue.
 */

import type { Device, DeviceMemory } from '../device/contract.ts';

/** Milliseconds that memory is kept after the last was given back. */
const keptFor = 250;
/** Share of a device's memory that is kept at most, and bytes. */
const share = 1 / 4;
const most = 2 ** 28;

export class Spares {
  readonly #device: Device;
  /** Oldest first. */
  readonly #kept: DeviceMemory[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Memory of exactly that size, the last given back first. */
  take(bytes: number): DeviceMemory | undefined {
    const at = this.#kept.findLastIndex((memory) => memory.bytes === bytes);
    return at < 0 ? undefined : this.#remove(at);
  }

  give(memory: DeviceMemory): void {
    const room = Math.min(most, this.#device.memory.budget * share);
    if (memory.bytes === 0 || memory.bytes > room) {
      this.#free(memory);
      return;
    }
    while (this.#bytes + memory.bytes > room) this.drop();
    this.#kept.push(memory);
    this.#bytes += memory.bytes;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), keptFor);
    // in Node, waiting to give memory back is no reason to go on living
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Gives the oldest back to the device; false where there is none. */
  drop(): boolean {
    if (this.#kept.length === 0) return false;
    this.#free(this.#remove(0));
    return true;
  }
  clear(): void {
    clearTimeout(this.#timer);
    while (this.drop());
  }
  /** Forgets all of it: the device is gone. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#kept.length = 0;
    this.#bytes = 0;
  }

  /** A device that has just gone may refuse; then its memory is gone too. */
  #free(memory: DeviceMemory): void {
    try {
      this.#device.free(memory);
    } catch {
      this.forget();
    }
  }
  #remove(at: number): DeviceMemory {
    const [memory] = this.#kept.splice(at, 1);
    this.#bytes -= memory!.bytes;
    return memory!;
  }
}
