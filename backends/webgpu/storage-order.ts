/**
 * Which barriers of a program have to order storage memory too, besides workgroup memory: WGSL has a barrier for each,
 * and the one for storage costs.
 *
 * A barrier needs it where one invocation of the workgroup may touch a buffer before it and another may touch the same
 * element after it, and either writes. Before and after go by the order of the program; what shares a loop with the
 * barrier is both.
 */

import { rowOf } from '../../src/ir/ops.ts';
import {
  type Block,
  type BufferParam,
  blocksOf,
  type Loop,
  type Operation,
  type Program,
} from '../../src/ir/program.ts';
import type { BufferFacts, Facts } from '../../src/ir/verified.ts';

type Workgroup = readonly [number, number, number];

/** Where an operation stands: its number in program order, and the outermost loop around it. */
interface Position {
  readonly at: number;
  readonly loop: Loop | undefined;
}
interface Access extends Position {
  readonly buffer: BufferParam;
  readonly writes: boolean;
}

/** The barriers, and other operations that contain one, across which the order of accesses to storage can be seen. */
export function storageBarriers(program: Program, facts: Facts, workgroup: Workgroup): ReadonlySet<Operation> {
  const shared = new Set(
    facts.buffers.flatMap((buffer) => (buffer?.written && !isPrivate(buffer, workgroup) ? [buffer.param] : [])),
  );
  const accesses: Access[] = [];
  const barriers = new Map<Operation, Position>();
  let count = 0;
  const walk = (block: Block, loop: Loop | undefined): void => {
    for (const instruction of block.body) {
      if (instruction.kind === 'op') {
        const { reference } = instruction;
        const row = rowOf(instruction.op);
        const position = { at: count++, loop };
        if (row.form === 'barrier' || row.form === 'collective') barriers.set(instruction, position);
        else if (reference?.kind === 'buffer' && shared.has(reference) && row.form !== 'dimension')
          accesses.push({ ...position, buffer: reference, writes: row.form !== 'load' });
      }
      const inside = loop ?? (instruction.kind === 'loop' ? instruction : undefined);
      for (const inner of blocksOf(instruction)) walk(inner, inside);
    }
  };
  walk(program.body, undefined);
  const needed = [...barriers].filter(([, barrier]) => {
    const circles = ({ loop }: Access) => loop !== undefined && loop === barrier.loop;
    const before = accesses.filter((access) => access.at < barrier.at || circles(access));
    const after = accesses.filter((access) => access.at > barrier.at || circles(access));
    return before.some((one) => after.some((other) => one.buffer === other.buffer && (one.writes || other.writes)));
  });
  return new Set(needed.map(([operation]) => operation));
}

/** Whether no two invocations of a workgroup touch the same element. */
function isPrivate({ stores, param }: BufferFacts, workgroup: Workgroup): boolean {
  return stores === 'own' && workgroup.slice(param.rank).every((size) => size === 1);
}
