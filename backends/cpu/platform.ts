/**
 * The little of the host that this backend stands on and that no TypeScript library in use declares: WebAssembly and
 * `Atomics.waitAsync`. Node and browsers have both.
 */

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}
export type WasmModule = object & { readonly __module: never };
interface WasmInstance {
  readonly exports: Readonly<Record<string, (...args: number[]) => number>>;
}
interface WebAssemblyNamespace {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => WasmInstance;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>;
}

/** undefined where the host has no WebAssembly. */
export const wasm = (globalThis as { readonly WebAssembly?: WebAssemblyNamespace }).WebAssembly;

interface AsyncWait {
  readonly async: boolean;
  readonly value: Promise<string> | string;
}
const atomics = Atomics as typeof Atomics & {
  waitAsync(words: Int32Array, index: number, value: number): AsyncWait;
};

/** Resolves when the word no longer holds the value. */
export async function changed(words: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(words, index) === value) await atomics.waitAsync(words, index, value).value;
}
