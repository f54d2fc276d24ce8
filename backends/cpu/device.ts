/** The CPU as a device: buffers in one linear memory, programs as WebAssembly, jobs on an executor's threads. */

import {
  type BoundCommand,
  type BufferArgument,
  bindCommands,
  type Capabilities,
  type Command,
  type CompileOptions,
  type Device,
  type DeviceMemory,
  type DeviceProgram,
  Memories,
  Queue,
  type Recording,
  ruledOut,
  type ScalarArgument,
  type Submission,
  submission,
  type Timing,
} from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import { outOfFuel } from '../../src/ir/fuel.ts';
import { maxWorkgroupInvocations } from '../../src/ir/types.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';
import type { Range } from './allocator.ts';
import { compileProgram, type Workgroup, wasmClass, workgroupFor } from './compile.ts';
import type { LaneCount } from './emit.ts';
import type { Executor, StartExecutor } from './executor.ts';
import { Job } from './job.ts';
import { LinearMemory } from './memory.ts';
import { type WasmModule, wasm } from './platform.ts';
import { programWords, stopAddress, stopCancelled } from './steps.ts';

export interface CpuOptions {
  readonly name: string;
  readonly driver: string;
  readonly threads: number;
  /** Budget in bytes. */
  readonly memory: number;
  readonly start: StartExecutor;
  /** Whether threads other than the caller's are to see the memory. */
  readonly shared: boolean;
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

export interface CpuProgram extends DeviceProgram {
  readonly verified: Verified;
  readonly workgroup: Workgroup;
  /** V8 keeps one code for equal modules, as long as one of them is there: the workers' own compiling finds this one's. */
  readonly module: WasmModule;
  /** Address of the module's bytes, and the scratch memory a thread needs to run it. */
  readonly address: number;
  readonly scratchBytes: number;
}

export function openCpu(options: CpuOptions): Device {
  return new CpuDevice(options);
}

class CpuDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost: Promise<string>;
  readonly #options: CpuOptions;
  readonly #linear: LinearMemory;
  readonly #memories: Memories<CpuMemory>;
  readonly #queue = new Queue();
  readonly #programs = new WeakMap<Verified, Map<string, Promise<CpuProgram>>>();
  #executor: Executor | undefined;
  #scratch: { readonly range: Range; readonly stride: number } | undefined;
  #lose: (reason: string) => void = () => {};
  #lostReason: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: CpuOptions) {
    this.#options = options;
    this.#linear = new LinearMemory(options.shared);
    this.capabilities = describe(options, this.#linear.limit);
    this.#memories = new Memories(this.capabilities);
    this.lost = new Promise((resolve) => {
      this.#lose = (reason) => {
        this.#lostReason = reason;
        resolve(reason);
      };
    });
  }

  get memory(): { readonly used: number; readonly budget: number } {
    return { used: this.#memories.used, budget: this.#memories.budget };
  }

  alloc(bytes: number): DeviceMemory {
    this.#checkUsable();
    return this.#memories.add(bytes, () => new CpuMemory(bytes, this.#linear.take(bytes)));
  }
  free(memory: DeviceMemory): void {
    const { range } = this.#memories.remove(memory);
    void this.#queue.run(() => this.#linear.give(range));
  }
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.#checkUsable();
    const { range } = this.#memories.check(memory, offset, data.length);
    const captured = data.slice();
    void this.#queue.run(() => this.#linear.bytes.set(captured, range.start + offset));
  }
  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.#checkUsable();
    const { range } = this.#memories.check(memory, offset, into.length);
    await this.#queue.run(() => {
      this.#checkAlive();
      const start = range.start + offset;
      into.set(this.#linear.bytes.subarray(start, start + into.length));
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
    this.#start(); // its threads start while this compiles
    const imported = { maximum: this.#linear.maximum, shared: this.#options.shared };
    const { lanes } = this.#options;
    const { module, scratchBytes } = await compileProgram(verified, workgroup, imported, { guarded, lanes });
    let compiled: WasmModule;
    try {
      compiled = await wasm!.compile(module);
    } catch (cause) {
      throw new IsokernelError('compile-failed', `${verified.program.name}: ${messageOf(cause)}`, { cause });
    }
    const header = 4 * programWords.bytes;
    const { start } = this.#linear.take(header + module.length);
    this.#linear.words[start / 4 + programWords.length] = module.length;
    this.#linear.bytes.set(module, start + header);
    return { verified, workgroup, module: compiled, address: start, scratchBytes };
  }

  record(commands: readonly Command[]): Recording {
    return { commands };
  }
  submit(work: readonly Command[] | Recording, slots: readonly (BufferArgument | ScalarArgument)[] = []): Submission {
    this.#checkUsable();
    const commands = bindCommands(work, slots, (memory, offset, bytes) => this.#memories.check(memory, offset, bytes));
    // the addresses now: a memory may be freed before its turn, which gives it back only after
    const addresses = commands.map((command) =>
      memoriesOf(command).map((memory) => this.#memories.check(memory).range.start),
    );
    let running: Job | undefined;
    let cancelled = false;
    const submitted = submission(this.#queue, async (progress): Promise<Timing> => {
      this.#checkAlive();
      const job = new Job(this.#linear, commands, addresses, (bytes) => this.#scratchFor(bytes));
      running = job;
      try {
        return await this.#run(job, () => cancelled);
      } finally {
        running = undefined;
        job.free();
        progress.value = 1;
      }
    });
    const device = this;
    return {
      done: submitted.done,
      timing: submitted.timing,
      cancel() {
        cancelled = true;
        submitted.cancel();
        if (running !== undefined) device.#stop();
      },
      get progress() {
        return running === undefined ? submitted.progress : running.progress(device.#start());
      },
    };
  }

  /** Runs a job's steps and says how long it took, or why it failed. */
  async #run(job: Job, cancelled: () => boolean): Promise<Timing> {
    const begin = performance.now();
    if (job.firstStep !== 0) {
      const executor = this.#start();
      Atomics.store(this.#linear.words, stopAddress / 4, 0);
      await executor.run(job.firstStep);
      this.#checkAlive();
    }
    const stop = Atomics.load(this.#linear.words, stopAddress / 4);
    if (job.firstStep !== 0 && stop === stopCancelled && cancelled())
      throw new IsokernelError('cancelled', 'the submission was cancelled');
    if (job.firstStep !== 0 && stop > 0) throw outOfFuel(job.programOf(this.#start().step)!.verified.program, stop - 1);
    return { run: performance.now() - begin, resolution: 0.001, clock: 'host' };
  }
  #stop(): void {
    Atomics.compareExchange(this.#linear.words, stopAddress / 4, 0, stopCancelled);
  }

  close(): Promise<void> {
    this.#closed ??= this.#queue.run(async () => {
      await this.#executor?.close();
    });
    return this.#closed;
  }

  #start(): Executor {
    if (this.#executor === undefined) {
      this.#executor = this.#options.start(this.#linear.wasm, this.#options.threads);
      this.#executor.lost.then(this.#lose);
    }
    return this.#executor;
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
  /** Scratch memory of so many bytes for each thread; one at a time, as jobs run one at a time. */
  #scratchFor(bytes: number): { readonly address: number; readonly stride: number } {
    if (this.#scratch === undefined || this.#scratch.stride < bytes) {
      if (this.#scratch !== undefined) this.#linear.give(this.#scratch.range);
      this.#scratch = undefined;
      const stride = Math.ceil(Math.max(bytes, 64) / 64) * 64;
      this.#scratch = { range: this.#linear.take(stride * this.#start().threads), stride };
    }
    return { address: this.#scratch.range.start, stride: this.#scratch.stride };
  }
}

function memoriesOf(command: BoundCommand): DeviceMemory[] {
  if (command.kind === 'dispatch') return command.buffers.map(({ memory }) => memory);
  return command.kind === 'copy' ? [command.from, command.to] : [command.memory];
}

function describe({ name, driver, threads, memory }: CpuOptions, limit: number): Capabilities {
  const budget = Math.floor(Math.min(memory, limit));
  return {
    id: 'cpu',
    backend: 'cpu',
    name,
    kind: 'cpu',
    driver,
    features: { f16: true, subgroups: false, sharedMemory: true, timestamps: false, relaxedMadd: false },
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
