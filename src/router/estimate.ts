/**
 * What a launch costs, before it runs: operations and bytes from the op table and the verifier's loop bounds, and the time
 * they take by a roofline. It need only rank devices; what it gets wrong for a kernel is learnt (model.ts).
 */

import type { Rates } from '../device/contract.ts';
import { ops } from '../ir/ops.ts';
import type { Block, If, Instruction, Operation } from '../ir/program.ts';
import { componentType, elementBytes, isFloat, type ValueType } from '../ir/types.ts';
import type { LaunchShape, Verified } from '../ir/verified.ts';

export interface Cost {
  /** Basic operations on floats, and all others. */
  readonly f32: number;
  readonly i32: number;
  /** Bytes from and to device memory. */
  readonly bytes: number;
}

/** Iterations of a loop that nothing bounds. */
const guessedIterations = 64;

/** Cost of one launch; the longer arm of an `if` counts, and loops run to their bound. */
export function costOf(verified: Verified, launch: LaunchShape): Cost {
  const { program, facts } = verified;
  const sum = { f32: 0, i32: 0 };
  const touched = new Map<unknown, number>();

  function block({ body }: Block, times: number): void {
    for (const instruction of body) visit(instruction, times);
  }
  function visit(instruction: Instruction, times: number): void {
    if (instruction.kind === 'op') operation(instruction, times);
    else if (instruction.kind === 'loop') block(instruction.body, times * iterations(instruction.verified?.id));
    else longerArm(instruction, times);
  }
  function longerArm({ accept, reject }: If, times: number): void {
    const before = { ...sum };
    block(accept, times);
    const accepted = { ...sum };
    Object.assign(sum, before);
    block(reject, times);
    if (accepted.f32 + accepted.i32 > sum.f32 + sum.i32) Object.assign(sum, accepted);
  }
  function iterations(id: number | undefined): number {
    const bound = id === undefined ? undefined : facts.loops[id]?.bound?.(launch);
    return bound === undefined || Number.isNaN(bound) ? guessedIterations : bound;
  }
  function operation({ op, args, result, reference }: Operation, times: number): void {
    const type: ValueType | undefined = args[0]?.type ?? result?.type;
    sum[type !== undefined && isFloat(componentType(type)) ? 'f32' : 'i32'] += times * ops[op].cost;
    const { form } = ops[op];
    if (reference?.kind !== 'buffer' || form === 'dimension') return;
    const accesses = form === 'atomic' ? 2 : 1;
    touched.set(reference, (touched.get(reference) ?? 0) + times * accesses * elementBytes(reference.element));
  }

  const invocations = launch.grid[0] * launch.grid[1] * launch.grid[2];
  block(program.body, invocations);

  // what is touched often comes from caches: a buffer counts once, read and written apart
  let bytes = 0;
  program.params.forEach((param, i) => {
    if (param.kind !== 'buffer') return;
    const size = launch.args[i]!.reduce((product, length) => product * length, elementBytes(param.element));
    const { read, written } = facts.buffers[i]!;
    bytes += Math.min(touched.get(param) ?? 0, size * (Number(read) + Number(written)));
  });
  return { ...sum, bytes };
}

/** Milliseconds of the work itself on a device of these rates, inputs there; launching comes on top. */
export function workTime({ f32, i32, bytes }: Cost, rates: Rates): number {
  return 1000 * Math.max(f32 / rates.f32 + i32 / rates.i32, bytes / rates.bandwidth);
}
