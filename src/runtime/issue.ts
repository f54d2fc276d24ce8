/**
 * Work becomes commands on one device. All inputs are there; nothing here waits, so what is true at the start stays true.
 *
 * A written operand works on the memory of its old content where that is wanted by nobody else and the job cannot
 * fail in an orderly way; otherwise on memory of its own: a copy of the old content, or zeros.
 */

import type { Command, DeviceMemory, DeviceProgram, Dispatch, Submission } from '../device/contract.ts';
import type { Verified } from '../ir/verified.ts';
import type { Content } from './content.ts';
import { type Member, wholeWords } from './member.ts';
import { gridOfShape } from './shapes.ts';
import type { Operand, Step, Work } from './work.ts';

interface Seat {
  readonly memory: DeviceMemory;
  /** Holds zeros now. */
  readonly clean: boolean;
  /** Must be copied first. */
  readonly copyFrom?: DeviceMemory;
}

/** Allocates, builds the commands and submits them. Throws `out-of-memory` with nothing changed. */
export function issue(work: Work, programs: readonly DeviceProgram[], member: Member, tentative: boolean): Submission {
  const seats = seatOperands(work.operands, member, tentative);
  const { replay } = work;
  if (replay === undefined || seats.some((seat) => seat.copyFrom !== undefined))
    return member.device.submit(commandsOf(work, programs, seats, false));
  const memories = seats.map((seat) => seat.memory);
  let kept = replay.recordings.get(member);
  if (kept === undefined || !sameItems(kept.memories, memories) || !sameItems(kept.programs, programs)) {
    kept = { memories, programs, recording: member.device.record(commandsOf(work, programs, seats, true)) };
    replay.recordings.set(member, kept);
  }
  return member.device.submit(kept.recording, replay.slotValues);
}

function sameItems<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.every((one, i) => one === others[i]);
}

/** Gives each operand its memory, and each output content its replica. */
function seatOperands(operands: readonly Operand[], member: Member, tentative: boolean): Seat[] {
  const keep = operands.flatMap(({ input, output }) => input ?? output?.previous ?? []);
  const allocated = new Map<Operand, ReturnType<Member['allocAny']>>();
  try {
    for (const operand of operands) {
      if (operand.output !== undefined && oldContent(operand, member, tentative) === undefined)
        allocated.set(operand, member.allocAny(operand.bytes, keep));
    }
  } catch (thrown) {
    for (const { memory } of allocated.values()) member.free(memory);
    throw thrown;
  }
  return operands.map((operand) => {
    const { input, output } = operand;
    if (output === undefined) return { memory: input!.at(member)!, clean: false };
    const own = allocated.get(operand);
    const memory = own?.memory ?? oldContent(operand, member, tentative)!.handOver(member);
    output.put(member, memory);
    if (own === undefined) {
      // there is nothing to go back to now
      output.letPreviousGo();
      return { memory, clean: false };
    }
    return input === undefined ? own : { ...own, copyFrom: input.at(member)! };
  });
}

/** The content whose memory the operand may take over: a buffer's only where the job can't fail in an orderly way. */
function oldContent({ input, output }: Operand, member: Member, tentative: boolean): Content | undefined {
  const previous = output?.previous;
  const old = input ?? previous;
  if (old === undefined || old.at(member) === undefined || (tentative && previous !== undefined)) return undefined;
  // those who want it and do not count: this job, for its input; its output, for what was there before; and the job that
  // makes it, which runs on this device before this one
  const own = (input !== undefined && input === previous ? 2 : 1) + (old.origin === undefined ? 0 : 1);
  return old.uses > own ? undefined : old;
}

/** The commands of a work on these memories. `replayed`: they will run more than once. */
export function commandsOf(
  work: Work,
  programs: readonly DeviceProgram[],
  seats: readonly Seat[],
  replayed: boolean,
): Command[] {
  const commands: Command[] = [];
  for (const [i, { memory, copyFrom }] of seats.entries()) {
    const bytes = wholeWords(work.operands[i]!.bytes);
    if (copyFrom === undefined || bytes === 0) continue;
    commands.push({ kind: 'copy', from: copyFrom, fromOffset: 0, to: memory, toOffset: 0, bytes });
  }
  // at the second run of a recording, fresh memory is fresh no more
  const clean = new Set(replayed ? [] : seats.flatMap((seat, i) => (seat.clean ? [i] : [])));
  work.steps.forEach((step, at) => {
    const program = programs[at]!;
    step.buffers.forEach(({ operand }, i) => {
      const { param } = bufferFactsOf(program.verified)[i]!;
      if (param.access === 'read') return;
      const bytes = wholeWords(work.operands[operand]!.bytes);
      if (param.access === 'write' && !clean.has(operand) && bytes > 0 && !covers(program.verified, step, i))
        commands.push({ kind: 'fill', memory: seats[operand]!.memory, offset: 0, bytes });
      clean.delete(operand);
    });
    if (step.grid.every((axis) => axis > 0)) commands.push(dispatchOf(step, program, seats, replayed));
  });
  return commands;
}

function dispatchOf(step: Step, program: DeviceProgram, seats: readonly Seat[], slotted: boolean): Dispatch {
  return {
    kind: 'dispatch',
    program,
    buffers: step.buffers.map(({ operand, shape }) => ({ memory: seats[operand]!.memory, shape })),
    scalars: step.scalars.map((value, i) => (slotted ? (step.slots[i] ?? value) : value)),
    grid: step.grid,
  };
}

function bufferFactsOf({ facts }: Verified) {
  return facts.buffers.filter((buffer) => buffer !== undefined);
}

/** Whether the step stores to every element of the buffer, so that it need not be cleared before. */
function covers(verified: Verified, { buffers, grid }: Step, index: number): boolean {
  const facts = bufferFactsOf(verified)[index]!;
  const { shape } = buffers[index]!;
  // the kernel may also read what it has not stored yet, and that is zero
  if (!facts.storesAlways || facts.read || shape.length > 3) return false;
  // beyond the rank an axis counts too: where it is 0, nothing runs
  return gridOfShape(shape).every((length, axis) => grid[axis]! >= length);
}
