/**
 * What verification proves about a program: the facts that backends, router and runtime stand on.
 *
 * A `Verified` can only come from `verify` (verify.ts): the brand is not exported as a value, so nothing else can make one and an unverified
 * program cannot be compiled or run.
 */

import type { Place } from './error.ts';
import type { BufferParam, LoopFuel, Param, Program, Value } from './program.ts';

declare const verifiedBrand: unique symbol;

export interface Verified {
  /** The program with its loops numbered and their fuel set. Unoptimised: its hash is the kernel's identity. */
  readonly program: Program;
  readonly facts: Facts;
  readonly [verifiedBrand]: true;
}

export interface Facts {
  /** By parameter, in declaration order; undefined for scalars. */
  readonly buffers: readonly (BufferFacts | undefined)[];
  /** Values that are the same in all invocations of a workgroup, by a rule no laxer than WGSL's. */
  readonly uniform: ReadonlySet<Value>;
  /** It has a barrier or a collective: ghosts take part. */
  readonly hasBarrier: boolean;
  /** The body can see its workgroup (its ids or size, a barrier, workgroup memory), so the workgroup is part of the hash. */
  readonly groupSensitive: boolean;
  /** The returned value of an atomic is used: results may depend on the order of invocations. */
  readonly orderDependent: boolean;
  /** It works on floats, so what it gives may differ from device to device, outside `exact`. */
  readonly usesFloat: boolean;
  readonly usesF16: boolean;
  /** By loop id. */
  readonly loops: readonly LoopFacts[];
  /** Whether any loop carries fuel. */
  readonly fuelled: boolean;
  readonly privateBytes: number;
  readonly workgroupBytes: number;
  /** Number of axes of the grid that the body looks at: 1 to 3. A backend picks its workgroup by it. */
  readonly gridRank: 1 | 2 | 3;
}

export interface BufferFacts {
  readonly param: BufferParam;
  readonly read: boolean;
  readonly written: boolean;
  /**
   * `own`: every store goes to the element whose indices are exactly the invocation's grid indices (last index x), and
   * so does every load of it: invocations touch disjoint elements, on a grid whose axes beyond the rank are 1. `any`:
   * nothing is known.
   */
  readonly stores: 'none' | 'own' | 'any';
  /** `stores` is `own` and every invocation surely stores: on a grid as large as the array, nothing of it stays old. */
  readonly storesAlways: boolean;
}

export interface LoopFacts {
  readonly fuel: LoopFuel;
  readonly hasBarrier: boolean;
  readonly place: Place | undefined;
  /**
   * Upper bound of the iterations of one entry of the loop, from what is known at launch; undefined exactly where `fuel`
   * is not `none`.
   */
  readonly bound: ((launch: LaunchShape) => number) | undefined;
}

/** What is known of a launch before it runs. */
export interface LaunchShape {
  /** By parameter, in declaration order: a scalar's components, or a buffer's dimensions. */
  readonly args: readonly (readonly number[])[];
  /** Invocations in x, y, z. */
  readonly grid: readonly [number, number, number];
  readonly workgroup: readonly [number, number, number];
}

/** The workgroup of a kernel that declares none and is group-sensitive: its meaning must not depend on the device. */
export const defaultWorkgroup = [64, 1, 1] as const;

export function bufferParams(params: readonly Param[]): BufferParam[] {
  return params.filter((param) => param.kind === 'buffer');
}
