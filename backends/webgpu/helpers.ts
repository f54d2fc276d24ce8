/**
 * WGSL functions that give a meaning which WGSL's own operation leaves open, or that WGSL has no operation for.
 *
 * A shader holds those that it uses. Sources are functions of the scalar type where a helper has several.
 */

import { type ScalarType, scalarTypes } from '../../src/ir/types.ts';
import type { Names } from './names.ts';

type Source = (type: ScalarType) => string;

export const helpers = {
  // WGSL lets min and max of floats choose either operand where one is NaN
  minimum: (t) => `fn minimum_${t}(x: ${t}, y: ${t}) -> ${t} {
  return select(x, y, y < x);
}`,
  maximum: (t) => `fn maximum_${t}(x: ${t}, y: ${t}) -> ${t} {
  return select(x, y, x < y);
}`,
  remainder: (t) => `fn remainder_${t}(x: ${t}, y: ${t}) -> ${t} {
  return x - y * trunc(x / y);
}`,
  // e^x overflows long before tanh stops being 1
  tanh: (t) => `fn tanh_${t}(x: ${t}) -> ${t} {
  return select(tanh(x), sign(x), abs(x) > 10.0);
}`,
  // x^2 overflows long before the logarithm does; log(2) is 0.69314718
  asinh: () => `fn asinh_f32(x: f32) -> f32 {
  return select(asinh(x), sign(x) * (log(abs(x)) + 0.69314718), abs(x) > 65536.0);
}`,
  acosh: () => `fn acosh_f32(x: f32) -> f32 {
  return select(acosh(x), log(x) + 0.69314718, x > 65536.0);
}`,
  // a call is no constant expression, so WGSL does not refuse NaN and the infinities here
  from_bits: (t) =>
    t === 'f16'
      ? `fn from_bits_f16(bits: u32) -> f16 {
  return bitcast<vec2<f16>>(bits).x;
}`
      : `fn from_bits_f32(bits: u32) -> f32 {
  return bitcast<f32>(bits);
}`,
  // WGSL saturates to the largest float of the range, and says nothing of NaN; found by bits, as a compiler may assume it away
  i32_from: () => `fn i32_from_f32(x: f32) -> i32 {
  let isNaN = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  return select(select(i32(x), 2147483647, x >= 2147483648.0), 0, isNaN);
}`,
  u32_from: () => `fn u32_from_f32(x: f32) -> u32 {
  let isNaN = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  return select(select(u32(x), 4294967295u, x >= 4294967296.0), 0u, isNaN);
}`,
  // both halves are exact, so the sum is the one rounding; some drivers round f32(u32) twice
  f32_from: () => `fn f32_from_u32(x: u32) -> f32 {
  return f32(x >> 16u) * 65536.0 + f32(x & 0xffffu);
}`,
  mul_high: (t) =>
    t === 'i32'
      ? `fn mul_high_i32(x: i32, y: i32) -> i32 {
  let product = mul_high_u32(bitcast<u32>(x), bitcast<u32>(y));
  return bitcast<i32>(product - select(0u, bitcast<u32>(y), x < 0) - select(0u, bitcast<u32>(x), y < 0));
}`
      : `fn mul_high_u32(x: u32, y: u32) -> u32 {
  let low = (x & 0xffffu) * (y & 0xffffu);
  let middle = (x >> 16u) * (y & 0xffffu) + (low >> 16u);
  let carry = (x & 0xffffu) * (y >> 16u) + (middle & 0xffffu);
  return (x >> 16u) * (y >> 16u) + (middle >> 16u) + (carry >> 16u);
}`,
  // to nearest even in integers: pack2x16float may round either way, and some drivers overflow to NaN
  pack_half: () => `fn pack_half_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return sign | 0x7c00u; }
  if (magnitude >= 0x38800000u) {
    return sign | (((magnitude + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u) - 0x1c000u);
  }
  let exponent = magnitude >> 23u;
  if (exponent < 102u) { return sign; }
  let significand = (magnitude & 0x7fffffu) | 0x800000u;
  let shift = 126u - exponent;
  let kept = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  return sign | (kept + select(0u, 1u, rest > half || (rest == half && (kept & 1u) == 1u)));
}`,
} as const satisfies Record<string, Source>;

export type HelperName = keyof typeof helpers;
const helperNames = Object.keys(helpers) as readonly HelperName[];

/** The helpers that a shader uses; `use` gives the name to call. */
export class UsedHelpers {
  readonly #used = new Map<string, string>();

  constructor(names: Names) {
    for (const name of helperNames) for (const type of scalarTypes) names.reserve(`${name}_${type}`);
  }
  use(name: HelperName, type: ScalarType): string {
    const called = `${name}_${type}`;
    if (called === 'mul_high_i32') this.use(name, 'u32');
    this.#used.set(called, helpers[name](type));
    return called;
  }
  get sources(): readonly string[] {
    return [...this.#used.values()];
  }
}
