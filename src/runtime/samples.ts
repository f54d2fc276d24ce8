/**
 * Samples: now and then an `exact` job of a certified device runs again on the CPU, and the bits are compared before anybody gets
 * them. A difference takes the device's certificate away, and the job runs elsewhere.
 *
 * A job small enough runs again whole; of a larger one, of a single step whose invocations write their own elements, a slice
 * of workgroups does. What compilers get wrong, they get wrong in some program: so the first job of each program on a device
 * is a sample, and then one in so many.
 */

import type { DeviceMemory, DeviceProgram, Dispatch } from '../device/contract.ts';
import { IsokernelError } from '../ir/error.ts';
import { elementBytes } from '../ir/types.ts';
import { type BufferFacts, bufferParams, type Verified } from '../ir/verified.ts';
import { costOf, workTime } from '../router/estimate.ts';
import type { Checked } from '../router/placement.ts';
import { needsCertificate } from '../router/router.ts';
import type { Certificates } from './certificates.ts';
import { commandsOf } from './issue.ts';
import type { Member } from './member.ts';
import { launchShapeOf } from './place.ts';
import type { Placeable, Step, Work } from './work.ts';

/** Milliseconds that the CPU may take for one, by prediction. */
const longest = 20;
/** Bytes that may move for one. */
const largest = 2 ** 24;

export class Samples {
  readonly #fraction: number;
  readonly #certificates: Certificates;
  readonly #jobs = new WeakMap<Verified, WeakMap<Member, Map<string, number>>>();

  /** `fraction` of the jobs, from 0 (none, not the first either) to 1. */
  constructor(fraction: number, certificates: Certificates) {
    this.#fraction = fraction;
    this.#certificates = certificates;
  }

