/**
 * What each operation is in WebAssembly: the operations that it has as one instruction or a few on the stack. All others are expanded
 * into these before (expand.ts), so this table and that one together cover the op table, which TypeScript checks.
 *
 * Scalars on the stack: bool, i32 and u32 are i32 (a bool is 0 or 1); f32 is f32, and so is f16, a value of which is an f32 that f16
 * can hold.
 */

import type { ScalarOp } from '../../src/ir/ops.ts';
import type { ScalarType } from '../../src/ir/types.ts';
import type { PlainName, WasmType } from './wasm/opcodes.ts';

export const wasmTypes: Readonly<Record<ScalarType, WasmType>> = {
  bool: 'i32',
  i32: 'i32',
  u32: 'i32',
  f16: 'f32',
  f32: 'f32',
};

type ByType = { readonly [T in ScalarType]?: readonly PlainName[] };
const i32 = (...names: PlainName[]): ByType => ({ i32: names, u32: names });
const whole = (...names: PlainName[]): ByType => ({ bool: names, i32: names, u32: names });
const float = (...names: PlainName[]): ByType => ({ f32: names, f16: names });

/** Operations whose operands are pushed in order and followed by these instructions, by T. */
export const native = {
  add: { ...i32('i32.add'), f32: ['f32.add'] },
  sub: { ...i32('i32.sub'), f32: ['f32.sub'] },
  mul: { ...i32('i32.mul'), f32: ['f32.mul'] },
  neg: float('f32.neg'),
  abs: float('f32.abs'),
  floor: float('f32.floor'),
  ceil: float('f32.ceil'),
  trunc: float('f32.trunc'),
  round: float('f32.nearest'),
  sqrt: { f32: ['f32.sqrt'] },
  and: whole('i32.and'),
  or: whole('i32.or'),
  xor: whole('i32.xor'),
  shl: i32('i32.shl'),
  shr: { i32: ['i32.shr_s'], u32: ['i32.shr_u'] },
  countOneBits: i32('i32.popcnt'),
  countLeadingZeros: i32('i32.clz'),
  countTrailingZeros: i32('i32.ctz'),
  eq: { ...whole('i32.eq'), ...float('f32.eq') },
  ne: { ...whole('i32.ne'), ...float('f32.ne') },
  lt: { i32: ['i32.lt_s'], u32: ['i32.lt_u'], ...float('f32.lt') },
  le: { i32: ['i32.le_s'], u32: ['i32.le_u'], ...float('f32.le') },
  gt: { i32: ['i32.gt_s'], u32: ['i32.gt_u'], ...float('f32.gt') },
  ge: { i32: ['i32.ge_s'], u32: ['i32.ge_u'], ...float('f32.ge') },
  bitcast: { i32: [], u32: [], f32: [] },
} as const satisfies { readonly [N in ScalarOp]?: ByType };

/** Operations that the emitter writes itself, because operands are not simply pushed in order. */
export const special = [
  'div',
  'rem',
  'mulHigh',
  'min',
  'max',
  'fma',
  'not',
  'select',
  'convert',
] as const satisfies readonly ScalarOp[];

/** What compiled code is made of. */
export type NativeOp = keyof typeof native | (typeof special)[number];
