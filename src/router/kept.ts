/** What was found out about a device, kept between runs as JSON: for one state of the device, told by a fingerprint. */

import type { Device } from '../device/contract.ts';
import { semanticsVersion } from '../ir/ops.ts';
import type { Store } from './store.ts';

export type Fingerprint = Readonly<Record<string, string | number>>;

/** The very device, its driver and what is asked of it (`version`): another one's findings are none of its. */
export function fingerprintOf({ capabilities }: Device, version: number): Fingerprint {
  const { backend, name, driver, threads } = capabilities;
  return { version: `${version}.${semanticsVersion}`, backend, name, driver, threads };
}

export class Kept<T> {
  readonly #store: Store | undefined;
  readonly #name: string;
  readonly #fingerprint: Fingerprint;
  readonly #field: string;
  readonly #is: (value: unknown) => value is T;

  /** Kept under `name`, as the member `field` of a record. `is` tells whether what is found there can be it. */
  constructor(
    store: Store | undefined,
    name: string,
    fingerprint: Fingerprint,
    field: string,
    is: (value: unknown) => value is T,
  ) {
    this.#store = store;
    this.#name = name;
    this.#fingerprint = fingerprint;
    this.#field = field;
    this.#is = is;
  }

  /** Undefined where there is none, or one of another state. Rejects where what is there cannot be read. */
  async load(): Promise<T | undefined> {
    const text = await this.#store?.load(this.#name);
    if (text === undefined) return undefined;
    const record: unknown = JSON.parse(text);
    const value = isRecord(record) ? record[this.#field] : undefined;
    if (!isRecord(record) || !this.#is(value)) throw new Error(`it holds no ${this.#field}`);
    return Object.entries(this.#fingerprint).every(([key, part]) => record[key] === part) ? value : undefined;
  }
  async save(value: T): Promise<void> {
    const text = JSON.stringify({ ...this.#fingerprint, [this.#field]: value }, undefined, 2);
    await this.#store?.save(this.#name, `${text}\n`);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
