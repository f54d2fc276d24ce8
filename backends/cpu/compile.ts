/** From a verified program to WebAssembly: optimise, write out what WebAssembly lacks, emit. */

import { type CompileOptions, chooseWorkgroup } from '../../src/device/index.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { optimize } from '../../src/passes/index.ts';
import { type Emitted, emit, type LaneCount } from './emit.ts';
import { expandForWasm } from './expand.ts';
import { laneCount } from './lanes/values.ts';
import type { MemoryImport } from './wasm/encoder.ts';

export type Workgroup = readonly [number, number, number];

/** The workgroup a program gets here. */
export function workgroupFor(verified: Verified, options?: CompileOptions): Workgroup {
  return chooseWorkgroup(verified, options, preferredWorkgroup);
}
/** Long rows, as a row is one loop. */
const preferredWorkgroup: Workgroup = [256, 1, 1];

export function compileProgram(
  verified: Verified,
  workgroup: Workgroup,
  memory: MemoryImport,
  lanes: LaneCount = laneCount,
): Emitted {
  const program = expandForWasm(optimize(verified, { workgroup }));
  return emit(program, verified.facts.hasBarrier, memory, lanes);
}
