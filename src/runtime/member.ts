/** A device of a runtime: its id there, whether it is still there, and the memory the runtime holds on it. */

import type { Device, DeviceMemory, Rates } from '../device/contract.ts';
import { IsokernelError } from '../ir/error.ts';
import { Load, type Target } from '../router/target.ts';
import type { Content } from './content.ts';

export class Member implements Target {
  readonly id: string;
  readonly device: Device;
  readonly load = new Load();
  /** The backend's first guess until the device is calibrated. */
  rates: Rates;
  calibrated = false;
  /** Why the device is gone, once it is. */
  lost: string | undefined;
  /** Contents with a replica here. */
  readonly contents = new Set<Content>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(id: string, device: Device) {
    this.id = id;
    this.device = device;
    this.rates = device.capabilities.rates;
  }

  /**
   * Zeroed memory. Where it is short, replicas that exist elsewhere make room, but not those of `keep`. Sizes are rounded
   * up to whole words, so that fills and copies of the whole are legal everywhere.
   */
  alloc(bytes: number, keep: readonly Content[]): DeviceMemory {
    this.checkThere();
    for (;;) {
      try {
        return this.device.alloc(wholeWords(bytes));
      } catch (thrown) {
        if (!isShortage(thrown) || !this.#evict(keep)) throw thrown;
      }
    }
  }
  /** Drops the oldest replica that can be had again; false where there is none. */
  #evict(keep: readonly Content[]): boolean {
    for (const content of this.contents) {
      if (content.bytes === 0 || keep.includes(content) || !content.elsewhere(this)) continue;
      this.free(content.take(this)!);
      return true;
    }
    return false;
  }
  /** Takes memory back after the work already submitted. */
  free(memory: DeviceMemory): void {
    if (this.lost === undefined) this.device.free(memory);
  }
  checkThere(): void {
    if (this.lost === undefined) return;
    throw new IsokernelError('device-lost', `the device ${this.id} is gone: ${this.lost}`, {
      hint: 'Name another device, or open a new runtime.',
    });
  }

  /** Notes a job under way here, by a promise that never rejects. */
  track(settled: Promise<void>): void {
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
  }
  /** Waits until some job ends here and has let go of its memory; false where none is under way. */
  async someSettled(): Promise<boolean> {
    if (this.#underWay.size === 0) return false;
    await Promise.race(this.#underWay);
    return true;
  }
}

export function isShortage(thrown: unknown): boolean {
  return thrown instanceof IsokernelError && thrown.code === 'out-of-memory';
}

export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
