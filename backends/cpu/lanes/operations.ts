/**
 * What each operation is on four lanes. A row that is missing for a type, and every `'each'`, is done lane by lane with
 * the scalar instructions: it gives the same bits, as all of these do.
 */

import type { ScalarType } from '../../../src/ir/types.ts';
import type { NativeOp } from '../native.ts';
import type { PlainName } from '../wasm/opcodes.ts';

type ByType = { readonly [T in ScalarType]?: readonly PlainName[] };
const whole = (...names: PlainName[]): ByType => ({ bool: names, i32: names, u32: names });
const i32 = (...names: PlainName[]): ByType => ({ i32: names, u32: names });
const float = (...names: PlainName[]): ByType => ({ f32: names, f16: names });

/** `'each'`: lane by lane. `'written'`: the emitter writes it itself. */
export const laneInstructions: { readonly [N in NativeOp]: ByType | 'each' | 'written' } = {
  add: { ...i32('i32x4.add'), ...float('f32x4.add') },
  sub: { ...i32('i32x4.sub'), ...float('f32x4.sub') },
  mul: { ...i32('i32x4.mul'), ...float('f32x4.mul') },
  div: float('f32x4.div'),
  rem: 'each',
  mulHigh: 'written',
  fma: 'written',
  // the pseudo-minimum of y and x is y where it is less than x
  min: { i32: ['i32x4.min_s'], u32: ['i32x4.min_u'], ...float('f32x4.pmin') },
  max: { i32: ['i32x4.max_s'], u32: ['i32x4.max_u'], ...float('f32x4.pmax') },
  neg: float('f32x4.neg'),
  abs: float('f32x4.abs'),
  floor: float('f32x4.floor'),
  ceil: float('f32x4.ceil'),
  trunc: float('f32x4.trunc'),
  round: float('f32x4.nearest'),
  sqrt: float('f32x4.sqrt'),
  and: whole('v128.and'),
  or: whole('v128.or'),
  xor: whole('v128.xor'),
  not: whole('v128.not'),
  shl: 'written',
  shr: 'written',
  countOneBits: i32('i8x16.popcnt', 'i16x8.extadd_pairwise_i8x16_u', 'i32x4.extadd_pairwise_i16x8_u'),
  countLeadingZeros: 'written',
  countTrailingZeros: 'each',
  eq: { ...whole('i32x4.eq'), ...float('f32x4.eq') },
  ne: { ...whole('i32x4.ne'), ...float('f32x4.ne') },
  lt: { i32: ['i32x4.lt_s'], u32: ['i32x4.lt_u'], ...float('f32x4.lt') },
  le: { i32: ['i32x4.le_s'], u32: ['i32x4.le_u'], ...float('f32x4.le') },
  gt: { i32: ['i32x4.gt_s'], u32: ['i32x4.gt_u'], ...float('f32x4.gt') },
  ge: { i32: ['i32x4.ge_s'], u32: ['i32x4.ge_u'], ...float('f32x4.ge') },
  select: 'written',
  convert: 'written',
  bitcast: { ...i32(), ...float() },
};
