/** A write to a part of a buffer: the origin of the content that results. Done where the content is, the host or one device. */

import { IsokernelError } from '../ir/error.ts';
import { type Content, dependencyFailed, isLoss, type Origin } from './content.ts';
import { deferred } from './deferred.ts';
import { wholeWords } from './member.ts';

export class Patch implements Origin {
  readonly tentative = false;
  readonly attempt = 0;
  readonly #settled = deferred<void>();
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
    if (member === undefined) {
      const own = base.zeros ? new Uint8Array(base.bytes) : base.host;
      const bytes = shared ? own?.slice() : own;
      if (bytes === undefined) throw new IsokernelError('device-lost', 'the only device that held the buffer is gone');
      bytes.set(this.#bytes, this.#offset);
      result.host = bytes;
      result.letPreviousGo();
      return;
    }
    try {
      if (!shared) {
        result.put(member, base.handOver(member));
        result.letPreviousGo();
      } else {
        const { memory } = member.allocAny(base.bytes, [base]);
        result.put(member, memory);
        const from = base.at(member)!;
        const bytes = wholeWords(base.bytes);
        const copy = { kind: 'copy', from, fromOffset: 0, to: memory, toOffset: 0, bytes } as const;
        await member.device.submit([copy]).done;
      }
      member.device.write(result.at(member)!, this.#offset, this.#bytes);
    } catch (error) {
      if (!isLoss(error)) throw error;
      result.take(member);
      base.lose(member);
      return this.#apply(result);
    }
  }
}
