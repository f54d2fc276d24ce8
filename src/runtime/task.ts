/**
 * One job from submission to its end: waits for its inputs, is placed, compiled, issued, and commits what it wrote.
 *
 * It ends exactly once, by `#end`. Ending early (cancel, deadline, a signal) ends it at once, whatever the device is still
 * doing: its memory is let go of behind the work already submitted. A job issued on one device follows jobs issued there
 * before it without waiting for them; whether they succeeded is asked when it is done.
 */

import type { DeviceProgram, Submission } from '../device/contract.ts';
import { type ErrorCode, IsokernelError, summaryOf } from '../ir/error.ts';
import type { Verified } from '../ir/verified.ts';
import type { Placement } from '../router/placement.ts';
import type { Decision } from '../router/router.ts';
import type { JobTiming, Outputs } from './api.ts';
import { bytesOf, isDetached } from './arrays.ts';
import type { Content, Origin } from './content.ts';
import { Deferred } from './deferred.ts';
import { guardsOf } from './guards.ts';
import { issue } from './issue.ts';
import type { RunnableKernel } from './kernel.ts';
import { isShortage, type Member } from './member.ts';
import type { Sample } from './samples.ts';
import type { Placeable, Step, Work } from './work.ts';

/** What a task asks of the runtime around it. */
export interface Placer {
  /** Chooses a device, of those not excluded; at once, where all that takes is known. */
  place(
    work: Placeable,
    verified: readonly Verified[],
    excluded: ReadonlyMap<Member, string>,
  ): Placed | Promise<Placed>;
  /** Whether a job that failed on a device with this code may go to another one. */
  readonly movable: boolean;
  fellBack(from: Member, reason: string): void;
}
export interface Placed {
  readonly decision: Decision<Member>;
  /** How the job is to be checked there, where it is one of those that are. `guards`: by step, as it was compiled. */
  sample(guards: readonly boolean[]): Sample | undefined;
  /** Tells the router the measured time, where it is one of this job alone. */
  learn(measured: number): void;
}

/** Failures of a device, not of the job: another device may do. */
const deviceFailures: readonly ErrorCode[] = [
  'device-lost',
  'out-of-memory',
  'compile-failed',
  'ineligible',
  'decertified',
];

/** Thrown within a task: it ran on an input whose job has begun anew elsewhere meanwhile, so it must too. */
const outrun = new Error('an input was made anew');

/** Work under way on a device. */
interface Flight {
  readonly submission: Submission;
  /** Inputs that jobs before it on the device are still making, and which attempt of theirs it follows. */
  readonly pending: readonly { readonly input: Content; readonly origin: Origin; readonly attempt: number }[];
  /** Bytes of the results, read behind the work. */
  readonly reading: Promise<Uint8Array[]> | readonly Uint8Array[];
  readonly issued: number;
  /** The device had nothing else to do. */
  readonly alone: boolean;
  /** Tells the device's load that it is over. */
  readonly free: (now: number) => void;
}

export class Task implements Origin {
  readonly #work: Work;
  readonly #placer: Placer;
  /** An early end is provided for, and must leave everything as it was. */
  readonly #cancellable: boolean;
  readonly #done = new Deferred<Outputs>();
  readonly #issued = new Deferred<void>();
  readonly #settled = new Deferred<void>();
  readonly #placement = new Deferred<Placement>();
  readonly #timing = new Deferred<JobTiming>();
  readonly #inputs: readonly Content[];
  /** Where it is under way. */
  #member: Member | undefined;
  readonly #submitted = performance.now();
  readonly #excluded = new Map<Member, string>();
  #tentative: boolean;
  #attempt = 0;
  #ended = false;
  #failed = false;
  #observed = false;
  /** Failed origins of its inputs. */
  readonly #causes: Origin[] = [];
  #cancelDevice: (() => void) | undefined;
  #progress: () => number = () => 0;
  /** Called once, when it ends. */
  onEnd: (() => void) | undefined;

