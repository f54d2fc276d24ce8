/**
 * The WebAssembly instructions that the emitter uses, by their names in the specification, each with its opcode bytes.
 *
 * Only instructions without immediates are in `plain`; those that reach memory are in `memory`, with the logarithm of their natural
 * alignment. What has other immediates (control flow, locals, constants) is a method of `Code`.
 */

/** A SIMD instruction: the prefix, then its number in LEB128. */
const simd = (code: number): readonly number[] =>
  code < 0x80 ? [0xfd, code] : [0xfd, (code & 0x7f) | 0x80, code >> 7];

// biome-ignore format: grouped as in the specification's table
export const plain = {
  unreachable: [0x00], return: [0x0f], drop: [0x1a], select: [0x1b],
  'i32.eqz': [0x45], 'i32.eq': [0x46], 'i32.ne': [0x47], 'i32.lt_s': [0x48], 'i32.lt_u': [0x49], 'i32.gt_s': [0x4a], 'i32.gt_u': [0x4b],
  'i32.le_s': [0x4c], 'i32.le_u': [0x4d], 'i32.ge_s': [0x4e], 'i32.ge_u': [0x4f],
  'f32.eq': [0x5b], 'f32.ne': [0x5c], 'f32.lt': [0x5d], 'f32.gt': [0x5e], 'f32.le': [0x5f], 'f32.ge': [0x60],
  'i32.clz': [0x67], 'i32.ctz': [0x68], 'i32.popcnt': [0x69], 'i32.add': [0x6a], 'i32.sub': [0x6b], 'i32.mul': [0x6c],
  'i32.div_s': [0x6d], 'i32.div_u': [0x6e], 'i32.rem_s': [0x6f], 'i32.rem_u': [0x70], 'i32.and': [0x71], 'i32.or': [0x72],
  'i32.xor': [0x73], 'i32.shl': [0x74], 'i32.shr_s': [0x75], 'i32.shr_u': [0x76],
  'i64.lt_s': [0x53], 'i64.gt_s': [0x55], 'i64.add': [0x7c], 'i64.sub': [0x7d], 'i64.mul': [0x7e], 'i64.and': [0x83], 'i64.shr_u': [0x88],
  'f32.abs': [0x8b], 'f32.neg': [0x8c], 'f32.ceil': [0x8d], 'f32.floor': [0x8e], 'f32.trunc': [0x8f], 'f32.nearest': [0x90],
  'f32.sqrt': [0x91], 'f32.add': [0x92], 'f32.sub': [0x93], 'f32.mul': [0x94], 'f32.div': [0x95],
  'i32.wrap_i64': [0xa7], 'i64.extend_i32_s': [0xac], 'i64.extend_i32_u': [0xad],
  'f32.convert_i32_s': [0xb2], 'f32.convert_i32_u': [0xb3], 'i32.reinterpret_f32': [0xbc], 'f32.reinterpret_i32': [0xbe],
  'i32.trunc_sat_f32_s': [0xfc, 0], 'i32.trunc_sat_f32_u': [0xfc, 1],
  'i32x4.splat': simd(0x11), 'f32x4.splat': simd(0x13),
  'i32x4.eq': simd(0x37), 'i32x4.ne': simd(0x38), 'i32x4.lt_s': simd(0x39), 'i32x4.lt_u': simd(0x3a), 'i32x4.gt_s': simd(0x3b), 'i32x4.gt_u': simd(0x3c), 'i32x4.le_s': simd(0x3d), 'i32x4.le_u': simd(0x3e), 'i32x4.ge_s': simd(0x3f), 'i32x4.ge_u': simd(0x40),
  'f32x4.eq': simd(0x41), 'f32x4.ne': simd(0x42), 'f32x4.lt': simd(0x43), 'f32x4.gt': simd(0x44), 'f32x4.le': simd(0x45), 'f32x4.ge': simd(0x46),
  'v128.not': simd(0x4d), 'v128.and': simd(0x4e), 'v128.andnot': simd(0x4f), 'v128.or': simd(0x50), 'v128.xor': simd(0x51), 'v128.bitselect': simd(0x52), 'v128.any_true': simd(0x53),
  'i8x16.popcnt': simd(0x62), 'f32x4.ceil': simd(0x67), 'f32x4.floor': simd(0x68), 'f32x4.trunc': simd(0x69), 'f32x4.nearest': simd(0x6a),
  'i8x16.narrow_i16x8_u': simd(0x66), 'i16x8.narrow_i32x4_u': simd(0x86),
  'i16x8.extend_low_i8x16_s': simd(0x87), 'i16x8.extend_low_i8x16_u': simd(0x89), 'i32x4.extend_low_i16x8_s': simd(0xa7), 'i32x4.extend_low_i16x8_u': simd(0xa9),
  'i16x8.extadd_pairwise_i8x16_u': simd(0x7d), 'i32x4.extadd_pairwise_i16x8_u': simd(0x7f), 'i32x4.all_true': simd(0xa3),
  'i32x4.neg': simd(0xa1), 'i64x2.shr_u': simd(0xcd),
  'i32x4.shl': simd(0xab), 'i32x4.shr_s': simd(0xac), 'i32x4.shr_u': simd(0xad), 'i32x4.add': simd(0xae), 'i32x4.sub': simd(0xb1), 'i32x4.mul': simd(0xb5),
  'i32x4.min_s': simd(0xb6), 'i32x4.min_u': simd(0xb7), 'i32x4.max_s': simd(0xb8), 'i32x4.max_u': simd(0xb9),
  'i64x2.extmul_low_i32x4_s': simd(0xdc), 'i64x2.extmul_high_i32x4_s': simd(0xdd), 'i64x2.extmul_low_i32x4_u': simd(0xde), 'i64x2.extmul_high_i32x4_u': simd(0xdf),
  'f32x4.abs': simd(0xe0), 'f32x4.neg': simd(0xe1), 'f32x4.sqrt': simd(0xe3), 'f32x4.add': simd(0xe4), 'f32x4.sub': simd(0xe5), 'f32x4.mul': simd(0xe6), 'f32x4.div': simd(0xe7), 'f32x4.pmin': simd(0xea), 'f32x4.pmax': simd(0xeb),
  'f32x4.relaxed_madd': simd(0x105), 'f32x4.relaxed_nmadd': simd(0x106),
  'i32x4.trunc_sat_f32x4_s': simd(0xf8), 'i32x4.trunc_sat_f32x4_u': simd(0xf9), 'f32x4.convert_i32x4_s': simd(0xfa), 'f32x4.convert_i32x4_u': simd(0xfb),
} as const satisfies Record<string, readonly number[]>;

