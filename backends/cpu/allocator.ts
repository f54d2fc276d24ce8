/**
 * Who owns which bytes of one linear memory: first fit over a list of free ranges in address order, which merge as they meet.
 *
 * It knows numbers only; growing the memory and zeroing it are its owner's. Ranges start and are sized in multiples of 64 bytes, so
 * that no two allocations share a cache line.
 */

export const granularity = 64;

export interface Range {
  readonly start: number;
  readonly bytes: number;
}

export class Allocator {
  /** Free ranges below `#end`, in address order, no two touching. */
  readonly #free: { start: number; bytes: number }[] = [];
  /** Everything from here on was never handed out. */
  #end: number;
  readonly #limit: number;
  #used = 0;

  /** Hands out addresses in [start, limit). */
  constructor(start: number, limit: number) {
    this.#end = roundUp(start);
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }
  /** Bytes of the largest range that can be had. */
  get largest(): number {
    const last = this.#free.at(-1);
    const tail = last !== undefined && last.start + last.bytes === this.#end ? last.bytes : 0;
    return this.#free.reduce((most, { bytes }) => Math.max(most, bytes), this.#limit - this.#end + tail);
  }
  /** A range of at least so many bytes, or undefined where none is left. Only its first `dirty` bytes may hold old data. */
  take(bytes: number): (Range & { readonly dirty: number }) | undefined {
    const size = roundUp(Math.max(bytes, 1));
    const index = this.#free.findIndex((range) => range.bytes >= size);
    if (index >= 0) {
      const range = this.#free[index]!;
      const start = range.start;
      range.start += size;
      range.bytes -= size;
      if (range.bytes === 0) this.#free.splice(index, 1);
      this.#used += size;
      return { start, bytes: size, dirty: size };
    }
    // no free range is large enough; the last one may reach to the end and be extended
    const last = this.#free.at(-1);
    const tail = last !== undefined && last.start + last.bytes === this.#end ? last : undefined;
    const start = tail?.start ?? this.#end;
    if (start + size > this.#limit) return undefined;
    if (tail !== undefined) this.#free.pop();
    this.#end = start + size;
    this.#used += size;
    return { start, bytes: size, dirty: tail?.bytes ?? 0 };
  }

  /** Gives back a range that `take` handed out. */
  give({ start, bytes }: Range): void {
    this.#used -= bytes;
    const found = this.#free.findIndex((range) => range.start > start);
    const index = found < 0 ? this.#free.length : found;
    this.#free.splice(index, 0, { start, bytes });
    this.#merge(index);
    this.#merge(index - 1);
  }

  /** Joins the free range with the next one where they touch. */
  #merge(index: number): void {
    const range = this.#free[index];
    const next = this.#free[index + 1];
    if (range === undefined || next === undefined || range.start + range.bytes !== next.start) return;
    range.bytes += next.bytes;
    this.#free.splice(index + 1, 1);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / granularity) * granularity;
}
