/**
 * The type of `k`, the second parameter of every kernel body: all that the library supplies inside a kernel.
 *
 * It exists for TypeScript and for the hover texts; the meaning of each member is in builtins.ts.
 *
 * How accurate a float function is depends on the kernel's numeric mode. In `fast` and `stable` a device computes it in its
 * own way: the text gives what WGSL allows on a GPU and what the CPU does, in WebAssembly; ulp is a unit in the last place of
 * an f32. In `exact` it is an algorithm of integers, with the same bits on every device. Formulas of + - * / (`mix`, `dot` and
 * the like) are as their parts: each rounded to nearest even in `exact` and on the CPU; on a GPU within 1 ulp, of a quotient 2.5,
 * and perhaps fused. All else is the same in all modes and on all devices, for every input: conversions, integers, bits,
 * comparisons, packing, rounding to whole numbers.
 */

import type { AtomicArray, Writable } from './params.ts';
import type { Vec, Vec2, Vec3, Vec4 } from './vectors.ts';

/** Three i32: x is the fastest axis. */
export interface Id {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}
/** An array declared in a kernel. */
export type LocalArray<V> = Writable<V, 1> & { [index: number]: V };
/** What arrays in a kernel may hold, by the name that declares them. */
interface LocalElements {
  f32: number;
  i32: number;
  u32: number;
  f16: number;
  vec2f: Vec2;
  vec3f: Vec3;
  vec4f: Vec4;
  vec2i: Vec2;
  vec3i: Vec3;
  vec4i: Vec4;
  vec2u: Vec2;
  vec3u: Vec3;
  vec4u: Vec4;
  vec2h: Vec2;
  vec3h: Vec3;
  vec4h: Vec4;
}
/** Declares private arrays, by their length, a literal or a const, or by a list of what they hold. */
export type LocalArrays = {
  readonly [N in keyof LocalElements]: (
    lengthOrValues: number | readonly LocalElements[N][],
  ) => LocalArray<LocalElements[N]>;
};
/** Declares arrays that the workgroup shares; `length` is a literal or a const. */
export type SharedArrays = {
  readonly [N in keyof LocalElements]: (length: number) => LocalArray<LocalElements[N]>;
} & {
  /** An array of atomics, for `k.atomicAdd` and its kin only: `k.shared.atomic(k.u32, 256)`. */
  atomic(type: IntegerConvert, length: number): AtomicArray;
};

/** A function of numbers that also works component by component on vectors. */
interface Unary {
  (x: number): number;
  <V extends Vec>(x: V): V;
}
interface Binary {
  (x: number, y: number): number;
  <V extends Vec>(x: V, y: V | number): V;
}
interface Ternary {
  (x: number, y: number, z: number): number;
  <V extends Vec>(x: V, y: V | number, z: V | number): V;
}
/** The array and index that an atomic operation touches. Out of bounds it does nothing and returns 0. */
type AtomicOp = (array: AtomicArray, index: number, value: number) => number;
/** Floats need not be whole; a bool is 0 or 1. */
type Convert = (x: number | boolean) => number;
/** Names a type of atomics, too. */
type IntegerConvert = Convert & { readonly atomic: true };

/** What `k.print` shows. */
type Printable = string | number | boolean | Vec | readonly Printable[] | { readonly [name: string]: Printable };

/** The second parameter of every kernel body: all that the library supplies inside a kernel. */
export interface K {
  // ---- where am I: all i32 ----
  /** Index of this invocation in the grid. */
  readonly global: Id;
  /** Index of this invocation in its workgroup. */
  readonly local: Id;
  /** Index of its workgroup. */
  readonly group: Id;
  /** Workgroups of the grid. */
  readonly groups: Id;
  /** Invocations of a workgroup. */
  readonly size: Id;
  /** `local` in linear order, x fastest. */
  readonly localIndex: number;

  // ---- memory and the workgroup ----
  /**
   * Private arrays, zeroed each time the declaration is evaluated, `const t = k.array.f32(4)`, or set to a list,
   * `k.array.f32([0.25, x, 0.25])`.
   */
  readonly array: LocalArrays;
  /** Arrays of the workgroup, zero when the dispatch starts: `const tile = k.shared.f32(256)`. */
  readonly shared: SharedArrays;
  /** Waits for the whole workgroup; orders workgroup and storage memory within it. Must be in uniform control flow. */
  barrier(): void;
  /**
   * For debugging: shows values, with the index of the invocation, when the kernel has run: on the console, or to
   * `open({ onPrint })`. Strings, numbers, bools, vectors, lists and objects. Works on every device, by atomics on a buffer
   * of 1 MiB that each launch brings along; what finds no room there is counted. Graphs cannot print.
   */
  print(...values: readonly [Printable, ...Printable[]]): void;
  /** Sum over the workgroup, in the canonical tree: the same bits on every device. i32, u32, f32. */
  groupSum(x: number): number;
  /** Minimum over the workgroup. */
  groupMin(x: number): number;
  /** Maximum over the workgroup. */
  groupMax(x: number): number;
  /** Inclusive prefix sum over the workgroup, in the order of `localIndex`. */
  groupScan(x: number): number;
  /** Invocation 0's value, in all. */
  groupBroadcast(x: number): number;
  /** Says that x is the same in the whole workgroup, so that a barrier may depend on it: invocation 0's value. */
  uniform(x: number): number;

