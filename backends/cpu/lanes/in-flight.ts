/**
 * How many vectors go through a segment's code together. In a tight loop an iteration waits for what the one before it gives; a second vector
 * fills the wait, and shares what is uniform, as long as the registers hold what lives in the loop.
 */

import { forEachInstruction, type Instruction, type Loop, type Value } from '../../../src/ir/program.ts';
import { componentCount } from '../../../src/ir/types.ts';
import type { Lanes } from './shape.ts';

export const mostVectors = 2;

/** Vector registers are 16 on most machines; the rest of them hold what a loop computes and its constants. */
const registersForLives = 12;
/** Operations of an iteration up to which it waits more than it works. */
const tight = 40;

export function vectorsInFlight(body: readonly Instruction[], lanes: Lanes): 1 | 2 {
  const loops: Loop[] = [];
  forEachInstruction({ body, end: { kind: 'unreachable' } }, (instruction) => {
    if (instruction.kind === 'loop') loops.push(instruction);
  });
  const fits = loops.every((loop) => isTight(loop) && 2 * livesIn(loop, lanes) <= registersForLives);
  return fits && loops.some(({ params }) => params.some((param) => lanes.shape(param) === 'varying')) ? 2 : 1;
}

function isTight({ body }: Loop): boolean {
  let operations = 0;
  forEachInstruction(body, (instruction) => {
    operations += instruction.kind === 'loop' ? Number.POSITIVE_INFINITY : instruction.kind === 'op' ? 1 : 0;
  });
  return operations <= tight;
}

/** Vectors that live all through the loop: of varying values that it carries, gives or takes from outside, and who is there. */
function livesIn(loop: Loop, lanes: Lanes): number {
  const made = new Set<Value>();
  const lives = new Set<Value>([...loop.params, ...loop.results]);
  const use = (value: Value): void => {
    if (!made.has(value)) lives.add(value);
  };
  forEachInstruction(loop.body, (instruction) => {
    if (instruction.kind === 'op') {
      instruction.args.forEach(use);
      if (instruction.result !== undefined) made.add(instruction.result);
    } else if (instruction.kind === 'if') {
      use(instruction.condition);
      for (const result of instruction.results) made.add(result);
    }
  });
  let vectors = lanes.diverges(loop) ? 1 : 0;
  for (const value of lives) if (lanes.shape(value) === 'varying') vectors += componentCount(value.type);
  return vectors;
}
