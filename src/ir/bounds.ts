/**
 * Bounds of loops: how often each can run, in terms of what is known at launch.
 */

import { rowOf } from './ops.ts';
import { type Block, forEachInstruction, type Program } from './program.ts';
import type { LoopFacts } from './verified.ts';

/** By loop, in program order. */
export function loopBounds(program: Program): readonly LoopFacts[] {
  const loops: LoopFacts[] = [];
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind !== 'loop') return;
    const hasBarrier = meets(instruction.body);
    loops.push({
      fuel: hasBarrier ? 'workgroup' : 'invocation',
      hasBarrier,
      place: instruction.place,
      bound: undefined,
    });
  });
  return loops;
}

/** Whether a block holds a barrier or a collective. */
function meets(block: Block): boolean {
  let found = false;
  forEachInstruction(block, (instruction) => {
    if (instruction.kind !== 'op') return;
    const { form } = rowOf(instruction.op);
    found ||= form === 'barrier' || form === 'collective';
  });
  return found;
}
