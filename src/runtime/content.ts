/**
 * What a buffer holds between two writes: bytes that never change, and the replicas of them.
 *
 * A job that writes a buffer gives it a new content. So jobs never wait for readers of the old one, a job that fails
 * leaves the old one where it was, and copying a buffer is sharing its content. When nobody else wants the old content, the
 * job may take its memory over (see issue.ts).
 *
 * Contents are counted: each buffer, job and transfer that needs one retains it; with the last release its memory is freed.
 */

import type { DeviceMemory } from '../device/contract.ts';
import { IsokernelError, summaryOf } from '../ir/error.ts';
import { type Extent, empty, extentBetween } from '../ir/granules.ts';
import type { Member } from './member.ts';

/** What makes a content: a job, or a write to a part of a buffer. */
export interface Origin {
  /** Whether it may still fail in an orderly way (cancelled, out of fuel, …), so that the old content must stay. */
  readonly tentative: boolean;
  /** How often it has begun anew, on another device. Who used its content before that used what does not count. */
  readonly attempt: number;
  /** Resolves when the content has a replica that is complete once the device has done what it was given; never rejects. */
  readonly issued: Promise<void>;
  /** Whether that is so already. */
  readonly hasIssued: boolean;
  /** Resolves when the content is complete, or has failed; never rejects. */
  readonly settled: Promise<void>;
  /** Tells that its failure, where it fails, is seen by somebody; whether that is news. */
  observe(): boolean;
}

export class Content {
  readonly bytes: number;
  /** All bytes, where the host has them. */
  host: Uint8Array | undefined;
  /** It is all zeros: fresh memory is a replica. */
  readonly zeros: boolean;
  /** Nobody will use it but the one job that it is an argument of. */
  readonly #passing: boolean;
  /** What the f32 in it are, where that is known. */
  #extent: Extent | undefined;
  /** Undefined once the content is complete or failed. */
  origin: Origin | undefined;
  failure: { readonly error: unknown; readonly origin: Origin | undefined } | undefined;
  /** What the buffer returns to when the origin fails. Retained. */
  #previous: Content | undefined;
  readonly #replicas = new Map<Member, DeviceMemory>();
  readonly #arriving = new Map<Member, Promise<void>>();
  #uses = 0;
  /** It lived on in the content that followed; whoever is left needs it no more, unless a device is lost. */
  #handedOver = false;

  /** From bytes of the host, or from an origin, or zeros. */
  constructor(
    bytes: number,
    from: { host?: Uint8Array; passing?: boolean; origin?: Origin; previous?: Content | undefined } = {},
  ) {
    this.bytes = bytes;
    this.zeros = from.host === undefined && from.origin === undefined;
    this.host = from.host;
    this.#passing = from.passing ?? false;
    this.origin = from.origin;
    this.#previous = from.previous?.retain();
  }

  // ---- counting ----

  retain(): this {
    this.#uses++;
    return this;
  }
  release(): void {
    if (--this.#uses > 0) return;
    this.#drop();
    this.letPreviousGo();
  }
  /** How many want it. */
  get uses(): number {
    return this.#uses;
  }
  get previous(): Content | undefined {
    return this.#previous;
  }
  letPreviousGo(): void {
    const previous = this.#previous;
    this.#previous = undefined;
    previous?.release();
  }
  #drop(): void {
    this.host = undefined;
    for (const [member, memory] of this.#replicas) {
      member.contents.delete(this);
      member.free(memory);
    }
    this.#replicas.clear();
  }

  // ---- what is in it ----

