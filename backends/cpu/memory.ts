/**
 * The one linear memory that holds everything compiled code and workers touch: buffers, programs, steps, scratch.
 *
 * WebAssembly memory never shrinks, and its maximum is reserved address space, not memory.
 */

import { IsokernelError } from '../../src/ir/error.ts';
import { Allocator, type Range } from './allocator.ts';
import { type WasmMemory, wasm } from './platform.ts';
import { heapStart } from './steps.ts';

const pageBytes = 65536;
/** 4 GiB where the address space allows it; the least that makes sense last. */
const maxima = [65536, 32768, 16384, 4096];

export class LinearMemory {
  readonly wasm: WasmMemory;
  readonly maximum: number;
  readonly #allocator: Allocator;
  #pages = 16;
  #bytes: Uint8Array;
  #words: Int32Array;

  /** Throws where the system has no memory. */
  constructor(shared: boolean) {
    const { memory, maximum } = reserve(this.#pages, shared);
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
        `cpu: no ${bytes} bytes are free together; ${this.#allocator.used} of ${this.limit} are in use`,
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

function reserve(initial: number, shared: boolean): { memory: WasmMemory; maximum: number } {
  for (const maximum of maxima) {
    try {
      return { memory: new wasm!.Memory({ initial, maximum, shared }), maximum };
    } catch (cause) {
      if (maximum === maxima.at(-1)) throw cause;
    }
  }
  throw new Error('unreachable');
}
