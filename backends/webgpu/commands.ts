/** Checks the commands of a submission and fills in the slots of a recording, so that encoding can't go wrong. */

import type {
  BufferArgument,
  Command,
  DeviceMemory,
  Dispatch,
  ScalarArgument,
  Slot,
} from '../../src/device/contract.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { isBuffer } from '../../src/ir/program.ts';
import { elementBytes } from '../../src/ir/types.ts';
import { type MemoryPool, WebGpuMemory } from './memory-pool.ts';
import { WebGpuProgram } from './program.ts';
import { boxOf, type ReadyCommand } from './schedule.ts';

export type SlotValues = readonly (BufferArgument | ScalarArgument)[];

export interface ReadyCommands {
  readonly commands: readonly ReadyCommand[];
  /** Dispatches with fuel, by the number their loops start at in the status word. */
  readonly fuelled: readonly { readonly base: number; readonly program: WebGpuProgram }[];
}

/** Readies commands for the device that owns `pool`; throws where an argument does not fit. */
export function ready(commands: readonly Command[], slots: SlotValues, pool: MemoryPool): ReadyCommands {
  const fuelled: { base: number; program: WebGpuProgram }[] = [];
  let loops = 0;
  const readied = commands.map((command): ReadyCommand => {
    if (command.kind === 'fill') {
      checkRange(own(command.memory, pool), command.offset, command.bytes);
      return command;
    }
    if (command.kind === 'copy') {
      checkRange(own(command.from, pool), command.fromOffset, command.bytes);
      checkRange(own(command.to, pool), command.toOffset, command.bytes);
      return command;
    }
    const { program } = command;
    if (!(program instanceof WebGpuProgram)) throw wrong('a program of another device');
    const statusBase = loops;
    if (program.shader.hasStatus) {
      fuelled.push({ base: loops, program });
      loops += program.verified.facts.loops.length;
    }
    const scalars = command.scalars.map((scalar) => (isSlot(scalar) ? (slots[scalar.slot] as ScalarArgument) : scalar));
    const { grid } = command;
    const box = boxOf(grid, program.workgroup, command.base, command.count);
    return { kind: 'dispatch', program, buffers: buffersOf(command, slots, pool), scalars, grid, box, statusBase };
  });
  return { commands: readied, fuelled };
}

function buffersOf(command: Dispatch, slots: SlotValues, pool: MemoryPool): BufferArgument[] {
  const params = (command.program as WebGpuProgram).verified.program.params.filter(isBuffer);
  return params.map((param, i) => {
    const given = command.buffers[i];
    const argument = given !== undefined && isSlot(given) ? (slots[given.slot] as BufferArgument) : given;
    if (argument === undefined) throw wrong(`no buffer for "${param.name}"`);
    const bytes = argument.shape.reduce((product, length) => product * length, elementBytes(param.element));
    // the guards of a shader trust the shape
    if (argument.shape.length !== param.rank || bytes > own(argument.memory, pool).bytes)
      throw wrong(
        `"${param.name}" of shape [${argument.shape.join(', ')}] is not in a memory of ${argument.memory.bytes} bytes`,
      );
    return argument;
  });
}

/** The memory as this device's own, still in use. */
export function own(memory: DeviceMemory, pool: MemoryPool): WebGpuMemory {
  if (!(memory instanceof WebGpuMemory) || memory.pool !== pool)
    throw new IsokernelError('foreign-buffer', 'a memory of another device');
  if (memory.freed) throw new IsokernelError('freed-buffer', 'a memory that was freed');
  return memory;
}

export function checkRange(memory: WebGpuMemory, offset: number, bytes: number): void {
  if (offset < 0 || bytes < 0 || offset + bytes > memory.bytes)
    throw wrong(`bytes ${offset} to ${offset + bytes} of a memory of ${memory.bytes}`);
}

const isSlot = (argument: BufferArgument | ScalarArgument | Slot): argument is Slot => 'slot' in argument;
const wrong = (message: string) => new IsokernelError('argument-shape', message);
