/** From a verified program to its shader: the workgroup it gets here, the passes, the text. Needs no device. */

import { type CompileOptions, chooseWorkgroup, type Triple } from '../../src/device/index.ts';
import { type NumericClass, openClass } from '../../src/ir/numeric-class.ts';
import type { Program } from '../../src/ir/program.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { fenceFloats } from '../../src/passes/exact/fence-floats.ts';
import { lowerExact } from '../../src/passes/exact/lower.ts';
import { writeOut } from '../../src/passes/exact/write-out.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { emitWgsl, type Shader } from './wgsl.ts';

/** Raised with every change of what `exact` programs become: the certificates of devices are about that. */
export const emitterVersion = 1;

/** The workgroup a program gets here. */
export function workgroupFor(verified: Verified, options?: CompileOptions): Triple {
  return chooseWorkgroup(verified, options, preferredWorkgroups[verified.facts.gridRank]);
}
const preferredWorkgroups: Record<1 | 2 | 3, Triple> = { 1: [64, 1, 1], 2: [8, 8, 1], 3: [4, 4, 4] };

const shaders = new WeakMap<Verified, Map<string, Shader>>();

/** What `exact` programs are written out for; nothing is assumed of the device where it is not given. */
export interface ExactOptions {
  readonly numeric: NumericClass;
  readonly guarded: boolean;
}
const anyDevice: ExactOptions = { numeric: openClass, guarded: true };
export function exactOptions({ numeric, guarded }: CompileOptions = {}): ExactOptions {
  return { numeric: numeric ?? anyDevice.numeric, guarded: guarded ?? anyDevice.guarded };
}
/** Tells shaders of one program apart. */
export function shaderKey({ program }: Verified, workgroup: Triple, { numeric, guarded }: ExactOptions): string {
  if (program.mode !== 'exact') return workgroup.join();
  const { algebra, subnormals, native } = numeric;
  return [...workgroup, guarded, algebra, subnormals, ...native].join();
}

/** The shader of a program; kept, because devices ask for the same one. Throws `ineligible` where `exact` has no form of it. */
export function shaderOf(verified: Verified, workgroup: Triple, exact = anyDevice): Shader {
  const known = shaders.get(verified) ?? new Map<string, Shader>();
  shaders.set(verified, known);
  const key = shaderKey(verified, workgroup, exact);
  const shader = known.get(key) ?? emitWgsl(programFor(verified, workgroup, exact), verified.facts, workgroup);
  known.set(key, shader);
  return shader;
}

/** The code of its shader for people: statements are followed by the places they come from, ` // @line:column`. */
export function placedWgsl(verified: Verified, workgroup: Triple): string {
  return emitWgsl(programFor(verified, workgroup, anyDevice), verified.facts, workgroup, true).code;
}

/** The program that is emitted: optimised, and an `exact` one written out and fenced. */
export function programFor(verified: Verified, workgroup: Triple, { numeric, guarded } = anyDevice): Program {
  if (verified.program.mode !== 'exact') return optimize(verified, { workgroup });
  const exact = (program: Program) => writeOut(lowerExact(program, numeric, { guarded }), numeric);
  return fenceFloats(optimize(verified, { workgroup, exact }), numeric);
}