  // ---- atomics: each returns the old value ----
  /** The element. */
  atomicLoad(array: AtomicArray, index: number): number;
  /** Sets the element; returns nothing. */
  atomicStore(array: AtomicArray, index: number, value: number): void;
  /** Adds to the element; integers wrap. */
  atomicAdd: AtomicOp;
  /** Subtracts from the element; integers wrap. */
  atomicSub: AtomicOp;
  /** The element becomes the smaller of itself and `value`. */
  atomicMin: AtomicOp;
  /** The element becomes the larger of itself and `value`. */
  atomicMax: AtomicOp;
  /** Bitwise and with the element. */
  atomicAnd: AtomicOp;
  /** Bitwise or with the element. */
  atomicOr: AtomicOp;
  /** Bitwise exclusive or with the element. */
  atomicXor: AtomicOp;
  /** Sets the element. */
  atomicExchange: AtomicOp;
  /** Stores `value` if the element equals `expected`. */
  atomicCompareExchange(array: AtomicArray, index: number, expected: number, value: number): number;

  // ---- conversion ----
  /** To f32, to nearest even. */
  f32: Convert;
  /** To f16, to nearest even. */
  f16: Convert;
  /** To i32: a float truncates and saturates, NaN gives 0; a u32 keeps its bits. */
  i32: IntegerConvert;
  /** To u32: a float truncates and saturates, NaN gives 0; an i32 keeps its bits. */
  u32: IntegerConvert;
  /** True unless x is 0 or NaN. */
  bool(x: number | boolean): boolean;
  /** The same 32 bits as another type. */
  readonly bitcast: { f32(x: number): number; i32(x: number): number; u32(x: number): number };

  // ---- packing: fields of one u32, the first in the lowest bits ----
  /** Two f32 rounded to f16, ties to even. */
  pack2x16float(x: number, y: number): number;
  pack2x16float(xy: Vec2): number;
  /** The two f16 of a u32, exactly, as f32. */
  unpack2x16float(x: number): Vec2;
  /** Four f32 limited to [-1, 1], as multiples of 1 / 127 in i8, to nearest; NaN is 0. */
  pack4x8snorm(v: Vec4): number;
  /** Four f32 limited to [0, 1], as multiples of 1 / 255 in u8, to nearest; NaN is 0. */
  pack4x8unorm(v: Vec4): number;
  /** Two f32 limited to [-1, 1], as multiples of 1 / 32767 in i16, to nearest; NaN is 0. */
  pack2x16snorm(v: Vec2): number;
  /** Two f32 limited to [0, 1], as multiples of 1 / 65535 in u16, to nearest; NaN is 0. */
  pack2x16unorm(v: Vec2): number;
  /** The four i8 of a u32, divided by 127; -128 gives -1. */
  unpack4x8snorm(x: number): Vec4;
  /** The four u8 of a u32, divided by 255. */
  unpack4x8unorm(x: number): Vec4;
  /** The two i16 of a u32, divided by 32767; -32768 gives -1. */
  unpack2x16snorm(x: number): Vec2;
  /** The two u16 of a u32, divided by 65535. */
  unpack2x16unorm(x: number): Vec2;
  /** The low bytes of four i32. */
  pack4xI8(v: Vec4): number;
  /** The low bytes of four u32. */
  pack4xU8(v: Vec4): number;
  /** Four i32 limited to [-128, 127]. */
  pack4xI8Clamp(v: Vec4): number;
  /** Four u32 limited to [0, 255]. */
  pack4xU8Clamp(v: Vec4): number;
  /** The four i8 of a u32, as i32. */
  unpack4xI8(x: number): Vec4;
  /** The four u8 of a u32, as u32. */
  unpack4xU8(x: number): Vec4;
  /** Sum of the products of the i8 of two u32, an i32. */
  dot4I8Packed(x: number, y: number): number;
  /** Sum of the products of the u8 of two u32, a u32. */
  dot4U8Packed(x: number, y: number): number;

