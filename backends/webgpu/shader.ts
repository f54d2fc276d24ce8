/** From a verified program to its shader: the workgroup it gets here, the passes, the text. Needs no device. */

import { type CompileOptions, chooseWorkgroup, type Triple } from '../../src/device/index.ts';
import type { Program } from '../../src/ir/program.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { expandCollectives } from '../../src/passes/expand-collectives.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { emitWgsl, type Shader, sharedBytes } from './wgsl.ts';

/** Raised with every change of what `exact` programs become: the certificates of devices are about that. */
export const emitterVersion = 1;

/** The workgroup a program gets here. */
export function workgroupFor(verified: Verified, options?: CompileOptions): Triple {
  return chooseWorkgroup(verified, options, preferredWorkgroups[verified.facts.gridRank]);
}
const preferredWorkgroups: Record<1 | 2 | 3, Triple> = { 1: [64, 1, 1], 2: [8, 8, 1], 3: [4, 4, 4] };

/** How the floats of an `exact` program are written for one class of devices. */
export interface ExactForm {
  /** Tells forms of one program apart. */
  readonly key: string;
  readonly lower: (program: Program) => Program;
  readonly fence: (program: Program) => Program;
}
/** Undefined for programs that need none. */
export async function exactFormOf(
  { program, facts }: Verified,
  options: CompileOptions = {},
): Promise<ExactForm | undefined> {
  if (program.mode !== 'exact' || !facts.usesFloat) return undefined;
  const { exactForm } = await import('./exact.ts');
  return exactForm(options);
}

const shaders = new WeakMap<Verified, Map<string, Shader>>();

/** The shader of a program; kept, because devices ask for the same one. Throws `ineligible` where `exact` has no form of it. */
export function shaderOf(verified: Verified, workgroup: Triple, exact?: ExactForm): Shader {
  const known = shaders.get(verified) ?? new Map<string, Shader>();
  shaders.set(verified, known);
  const key = [workgroup, exact?.key].join();
  const shader = known.get(key) ?? emitWgsl(programFor(verified, workgroup, exact), verified.facts, workgroup);
  known.set(key, shader);
  return shader;
}

/** The code of its shader for people: statements are followed by the places they come from, ` // @line:column`. */
export async function placedWgsl(verified: Verified, workgroup: Triple): Promise<string> {
  const exact = await exactFormOf(verified);
  return emitWgsl(programFor(verified, workgroup, exact), verified.facts, workgroup, true).code;
}

/** The program that is emitted: optimised, and an `exact` one written out and fenced. */
export function programFor(verified: Verified, workgroup: Triple, exact: ExactForm | undefined): Program {
  const program = optimize(verified, { workgroup, exact: exact?.lower });
  return exact === undefined ? program : exact.fence(program);
}

/** Workgroup memory that a program takes as WGSL lays it out, at most; known without its form. */
export function sharedBytesOf({ program }: Verified, workgroup: Triple): number {
  return sharedBytes(expandCollectives({ ...program, workgroup }, workgroup));
}
