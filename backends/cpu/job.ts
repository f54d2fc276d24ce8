/** One submission in the shared memory: its commands as a chain of steps, with their arguments, in one allocation. */

import type { BoundCommand, BoundDispatch } from '../../src/device/index.ts';
import type { Range } from './allocator.ts';
import { layoutArguments, writeArguments } from './arguments.ts';
import type { CpuProgram } from './device.ts';
import type { Executor } from './executor.ts';
import type { LinearMemory } from './memory.ts';
import { blockBytes, stepBytes, stepKinds, stepWords } from './steps.ts';

/** Memory for each thread while a dispatch runs. */
export type Scratch = (bytes: number) => { readonly address: number; readonly stride: number };

export class Job {
  /** 0 where there is nothing to do. */
  readonly firstStep: number;
  readonly #linear: LinearMemory;
  readonly #range: Range | undefined;
  readonly #steps: readonly { readonly command: BoundCommand; readonly address: number; readonly units: number }[];

  /** `addresses`: of each command's memories. */
  constructor(
    linear: LinearMemory,
    commands: readonly BoundCommand[],
    addresses: readonly (readonly number[])[],
    scratch: Scratch,
  ) {
    this.#linear = linear;
    let end = 0;
    const place = (bytes: number): number => {
      const start = end;
      end += Math.ceil(bytes / 16) * 16;
      return start;
    };
    const planned = commands.flatMap((command, i) => {
      const units = unitsOf(command);
      if (units === 0) return [];
      const step = place(stepBytes);
      const args = command.kind === 'dispatch' ? place(layoutArguments(command.program.verified.program).bytes) : 0;
      return [{ command, units, step, args, memories: addresses[i]! }];
    });
    if (planned.length === 0) {
      this.firstStep = 0;
      this.#steps = [];
      return;
    }
    // all scratch first: it may grow the memory, and every dispatch is to get the same
    const most = Math.max(
      ...planned.map(({ command }) => (command.kind === 'dispatch' ? programOf(command).scratchBytes : 0)),
    );
    const { address: scratchAddress, stride } = scratch(most);
    this.#range = linear.take(end);
    const { start } = this.#range;
    const { words } = linear;
    planned.forEach(({ command, units, step, args, memories }, i) => {
      const at = (start + step) / 4;
      const next = planned[i + 1];
      words[at + stepWords.kind] = stepKinds[command.kind];
      words[at + stepWords.total] = units;
      words[at + stepWords.next] = next === undefined ? 0 : start + next.step;
      words[at + stepWords.grain] = 1;
      if (command.kind === 'dispatch') {
        words[at + stepWords.program] = programOf(command).address;
        words[at + stepWords.arguments] = start + args;
        words[at + stepWords.scratch] = scratchAddress;
        words[at + stepWords.stride] = stride;
        writeArguments(words.subarray((start + args) / 4), command, memories);
      } else {
        const [from, to] =
          command.kind === 'copy'
            ? [memories[0]! + command.fromOffset, memories[1]! + command.toOffset]
            : [0, memories[0]! + command.offset];
        words[at + stepWords.from] = from;
        words[at + stepWords.to] = to;
        words[at + stepWords.bytes] = command.bytes;
        words[at + stepWords.block] = blockBytes;
      }
    });
    this.firstStep = start + planned[0]!.step;
    this.#steps = planned.map(({ command, step, units }) => ({ command, address: start + step, units }));
  }

  /** What the step at this address runs. */
  programOf(step: number): CpuProgram | undefined {
    const command = this.#steps.find(({ address }) => address === step)?.command;
    return command?.kind === 'dispatch' ? programOf(command) : undefined;
  }
  /** Fraction done, 0 to 1, every step counted alike. */
  progress({ step, unitsDone }: Executor): number {
    const current = this.#steps.findIndex(({ address }) => address === step);
    if (current < 0) return 0;
    return (current + unitsDone / this.#steps[current]!.units) / this.#steps.length;
  }

  free(): void {
    if (this.#range !== undefined) this.#linear.give(this.#range);
  }
}

function programOf({ program }: BoundDispatch): CpuProgram {
  return program as CpuProgram;
}
/** Workgroups of a dispatch, blocks of a copy or fill. */
function unitsOf(command: BoundCommand): number {
  if (command.kind === 'dispatch') return command.count[0] * command.count[1] * command.count[2];
  return Math.ceil(command.bytes / blockBytes);
}
