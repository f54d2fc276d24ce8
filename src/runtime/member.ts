/** A device of a runtime: its id there, whether it is still there, and the memory the runtime holds on it. */

import { type Certificate, certificateBefore } from '../device/certify/certificate.ts';
import type { CompileOptions, Device, DeviceMemory, DeviceProgram, Rates } from '../device/contract.ts';
import { IsokernelError } from '../ir/error.ts';
import type { Verified } from '../ir/verified.ts';
import { Load, type Target } from '../router/target.ts';
import type { Content } from './content.ts';
import { Deferred } from './deferred.ts';
import { Spares } from './spares.ts';

interface Compiled {
  readonly program: DeviceProgram;
  /** What the device was known to be when it was compiled. */
  readonly certificate: Certificate;
}
/** A job that uses memory here; `settled` never rejects. */
interface Tracked {
  readonly settled: Promise<void>;
}

export class Member implements Target {
  readonly id: string;
  readonly device: Device;
  readonly load = new Load();
  /** The backend's first guess until the device is calibrated. */
  rates: Rates;
  calibrated = false;
  certificate: Certificate;
  /** Why the device is gone, once it is. */
  lost: string | undefined;
  /** Contents with a replica here. */
  readonly contents = new Set<Content>();
  /** Resolves when the last job that waits for memory has got it. */
  #line: Promise<void> = Promise.resolve();
  readonly #spares: Spares;
  readonly #guarded = new WeakMap<Verified, Compiled>();
  readonly #unguarded = new WeakMap<Verified, Compiled>();
  readonly #underWay = new Set<Tracked>();

  constructor(id: string, device: Device) {
    this.id = id;
    this.device = device;
    this.#spares = new Spares(device);
    this.rates = device.capabilities.rates;
    this.certificate = certificateBefore(device.capabilities);
  }

  /** Compiles a program; an `exact` one for the class of the device's floats. */
  async compile(verified: Verified, options: CompileOptions = {}): Promise<DeviceProgram> {
    const { certificate } = this;
    const numeric = certificate.exact ? certificate.numeric : undefined;
    const program = await this.device.compile(verified, { ...options, numeric });
    const { guarded = true, ...others } = options;
    if (Object.keys(others).length === 0) this.#compiledFor(guarded).set(verified, { program, certificate });
    return program;
  }
  /** What was compiled of these programs, each with or without guards; undefined where one was not, for this certificate. */
  programs(list: readonly Verified[], guards: readonly boolean[]): DeviceProgram[] | undefined {
    const found: DeviceProgram[] = [];
    for (let i = 0; i < list.length; i++) {
      const kept = this.#compiledFor(guards[i]!).get(list[i]!);
      if (kept === undefined || kept.certificate !== this.certificate) return undefined;
      found.push(kept.program);
    }
    return found;
  }
  #compiledFor(guarded: boolean): WeakMap<Verified, Compiled> {
    return guarded ? this.#guarded : this.#unguarded;
  }

  /**
   * Zeroed memory. Where it is short, spares and replicas that exist elsewhere make room, but not those of `keep`. Sizes
   * are rounded up to whole words, so that fills and copies of the whole are legal everywhere.
   */
  alloc(bytes: number, keep: readonly Content[]): DeviceMemory {
    this.checkThere();
    for (;;) {
      try {
        return this.device.alloc(wholeWords(bytes));
      } catch (thrown) {
        if (!isShortage(thrown) || !(this.#spares.drop() || this.#evict(keep))) throw thrown;
      }
    }
  }
  /** Memory of any contents; `clean` where it is zeroed. */
  allocAny(bytes: number, keep: readonly Content[]): { readonly memory: DeviceMemory; readonly clean: boolean } {
    const spare = this.#spares.take(wholeWords(bytes));
    return spare === undefined ? { memory: this.alloc(bytes, keep), clean: true } : { memory: spare, clean: false };
  }
  /** Drops the oldest replica that can be had again; false where there is none. */
  #evict(keep: readonly Content[]): boolean {
    for (const content of this.contents) {
      if (content.bytes === 0 || keep.includes(content) || !content.elsewhere(this)) continue;
      this.device.free(content.take(this)!);
      return true;
    }
    return false;
  }
  /** Takes memory back; work already submitted may still use it. */
  free(memory: DeviceMemory): void {
    if (this.lost === undefined) this.#spares.give(memory);
  }
  /** Gives memory that is kept for the next jobs back to the device. */
  trim(): void {
    this.#spares.clear();
  }
  /** The device is gone, or closed: nothing of it is used again. */
  lose(reason: string): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.#spares.forget();
    for (const content of [...this.contents]) content.lose(this);
  }
  checkThere(): void {
    if (this.lost === undefined) return;
    throw new IsokernelError('device-lost', `the device ${this.id} is gone: ${this.lost}`, {
      hint: 'Name another device, or open a new runtime.',
    });
  }

  /** Notes a job under way here, until `untrack`. */
  track(job: Tracked): void {
    this.#underWay.add(job);
  }
  untrack(job: Tracked): void {
    this.#underWay.delete(job);
  }
  /** Waits for the turn among jobs that wait for memory; the result ends it. */
  async standInLine(): Promise<() => void> {
    const before = this.#line;
    const turn = new Deferred<void>();
    this.#line = turn.promise;
    await before;
    return () => turn.resolve();
  }
  /** Waits until some job ends here and has let go of its memory; false where none is under way. */
  async someSettled(): Promise<boolean> {
    if (this.#underWay.size === 0) return false;
    await Promise.race([...this.#underWay].map((job) => job.settled));
    return true;
  }
}

export function isShortage(thrown: unknown): boolean {
  return thrown instanceof IsokernelError && thrown.code === 'out-of-memory';
}

export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
