/** How the values of a program are used, and the forms of its loops: what decides where WGSL says something. */

import { ops } from '../../src/ir/ops.ts';
import {
  type Block,
  blocksOf,
  type End,
  endValues,
  type Instruction,
  type Loop,
  resultsOf,
  type Value,
} from '../../src/ir/program.ts';

/** By value: whether it is used exactly once, in the loop that defines it. Values without uses are not in it. */
export type Uses = ReadonlyMap<Value, { readonly once: boolean }>;

export function usesOf(root: Block): Uses {
  const home = new Map<Value, Loop | undefined>();
  const uses = new Map<Value, { once: boolean }>();
  const use = (value: Value, loop: Loop | undefined) => {
    uses.set(value, { once: !uses.has(value) && home.get(value) === loop });
  };
  const walk = (block: Block, loop: Loop | undefined): void => {
    for (const instruction of block.body) {
      for (const value of askedBy(instruction)) use(value, loop);
      for (const value of resultsOf(instruction)) home.set(value, loop);
      const inside = instruction.kind === 'loop' ? instruction : loop;
      if (instruction.kind === 'loop') for (const param of instruction.params) home.set(param, instruction);
      for (const inner of blocksOf(instruction)) walk(inner, inside);
    }
    for (const value of endValues(block.end)) use(value, loop);
  };
  walk(root, undefined);
  return uses;
}

/** The values that an instruction itself asks for. */
function askedBy(instruction: Instruction): readonly Value[] {
  switch (instruction.kind) {
    case 'op':
      return instruction.args;
    case 'if':
      return [instruction.condition];
    case 'loop':
      return instruction.inits;
  }
}

/** Whether an instruction, or anything inside it, uses the value. */
export function mentions(instruction: Instruction, value: Value): boolean {
  return (
    askedBy(instruction).includes(value) ||
    blocksOf(instruction).some(
      ({ body, end }) => endValues(end).includes(value) || body.some((inner) => mentions(inner, value)),
    )
  );
}

/** The ends of one kind that mean the loop of this body. */
export function exitsOf(
  body: Block,
  kind: 'break' | 'continue',
): (End & { kind: typeof kind; values: readonly Value[] })[] {
  const own = body.end.kind === kind ? [body.end as End & { kind: typeof kind; values: readonly Value[] }] : [];
  const inner = body.body.flatMap((instruction) =>
    instruction.kind === 'if' ? blocksOf(instruction).flatMap((block) => exitsOf(block, kind)) : [],
  );
  return [...own, ...inner];
}

/** The parameter that a result always equals when the loop is left, by its position. */
export function aliasOf(
  loop: Loop,
  breaks: readonly { readonly values: readonly Value[] }[],
  result: number,
): number | undefined {
  const param = loop.params.indexOf(breaks[0]?.values[result] as Value);
  return param >= 0 && breaks.every(({ values }) => values[result] === loop.params[param]) ? param : undefined;
}

/** The head of a loop that tests before anything else happens: pure operations, then an `if` with an arm that only leaves. */
export interface LoopHead {
  /** Position of the `if` in the loop's body. */
  readonly at: number;
  readonly condition: Value;
  /** Whether the loop goes on where the condition holds. */
  readonly stayIfTrue: boolean;
  readonly stay: Block;
  /** The staying arm ends the iteration by itself; nothing of the loop's body follows the `if`. */
  readonly stayEnds: boolean;
  /** What leaving gives. */
  readonly leaves: readonly Value[];
}

export function headOf(loop: Loop): LoopHead | undefined {
  const { body, end } = loop.body;
  const at = body.findIndex((instruction) => instruction.kind !== 'op' || !isPure(instruction.op));
  const test = body[at];
  if (test?.kind !== 'if' || test.results.length > 0) return undefined;
  const [leave, stay] = leaves(test.accept) ? [test.accept, test.reject] : [test.reject, test.accept];
  if (!leaves(leave)) return undefined;
  return {
    at,
    condition: test.condition,
    stayIfTrue: stay === test.accept,
    stay,
    stayEnds: end.kind === 'unreachable',
    leaves: endValues(leave.end),
  };
}
const leaves = (block: Block) => block.body.length === 0 && block.end.kind === 'break';
const isPure = (op: keyof typeof ops) => !['store', 'clear', 'atomic', 'barrier', 'collective'].includes(ops[op].form);
