/**
 * Relaxed SIMD: vector instructions whose rounding the machine chooses, of which `fast` takes the multiply-add. V8 has it by itself
 * since version 11.4; the one of Node 20 when a flag is set, which holds for the process and what is compiled in it from then on.
 */

import { wasm } from './platform.ts';

/** A module with one function, that is one f32x4.relaxed_madd. */
// biome-ignore format: sections of a module
const probe = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b,
  3, 2, 1, 0,
  10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 0x02, 0x0b,
);

export function hasRelaxedSimd(): boolean {
  return wasm?.validate(probe) ?? false;
}
/** The same after setting the host's flag for it, where it needs one and there is one. */
export function enableRelaxedSimd(setFlag: (() => void) | undefined): boolean {
  if (!hasRelaxedSimd()) setFlag?.();
  return hasRelaxedSimd();
}
