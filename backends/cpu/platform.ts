/**
 * The little of the host that this backend stands on and that no TypeScript library in use declares alike for Node and
 * browsers: WebAssembly, `Atomics.waitAsync`, message channels.
 */

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}
export type WasmModule = object & { readonly __module: never };
interface WasmInstance {
  readonly exports: Readonly<Record<string, (...args: number[]) => number>>;
}
interface Imports {
  readonly env: { readonly memory: WasmMemory };
}
interface WebAssemblyNamespace {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: Imports) => WasmInstance;
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: Imports): Promise<WasmInstance>;
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

/** Whether a thread that must not block can wait for a word of shared memory. */
export const canWaitAsync = typeof atomics.waitAsync === 'function';

/** Resolves when the word no longer holds the value. */
export async function changed(words: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(words, index) === value) await atomics.waitAsync(words, index, value).value;
}

interface Channel {
  readonly port1: { onmessage: () => void };
  readonly port2: { postMessage(message: number): void };
}
const host = globalThis as unknown as {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel: new () => Channel;
};

/** Resolves when the thread has done what else it had to do; a timer would wait for milliseconds. */
export function turn(): Promise<void> {
  return new Promise(host.setImmediate ?? afterMessage);
}
const turns: (() => void)[] = [];
let channel: Channel | undefined;
function afterMessage(callback: () => void): void {
  if (channel === undefined) {
    channel = new host.MessageChannel();
    channel.port1.onmessage = () => turns.shift()!();
  }
  turns.push(callback);
  channel.port2.postMessage(0);
}