  /**
   * How a job placed on `member` is to be checked; undefined where it is not. `guards`: by step, in which form it was compiled.
   */
  take(
    work: Placeable,
    verified: readonly Verified[],
    guards: readonly boolean[],
    member: Member,
    members: readonly Member[],
  ): Sample | undefined {
    // what is so by construction needs no watching
    if (this.#fraction === 0 || member.device.capabilities.numeric !== undefined) return undefined;
    if (!verified.some(needsCertificate) || verified.some(({ facts }) => facts.orderDependent)) return undefined;
    const number = this.#count(verified[0]!, member, guards.join());
    const due = (n: number) => Math.ceil(n * this.#fraction);
    if (due(number + 1) === due(number)) return undefined;
    const reference = members.find((other) => canRefer(other, member, verified));
    const part = reference && partOf(work, verified, reference, number);
    return part && new Sample(reference, verified, part, this.#certificates);
  }

  /** Jobs of the program there before this one, in the same form. */
  #count(verified: Verified, member: Member, form: string): number {
    let members = this.#jobs.get(verified);
    if (members === undefined) this.#jobs.set(verified, (members = new WeakMap()));
    let counts = members.get(member);
    if (counts === undefined) members.set(member, (counts = new Map()));
    const number = counts.get(form) ?? 0;
    counts.set(form, number + 1);
    return number;
  }
}

function canRefer(other: Member, member: Member, verified: readonly Verified[]): boolean {
  const { kind, numeric } = other.device.capabilities;
  return (
    other !== member &&
    other.lost === undefined &&
    kind === 'cpu' &&
    numeric !== undefined &&
    verified.every((each) => other.device.ineligible(each) === undefined)
  );
}

// ---- what of a job is run again ----

/** All of it, or the rows `from` to `to` of the axis: positions in the grid. */
type Part = 'whole' | { readonly axis: 0 | 1 | 2; readonly rows: number; readonly number: number };

function partOf(work: Placeable, verified: readonly Verified[], { rates }: Member, number: number): Part | undefined {
  if (work.operands.reduce((sum, { bytes }) => sum + bytes, 0) > largest) return undefined;
  const time = work.steps.reduce(
    (sum, step, i) => sum + workTime(costOf(verified[i]!, launchShapeOf(step, verified[i]!)), rates),
    0,
  );
  if (time <= longest) return 'whole';
  const [step, ...more] = work.steps;
  const axis = more.length === 0 ? sliceAxis(step!, verified[0]!) : undefined;
  if (axis === undefined) return undefined;
  const rows = Math.floor((step!.grid[axis] * longest) / time);
  return rows === 0 ? undefined : { axis, rows, number };
}

/** The slowest axis of the grid, where rows along it write rows of every written array. */
function sliceAxis({ grid }: Step, { facts }: Verified): 0 | 1 | 2 | undefined {
  const axis = grid[2] > 1 ? 2 : grid[1] > 1 ? 1 : 0;
  const written = facts.buffers.filter((buffer): buffer is BufferFacts => buffer?.written === true);
  return written.every(({ stores, param }) => stores === 'own' && param.rank > axis && param.rank <= 3)
    ? axis
    : undefined;
}

// ---- running it again ----

export class Sample {
  readonly #reference: Member;
  readonly #verified: readonly Verified[];
  readonly #part: Part;
  readonly #certificates: Certificates;

  constructor(reference: Member, verified: readonly Verified[], part: Part, certificates: Certificates) {
    this.#reference = reference;
    this.#verified = verified;
    this.#part = part;
    this.#certificates = certificates;
  }

  /**
   * Compares what the work has made on `member` with what the CPU makes of the same inputs. Rejects with `decertified` where
   * they differ. Undefined where the CPU could not do it: a sample more or less is no reason for a job to fail.
   */
  async check(work: Work, member: Member): Promise<Checked | undefined> {
    const compared = await this.#compare(work, member).catch(() => undefined);
    if (compared === undefined || typeof compared === 'number') {
      return compared === undefined ? undefined : { device: this.#reference.id, bytes: compared };
    }
    const reason = `a sample of ${work.name} differs from ${this.#reference.id}: ${compared}`;
    await this.#certificates.revoke(member, reason);
    throw new IsokernelError('decertified', `${member.id} gave other bits than exact promises: ${reason}`, {
      kernel: work.name,
      hint: 'Run it on another device; jobs that need not run on this one move by themselves.',
    });
  }

  /** The number of bytes that are equal, or in words where the first difference is. */
  async #compare(work: Work, member: Member): Promise<number | string | undefined> {
    const { device } = this.#reference;
    const programs = await Promise.all(this.#verified.map((each) => this.#reference.compile(each)));
    const box = this.#boxOf(work, programs[0]!);
    if (box === undefined) return undefined;
    const memories: DeviceMemory[] = [];
    try {
      for (const { bytes } of work.operands) memories.push(this.#reference.alloc(bytes, []));
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
      await device.submit(commands.map((command) => (command.kind === 'dispatch' ? { ...command, ...box } : command)))
        .done;

      let equal = 0;
      for (const [operand, { output }] of work.operands.entries()) {
        const memory = output?.at(member);
        if (memory === undefined) continue;
        const [from, to] = this.#rangeOf(work, operand, box);
        const [given, expected] = [new Uint8Array(to - from), new Uint8Array(to - from)];
        if (to > from)
          await Promise.all([member.device.read(memory, from, given), device.read(memories[operand]!, from, expected)]);
        const at = given.findIndex((byte, i) => byte !== expected[i]);
        if (at >= 0) return differenceAt(at, from, given, expected);
        equal += to - from;
      }
      return equal;
    } finally {
      for (const memory of memories) this.#reference.free(memory);
    }
  }

  /** The workgroups to run, in those of the CPU's program; undefined where not even a row of them is small enough. */
  #boxOf({ steps }: Work, { workgroup }: DeviceProgram): Box | undefined {
    if (this.#part === 'whole') return {};
    const { axis, rows, number } = this.#part;
    const groups = steps[0]!.grid.map((size, i) => Math.ceil(size / workgroup[i]!)) as [number, number, number];
    const count = Math.min(groups[axis], Math.floor(rows / workgroup[axis]!));
    if (count === 0) return undefined;
    const base: [number, number, number] = [0, 0, 0];
    // another slice each time
    base[axis] = Math.imul(number, 0x9e3779b1) >>> 0;
    base[axis] %= groups[axis] - count + 1;
    groups[axis] = count;
    return { base, count: groups, rows: [base[axis] * workgroup[axis]!, (base[axis] + count) * workgroup[axis]!] };
  }

  /** The bytes of an operand that the box writes. */
  #rangeOf({ steps, operands }: Work, operand: number, { rows }: Box): readonly [number, number] {
    const all = [0, operands[operand]!.bytes] as const;
    if (rows === undefined || this.#part === 'whole') return all;
    const [step] = steps;
    const index = step!.buffers.findIndex((buffer) => buffer.operand === operand);
    const { shape } = step!.buffers[index]!;
    const { element } = bufferParams(this.#verified[0]!.program.params)[index]!;
    const faster = shape.slice(shape.length - this.#part.axis);
    const length = Math.min(shape[shape.length - 1 - this.#part.axis]!, step!.grid[this.#part.axis]);
    const rowBytes = faster.reduce((product, each) => product * each, elementBytes(element));
    return [Math.min(rows[0], length) * rowBytes, Math.min(rows[1], length) * rowBytes];
  }
}

/** A part of a grid: as a dispatch takes it, and its rows along the sliced axis. All of it where nothing is said. */
interface Box extends Pick<Dispatch, 'base' | 'count'> {
  readonly rows?: readonly [number, number];
}

function differenceAt(at: number, from: number, given: Uint8Array, expected: Uint8Array): string {
  const word = at & ~3;
  const hex = (bytes: Uint8Array) =>
    Array.from(bytes.subarray(word, word + 4), (byte) => byte.toString(16).padStart(2, '0'));
  return `bytes ${hex(given).join(' ')} for ${hex(expected).join(' ')} at offset ${from + word}`;
}
