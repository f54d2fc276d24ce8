/**
 * Samples: now and then an `exact` job of a certified device runs again on the CPU, and the bits are compared before anybody gets
 * them. A difference takes the device's certificate away, and the job runs elsewhere.
 *
 * What compilers get wrong, they get wrong in some program: so the first job of each program on a device is a sample, and then
 * one in so many. A job small enough runs again whole; of a larger one, of a single step whose invocations write their own
 * elements, some rows do.
 */

import { IsokernelError } from '../ir/error.ts';
import type { BufferFacts, Verified } from '../ir/verified.ts';
import { costOf, workTime } from '../router/estimate.ts';
import type { Checked } from '../router/placement.ts';
import { needsCertificate } from '../router/router.ts';
import type { Certificates } from './certificates.ts';
import type { Again, Part } from './compare.ts';
import type { Member } from './member.ts';
import { launchShapeOf } from './place.ts';
import type { Placeable, Step, Work } from './work.ts';

/** How one job is checked. */
export interface Sample {
  /**
   * Compares what the work has made on `member` with what the CPU makes of the same inputs. Rejects with `decertified` where
   * they differ; undefined where the CPU could not do it.
   */
  check(work: Work, member: Member): Promise<Checked | undefined>;
}

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
    if (!verified.some(needsCertificate) || !verified.every(isPinned)) return undefined;
    const number = this.#count(verified[0]!, member, guards.join());
    const due = (n: number) => Math.ceil(n * this.#fraction);
    if (due(number + 1) === due(number)) return undefined;
    const reference = members.find((other) => canRefer(other, member, verified));
    const part = reference && partOf(work, verified, reference, number);
    return part && { check: (made, on) => this.#check({ reference, verified, part }, made, on) };
  }

  async #check(again: Again, work: Work, member: Member): Promise<Checked | undefined> {
    const { compare } = await import('./compare.ts');
    // a sample more or less is no reason for a job to fail
    const compared = await compare(again, work, member).catch(() => undefined);
    if (compared === undefined) return undefined;
    const { id } = again.reference;
    if ('bytes' in compared) return { device: id, bytes: compared.bytes };
    const reason = `a sample of ${work.name} differs from ${id}: ${compared.difference}`;
    await this.#certificates.revoke(member, reason);
    throw new IsokernelError('decertified', `${member.id} gave other bits than exact promises: ${reason}`, {
      kernel: work.name,
      hint: 'Run it on another device; jobs that need not run on this one move by themselves.',
    });
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

/** Whether every device has to give the same bits. */
function isPinned({ program, facts }: Verified): boolean {
  return !facts.orderDependent && (program.mode === 'exact' || !facts.usesFloat);
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
