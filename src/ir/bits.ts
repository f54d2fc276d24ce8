/**
 * Scalars as JavaScript numbers, and as their bits.
 *
 * Everywhere in the compiler and the interpreter a scalar value is a JavaScript number: an f32 or f16 is a number already
 * rounded to that type, an i32 is in [-2^31, 2^31), a u32 in [0, 2^32), a bool is 0 or 1. NaN has one form, so its bits
 * are always the canonical ones (0x7fc00000; f16 0x7e00).
 */

import type { ScalarType } from './types.ts';

const scratch = new DataView(new ArrayBuffer(8));
const canonicalNaN = { f32: 0x7fc00000, f16: 0x7e00 } as const;

/** The bits of a number of this type, in [0, 2^32); for f16 and bool in the low bits. The number must be of the type. */
export function bitsOf(type: ScalarType, value: number): number {
  switch (type) {
    case 'bool':
      return value ? 1 : 0;
    case 'i32':
    case 'u32':
      return value >>> 0;
    case 'f32':
      if (Number.isNaN(value)) return canonicalNaN.f32;
      scratch.setFloat32(0, value);
      return scratch.getUint32(0);
    case 'f16':
      return halfBits(value);
  }
}

/** The number that these bits are in this type. */
export function numberOf(type: ScalarType, bits: number): number {
  switch (type) {
    case 'bool':
      return bits & 1;
    case 'i32':
      return bits | 0;
    case 'u32':
      return bits >>> 0;
    case 'f32':
      scratch.setUint32(0, bits);
      return scratch.getFloat32(0);
    case 'f16':
      return halfValue(bits);
  }
}

/** A number rounded to the type: to nearest even for floats, modulo 2^32 for integers (which must be whole). */
export function roundTo(type: ScalarType, value: number): number {
  switch (type) {
    case 'bool':
      return value ? 1 : 0;
    case 'i32':
      return value | 0;
    case 'u32':
      return value >>> 0;
    case 'f32':
      return Math.fround(value);
    case 'f16':
      return halfValue(halfBits(value));
  }
}
/** The f16 nearest to a number (ties to even, one rounding from the double), as bits. */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return canonicalNaN.f16;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00; // halfway past the largest finite f16, 65504, and beyond
  if (magnitude < 2 ** -14) return sign | roundTiesToEven(magnitude * 2 ** 24); // subnormal: a multiple of 2^-24
  const exponent = Math.floor(Math.log2(magnitude));
  // log2 may round up at a power of two's lower neighbour: correct it
  const e = 2 ** exponent > magnitude ? exponent - 1 : exponent;
  // a significand that rounds up to 2048 carries into the exponent by itself
  return sign | (((e + 14) << 10) + roundTiesToEven(magnitude * 2 ** (10 - e)));
}

/** The number of an f16's bits. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Nearest whole number, ties to even, of a number of magnitude below 2^52. */
export function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
