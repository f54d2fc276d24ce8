/** The CPU as a device: buffers in one linear memory, programs as WebAssembly, jobs on an engine. */

import {
  type BoundCommand,
  bindCommands,
  type Capabilities,
  type Command,
  type CompileOptions,
  type Device,
  type DeviceMemory,
  type DeviceProgram,
  Memories,
  type MemoryCheck,
  type Recording,
  ruledOut,
  type SlotValue,
  type Submission,
  type Timing,
} from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import { maxWorkgroupInvocations } from '../../src/ir/types.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';
import type { Range } from './allocator.ts';
import { layoutArguments } from './arguments.ts';
import { type Moves, type Repeated, Step } from './chain.ts';
import { compileProgram, type Workgroup, wasmClass, workgroupFor } from './compile.ts';
import type { LaneCount } from './emit.ts';
import { Engine, wasCancelled } from './engine.ts';
import { Executable } from './executable.ts';
import { LinearMemory } from './memory.ts';
import { encodeMove } from './moves.ts';
import { Order } from './order.ts';
import { wasm } from './platform.ts';
import type { StartThreads } from './pool.ts';
import { enableRelaxedSimd, hasRelaxedSimd } from './relaxed-simd.ts';
import type { MemoryImport } from './wasm/encoder.ts';
import { Weight } from './weight.ts';

export interface CpuOptions {
  readonly name: string;
  readonly driver: string;
  readonly threads: number;
  /** Budget in bytes. */
  readonly memory: number;
  /** Starts threads beside the caller's; without, that one does it all. */
  readonly start?: StartThreads | undefined;
  /** Sets the process-wide flag for relaxed SIMD; called before the first kernel in `fast`, if that needs it. */
  readonly setRelaxedSimd?: (() => void) | undefined;
  /** 1 compiles without the vector form of kernels. */
  readonly lanes?: LaneCount;
}

class CpuMemory implements DeviceMemory {
  readonly bytes: number;
  readonly range: Range;
  constructor(bytes: number, range: Range) {
    this.bytes = bytes;
    this.range = range;
  }
}

export class CpuProgram implements DeviceProgram {
  readonly verified: Verified;
  readonly workgroup: Workgroup;
  readonly executable: Executable;
  readonly weight: Weight;
  readonly argumentBytes: number;
  constructor(verified: Verified, workgroup: Workgroup, executable: Executable) {
    this.verified = verified;
    this.workgroup = workgroup;
    this.executable = executable;
    this.weight = new Weight(verified);
    this.argumentBytes = layoutArguments(verified.program).bytes;
  }
}

class CpuRecording implements Recording, Repeated {
  readonly commands: readonly Command[];
  readonly slotted: ReadonlySet<number>;
  /** Of the first submission; each has its own where `slotted`. */
  steps: readonly Step[] | undefined;

  constructor(commands: readonly Command[]) {
    this.commands = [...commands];
    this.slotted = new Set(this.commands.flatMap((command, i) => (hasSlots(command) ? [i] : [])));
  }
}
function hasSlots(command: Command): boolean {
  return command.kind === 'dispatch' && [...command.buffers, ...command.scalars].some((argument) => 'slot' in argument);
}

export function openCpu(options: CpuOptions): Device {
  return new CpuDevice(options);
}

class CpuDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost: Promise<string>;
  readonly #options: CpuOptions;
  #engine: Engine;
  readonly #memories: Memories<CpuMemory>;
  readonly #order = new Order();
  readonly #programs = new WeakMap<Verified, Map<string, Promise<CpuProgram>>>();
  readonly #imported: MemoryImport;
  readonly #moves: Moves;
  /** The memory that was dropped last. */
  #abandoned: WeakRef<LinearMemory> | undefined;
  #lose: (reason: string) => void = () => {};
  #lostReason: string | undefined;
  /** Resolves when the threads of earlier engines have ended. */
  #dropped: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: CpuOptions) {
    this.#options = options;
    const shared = options.start !== undefined;
    const linear = new LinearMemory(shared);
    this.#imported = { maximum: linear.maximum, shared };
    this.#moves = { copy: move('copy', this.#imported), fill: move('fill', this.#imported) };
    this.capabilities = describe(options, linear.limit);
    this.#memories = new Memories(this.capabilities);
    this.lost = new Promise((resolve) => {
      this.#lose = (reason) => {
        this.#lostReason = reason;
        resolve(reason);
      };
    });
    this.#engine = this.#engineOn(linear);
  }
  #engineOn(linear: LinearMemory): Engine {
    return new Engine(linear, this.#options.threads, this.#options.start, (reason) => this.#lose(reason));
  }
  /**
   * Starts over with a new memory, as one never shrinks; nothing is in the old one that is wanted. The system gets that back when
   * it is collected, and no host lets us say when: while an earlier one waits for it, another would only add to it.
   */
  #renew(): void {
    if (this.#abandoned?.deref() !== undefined) return;
    let linear: LinearMemory;
    try {
      linear = new LinearMemory(this.#options.start !== undefined, this.#imported.maximum);
    } catch {
      return; // the old one will do
    }
    const old = this.#engine;
    this.#abandoned = new WeakRef(old.linear);
    this.#engine = this.#engineOn(linear);
    this.#dropped = Promise.all([this.#dropped, old.close()]);
  }

  get memory(): { readonly used: number; readonly budget: number } {
    return { used: this.#memories.used, budget: this.#memories.budget };
  }
  get #linear(): LinearMemory {
    return this.#engine.linear;
  }

  alloc(bytes: number): DeviceMemory {
    this.#checkUsable();
    return this.#memories.add(bytes, () => new CpuMemory(bytes, this.#linear.take(bytes)));
  }
  free(memory: DeviceMemory): void {
    const { range } = this.#memories.remove(memory);
    this.#order.add(() => {
      this.#linear.give(range);
      if (this.#memories.used === 0 && this.#linear.size > keptIdle) this.#renew();
    });
  }
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.#checkUsable();
    const { range } = this.#memories.check(memory, offset, data.length);
    const bytes = this.#order.idle ? data : data.slice();
    this.#order.add(() => {
      this.#linear.bytes.set(bytes, range.start + offset);
    });
  }
  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.#checkUsable();
    const { range } = this.#memories.check(memory, offset, into.length);
    await new Promise<void>((resolve) => {
      this.#order.add(() => {
        const start = range.start + offset;
        into.set(this.#linear.bytes.subarray(start, start + into.length));
        resolve();
      });
    });
    this.#checkAlive();
  }

  async lend(memory: DeviceMemory, use: (bytes: Uint8Array) => void): Promise<void> {
    this.#checkUsable();
    const { range } = this.#memories.check(memory);
    await new Promise<void>((resolve, reject) => {
      this.#order.add(() => {
        try {
          this.#checkAlive();
          use(this.#linear.bytes.subarray(range.start, range.start + memory.bytes));
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  ineligible(verified: Verified, launch?: LaunchShape): string | undefined {
    return ruledOut(this.capabilities, verified, launch);
  }
  async compile(verified: Verified, options: CompileOptions = {}): Promise<DeviceProgram> {
    this.#checkUsable();
    const reason = this.ineligible(verified);
    if (reason !== undefined)
      throw new IsokernelError(
        'ineligible',
        `${verified.program.name} cannot run on ${this.capabilities.id}: ${reason}`,
      );
    const workgroup = workgroupFor(verified, options);
    const guarded = options.guarded ?? true;
    const key = `${workgroup.join()} ${guarded}`;
    let compiled = this.#programs.get(verified);
    if (compiled === undefined) this.#programs.set(verified, (compiled = new Map()));
    let program = compiled.get(key);
    if (program === undefined) compiled.set(key, (program = this.#compile(verified, workgroup, guarded)));
    return program;
  }
  async #compile(verified: Verified, workgroup: Workgroup, guarded: boolean): Promise<CpuProgram> {
    this.#engine.prepare(); // its threads start while this compiles
    const { lanes, setRelaxedSimd } = this.#options;
    const relaxed = verified.program.mode === 'fast' && enableRelaxedSimd(setRelaxedSimd);
    const options = { guarded, lanes, relaxed };
    const { module, scratchBytes } = await compileProgram(verified, workgroup, this.#imported, options);
    try {
      const executable = new Executable(module, await wasm!.compile(module), scratchBytes);
      await executable.load(this.#linear);
      return new CpuProgram(verified, workgroup, executable);
    } catch (cause) {
      if (cause instanceof IsokernelError) throw cause;
      throw new IsokernelError('compile-failed', `${verified.program.name}: ${messageOf(cause)}`, { cause });
    }
  }

  record(commands: readonly Command[]): Recording {
    return new CpuRecording(commands);
  }
  submit(work: readonly Command[] | Recording, slots: readonly SlotValue[] = []): Submission {
    this.#checkUsable();
    const steps = work instanceof CpuRecording ? this.#stepsOfRecording(work, slots) : this.#stepsOf(work, slots);
    const brief = this.#order.idle ? this.#engine.runBriefly(steps) : undefined;
    if (brief !== undefined) return finished(brief);
    return this.#inTurn(steps, work instanceof CpuRecording ? work : undefined);
  }
  /** The addresses now: a memory may be freed before its turn, which gives it back only after. */
  #stepsOf(work: readonly Command[] | Recording, slots: readonly SlotValue[]): Step[] {
    return bindCommands(work, slots, this.#check).map((command) => {
      const addresses = memoriesOf(command).map((memory) => this.#memories.check(memory).range.start);
      return new Step(command, addresses, this.#moves);
    });
  }
  #stepsOfRecording(recording: CpuRecording, slots: readonly SlotValue[]): readonly Step[] {
    const { commands, slotted, steps } = recording;
    if (steps === undefined) return (recording.steps = this.#stepsOf(commands, slots));
    for (const step of steps) for (const memory of memoriesOf(step.command)) this.#memories.check(memory);
    if (slotted.size === 0) return steps;
    return steps.map((step, i) => (slotted.has(i) ? this.#stepsOf([commands[i]!], slots)[0]! : step));
  }
  readonly #check: MemoryCheck = (memory, offset, bytes) => this.#memories.check(memory, offset, bytes);

  #inTurn(steps: readonly Step[], repeated: Repeated | undefined): Submission {
    let running = false;
    let cancelled = false;
    let over = false;
    const result = new Promise<Timing>((resolve, reject) => {
      this.#order.add(() => {
        try {
          this.#checkAlive();
          if (cancelled) throw wasCancelled();
          const brief = this.#engine.runBriefly(steps);
          if (brief !== undefined) {
            over = true;
            resolve(brief);
            return;
          }
        } catch (error) {
          reject(error);
          return;
        }
        running = true;
        const ended = this.#engine
          .run(steps, repeated, () => cancelled)
          .finally(() => {
            running = false;
            over = true;
          });
        return ended.then(resolve, reject);
      });
    });
    const done = result.then(() => {});
    done.catch(() => {}); // whoever wants to know listens to `done`; nobody listening is no crash
    const device = this;
    return {
      done,
      timing: new Promise((resolve) => result.then(resolve, () => {})),
      cancel() {
        cancelled = true;
        if (running) device.#engine.stop();
      },
      get progress() {
        return over ? 1 : running ? device.#engine.progress : 0;
      },
    };
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) =>
      this.#order.add(async () => {
        await Promise.all([this.#engine.close(), this.#dropped]);
        resolve();
      }),
    );
    return this.#closed;
  }

  #checkUsable(): void {
    this.#checkAlive();
    if (this.#closed !== undefined) throw new IsokernelError('closed', `${this.capabilities.id} is closed`);
  }
  #checkAlive(): void {
    if (this.#lostReason !== undefined)
      throw new IsokernelError('device-lost', `${this.capabilities.id} is lost: ${this.#lostReason}`, {
        hint: 'Open a new runtime.',
      });
  }
}

/** A submission that was over before its caller had it. */
function finished(timing: Timing): Submission {
  return { done: Promise.resolve(), timing: Promise.resolve(timing), cancel() {}, progress: 1 };
}

function move(kind: keyof Moves, imported: MemoryImport): Executable {
  const bytes = encodeMove(kind, imported);
  return new Executable(bytes, new wasm!.Module(bytes), 0);
}

/** Bytes that a device without memories may go on holding. */
const keptIdle = 2 ** 26;

function memoriesOf(command: BoundCommand): DeviceMemory[] {
  if (command.kind === 'dispatch') return command.buffers.map(({ memory }) => memory);
  return command.kind === 'copy' ? [command.from, command.to] : [command.memory];
}

function describe({ name, driver, threads, memory, setRelaxedSimd }: CpuOptions, limit: number): Capabilities {
  const budget = Math.floor(Math.min(memory, limit));
  const relaxedMadd = setRelaxedSimd !== undefined || hasRelaxedSimd();
  return {
    id: 'cpu',
    backend: 'cpu',
    name,
    kind: 'cpu',
    driver,
    features: { f16: true, subgroups: false, sharedMemory: true, timestamps: false, relaxedMadd },
    limits: {
      buffer: budget,
      memory: budget,
      workgroup: maxWorkgroupInvocations,
      workgroupAxes: [maxWorkgroupInvocations, maxWorkgroupInvocations, maxWorkgroupInvocations],
      workgroupBytes: 2 ** 20,
      bindings: 64,
    },
    threads,
    rates: { f32: 1e9 * threads, i32: 1e9 * threads, bandwidth: 8e9, upload: 8e9, readback: 8e9, launch: 30e-6 },
    numeric: wasmClass,
  };
}
