/** From a verified program to its shader: the workgroup it gets here, the passes, the text. Needs no device. */

import { type CompileOptions, chooseWorkgroup, type Triple } from '../../src/device/index.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { emitWgsl, type Shader } from './wgsl.ts';

/** The workgroup a program gets here. */
export function workgroupFor(verified: Verified, options?: CompileOptions): Triple {
  return chooseWorkgroup(verified, options, preferredWorkgroups[verified.facts.gridRank]);
}
const preferredWorkgroups: Record<1 | 2 | 3, Triple> = { 1: [64, 1, 1], 2: [8, 8, 1], 3: [4, 4, 4] };

const shaders = new WeakMap<Verified, Map<string, Shader>>();

/** The shader of a program; kept, because devices ask for the same one. */
export function shaderOf(verified: Verified, workgroup: Triple): Shader {
  const known = shaders.get(verified) ?? new Map<string, Shader>();
  shaders.set(verified, known);
  const key = workgroup.join();
  const shader = known.get(key) ?? write(verified, workgroup);
  known.set(key, shader);
  return shader;
}

/** The code of its shader for people: statements are followed by the places they come from, ` // @line:column`. */
export function placedWgsl(verified: Verified, workgroup: Triple): string {
  return write(verified, workgroup, true).code;
}

function write(verified: Verified, workgroup: Triple, places = false): Shader {
  return emitWgsl(optimize(verified, { workgroup }), verified.facts, workgroup, places);
}
