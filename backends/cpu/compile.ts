/** From a verified program to WebAssembly: optimise, write out what WebAssembly lacks, emit. */

import type { Verified } from '../../src/ir/verified.ts';
import { optimize } from '../../src/passes/index.ts';
import { type Emitted, emit, type LaneCount } from './emit.ts';
import { expandForWasm } from './expand.ts';
import { laneCount } from './lanes/values.ts';
import type { MemoryImport } from './wasm/encoder.ts';

export type Workgroup = readonly [number, number, number];

export function compileProgram(
  verified: Verified,
  workgroup: Workgroup,
  memory: MemoryImport,
  lanes: LaneCount = laneCount,
): Emitted {
  const program = expandForWasm(optimize(verified, { workgroup }));
  return emit(program, verified.facts.hasBarrier, memory, lanes);
}