  // ---- vectors ----
  /** A vector of two, of the type of its components, or of one number for both. */
  vec2(x: number, y?: number): Vec2;
  /** A vector of three, of its components or shorter vectors, or of one number for all. */
  vec3(x: number): Vec3;
  vec3(x: number, y: number, z: number): Vec3;
  vec3(xy: Vec2, z: number): Vec3;
  /** A vector of four, of its components or shorter vectors, or of one number for all. */
  vec4(x: number): Vec4;
  vec4(x: number, y: number, z: number, w: number): Vec4;
  vec4(xy: Vec2, zw: Vec2): Vec4;
  vec4(xyz: Vec3, w: number): Vec4;
  /** Sum of the products of the components, first to last. */
  dot<V extends Vec>(x: V, y: V): number;
  /** Cross product. Rounds at each product and difference. */
  cross(x: Vec3, y: Vec3): Vec3;
  /** Euclidean length: sqrt of the dot product with itself, rounded at each step. */
  length(x: Vec): number;
  /** Length of the difference. */
  distance<V extends Vec>(x: V, y: V): number;
  /** The vector divided by its length; NaN for the zero vector. */
  normalize<V extends Vec>(x: V): V;
  /** The direction `e` mirrored at a surface with the unit normal `n`: `e - 2 (n · e) n`. */
  reflect<V extends Vec>(e: V, n: V): V;
  /** The unit direction `e` after a surface with the unit normal `n`, `eta` being the ratio of refractive indices; 0 where all is reflected. */
  refract<V extends Vec>(e: V, n: V, eta: number): V;
  /** `e` where `n · i` is below 0, else `-e`. */
  faceForward<V extends Vec>(e: V, i: V, n: V): V;

  // ---- integers ----
  /** Quotient, truncated towards zero; x / 0 is x. `%` is the remainder. */
  idiv(x: number, y: number): number;
  /** Upper 32 bits of the 64-bit product. */
  mulHigh(x: number, y: number): number;
  /** Bits that leave on the left come back on the right; u32 and i32. */
  rotateLeft(x: number, bits: number): number;
  /** Bits that leave on the right come back on the left; u32 and i32. */
  rotateRight(x: number, bits: number): number;
  /** Number of bits that are 1. */
  countOneBits(x: number): number;
  /** 32 for 0. */
  countLeadingZeros(x: number): number;
  /** 32 for 0. */
  countTrailingZeros(x: number): number;
  /** Bit i goes to bit 31 - i. */
  reverseBits(x: number): number;
  /** The `count` bits of x from bit `offset` on, an i32 with the sign of its highest bit; both are brought into the word. */
  extractBits: Ternary;
  /** x with its `count` bits from bit `offset` on replaced by the low ones of `bits`. */
  insertBits(x: number, bits: number, offset: number, count: number): number;
  /** Number of the highest 1 of a u32, or of the highest bit of an i32 that is not like its sign; -1, as u32 2^32 - 1, where there is none. */
  firstLeadingBit: Unary;
  /** Number of the lowest 1; -1, as u32 2^32 - 1, for 0. */
  firstTrailingBit: Unary;

