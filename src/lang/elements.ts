/**
 * Element type tokens: what an author writes in `params`, and what TypeScript makes of them.
 *
 * A token carries the IR's name of the type, and two types that exist for TypeScript only: what a kernel body sees of one
 * element, and the typed array that holds elements on the host.
 */

import { halfBits, halfValue } from '../ir/bits.ts';
import type { ElementType } from '../ir/types.ts';
import type { Vec2, Vec3, Vec4 } from './vectors.ts';

/** A type as kernels declare it: `f32`, `vec3i`, … */
export interface Token<Name extends ElementType | 'bool', InBody, Host> {
  readonly type: Name;
  /** For TypeScript only: an element in a body. */
  readonly inBody?: InBody;
  /** For TypeScript only: elements on the host. */
  readonly onHost?: Host;
}
/** Any type of a parameter. */
export type AnyToken = Token<ElementType | 'bool', unknown, unknown>;
/** Any type of an array's elements. */
export type ElementToken = Token<ElementType, unknown, unknown>;

/** What a body sees of a token. */
export type InBody<T> = T extends Token<ElementType | 'bool', infer V, unknown> ? V : never;
/** The typed array of a token. */
export type OnHost<T> = T extends Token<ElementType, unknown, infer A> ? A : never;

function token<Name extends ElementType | 'bool', V, A>(type: Name): Token<Name, V, A> {
  return { type };
}

/** 32-bit float. On the host: Float32Array. */
export const f32 = token<'f32', number, Float32Array>('f32');
/** 32-bit signed integer. On the host: Int32Array. */
export const i32 = token<'i32', number, Int32Array>('i32');
/** 32-bit unsigned integer. On the host: Uint32Array. */
export const u32 = token<'u32', number, Uint32Array>('u32');
/** A truth value: scalar parameters only, no element of an array (use u8). */
export const bool = token<'bool', boolean, never>('bool');
/** 16-bit float. On the host: Uint16Array of its bits, or Float16Array where there is one. */
export const f16 = {
  ...token<'f16', number, Uint16Array>('f16'),
  /** Numbers to f16 bits, each rounded once to nearest even. */
  encode(values: ArrayLike<number>): Uint16Array {
    return Uint16Array.from(values, halfBits);
  },
  /** f16 bits to numbers, exactly. */
  decode(bits: Uint16Array): Float32Array {
    return Float32Array.from(bits, halfValue);
  },
};

/** Packed bytes: load as i32; a store wraps. On the host: Int8Array. */
export const i8 = token<'i8', number, Int8Array>('i8');
/** Packed bytes: load as u32; a store wraps. On the host: Uint8Array or Uint8ClampedArray. */
export const u8 = token<'u8', number, Uint8Array | Uint8ClampedArray>('u8');
/** Packed 16-bit integers: load as i32; a store wraps. On the host: Int16Array. */
export const i16 = token<'i16', number, Int16Array>('i16');
/** Packed 16-bit integers: load as u32; a store wraps. On the host: Uint16Array. */
export const u16 = token<'u16', number, Uint16Array>('u16');

// Vectors, named as WGSL names them. In memory and on the host: n tight components, so a vec3f is 12 bytes.
/** Two f32, tight in memory. On the host: 2 numbers an element in a Float32Array. */
export const vec2f = token<'vec2<f32>', Vec2, Float32Array>('vec2<f32>');
/** Three f32, tight in memory. On the host: 3 numbers an element in a Float32Array. */
export const vec3f = token<'vec3<f32>', Vec3, Float32Array>('vec3<f32>');
/** Four f32, tight in memory. On the host: 4 numbers an element in a Float32Array. */
export const vec4f = token<'vec4<f32>', Vec4, Float32Array>('vec4<f32>');
/** Two i32, tight in memory. On the host: 2 numbers an element in a Int32Array. */
export const vec2i = token<'vec2<i32>', Vec2, Int32Array>('vec2<i32>');
/** Three i32, tight in memory. On the host: 3 numbers an element in a Int32Array. */
export const vec3i = token<'vec3<i32>', Vec3, Int32Array>('vec3<i32>');
/** Four i32, tight in memory. On the host: 4 numbers an element in a Int32Array. */
export const vec4i = token<'vec4<i32>', Vec4, Int32Array>('vec4<i32>');
/** Two u32, tight in memory. On the host: 2 numbers an element in a Uint32Array. */
export const vec2u = token<'vec2<u32>', Vec2, Uint32Array>('vec2<u32>');
/** Three u32, tight in memory. On the host: 3 numbers an element in a Uint32Array. */
export const vec3u = token<'vec3<u32>', Vec3, Uint32Array>('vec3<u32>');
/** Four u32, tight in memory. On the host: 4 numbers an element in a Uint32Array. */
export const vec4u = token<'vec4<u32>', Vec4, Uint32Array>('vec4<u32>');
/** Two f16, tight in memory. On the host: 2 numbers an element in a Uint16Array of bits. */
export const vec2h = token<'vec2<f16>', Vec2, Uint16Array>('vec2<f16>');
/** Three f16, tight in memory. On the host: 3 numbers an element in a Uint16Array of bits. */
export const vec3h = token<'vec3<f16>', Vec3, Uint16Array>('vec3<f16>');
/** Four f16, tight in memory. On the host: 4 numbers an element in a Uint16Array of bits. */
export const vec4h = token<'vec4<f16>', Vec4, Uint16Array>('vec4<f16>');
