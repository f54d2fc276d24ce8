/**
 * A write to a part of a buffer: the origin of the content that results. It is done where the content is, on one device or
 * on the host, and over the host where a device fails.
 */

import { type Content, dependencyFailed, isLoss, type Origin } from './content.ts';
import { Deferred } from './deferred.ts';
import { type Member, wholeWords } from './member.ts';

export class Patch implements Origin {
  readonly tentative = false;
  readonly attempt = 0;
  readonly #settled = new Deferred<void>();
  /** Retained until it is done. */
  readonly #base: Content;
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  #observed = false;

  constructor(base: Content, bytes: Uint8Array, offset: number) {
    this.#base = base.retain();
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get issued(): Promise<void> {
    return this.#settled.promise;
  }
  get hasIssued(): boolean {
    return this.#settled.settled;
  }
  get settled(): Promise<void> {
    return this.#settled.promise;
  }
  observe(): boolean {
    const news = !this.#observed;
    this.#observed = true;
    this.#base.failure?.origin?.observe();
    return news;
  }

  start(result: Content): void {
    result.retain();
    this.#apply(result)
      .then(
        () => result.succeed(),
        (error: unknown) => result.fail(dependencyFailed(error)),
      )
      .finally(() => {
        this.#base.release();
        result.release();
        this.#settled.resolve();
      });
  }

  async #apply(result: Content): Promise<void> {
    const base = this.#base;
    await base.origin?.settled;
    base.check();
    // this patch retains it, and the result, to go back to it
    const shared = base.uses > 2;
    const [member] = base.members;
    if (member !== undefined) {
      try {
        await this.#onDevice(member, result, shared);
        return;
      } catch (error) {
        if (isLoss(error)) base.lose(member);
        // there is still the way over the host
      }
    }
    await this.#onHost(result, shared);
  }

  async #onDevice(member: Member, result: Content, shared: boolean): Promise<void> {
    const base = this.#base;
    const from = base.at(member)!;
    if (!shared) {
      member.device.write(from, this.#offset, this.#bytes);
      result.put(member, base.handOver(member));
      result.letPreviousGo();
      return;
    }
    const { memory: to } = member.allocAny(base.bytes, [base]);
    try {
      const bytes = wholeWords(base.bytes);
      await member.device.submit([{ kind: 'copy', from, fromOffset: 0, to, toOffset: 0, bytes }]).done;
      member.device.write(to, this.#offset, this.#bytes);
    } catch (error) {
      member.free(to);
      throw error;
    }
    result.put(member, to);
  }

  async #onHost(result: Content, shared: boolean): Promise<void> {
    const base = this.#base;
    let bytes = shared ? undefined : base.host;
    if (bytes === undefined) await base.read(0, (bytes = new Uint8Array(base.bytes)));
    bytes.set(this.#bytes, this.#offset);
    result.host = bytes;
  }
}
