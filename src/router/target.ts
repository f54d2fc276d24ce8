/** A device as the router sees it: what it is, how fast, and how much it has been given already. */

import type { Certificate } from '../device/certify/certificate.ts';
import type { Device, Rates } from '../device/contract.ts';

export interface Target {
  /** Unique in the runtime. */
  readonly id: string;
  readonly device: Device;
  readonly rates: Rates;
  /** Whether its floats are those of `exact`. */
  readonly certificate: Certificate;
  readonly load: Load;
}

/** The work a device has been given and not finished, by prediction. Milliseconds. */
export class Load {
  /** In the order they were given. */
  readonly #pending = new Map<object, number>();
  #total = 0;
  /** When the first of them began, as far as is known. */
  #began = 0;

  get idle(): boolean {
    return this.#pending.size === 0;
  }

  /** Adds work; the result takes it away again. */
  add(predicted: number, now: number): (now: number) => void {
    if (this.idle) this.#began = now;
    const token = {};
    this.#pending.set(token, predicted);
    this.#total += predicted;
    return (end) => {
      if (!this.#pending.delete(token)) return;
      this.#total = this.idle ? 0 : this.#total - predicted;
      this.#began = end;
    };
  }

  /** Predicted time until the device is free. */
  wait(now: number): number {
    if (this.idle) return 0;
    const [first] = this.#pending.values();
    return this.#total - Math.min(now - this.#began, first!);
  }
}