export type PlainName = keyof typeof plain;

interface MemoryOpcode {
  readonly code: readonly number[];
  /** log2 of the bytes it touches; atomic instructions demand exactly this alignment. */
  readonly align: 0 | 1 | 2 | 3 | 4;
}
const at = (align: MemoryOpcode['align'], ...code: number[]): MemoryOpcode => ({ code, align });

// biome-ignore format: grouped as in the specification's table
export const memory = {
  'i32.load': at(2, 0x28), 'f32.load': at(2, 0x2a), 'i32.load8_s': at(0, 0x2c), 'i32.load8_u': at(0, 0x2d), 'i32.load16_s': at(1, 0x2e),
  'i32.load16_u': at(1, 0x2f), 'i32.store': at(2, 0x36), 'f32.store': at(2, 0x38), 'i32.store8': at(0, 0x3a), 'i32.store16': at(1, 0x3b),
  'i32.atomic.load': at(2, 0xfe, 0x10), 'i32.atomic.store': at(2, 0xfe, 0x17), 'i32.atomic.rmw.add': at(2, 0xfe, 0x1e),
  'i32.atomic.rmw.sub': at(2, 0xfe, 0x25), 'i32.atomic.rmw.and': at(2, 0xfe, 0x2c), 'i32.atomic.rmw.or': at(2, 0xfe, 0x33),
  'i32.atomic.rmw.xor': at(2, 0xfe, 0x3a), 'i32.atomic.rmw.xchg': at(2, 0xfe, 0x41), 'i32.atomic.rmw.cmpxchg': at(2, 0xfe, 0x48),
  'v128.load': at(4, 0xfd, 0x00), 'v128.store': at(4, 0xfd, 0x0b), 'v128.load32_zero': at(2, 0xfd, 0x5c),
  'v128.load16x4_s': at(3, 0xfd, 0x03), 'v128.load16x4_u': at(3, 0xfd, 0x04),
} as const satisfies Record<string, MemoryOpcode>;

export type MemoryName = keyof typeof memory;

/** Instructions on one lane, whose number is their last immediate. */
export const lane = {
  'i32x4.extract_lane': simd(0x1b),
  'i32x4.replace_lane': simd(0x1c),
  'f32x4.extract_lane': simd(0x1f),
  'f32x4.replace_lane': simd(0x20),
} as const satisfies Record<string, readonly number[]>;
export type LaneName = keyof typeof lane;

/** Loads and stores of one lane: immediates as of any access, then the lane's number. */
export const laneMemory = {
  'v128.load32_lane': at(2, 0xfd, 0x56),
  'v128.store32_lane': at(2, 0xfd, 0x5a),
  'v128.store64_lane': at(3, 0xfd, 0x5b),
} as const satisfies Record<string, MemoryOpcode>;
export type LaneMemoryName = keyof typeof laneMemory;

export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, v128: 0x7b } as const;
export type WasmType = keyof typeof valueTypes;
