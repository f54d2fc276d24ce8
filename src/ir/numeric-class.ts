/**
 * How a device's own f32 arithmetic departs from IEEE 754: what the lowering of `exact` programs guards against there.
 *
 * A class is a promise about a device as it is, found by the probe (src/device/certify) or known by construction. The weakest one
 * is what WGSL allows.
 */

import type { ScalarOp } from './ops.ts';

export interface NumericClass {
  /**
   * What compilers make of expressions: `none`, nothing; `contracts`, x * y + z may round once; `reassociates`, that and the
   * laws of real numbers: (x + y) - x may become y, x - x may become 0.
   */
  readonly algebra: 'none' | 'contracts' | 'reassociates';
  /**
   * Subnormal numbers: `kept` as IEEE has them; `flushed`, every operand and result of + - * that is one counts as zero (a
   * product that rounds up to 2^-126 may be either); `open`, any of that.
   */
  readonly subnormals: 'kept' | 'flushed' | 'open';
  /**
   * Operations whose own f32 form is right on every normal number, zero, infinity and NaN: correctly rounded, or the result that
   * `evaluate.ts` has. The others are written out in integers. + - and * must be among them for a device to be certified.
   */
  readonly native: readonly NativeOp[];
  /** Whether f16 are exact there too: their conversions keep subnormal numbers, and nothing is written out in their place. */
  readonly halves: boolean;
}

/** Operations that a device may do itself in `exact`; all others are integer algorithms, or made of these. */
export const nativeOps = [
  ...(['add', 'sub', 'mul', 'div', 'sqrt', 'fma'] as const),
  ...(['floor', 'ceil', 'trunc', 'round'] as const),
  ...(['min', 'max', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const),
  ...(['convert', 'unpackHalf', 'packHalf'] as const),
] as const satisfies readonly ScalarOp[];
export type NativeOp = (typeof nativeOps)[number];

/** Whatever WGSL allows. */
export const openClass: NumericClass = {
  algebra: 'reassociates',
  subnormals: 'open',
  native: ['add', 'sub', 'mul'],
  halves: false,
};
/** IEEE 754 with every operation: the interpreter. WebAssembly is the same without `fma`. */
export const ieeeClass: NumericClass = { algebra: 'none', subnormals: 'kept', native: nativeOps, halves: true };
