/**
 * How much a dispatch does at most, known before it runs: basic operations by the op table, loops to the bounds that the verifier
 * proved. What is light runs on the caller's own thread, so this is never too low; what may loop without a bound is infinitely heavy.
 */

import type { BoundDispatch } from '../../src/device/index.ts';
import { rowOf } from '../../src/ir/ops.ts';
import { type Block, blocksOf } from '../../src/ir/program.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';

/** A block: its own operations, those of both arms of each `if` included, and its loops. */
interface Work {
  operations: number;
  readonly loops: { readonly bound: (launch: LaunchShape) => number; readonly body: Work }[];
}

export class Weight {
  readonly #verified: Verified;
  readonly #work: Work;
  readonly #perGroup: number;
  /** Bounds take a while to work out, and the same launch comes again. */
  #last: { readonly key: string; readonly perInvocation: number } | undefined;

  constructor(verified: Verified) {
    const { program, facts } = verified;
    this.#verified = verified;
    this.#work = facts.fuelled ? { operations: Number.POSITIVE_INFINITY, loops: [] } : workOf(program.body, facts);
    // arrays are cleared: those of an invocation for each, those of a workgroup once
    this.#work.operations += facts.privateBytes / 4;
    this.#perGroup = facts.workgroupBytes / 4;
  }

  /** At most so many operations; `limit`, or more, where they are more than that. */
  of(dispatch: BoundDispatch, limit: number): number {
    const { count, program } = dispatch;
    const groups = count[0] * count[1] * count[2];
    const [x, y, z] = program.workgroup;
    const invocations = groups * x * y * z;
    const least = groups * this.#perGroup + invocations * this.#work.operations;
    if (least >= limit || this.#work.loops.length === 0) return least;
    return groups * this.#perGroup + invocations * this.#perInvocation(dispatch);
  }

  #perInvocation({ buffers, scalars, grid, program: { workgroup } }: BoundDispatch): number {
    const key = `${grid.join()}/${buffers.map(({ shape }) => shape.join()).join('/')}/${scalars.join('/')}`;
    if (this.#last?.key !== key) {
      let buffer = 0;
      let scalar = 0;
      const args = this.#verified.program.params.map((param) =>
        param.kind === 'buffer' ? buffers[buffer++]!.shape : scalars[scalar++]!,
      );
      this.#last = { key, perInvocation: total(this.#work, { args, grid, workgroup }) };
    }
    return this.#last.perInvocation;
  }
}

function workOf(block: Block, facts: Verified['facts'], work: Work = { operations: 0, loops: [] }): Work {
  for (const instruction of block.body) {
    if (instruction.kind === 'op') work.operations += Math.max(rowOf(instruction.op).cost, 1);
    else if (instruction.kind === 'if') for (const arm of blocksOf(instruction)) workOf(arm, facts, work);
    else {
      const bound = facts.loops[instruction.verified!.id]!.bound!;
      work.loops.push({ bound, body: workOf(instruction.body, facts) });
    }
  }
  return work;
}

function total({ operations, loops }: Work, launch: LaunchShape): number {
  let sum = operations;
  for (const { bound, body } of loops) {
    const times = bound(launch);
    sum += Number.isNaN(times) ? Number.POSITIVE_INFINITY : times * total(body, launch);
  }
  return sum;
}
