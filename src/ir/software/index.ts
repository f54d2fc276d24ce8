/**
 * The functions of mode `exact`: integer algorithms, one for each operation that the table calls `software`, that give the
 * same bits wherever 32-bit integers wrap. They are what `exact` means for these operations on f32; f16 is the f32
 * function, rounded once more.
 *
 * The contract of a fragment. It builds, in integer operations, selections, bitcasts and nothing that rounds, the f32
 * result of f32 operands. Operands may be any f32 but subnormal ones; both signs of zero give the same result, and so do all
 * NaNs. A result is never subnormal: where it rounds to a magnitude below 2^-126 it is 0 (`div`: of at most 2^-126). The sign of a zero that
 * it gives, and the bits of a NaN, are free: whoever lets them be seen makes them canonical.
 */

import type { Builder } from '../builder.ts';
import type { SoftwareOp } from '../ops.ts';
import type { Value } from '../program.ts';

/** Builds what an operation gives for these operands. */
export type Fragment = (b: Builder, ...args: Value[]) => Value;

/** What is missing here is refused in mode `exact`, with that reason. */
export const software: { readonly [N in SoftwareOp]?: Fragment } = {};
