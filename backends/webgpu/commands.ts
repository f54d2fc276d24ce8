/** The commands of a submission as this device runs them: bound, with fuel accounted for. */

import type { BoundCommand, BoundDispatch, Copy, DeviceProgram, Fill } from '../../src/device/index.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { outOfFuel } from '../../src/ir/fuel.ts';
import { WebGpuProgram } from './program.ts';

export interface ReadyDispatch extends BoundDispatch {
  readonly program: WebGpuProgram;
  /** Added to the numbers of its loops in the status word. */
  readonly statusBase: number;
}
export type ReadyCommand = ReadyDispatch | Copy | Fill;

/** The dispatches that may run out of fuel, by the number their loops start at. */
export type Fuelled = readonly { readonly base: number; readonly program: WebGpuProgram }[];

export function readied(commands: readonly BoundCommand[]): { commands: ReadyCommand[]; fuelled: Fuelled } {
  const fuelled: { base: number; program: WebGpuProgram }[] = [];
  let loops = 0;
  const ready = commands.map((command): ReadyCommand => {
    if (command.kind !== 'dispatch') return command;
    const program = own(command.program);
    const statusBase = loops;
    if (program.shader.hasStatus) {
      fuelled.push({ base: loops, program });
      loops += program.verified.facts.loops.length;
    }
    return { ...command, program, statusBase };
  });
  return { commands: ready, fuelled };
}

function own(program: DeviceProgram): WebGpuProgram {
  if (program instanceof WebGpuProgram) return program;
  throw new IsokernelError('argument-type', `"${program.verified.program.name}" was compiled by another backend`, {
    hint: 'Compile it on the device that runs it.',
  });
}

/** The error that a status word which is not 0 stands for. */
export function fuelError(word: number, fuelled: Fuelled): IsokernelError {
  const number = ~word >>> 0;
  const { base, program } = fuelled.findLast((each) => each.base <= number)!;
  return outOfFuel(program.verified.program, number - base);
}
