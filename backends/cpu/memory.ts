/**
 * The one linear memory that holds everything compiled code and workers touch: buffers, programs, steps, scratch.
 *
 * WebAssembly memory never shrinks, and its maximum is reserved address space, not memory.
 */

import { IsokernelError } from '../../src/ir/error.ts';
import { Allocator, type Range } from './allocator.ts';
import type { Chain, Repeated } from './chain.ts';
import type { Executable, Loaded } from './executable.ts';
import { type WasmMemory, wasm } from './platform.ts';
import { control, heapStart } from './steps.ts';

const pageBytes = 65536;
/** 4 GiB where the address space allows it; the least that makes sense last. */
const maxima: readonly number[] = [65536, 32768, 16384, 4096];

export class LinearMemory {
  readonly wasm: WasmMemory;
  readonly maximum: number;
  /** What is kept about objects that have something here, with the memory, so that it goes when the memory does. */
  readonly loaded = new WeakMap<Executable, Loaded>();
  readonly chains = new WeakMap<Repeated, Chain>();
  readonly #allocator: Allocator;
  #pages = 16;
  #bytes: Uint8Array;
  #words: Int32Array;
  readonly #owned = new FinalizationRegistry<Range>((range) => {
    // what workers know by address is no more
    Atomics.add(this.#words, control.freed, 1);
    this.give(range);
  });

  /** `most`: pages it may have. Throws where the system has no memory. */
  constructor(shared: boolean, most: number = maxima[0]!) {
    const { memory, maximum } = reserve(this.#pages, shared, most);
    this.wasm = memory;
    this.maximum = maximum;
    this.#allocator = new Allocator(heapStart, maximum * pageBytes);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }

  get limit(): number {
    return this.maximum * pageBytes;
  }
  /** The memory as it is now: not to be kept, as it may grow. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  get words(): Int32Array {
    return this.#words;
  }

  /** A range of zeros. Throws `out-of-memory` where there is no room or the system has none. */
  take(bytes: number): Range {
    const range = this.#allocator.take(bytes);
    if (range === undefined)
      throw outOfMemory(
        `cpu: no ${bytes} bytes are free together, but ${this.#allocator.largest} at most; ${this.#allocator.used} of ${this.limit} are in use`,
      );
    try {
      this.#reach(range.start + range.bytes);
    } catch (cause) {
      this.#allocator.give(range);
      throw outOfMemory(`cpu: the system refused to grow the memory by ${bytes} bytes`, cause);
    }
    this.#bytes.fill(0, range.start, range.start + range.dirty);
    return range;
  }
  give(range: Range): void {
    this.#allocator.give(range);
  }
  /** Gives the range back when nobody can reach its owner any more. */
  giveWithOwner(owner: object, range: Range): void {
    this.#owned.register(owner, range);
  }
  /** Bytes in use, and bytes that the system was asked for so far. */
  get used(): number {
    return this.#allocator.used;
  }
  get size(): number {
    return this.#pages * pageBytes;
  }

  #reach(end: number): void {
    const pages = Math.ceil(end / pageBytes);
    if (pages <= this.#pages) return;
    // in large steps where possible, so that many small allocations grow it rarely
    const generous = Math.min(this.maximum, Math.max(pages, this.#pages + (this.#pages >> 1)));
    try {
      this.wasm.grow(generous - this.#pages);
      this.#pages = generous;
    } catch {
      this.wasm.grow(pages - this.#pages);
      this.#pages = pages;
    }
    this.#bytes = new Uint8Array(this.wasm.buffer);
    this.#words = new Int32Array(this.wasm.buffer);
  }
}

function outOfMemory(message: string, cause?: unknown): IsokernelError {
  return new IsokernelError('out-of-memory', message, { hint: 'Free buffers, or work in smaller pieces.', cause });
}

function reserve(initial: number, shared: boolean, most: number): { memory: WasmMemory; maximum: number } {
  let refused: unknown;
  for (const maximum of [most, ...maxima.filter((pages) => pages < most)]) {
    try {
      return { memory: new wasm!.Memory({ initial, maximum, shared }), maximum };
    } catch (cause) {
      refused = cause;
    }
  }
  throw refused;
}
