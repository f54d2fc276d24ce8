/**
 * Commands made ready to run: slots filled in, arguments checked, the box of workgroups worked out. What is wrong with a
 * command is said here, in the same words for every device.
 */

import { IsokernelError } from '../ir/error.ts';
import { componentCount, elementBytes, maxDimension, maxInvocations } from '../ir/types.ts';
import { bufferParams } from '../ir/verified.ts';
import type {
  BufferArgument,
  Command,
  Copy,
  DeviceMemory,
  DeviceProgram,
  Dispatch,
  Fill,
  Recording,
  ScalarArgument,
  Slot,
} from './contract.ts';

export type Triple = readonly [number, number, number];

/** A dispatch with nothing left open. */
export interface BoundDispatch {
  readonly kind: 'dispatch';
  readonly program: DeviceProgram;
  readonly buffers: readonly BufferArgument[];
  readonly scalars: readonly ScalarArgument[];
  readonly grid: Triple;
  /** Workgroups of the whole grid. */
  readonly groups: Triple;
  readonly base: Triple;
  readonly count: Triple;
}
export type BoundCommand = BoundDispatch | Copy | Fill;

export type SlotValue = BufferArgument | ScalarArgument;
/** Throws where a memory is not the device's, was freed, or does not hold the range. */
export type MemoryCheck = (memory: DeviceMemory, offset: number, bytes: number) => void;

/** The commands of a submission, in order, each checked. */
export function bindCommands(
  work: readonly Command[] | Recording,
  slots: readonly SlotValue[],
  check: MemoryCheck,
): BoundCommand[] {
  const commands = 'commands' in work ? work.commands : work;
  return commands.map((command) => {
    if (command.kind === 'dispatch') return bindDispatch(command, slots, check);
    if (command.kind === 'fill') {
      check(command.memory, command.offset, command.bytes);
      if (command.offset % 4 !== 0 || command.bytes % 4 !== 0)
        throw wrong('a fill of bytes that are no whole words', 'Make offset and bytes multiples of 4.');
    } else {
      check(command.from, command.fromOffset, command.bytes);
      check(command.to, command.toOffset, command.bytes);
      if (command.from === command.to)
        throw new IsokernelError('overlapping-arguments', 'a copy within one memory', {
          hint: 'Copy through another memory.',
        });
    }
    return command;
  });
}

function bindDispatch(dispatch: Dispatch, slots: readonly SlotValue[], check: MemoryCheck): BoundDispatch {
  const { program, grid } = dispatch;
  const { params, name } = program.verified.program;
  const filled = <A extends SlotValue>(argument: A | Slot): A => {
    if (!('slot' in argument)) return argument;
    const value = slots[argument.slot];
    if (value === undefined) throw wrong(`${name}: no value for slot ${argument.slot}`, 'Give one value per slot.');
    return value as A;
  };
  const buffers = dispatch.buffers.map(filled);
  const scalars = dispatch.scalars.map(filled);
  const declared = bufferParams(params);
  const components = params.flatMap((param) => (param.kind === 'scalar' ? [componentCount(param.type)] : []));
  const fits =
    buffers.length === declared.length &&
    scalars.length === components.length &&
    buffers.every((argument) => 'memory' in argument) &&
    scalars.every((argument, i) => Array.isArray(argument) && argument.length === components[i]);
  if (!fits)
    throw new IsokernelError('argument-type', `${name}: the arguments are not those that it declares`, {
      hint: `In declaration order, it takes: ${params.map((param) => param.name).join(', ')}.`,
    });
  const owners = new Map<DeviceMemory, boolean>();
  declared.forEach((param, i) => {
    const { memory, shape } = buffers[i]!;
    if (shape.length !== param.rank || !shape.every((n) => Number.isInteger(n) && n >= 0 && n <= maxDimension))
      throw wrong(`${name}: ${param.name} has rank ${param.rank}, not shape [${shape}]`, 'Give one length per axis.');
    check(
      memory,
      0,
      shape.reduce((a, b) => a * b, elementBytes(param.element)),
    );
    const written = param.access !== 'read';
    const other = owners.get(memory);
    if (other !== undefined && (other || written))
      throw new IsokernelError(
        'overlapping-arguments',
        `${name}: ${param.name} shares its memory with another parameter`,
        {
          hint: 'A memory that is written may be given to one parameter only.',
        },
      );
    owners.set(memory, written);
  });

  const sizes = grid.every((n) => Number.isInteger(n) && n >= 0 && n <= maxDimension);
  if (!sizes || grid[0] * grid[1] * grid[2] >= maxInvocations)
    throw new IsokernelError('too-many-invocations', `${name}: a grid of ${grid.join(' x ')}`, {
      hint: 'Each axis is below 2^31 - 2^16 and all invocations together below 2^32.',
    });
  const groups = workgroupsOf(grid, program.workgroup);
  const base = dispatch.base ?? [0, 0, 0];
  const count = dispatch.count ?? triple((axis) => groups[axis] - base[axis]);
  if (![0, 1, 2].every((axis) => base[axis]! >= 0 && count[axis]! >= 0 && base[axis]! + count[axis]! <= groups[axis]!))
    throw wrong(`${name}: workgroups ${base} and ${count} more of ${groups}`, 'Keep base + count within the grid.');
  return { kind: 'dispatch', program, buffers, scalars, grid, groups, base, count };
}

export function triple(value: (axis: 0 | 1 | 2) => number): [number, number, number] {
  return [value(0), value(1), value(2)];
}

/** Workgroups that cover a grid, by axis. */
function workgroupsOf(grid: Triple, workgroup: Triple): [number, number, number] {
  return triple((axis) => Math.ceil(grid[axis] / workgroup[axis]));
}

function wrong(message: string, hint: string): IsokernelError {
  return new IsokernelError('argument-range', message, { hint });
}
