/** Running a sample (samples.ts) again on the CPU, and comparing the bits. In a file of its own, as few jobs need it. */

import type { DeviceMemory, DeviceProgram, Dispatch } from '../device/contract.ts';
import { elementBytes } from '../ir/types.ts';
import { bufferParams, type Verified } from '../ir/verified.ts';
import { commandsOf } from './issue.ts';
import type { Member } from './member.ts';
import type { Work } from './work.ts';

/** What of a job runs again: all of it; or about `rows` rows along an axis of the grid, other ones for every `number`. */
export type Part = 'whole' | { readonly axis: 0 | 1 | 2; readonly rows: number; readonly number: number };

/** What runs again, and where. */
export interface Again {
  readonly reference: Member;
  /** By step. */
  readonly verified: readonly Verified[];
  readonly part: Part;
}

/** A part of a grid: as a dispatch takes it, and its rows along the sliced axis. All of it where nothing is said. */
interface Box {
  readonly groups: Pick<Dispatch, 'base' | 'count'>;
  readonly rows?: { readonly axis: 0 | 1 | 2; readonly from: number; readonly to: number };
}

/**
 * How many bytes of results on `member` are those of the reference, or in words where the first difference is. Undefined
 * where the part is smaller than what the reference can run.
 */
export async function compare(
  { reference, verified, part }: Again,
  work: Work,
  member: Member,
): Promise<{ readonly bytes: number } | { readonly difference: string } | undefined> {
  const { device } = reference;
  const programs = await Promise.all(verified.map((each) => reference.compile(each)));
  const box = boxOf(part, work, programs[0]!);
  if (box === undefined) return undefined;
  const memories: DeviceMemory[] = [];
  try {
    for (const { bytes } of work.operands) memories.push(reference.alloc(bytes, []));
    await Promise.all(
      work.operands.map(async ({ input, bytes }, i) => {
        if (input === undefined || input.zeros || bytes === 0) return;
        const contents = new Uint8Array(bytes);
        await input.read(0, contents);
        device.write(memories[i]!, 0, contents);
      }),
    );
    const seats = work.operands.map(({ input }, i) => ({
      memory: memories[i]!,
      clean: input === undefined || input.zeros,
    }));
    const commands = commandsOf(work, programs, seats, false);
    await device.submit(commands.map((each) => (each.kind === 'dispatch' ? { ...each, ...box.groups } : each))).done;

    let bytes = 0;
    for (const [operand, { output }] of work.operands.entries()) {
      const memory = output?.at(member);
      if (memory === undefined) continue;
      const [from, to] = rangeOf(box, work, verified[0]!, operand);
      if (from === to) continue;
      const [given, expected] = [new Uint8Array(to - from), new Uint8Array(to - from)];
      await Promise.all([member.device.read(memory, from, given), device.read(memories[operand]!, from, expected)]);
      const at = given.findIndex((byte, i) => byte !== expected[i]);
      if (at >= 0) return { difference: differenceAt(at & ~3, from, given, expected) };
      bytes += to - from;
    }
    return { bytes };
  } finally {
    for (const memory of memories) reference.free(memory);
  }
}

/** The workgroups to run, in those of the reference's program; undefined where one row of them is too many. */
function boxOf(part: Part, { steps }: Work, { workgroup }: DeviceProgram): Box | undefined {
  if (part === 'whole') return { groups: {} };
  const { axis, rows, number } = part;
  const count = steps[0]!.grid.map((size, i) => Math.ceil(size / workgroup[i]!)) as [number, number, number];
  const all = count[axis];
  count[axis] = Math.min(all, Math.floor(rows / workgroup[axis]!));
  if (count[axis] === 0) return undefined;
  const base: [number, number, number] = [0, 0, 0];
  // scattered, and the same in every run
  base[axis] = (Math.imul(number, 0x9e3779b1) >>> 0) % (all - count[axis] + 1);
  const [from, to] = [base[axis], base[axis] + count[axis]].map((group) => group * workgroup[axis]!) as [
    number,
    number,
  ];
  return { groups: { base, count }, rows: { axis, from, to } };
}

/** The bytes of a written operand that the box writes. */
function rangeOf({ rows }: Box, work: Work, { program }: Verified, operand: number): readonly [number, number] {
  if (rows === undefined) return [0, work.operands[operand]!.bytes];
  const { buffers, grid } = work.steps[0]!;
  const index = buffers.findIndex((buffer) => buffer.operand === operand);
  const fastestFirst = [...buffers[index]!.shape].reverse();
  const rowBytes = fastestFirst
    .slice(0, rows.axis)
    .reduce((product, length) => product * length, elementBytes(bufferParams(program.params)[index]!.element));
  const length = Math.min(fastestFirst[rows.axis]!, grid[rows.axis]);
  return [Math.min(rows.from, length) * rowBytes, Math.min(rows.to, length) * rowBytes];
}

function differenceAt(word: number, from: number, given: Uint8Array, expected: Uint8Array): string {
  const hex = (bytes: Uint8Array) =>
    Array.from(bytes.subarray(word, word + 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `bytes ${hex(given)} for ${hex(expected)} at offset ${from + word}`;
}
