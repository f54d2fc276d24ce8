/** Whether the host's WebAssembly has vectors: V8 needs SSSE3 and SSE 4.1 of an x86 processor for them. */

import { wasm } from './platform.ts';

/** A module with one function, that makes a vector and drops it. */
// biome-ignore format: sections of a module
const probe = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 4, 1, 0x60, 0, 0,
  3, 2, 1, 0,
  10, 9, 1, 7, 0, 0x41, 0, 0xfd, 0x0f, 0x1a, 0x0b,
);

export function hasSimd(): boolean {
  return wasm?.validate(probe) ?? false;
}
