/** From a verified program to WebAssembly: optimise, write out what WebAssembly lacks, emit. */

import { type CompileOptions, chooseWorkgroup } from '../../src/device/index.ts';
import { type NumericClass, nativeOps } from '../../src/ir/numeric-class.ts';
import type { Program } from '../../src/ir/program.ts';
import type { Verified } from '../../src/ir/verified.ts';
// not the index, which brings lowerExact: that is loaded where an exact program comes
import { optimize } from '../../src/passes/pipeline.ts';
import { removeDead } from '../../src/passes/remove-dead.ts';
import { contract } from './contract.ts';
import { type Emitted, emit, type LaneCount } from './emit.ts';
import { expandForWasm } from './expand.ts';
import { flattenAccesses } from './flat-accesses.ts';
import { laneCount } from './lanes/values.ts';
import type { MemoryImport } from './wasm/encoder.ts';

export type Workgroup = readonly [number, number, number];

/** The workgroup a program gets here. */
export function workgroupFor(verified: Verified, options?: CompileOptions): Workgroup {
  return chooseWorkgroup(verified, options, preferredWorkgroup);
}
/** Long rows, as a row is one loop. */
const preferredWorkgroup: Workgroup = [256, 1, 1];

/** WebAssembly's f32 is that of IEEE 754, and its compilers leave it alone; it has no fused operation. */
export const wasmClass: NumericClass = {
  algebra: 'none',
  subnormals: 'kept',
  native: nativeOps.filter((op) => op !== 'fma'),
  halves: true,
};

interface Options {
  readonly lanes?: LaneCount | undefined;
  /** See `CompileOptions`. */
  readonly guarded?: boolean;
  /** Whether WebAssembly has relaxed SIMD here: then `fast` fuses products and sums. */
  readonly relaxed?: boolean;
}

export async function compileProgram(
  verified: Verified,
  workgroup: Workgroup,
  memory: MemoryImport,
  { lanes = laneCount, guarded = true, relaxed = false }: Options = {},
): Promise<Emitted> {
  const { lowerExact } = verified.program.mode === 'exact' ? await import('../../src/passes/exact/lower.ts') : {};
  const exact = lowerExact && ((program: Program) => lowerExact(program, wasmClass, { guarded }));
  const optimized = optimize(verified, { workgroup, exact });
  const expanded = expandForWasm(removeDead(flattenAccesses(optimized)));
  const fuses = relaxed && lanes > 1 && verified.program.mode === 'fast';
  const program = fuses ? contract(expanded) : expanded;
  return emit(program, { memory, barriers: verified.facts.hasBarrier, lanes, relaxed: fuses });
}
