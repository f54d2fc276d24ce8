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

  /** Zeroed memory. Sizes are rounded up to whole words, so that fills and copies of the whole are legal everywhere. */
  alloc(bytes: number): DeviceMemory {
    this.checkThere();
    return this.device.alloc(wholeWords(bytes));
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

export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
