/**
 * What is left of a submission, and how much of it one slice takes.
 *
 * Slices are meant to last `sliceTime`: programs learn what a workgroup of theirs takes, and a program that has not run yet
 * begins with a few workgroups. Commands stay in order; dispatches are cut into boxes of workgroups.
 */

import type { Copy, Fill } from '../../src/device/index.ts';
import { type Box, groupsOf, takeBox } from './boxes.ts';
import type { ReadyCommand, ReadyDispatch } from './commands.ts';
import type { WebGpuProgram } from './program.ts';

/** Milliseconds that a slice aims at: what cancelling may have to wait for. */
export const sliceTime = 50;
/** Milliseconds of a submission that is not cut at all: cuts leave cores idle, measured at a fifth of the time. */
const wholeTime = 200;
/** Workgroups of the first slice of a program that never ran. */
const firstGroups = 32;
/** The measured time of a slice changes a program's pace by this much at most. */
const largestChange = 8;

export type Step = { readonly command: ReadyDispatch; readonly box: Box } | { readonly command: Copy | Fill };

export interface Slice {
  readonly steps: readonly Step[];
  /** Milliseconds that it is expected to take. */
  readonly expected: number;
  readonly groups: number;
  /** It holds the first run of a program, so its time is not known. */
  readonly isProbe: boolean;
}

export class Schedule {
  readonly #commands: readonly ReadyCommand[];
  readonly #longest: number;
  #next = 0;
  /** Boxes left of the command before `#next`. */
  #rest: Box[] = [];
  readonly totalGroups: number;
  /** Milliseconds that a slice of it may take. */
  readonly #sliceTime: number;

  /** `longest`: most workgroups along an axis. */
  constructor(commands: readonly ReadyCommand[], longest: number) {
    this.#commands = commands;
    this.#longest = longest;
    const expected = commands.reduce(
      (sum, it) => sum + (it.kind === 'dispatch' ? (it.program.pace ?? Number.POSITIVE_INFINITY) * groupsOf(it) : 0),
      0,
    );
    this.#sliceTime = expected <= wholeTime ? Number.POSITIVE_INFINITY : sliceTime;
    this.totalGroups = commands.reduce((sum, it) => sum + (it.kind === 'dispatch' ? groupsOf(it) : 0), 0);
  }

  get done(): boolean {
    return this.#rest.length === 0 && this.#next === this.#commands.length;
  }

  takeSlice(): Slice {
    const steps: Step[] = [];
    let expected = 0;
    let groups = 0;
    let isProbe = false;
    while (!this.done && expected < this.#sliceTime && !isProbe) {
      if (this.#rest.length === 0) {
        const command = this.#commands[this.#next++]!;
        if (command.kind !== 'dispatch') steps.push({ command });
        else if (groupsOf(command) > 0) this.#rest.push({ base: command.base, count: command.count });
        continue;
      }
      const command = this.#commands[this.#next - 1] as ReadyDispatch;
      const { pace } = command.program;
      const room = pace === undefined ? firstGroups : (this.#sliceTime - expected) / pace;
      // less than one workgroup's time left: let the slice end, unless it is empty
      if (room < 1 && steps.length > 0) break;
      const box = takeBox(this.#rest, room, this.#longest);
      steps.push({ command, box });
      groups += groupsOf(box);
      if (pace === undefined) isProbe = true;
      else expected += pace * groupsOf(box);
    }
    return { steps, expected, groups, isProbe };
  }
}

/** Teaches the programs of a slice what it really took. */
export function learn({ steps, expected }: Slice, measured: number): void {
  const groups = new Map<WebGpuProgram, number>();
  for (const step of steps) {
    if ('box' in step) groups.set(step.command.program, (groups.get(step.command.program) ?? 0) + groupsOf(step.box));
  }
  const change = expected > 0 ? Math.min(largestChange, Math.max(1 / largestChange, measured / expected)) : 1;
  for (const [program, count] of groups) {
    if (program.pace === undefined) program.pace = Math.max(measured - expected, measured / 2) / count;
    else program.pace *= change;
  }
}