  /**
   * What the f32 in it are; undefined where that is not known. A scan takes about as long as copying the bytes: it is done
   * once, and for what is used but once only where it is `worthwhile`.
   */
  extent(worthwhile: boolean): Extent | undefined {
    if (this.zeros) return empty;
    if (this.#extent === undefined && this.host !== undefined && (worthwhile || !this.#passing))
      this.#extent = scan(this.host);
    return this.#extent;
  }
  /** What its origin makes it. */
  noteExtent(extent: Extent | undefined): void {
    this.#extent = extent;
  }

  // ---- replicas ----

  at(member: Member): DeviceMemory | undefined {
    return this.#replicas.get(member);
  }
  /** Devices with a replica. */
  get members(): Iterable<Member> {
    return this.#replicas.keys();
  }
  put(member: Member, memory: DeviceMemory): void {
    this.#replicas.set(member, memory);
    member.contents.add(this);
  }
  /** Gives a replica's memory to the content that follows, which is made in place. */
  handOver(member: Member): DeviceMemory {
    this.#handedOver = true;
    return this.take(member)!;
  }
  /** Removes a replica without freeing it. */
  take(member: Member): DeviceMemory | undefined {
    const memory = this.#replicas.get(member);
    this.#replicas.delete(member);
    member.contents.delete(this);
    return memory;
  }
  /** The device is gone, and its replica with it. */
  lose(member: Member): void {
    this.take(member);
    if (this.origin === undefined) this.#checkCopyLeft();
  }
  #checkCopyLeft(): void {
    if (this.host !== undefined || this.zeros || this.#handedOver || this.#replicas.size > 0) return;
    this.failure ??= { error: noCopyLeft(), origin: undefined };
  }

  /** Whether it can be had without this device. */
  elsewhere(member: Member): boolean {
    if (this.origin !== undefined) return false;
    const others = this.#replicas.size - Number(this.#replicas.has(member));
    return this.host !== undefined || this.zeros || others > 0;
  }

  /** Puts a replica on the device at once, where the host has the bytes. `keep` stays on the device. */
  upload(member: Member, keep: readonly Content[]): void {
    if (this.#replicas.has(member) || (this.host === undefined && !this.zeros)) return;
    this.#send(member, this.host, keep);
  }
  /** Sees to it that there is a replica on the device; moves nothing where there is one. */
  bring(member: Member, keep: readonly Content[]): Promise<void> {
    if (this.#replicas.has(member)) return Promise.resolve();
    let arriving = this.#arriving.get(member);
    if (arriving === undefined) {
      arriving = this.#move(member, keep).finally(() => this.#arriving.delete(member));
      this.#arriving.set(member, arriving);
    }
    return arriving;
  }
  async #move(member: Member, keep: readonly Content[]): Promise<void> {
    this.retain();
    try {
      const bytes = new Uint8Array(this.bytes);
      await this.read(0, bytes);
      if (!this.#replicas.has(member)) this.#send(member, bytes, keep);
    } finally {
      this.release();
    }
  }
  #send(member: Member, bytes: Uint8Array | undefined, keep: readonly Content[]): void {
    const memory = bytes === undefined ? member.alloc(this.bytes, keep) : member.allocAny(this.bytes, keep).memory;
    try {
      if (bytes !== undefined && this.bytes > 0) member.device.write(memory, 0, bytes);
    } catch (thrown) {
      member.free(memory);
      throw thrown;
    }
    this.put(member, memory);
  }

  /** Copies bytes to the host from any valid replica, once the content is complete. Rejects where it failed. */
  async read(offset: number, into: Uint8Array): Promise<void> {
    this.retain();
    try {
      await this.origin?.issued;
      while (!(await this.#tryRead(offset, into)));
    } finally {
      this.release();
    }
  }
  /**
   * Lends all bytes to `use`, to be read while it runs: without a copy where the host has them, or sees the memory of a device
   * that does.
   */
  async lend(use: (bytes: Uint8Array) => void): Promise<void> {
    this.retain();
    try {
      await this.origin?.settled;
      this.check();
      if (this.host !== undefined) return use(this.host);
      for (const [member, memory] of this.#replicas) {
        const { device } = member;
        if (device.lend === undefined) continue;
        let lent = false;
        try {
          await device.lend(memory, (bytes) => {
            lent = true;
            use(bytes.subarray(0, this.bytes));
          });
          return;
        } catch (thrown) {
          if (lent || !isLoss(thrown)) throw thrown;
          this.lose(member);
        }
      }
      const copy = new Uint8Array(this.bytes);
      await this.read(0, copy);
      use(copy);
    } finally {
      this.release();
    }
  }
  async #tryRead(offset: number, into: Uint8Array): Promise<boolean> {
    this.check();
    if (this.host !== undefined) {
      into.set(this.host.subarray(offset, offset + into.byteLength));
      return true;
    }
    if (this.zeros) {
      into.fill(0);
      return true;
    }
    const [replica] = this.#replicas;
    if (replica === undefined) {
      if (this.origin === undefined) throw noCopyLeft();
      // its job is on the way to another device
      await this.origin.settled;
      return false;
    }
    const [member, memory] = replica;
    try {
      if (into.byteLength > 0) await member.device.read(memory, offset, into);
    } catch (thrown) {
      if (!isLoss(thrown)) throw thrown;
      this.lose(member);
      return false;
    }
    // the device may be ahead of what is known of the job: the bytes count once it has succeeded there
    const { origin } = this;
    await origin?.settled;
    this.check();
    return origin === undefined || this.at(member) === memory;
  }

  // ---- the end of its origin ----

  /** Throws what made the content fail, as the error of something that depends on it. */
  check(): void {
    if (this.failure === undefined) return;
    throw this.failure.origin === undefined ? this.failure.error : dependencyFailed(this.failure.error);
  }
  succeed(): void {
    this.origin = undefined;
    this.letPreviousGo();
    this.#checkCopyLeft();
  }
  fail(error: unknown): void {
    this.failure = { error, origin: this.origin };
    this.origin = undefined;
    this.#drop();
  }
}

/** What the f32 in these bytes are. */
function scan(bytes: Uint8Array): Extent {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  // of magnitudes; the least one less 1, so that zero comes out largest
  let least = 0x7fffffff;
  let greatest = 0;
  for (let i = 0; i < words.length; i++) {
    const magnitude = words[i]! & 0x7fffffff;
    const lessOne = (magnitude - 1) & 0x7fffffff;
    if (lessOne < least) least = lessOne;
    if (magnitude > greatest && magnitude < 0x7f800000) greatest = magnitude;
  }
  const exponent = (magnitude: number) => (magnitude >>> 23) - 127;
  return greatest === 0 ? empty : extentBetween(exponent(least + 1), exponent(greatest));
}

export function isLoss(thrown: unknown): boolean {
  return thrown instanceof IsokernelError && thrown.code === 'device-lost';
}

function noCopyLeft(): IsokernelError {
  return new IsokernelError('device-lost', 'the only device that held this content is gone', {
    hint: 'Write the buffer again.',
  });
}

/** The error of what depends on something that failed; its cause is always the first failure. */
export function dependencyFailed(error: unknown): unknown {
  if (error instanceof IsokernelError && error.code === 'dependency-failed') return error;
  return new IsokernelError('dependency-failed', `an earlier job failed: ${summaryOf(error)}`, {
    hint: 'See the cause. A buffer that was being changed in place holds nothing until it is written again; others are as before.',
    cause: error,
  });
}