  // ---- floats ----
  /** |x|; of the least i32 itself. */
  abs: Unary;
  /** `y < x ? y : x`. Unlike `Math.min` it need not give NaN for NaN. */
  min: Binary;
  /** `x < y ? y : x`. */
  max: Binary;
  /** `min(max(x, low), high)`. */
  clamp: Ternary;
  /** x limited to 0 … 1. */
  saturate: Unary;
  /** -1, 0 or 1. */
  sign: Unary;
  /** The largest whole number not above x. */
  floor: Unary;
  /** The smallest whole number not below x. */
  ceil: Unary;
  /** The whole part, towards zero. */
  trunc: Unary;
  /** To the nearest whole number, ties to even (`Math.round` rounds ties up). */
  round: Unary;
  /** `x - floor(x)`. */
  fract: Unary;
  /** `x * (1 - t) + y * t`. */
  mix: Ternary;
  /** 0 where x < edge, else 1. */
  step(edge: number, x: number): number;
  /** 0 below `low`, 1 above `high`, and `t * t * (3 - 2 * t)` between, t being the way from one to the other. */
  smoothstep(low: number, high: number, x: number): number;
  /** `x * y + z`. GPU: rounded once or twice; CPU: twice, in `fast` once where the machine can. In `exact` once. */
  fma: Ternary;
  /** Square root. GPU: as `1 / inverseSqrt(x)`, up to 5 ulp; CPU: correctly rounded. */
  sqrt: Unary;
  /** `1 / sqrt(x)`. GPU: 2 ulp; CPU: the root and the quotient, each rounded. */
  inverseSqrt: Unary;
  /** Cube root to half an ulp; on every device the same bits. */
  cbrt: Unary;
  /** The length of (x, y): `sqrt(x * x + y * y)`, also where the squares are out of range. */
  hypot: Binary;
  /** e^x. GPU: 3 + 2 |x| ulp; CPU: about 1 ulp. */
  exp: Unary;
  /** 2^x. GPU: 3 + 2 |x| ulp; CPU: about 1 ulp. */
  exp2: Unary;
  /** e^x - 1 to 1 ulp, also where x is small; on every device the same bits. */
  expm1: Unary;
  /** Natural logarithm. GPU: 3 ulp, near 1 an absolute 2^-21; CPU: about 1 ulp. */
  log: Unary;
  /** Logarithm to base 2. GPU: 3 ulp, near 1 an absolute 2^-21; CPU: about 1 ulp. */
  log2: Unary;
  /** Logarithm to base 10 to 1 ulp; on every device the same bits. */
  log10: Unary;
  /** ln(1 + x) to 1 ulp, also where x is small; on every device the same bits. */
  log1p: Unary;
  /** x^y for x >= 0; a whole literal y from 1 to 16 is multiplied out, for every x. GPU: as `exp2(y * log2(x))`; CPU: about 1 ulp. */
  pow: Binary;
  /** Sine of radians. GPU: absolute 2^-11 in [-π, π], nothing beyond; CPU: below 1 ulp everywhere. */
  sin: Unary;
  /** Cosine of radians. GPU: absolute 2^-11 in [-π, π], nothing beyond; CPU: below 1 ulp everywhere. */
  cos: Unary;
  /** Tangent of radians. GPU: as `sin(x) / cos(x)`; CPU: 2.5 ulp. */
  tan: Unary;
  /** Arc sine, radians. GPU: as `atan2(x, sqrt(1 - x * x))`, or an absolute 6.8e-5; CPU: about 2 ulp. NaN outside [-1, 1]. */
  asin: Unary;
  /** Arc cosine, radians. GPU: as `atan2(sqrt(1 - x * x), x)`, or an absolute 6.8e-5; CPU: about 2 ulp. NaN outside [-1, 1]. */
  acos: Unary;
  /** Arc tangent, radians. GPU: 4096 ulp; CPU: about 2 ulp. */
  atan: Unary;
  /** The angle of the point (x, y), radians, in [-π, π]. GPU: 4096 ulp; CPU: about 2 ulp. */
  atan2(y: number, x: number): number;
  /** Hyperbolic sine. GPU: as `(exp(x) - exp(-x)) / 2`; CPU: about 2 ulp. */
  sinh: Unary;
  /** Hyperbolic cosine. GPU: as `(exp(x) + exp(-x)) / 2`; CPU: about 2 ulp. */
  cosh: Unary;
  /** Hyperbolic tangent. GPU: as `sinh(x) / cosh(x)`, or an absolute 1e-5; CPU: about 2 ulp. */
  tanh: Unary;
  /** Inverse hyperbolic sine. GPU: as `log(x + sqrt(x * x + 1))`; CPU: about 2 ulp. */
  asinh: Unary;
  /** Inverse hyperbolic cosine. GPU: as `log(x + sqrt(x * x - 1))`; CPU: about 2 ulp. NaN below 1. */
  acosh: Unary;
  /** Inverse hyperbolic tangent. GPU: as `log((1 + x) / (1 - x)) / 2`; CPU: about 2 ulp. NaN outside [-1, 1]. */
  atanh: Unary;
  /** The error function to 1 ulp; on every device the same bits. */
  erf: Unary;
  /** x = fract * 2^exp, with |fract| in [0.5, 1) and exp an i32; 0, infinities and NaN are their own fract, with exp 0. f32; exact. */
  frexp(x: number): { readonly fract: number; readonly exp: number };
  frexp<V extends Vec>(x: V): { readonly fract: V; readonly exp: V };
  /** The whole part, towards zero, and the rest, with the sign of x. f32; exact. */
  modf(x: number): { readonly fract: number; readonly whole: number };
  modf<V extends Vec>(x: V): { readonly fract: V; readonly whole: V };
  /** x * 2^n for an f32 and an i32, rounded once. */
  ldexp(x: number, n: number): number;
  ldexp<V extends Vec>(x: V, n: V | number): V;
  /** The nearest f16, as an f32, ties to even; beyond 65520 an infinity. */
  quantizeToF16: Unary;
  /** Radians to degrees: `x * (180 / π)`. */
  degrees: Unary;
  /** Degrees to radians: `x * (π / 180)`. */
  radians: Unary;

  // ---- random numbers: Threefry2x32-20, the same on every device ----
  /** In [0, 1), a function of its two whole arguments alone. */
  random(seed: number, counter: number): number;
  /** 32 random bits, as u32. */
  randomU32(seed: number, counter: number): number;
}
