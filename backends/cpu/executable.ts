/** A compiled module, `run(arguments, scratch, first, count)`, and where a linear memory has it for the workers to find. */

import type { LinearMemory } from './memory.ts';
import { type WasmModule, wasm } from './platform.ts';
import { programBytes, programWords } from './steps.ts';

export type Run = (args: number, scratch: number, first: number, count: number) => unknown;

/** A module that is in a memory: its address there, and this thread's instance. */
export interface Loaded {
  readonly address: number;
  readonly run: Run;
}

export class Executable {
  /** Scratch memory that each thread needs. */
  readonly scratchBytes: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** V8 keeps one code for equal modules, as long as one of them is there: the workers' own compiling finds this one's. */
  readonly #module: WasmModule;

  constructor(bytes: Uint8Array<ArrayBuffer>, module: WasmModule, scratchBytes: number) {
    this.#bytes = bytes;
    this.#module = module;
    this.scratchBytes = scratchBytes;
  }

  /** Where the memory has it, if it has. */
  in(linear: LinearMemory): Loaded | undefined {
    return linear.loaded.get(this);
  }
  /** Puts it into the memory, which gets the room back when the executable is collected. Rejects with `out-of-memory`. */
  async load(linear: LinearMemory): Promise<void> {
    // asynchronously, as a page's own thread may not do it otherwise
    const { exports } = await wasm!.instantiate(this.#module, { env: { memory: linear.wasm } });
    if (this.in(linear) !== undefined) return;
    const range = linear.take(programBytes + this.#bytes.length);
    linear.words[range.start / 4 + programWords.length] = this.#bytes.length;
    linear.bytes.set(this.#bytes, range.start + programBytes);
    linear.giveWithOwner(this, range);
    linear.loaded.set(this, { address: range.start, run: exports['run'] as Run });
  }
}