  /** `build` makes the work, with this task as origin of what is written. Contents are retained until the task ends. */
  constructor(build: (origin: Origin) => Work, placer: Placer, cancellable: boolean) {
    this.#work = build(this);
    this.#placer = placer;
    this.#cancellable = cancellable;
    this.#tentative = true;
    const inputs: Content[] = [];
    for (const { input, output } of this.#work.operands) {
      if (input !== undefined) inputs.push(input.retain());
      output?.retain();
    }
    this.#inputs = inputs;
  }
  start(): void {
    this.#run().catch((error: unknown) => this.#end(this.#explained(error)));
  }

  /** A device's error about a place in a kernel, as the kernel's own front end puts it. */
  #explained(error: unknown): unknown {
    if (!(error instanceof IsokernelError) || error.place === undefined || error.place.file !== undefined) return error;
    const step = this.#work.steps.find(({ kernel }) => kernel.name === error.kernel);
    return step?.kernel.explain?.(error) ?? error;
  }

  get done(): Promise<Outputs> {
    return this.#done.promise;
  }
  /** Its end for somebody who waits for it: a promise of their own, whose rejection they must handle. */
  async outcome(): Promise<Outputs> {
    this.observe();
    return this.#done.promise;
  }
  get placement(): Promise<Placement> {
    return this.#placement.promise;
  }
  get timing(): Promise<JobTiming> {
    return this.#timing.promise;
  }
  get progress(): number {
    return this.#ended ? 1 : this.#progress();
  }
  get ended(): boolean {
    return this.#ended;
  }
  /** Whether it failed, and nobody has seen it. */
  get unobserved(): boolean {
    return this.#failed && !this.#observed;
  }
  observe(): boolean {
    const news = !this.#observed;
    this.#observed = true;
    // whoever sees this failure sees in its cause the one that led to it
    for (const cause of this.#causes) cause.observe();
    return news;
  }
  get tentative(): boolean {
    return this.#tentative;
  }
  get attempt(): number {
    return this.#attempt;
  }
  get issued(): Promise<void> {
    return this.#issued.promise;
  }
  get hasIssued(): boolean {
    return this.#issued.settled;
  }
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Ends it early with this reason; nothing of it is seen. No effect once it has ended. */
  abort(reason: unknown): void {
    if (this.#ended) return;
    this.#cancelDevice?.();
    this.#end(reason);
  }

  // ---- the way of a job ----

  /** Waits only for what is not there yet: a job for which all is ready is under way when it is submitted. */
  async #run(): Promise<void> {
    const { steps } = this.#work;
    const verified =
      knownPrograms(steps) ??
      (await eachOnce(
        steps.map(({ kernel }) => kernel),
        (kernel) => kernel.verified().then((it) => remember(kernel, it)),
      ));
    const inputs = this.#inputs;
    for (const { origin } of inputs) if (origin !== undefined && !origin.hasIssued) await origin.issued;
    let first: unknown;
    while (!this.#ended) {
      for (const input of inputs) input.check();
      let placed: Placed;
      try {
        const placing = this.#placer.place(this.#work, verified, this.#excluded);
        placed = placing instanceof Promise ? await placing : placing;
      } catch (error) {
        // no other device: what went wrong on the one that was there says more
        throw first ?? error;
      }
      const member = placed.decision.target;
      try {
        return await this.#runOn(member, verified, placed);
      } catch (error) {
        if (this.#ended || !(error === outrun || this.#mayMove(error))) throw error;
        this.#attempt++;
        for (const { output } of this.#work.operands) {
          const memory = output?.take(member);
          if (memory !== undefined) member.free(memory);
        }
        if (error === outrun) continue;
        first ??= error;
        this.#excluded.set(member, summaryOf(error));
        this.#placer.fellBack(member, summaryOf(error));
      }
    }
  }

  #mayMove(error: unknown): boolean {
    return this.#placer.movable && error instanceof IsokernelError && deviceFailures.includes(error.code);
  }

  async #runOn(member: Member, verified: readonly Verified[], placed: Placed): Promise<void> {
    const start = performance.now();
    const guards = guardsOf(this.#work, verified);
    const programs = member.programs(verified, guards) ?? (await compileEach(member, verified, guards));
    const compiled = performance.now();
    const sample = placed.sample(guards);
    // a sample is run again from what was there before
    const mayFail = this.#cancellable || sample !== undefined || verified.some(({ facts }) => facts.fuelled);
    const { predicted } = placed.decision.placement;
    const flight = await this.#issueOn(member, programs, mayFail, predicted);
    if (flight === undefined) return;
    const { submission, pending, reading, issued, alone } = flight;
    try {
      await submission.done;
    } finally {
      flight.free(performance.now());
    }
    const ran = performance.now();
    const results = await reading;
    for (const { origin } of pending) await origin.settled;
    if (this.#ended) return;
    for (const { input } of pending) input.check();
    if (pending.some(({ origin, attempt }) => origin.attempt !== attempt)) throw outrun;
    const { run, clock, resolution } = await submission.timing;
    if (this.#ended) return;
    const checked = await sample?.check(this.#work, member);
    if (this.#ended) return;
    this.#deliver(results);
    await this.#work.delivered?.();
    if (this.#ended) return;
    if (clock === 'device' || alone) placed.learn(run);
    const end = performance.now();
    this.#placement.resolve({ ...placed.decision.placement, measured: run, checked });
    this.#timing.resolve({
      device: member.id,
      compile: compiled - start,
      upload: issued - compiled,
      run,
      readback: end - ran,
      total: end - this.#submitted,
      clock,
      resolution,
    });
    this.#end();
  }

  /** Brings the inputs and issues the work; waits for memory while other jobs there hold it. Undefined: it has ended. */
  async #issueOn(
    member: Member,
    programs: readonly DeviceProgram[],
    mayFail: boolean,
    predicted: number,
  ): Promise<Flight | undefined> {
    const inputs = this.#inputs;
    let leaveLine: (() => void) | undefined;
    try {
      // where memory is short, jobs take from each other what arrived for them, so arriving may take several rounds
      for (let rounds = 0; !this.#ended; rounds++) {
        try {
          member.checkThere();
          for (const input of inputs) input.upload(member, inputs);
          if (inputs.every((input) => input.at(member) !== undefined))
            return this.#issue(member, programs, mayFail, predicted);
          if (rounds === mostRounds) throw crowded(member);
          await Promise.all(inputs.map((input) => input.bring(member, inputs)));
        } catch (error) {
          if (!isShortage(error)) throw error;
          if (leaveLine === undefined) leaveLine = await member.standInLine();
          else if (!(await member.someSettled())) throw error;
          rounds = 0;
        }
      }
    } finally {
      leaveLine?.();
    }
    return undefined;
  }

  /** Issues the work and notes all that follows from its being under way. */
  #issue(member: Member, programs: readonly DeviceProgram[], mayFail: boolean, predicted: number): Flight {
    const pending: { input: Content; origin: Origin; attempt: number }[] = [];
    for (const input of this.#inputs) {
      const { origin } = input;
      if (origin !== undefined) pending.push({ input, origin, attempt: origin.attempt });
    }
    this.#tentative = mayFail || pending.some(({ origin }) => origin.tentative);
    const submission = issue(this.#work, programs, member, this.#tentative);
    const issued = performance.now();
    const alone = member.load.idle;
    const free = member.load.add(predicted, issued);
    this.#member = member;
    member.track(this);
    this.#cancelDevice = () => submission.cancel();
    this.#progress = () => submission.progress;
    const reading = this.#readBack(member);
    this.#issued.resolve();
    return { submission, pending, reading, issued, alone, free };
  }

  /** Starts reading the results behind the work: new arrays get them at once, the caller's when all is well. */
  #readBack(member: Member): Promise<Uint8Array[]> | readonly Uint8Array[] {
    if (this.#work.results.length === 0) return [];
    const reading = Promise.all(
      this.#work.results.map(async ({ operand, into, callers }) => {
        const bytes = callers ? new Uint8Array(into.byteLength) : bytesOf(into);
        const memory = this.#work.operands[operand]!.output!.at(member)!;
        if (bytes.byteLength > 0) await member.device.read(memory, 0, bytes);
        return bytes;
      }),
    );
    reading.catch(() => {});
    return reading;
  }

  /** Writes the caller's arrays: all of them or none. */
  #deliver(results: readonly Uint8Array[]): void {
    const callers = this.#work.results.flatMap(({ into, callers }, i) =>
      callers ? [{ into, bytes: results[i]! }] : [],
    );
    for (const { into, bytes } of callers) {
      if (!isDetached(into) && into.byteLength === bytes.byteLength) continue;
      throw new IsokernelError('detached-array', 'an output array was transferred away or resized while its job ran', {
        kernel: this.#work.name,
        hint: 'Leave output arrays alone until the job is done.',
      });
    }
    for (const { into, bytes } of callers) bytesOf(into).set(bytes);
  }

  /** The end, good or bad. */
  #end(...failure: [] | [unknown]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failed = failure.length > 0;
    for (const { failure } of this.#inputs) if (failure?.origin !== undefined) this.#causes.push(failure.origin);
    if (this.#observed) this.observe();
    for (const { input, output } of this.#work.operands) {
      if (this.#failed) output?.fail(failure[0]);
      else output?.succeed();
      input?.release();
      output?.release();
    }
    this.#member?.untrack(this);
    this.#issued.resolve();
    this.#settled.resolve();
    if (this.#failed) {
      this.#done.reject(failure[0]);
      this.#placement.reject(failure[0]);
      this.#timing.reject(failure[0]);
    } else {
      this.#done.resolve(this.#work.outputs);
    }
    this.onEnd?.();
  }
}

const mostRounds = 100;
function crowded(member: Member): IsokernelError {
  return new IsokernelError('out-of-memory', `jobs crowd each other out of the memory of ${member.id}`, {
    hint: 'Submit fewer of them at once, or raise the memory option.',
  });
}

/** Programs of kernels that have been asked for theirs. */
const verifiedOf = new WeakMap<RunnableKernel, Verified>();
function remember(kernel: RunnableKernel, verified: Verified): Verified {
  verifiedOf.set(kernel, verified);
  return verified;
}
/** The programs of the steps, where all are known. */
function knownPrograms(steps: readonly Step[]): Verified[] | undefined {
  const found: Verified[] = [];
  for (const { kernel } of steps) {
    const verified = verifiedOf.get(kernel);
    if (verified === undefined) return undefined;
    found.push(verified);
  }
  return found;
}

/** The programs of a list of kernels, with or without guards; each is asked for once. */
async function compileEach(
  member: Member,
  verified: readonly Verified[],
  guards: readonly boolean[],
): Promise<DeviceProgram[]> {
  const forms = [true, false].map((guarded) => {
    const kernels = [...new Set(verified.filter((_, i) => guards[i] === guarded))];
    return Promise.all(kernels.map(async (kernel) => [kernel, await member.compile(kernel, { guarded })] as const));
  });
  const [withGuards, without] = (await Promise.all(forms)).map((pairs) => new Map(pairs));
  return verified.map((kernel, i) => (guards[i] ? withGuards : without)!.get(kernel)!);
}

/** The results of an asynchronous function over a list, calling it once for what stands there several times. */
async function eachOnce<T, R>(list: readonly T[], get: (one: T) => Promise<R>): Promise<R[]> {
  const distinct = [...new Set(list)];
  const results = await Promise.all(distinct.map(get));
  const found = new Map(distinct.map((one, i) => [one, results[i]!]));
  return list.map((one) => found.get(one)!);
}
