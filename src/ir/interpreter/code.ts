/**
 * A program as closures: what the interpreter runs.
 *
 * A block becomes an `Action`, a function of an invocation. One in which the workgroup has to meet, at a barrier or a
 * collective, becomes a generator, which yields there.
 */

import { IsokernelError } from '../error.ts';
import { outOfFuel } from '../fuel.ts';
import { rowOf } from '../ops.ts';
import {
  type Block,
  type End,
  endValues,
  type If,
  type Instruction,
  type Loop,
  type Operation,
  type Program,
  resultsOf,
  type Value,
} from '../program.ts';
import type { Invocation } from './invocation.ts';
import { Layout } from './layout.ts';
import { effectOf } from './operations.ts';

/** How a block was left, other than by falling through or a yield. */
type Exit = 'break' | 'continue' | 'return';
type Action = (invocation: Invocation) => Exit | void;
/** Yields the operations at which the workgroup meets. */
export type Steps = Generator<Operation, Exit | void, void>;
type SteppedAction = (invocation: Invocation) => Steps;
/** Exactly one of the two. */
export type Code = { readonly action: Action } | { readonly steps: SteppedAction };

export interface Executable {
  readonly program: Program;
  readonly layout: Layout;
  readonly code: Code;
}

/** Makes a program ready to be interpreted, any number of times. */
export function prepare(program: Program): Executable {
  const layout = new Layout(program);
  return { program, layout, code: blockCode(program.body, layout, { ...nowhere, stepped: false }) };
}
/** The same program, yielding every operation after its effect, but those at which the workgroup meets before it. */
export function stepped({ program, layout }: Executable): Code {
  return blockCode(program.body, layout, { ...nowhere, stepped: true });
}

interface Targets {
  /** Where the values that a block's end passes on go. */
  readonly yield: readonly Value[];
  readonly break: readonly Value[];
  readonly continue: readonly Value[];
  /** Every operation yields. */
  readonly stepped: boolean;
}
const nowhere = { yield: [], break: [], continue: [] };

function blockCode(block: Block, layout: Layout, targets: Targets): Code {
  const codes = block.body.map((instruction) => instructionCode(instruction, layout, targets));
  const end = endAction(block.end, layout, targets);
  const actions = codes.flatMap((code) => ('action' in code ? [code.action] : []));
  if (actions.length === codes.length)
    return {
      action: (invocation) => {
        for (const action of actions) {
          const exit = action(invocation);
          if (exit !== undefined) return exit;
        }
        return end(invocation);
      },
    };
  return {
    *steps(invocation) {
      for (const code of codes) {
        const exit = 'action' in code ? code.action(invocation) : yield* code.steps(invocation);
        if (exit !== undefined) return exit;
      }
      return end(invocation);
    },
  };
}

function instructionCode(instruction: Instruction, layout: Layout, targets: Targets): Code {
  if (instruction.kind === 'if') return ifCode(instruction, layout, targets);
  if (instruction.kind === 'loop') return loopCode(instruction, layout, targets);
  const { form } = rowOf(instruction.op);
  if (form !== 'barrier' && form !== 'collective') {
    const action = effectOf(instruction, layout);
    if (!targets.stepped) return { action };
    return {
      *steps(invocation) {
        action(invocation);
        yield instruction;
      },
    };
  }
  // all slots are given out before anything runs
  layout.slots([...instruction.args, ...resultsOf(instruction)]);
  return {
    *steps() {
      yield instruction;
    },
  };
}

function ifCode({ condition, accept, reject, results }: If, layout: Layout, targets: Targets): Code {
  const test = layout.slot(condition);
  const [yes, no] = [accept, reject].map((arm) => blockCode(arm, layout, { ...targets, yield: results })) as [
    Code,
    Code,
  ];
  if ('action' in yes && 'action' in no)
    return { action: (invocation) => (invocation.values[test] ? yes.action(invocation) : no.action(invocation)) };
  return {
    *steps(invocation) {
      const taken = invocation.values[test] ? yes : no;
      return 'action' in taken ? taken.action(invocation) : yield* taken.steps(invocation);
    },
  };
}

function loopCode({ params, inits, body, results, verified }: Loop, layout: Layout, { stepped }: Targets): Code {
  const enter = move(layout, inits, params);
  const code = blockCode(body, layout, { yield: [], break: results, continue: params, stepped });
  const fuel = verified?.fuel ?? 'none';
  const burn = (invocation: Invocation) => {
    // the job has failed and what it wrote is undefined, so nothing that ran on could be seen
    if (fuel !== 'none' && invocation.fuel[fuel]-- <= 0) throw outOfFuel(layout.program, verified!.id);
  };
  if ('action' in code)
    return {
      action: (invocation) => {
        enter(invocation);
        for (;;) {
          burn(invocation);
          const exit = code.action(invocation);
          if (exit === 'break') return;
          if (exit === 'return') return exit;
        }
      },
    };
  return {
    *steps(invocation) {
      enter(invocation);
      for (;;) {
        burn(invocation);
        const exit = yield* code.steps(invocation);
        if (exit === 'break') return;
        if (exit === 'return') return exit;
      }
    },
  };
}

function endAction(end: End, layout: Layout, targets: Targets): Action {
  if (end.kind === 'return') return () => 'return';
  if (end.kind === 'unreachable')
    return () => {
      throw new IsokernelError('invalid-ir', `${layout.program.name}: the end of an unreachable block was reached`);
    };
  const pass = move(layout, endValues(end), targets[end.kind]);
  const exit = end.kind === 'yield' ? undefined : end.kind;
  return (invocation) => {
    pass(invocation);
    return exit;
  };
}

/** Copies values, all at once: a loop may swap its parameters. */
function move(layout: Layout, from: readonly Value[], to: readonly Value[]): (invocation: Invocation) => void {
  const sources = layout.slots(from);
  const targets = layout.slots(to);
  const moved = new Float64Array(sources.length);
  return ({ values }) => {
    for (let i = 0; i < sources.length; i++) moved[i] = values[sources[i]!]!;
    for (let i = 0; i < sources.length; i++) values[targets[i]!] = moved[i]!;
  };
}
