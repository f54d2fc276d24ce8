/**
 * A WebGPU device, in Node or in a browser.
 *
 * Calls become tasks of one queue. A task usually runs at once, since WebGPU's own queue keeps order; it waits only while a
 * long submission goes through in slices. A device with work in flight is never destroyed: measured, that can freeze the
 * thread.
 */

import {
  bindCommands,
  type Capabilities,
  type Command,
  type CompileOptions,
  type Device,
  type DeviceMemory,
  Memories,
  type Recording,
  type SlotValue,
  type Submission,
  type Triple,
} from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';
import { type Fuelled, fuelError, readied } from './commands.ts';
import { ineligible } from './eligible.ts';
import { Encoder } from './encoder.ts';
import { MemoryPool, type WebGpuMemory } from './memory-pool.ts';
import { compile, type WebGpuProgram } from './program.ts';
import { learn, Schedule, type Slice, sliceTime } from './schedule.ts';
import { type ExactForm, exactFormOf, workgroupFor } from './shader.ts';
import { StagingPool } from './staging.ts';
import { Stopwatch, shortestTimed } from './stopwatch.ts';
import { WebGpuSubmission } from './submission.ts';

/** Most bytes that one piece of a read takes from the device. */
const readPiece = 2 ** 26;

export class WebGpuDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost: Promise<string>;
  readonly #device: GPUDevice;
  readonly #memories: Memories<WebGpuMemory>;
  readonly #pool: MemoryPool;
  readonly #staging: StagingPool;
  readonly #encoder: Encoder;
  readonly #stopwatch: Stopwatch | undefined;
  readonly #programs = new WeakMap<Verified, Map<string, Promise<WebGpuProgram>>>();
  readonly #tasks: (() => void | Promise<void>)[] = [];
  #busy = false;
  /** Submissions that have not settled. */
  readonly #open = new Set<WebGpuSubmission>();
  /** Slices that the GPU has not finished. */
  readonly #inFlight = new Set<{ readonly expected: number; readonly done: Promise<void> }>();
  /** When the slice before was done. */
  #lastDone = 0;
  #closing: Promise<void> | undefined;
  #lostReason: string | undefined;
  /** Rejects when the device is lost. */
  readonly #gone: Promise<never>;

  /** The device itself, for hand-written work beside ours. */
  get gpu(): GPUDevice {
    return this.#device;
  }

  constructor(device: GPUDevice, capabilities: Capabilities) {
    this.#device = device;
    this.capabilities = capabilities;
    this.#memories = new Memories(capabilities);
    this.#pool = new MemoryPool(device, capabilities.limits.buffer);
    this.#staging = new StagingPool(device);
    this.#encoder = new Encoder(device, this.#pool);
    if (capabilities.features.timestamps) this.#stopwatch = new Stopwatch(device, this.#staging);
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#failOpen(event.error);
    });
    this.lost = new Promise((resolve) => {
      device.lost.then(({ message, reason }) => {
        if (this.#closing !== undefined) return;
        this.#lostReason = message || reason;
        for (const submission of this.#open) submission.fail(this.#lostError());
        resolve(this.#lostReason);
      });
    });
    this.#gone = this.lost.then(() => {
      throw this.#lostError();
    });
    this.#gone.catch(() => {});
  }

  // ---- memory ----

  get memory(): { readonly used: number; readonly budget: number } {
    const { used, budget } = this.#memories;
    return { used, budget };
  }
  alloc(bytes: number): DeviceMemory {
    this.#check();
    return this.#memories.add(bytes, () => this.#pool.take(bytes));
  }
  free(memory: DeviceMemory): void {
    const released = this.#memories.remove(memory);
    this.#enqueue(() => this.#pool.release(released));
  }

  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.#check();
    const target = this.#memories.check(memory, offset, data.length);
    if (data.length === 0) return;
    // Dawn in Node crashes on shared memory
    const captured = this.#busy || !(data.buffer instanceof ArrayBuffer) ? data.slice() : data;
    this.#enqueue(() => this.#encoder.write(target, offset, captured));
  }

  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.#check();
    const source = this.#memories.check(memory, offset, into.length);
    if (into.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      this.#enqueue(() => {
        const reading = Promise.race([this.#read(source, offset, into), this.#gone]).then(resolve, reject);
        // in pieces, it must see them all before anything later writes
        return into.length > readPiece ? reading : undefined;
      });
    });
    if (source.refused()) throw this.#refusal(source.bytes);
  }
  async #read(source: WebGpuMemory, offset: number, into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length; at += readPiece) {
      const piece = into.subarray(at, at + readPiece);
      const lead = (offset + at) % 4;
      const bytes = lead + piece.length;
      const staging = this.#staging.take(bytes);
      this.#encoder.copyOut(source, offset + at - lead, staging, Math.ceil(bytes / 4) * 4);
      await this.#staging.map(staging, bytes, (contents) => piece.set(contents.subarray(lead)));
    }
  }

  // ---- programs ----

  ineligible(verified: Verified, launch?: LaunchShape): string | undefined {
    return ineligible(this.capabilities, verified, launch);
  }

  async compile(verified: Verified, options?: CompileOptions): Promise<WebGpuProgram> {
    this.#check();
    const workgroup = workgroupFor(verified, options);
    const known = this.#programs.get(verified) ?? new Map<string, Promise<WebGpuProgram>>();
    this.#programs.set(verified, known);
    const exact = await exactFormOf(verified, options);
    const key = [workgroup, exact?.key].join();
    const program = known.get(key) ?? this.#compile(verified, workgroup, exact);
    known.set(key, program);
    program.catch(() => known.delete(key));
    return program;
  }
  async #compile(verified: Verified, workgroup: Triple, exact: ExactForm | undefined): Promise<WebGpuProgram> {
    const reason = ineligible(this.capabilities, verified, undefined);
    if (reason !== undefined)
      throw new IsokernelError('ineligible', `${this.capabilities.id} cannot run it: ${reason}`, {
        kernel: verified.program.name,
        hint: 'run it on another device; the CPU takes every kernel',
      });
    return Promise.race([compile(this.#device, verified, workgroup, exact), this.#gone]);
  }

  // ---- work ----

  record(commands: readonly Command[]): Recording {
    return { commands: [...commands] };
  }

  submit(work: readonly Command[] | Recording, slots: readonly SlotValue[] = []): Submission {
    this.#check();
    const { commands, fuelled } = readied(bindCommands(work, slots, (...range) => this.#memories.check(...range)));
    const schedule = new Schedule(commands, this.#device.limits.maxComputeWorkgroupsPerDimension);
    const submission = new WebGpuSubmission(schedule.totalGroups);
    this.#open.add(submission);
    const settled = () => this.#open.delete(submission);
    submission.done.then(settled, settled);
    this.#enqueue(() => this.#run(submission, schedule, fuelled));
    return submission;
  }

  /** Runs at once what fits in a slice; the rest holds the queue until its last slice is on the way. */
  #run(submission: WebGpuSubmission, schedule: Schedule, fuelled: Fuelled): void | Promise<void> {
    if (submission.cancelled) return submission.failCancelled();
    const slice = schedule.takeSlice();
    if (fuelled.length > 0) this.#encoder.clearStatus();
    if (!schedule.done || !this.#hasRoom(slice)) return this.#runSlices(submission, schedule, slice, fuelled);
    this.#finish(submission, this.#start(submission, slice), fuelled);
  }

  async #runSlices(submission: WebGpuSubmission, schedule: Schedule, first: Slice, fuelled: Fuelled): Promise<void> {
    try {
      for (let slice = first; ; slice = schedule.takeSlice()) {
        while (!this.#hasRoom(slice)) await Promise.race([...[...this.#inFlight].map(({ done }) => done), this.#gone]);
        if (submission.cancelled) return submission.failCancelled();
        if (submission.error !== undefined) return submission.finish();
        const done = this.#start(submission, slice);
        if (schedule.done) return this.#finish(submission, done, fuelled);
        // the next slice is as long as this one teaches
        if (slice.isProbe) await done;
      }
    } catch (thrown) {
      submission.fail(thrown);
    }
  }

  /** Whether the GPU should get more to do: enough to keep it busy, little enough to stop soon. */
  #hasRoom(slice: Slice): boolean {
    const waiting = [...this.#inFlight].reduce((sum, { expected }) => sum + expected, 0);
    return this.#inFlight.size === 0 || waiting + slice.expected <= 2 * sliceTime;
  }

  #start(submission: WebGpuSubmission, slice: Slice): Promise<void> {
    const timed = slice.expected >= shortestTimed && slice.steps.every((step) => 'box' in step);
    const stamp = timed ? this.#stopwatch?.take() : undefined;
    this.#encoder.submit(slice.steps, stamp);
    const onDevice = stamp?.read();
    const submitted = performance.now();
    const finished = this.#device.queue.onSubmittedWorkDone().then(() => {
      const now = performance.now();
      const measured = now - Math.max(submitted, this.#lastDone);
      this.#lastDone = now;
      this.#inFlight.delete(flight);
      learn(slice, measured);
      submission.took(measured, onDevice);
      submission.groupsDone += slice.groups;
    });
    const flight = { expected: slice.expected, done: Promise.race([finished, this.#gone]) };
    this.#inFlight.add(flight);
    flight.done.catch(() => this.#inFlight.delete(flight));
    return flight.done;
  }

  /** Settles a submission when its last slice is done and nothing ran out of fuel. */
  #finish(submission: WebGpuSubmission, done: Promise<void>, fuelled: Fuelled): void {
    const status = fuelled.length > 0 ? this.#readStatus() : Promise.resolve(0);
    Promise.all([done, Promise.race([status, this.#gone])]).then(
      ([, word]) => {
        if (word !== 0) submission.error ??= fuelError(word, fuelled);
        submission.finish();
      },
      (thrown) => submission.fail(thrown),
    );
  }
  async #readStatus(): Promise<number> {
    const staging = this.#staging.take(4);
    this.#encoder.copyStatus(staging);
    return this.#staging.map(staging, 4, (contents) =>
      new DataView(contents.buffer).getUint32(contents.byteOffset, true),
    );
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }
  async #close(): Promise<void> {
    if (this.#lostReason !== undefined) return;
    await new Promise<void>((resolve) => this.#enqueue(resolve));
    await Promise.allSettled([...this.#open].map(({ done }) => done));
    await this.#device.queue.onSubmittedWorkDone();
    this.#pool.trim();
    this.#staging.trim();
    this.#device.destroy();
  }

  // ---- inside ----

  #enqueue(task: () => void | Promise<void>): void {
    this.#tasks.push(task);
    if (!this.#busy) this.#drain();
  }
  #drain(): void {
    while (!this.#busy && this.#tasks.length > 0) {
      const running = this.#tasks.shift()!();
      if (running === undefined) continue;
      this.#busy = true;
      const next = () => {
        this.#busy = false;
        this.#drain();
      };
      running.then(next, next);
    }
  }

  #check(): void {
    if (this.#lostReason !== undefined) throw this.#lostError();
    if (this.#closing !== undefined)
      throw new IsokernelError('closed', `${this.capabilities.id} is closed`, {
        hint: 'Open a new runtime.',
      });
  }
  #refusal(bytes: number): IsokernelError {
    return new IsokernelError('out-of-memory', `${this.capabilities.id}: the driver refused ${bytes} bytes`, {
      hint: 'Free buffers, or work in smaller pieces.',
    });
  }
  #lostError(): IsokernelError {
    return new IsokernelError('device-lost', `${this.capabilities.id} was lost: ${this.#lostReason}`);
  }
  /** An error that WebGPU reports beside the calls belongs to whatever is running. */
  #failOpen(cause: GPUError): void {
    const code = cause.constructor.name === 'GPUOutOfMemoryError' ? 'out-of-memory' : 'compile-failed';
    for (const submission of this.#open)
      submission.error ??= new IsokernelError(code, `${this.capabilities.id}: ${messageOf(cause.message)}`, { cause });
  }
}
