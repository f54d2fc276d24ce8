/**
 * The interpreter as a device: the definition of what programs mean, behind the same contract as all hardware. Slow; for
 * tests, for looking for races, and as the reference of every other device.
 */

import {
  type Backend,
  type BoundCommand,
  type BoundDispatch,
  bindCommands,
  type Capabilities,
  type Command,
  type CompileOptions,
  chooseWorkgroup,
  type Device,
  type DeviceMemory,
  type DeviceProgram,
  type DiscoverOptions,
  Memories,
  type Progress,
  Queue,
  type Recording,
  ruledOut,
  type SlotValue,
  type Submission,
  submission,
} from '../../src/device/index.ts';
import { type Executable, IsokernelError, interpretSteps, prepare } from '../../src/ir/index.ts';
import { ieeeClass } from '../../src/ir/numeric-class.ts';
import { defaultWorkgroup, type LaunchShape, type Verified } from '../../src/ir/verified.ts';

export const backend: Backend = {
  name: 'interpreter',
  discover: async ({ memory }: DiscoverOptions) => [new InterpreterDevice(memory ?? 2 ** 31)],
};

function capabilities(memory: number): Capabilities {
  return {
    id: 'interpreter',
    backend: 'interpreter',
    name: 'the reference interpreter',
    kind: 'virtual',
    driver: 'isokernel',
    features: { f16: true, subgroups: false, sharedMemory: false, timestamps: false, relaxedMadd: false },
    limits: {
      buffer: memory,
      memory,
      workgroup: 1024,
      workgroupAxes: [1024, 1024, 1024],
      workgroupBytes: 2 ** 20,
      bindings: 64,
    },
    threads: 1,
    rates: { f32: 2e7, i32: 2e7, bandwidth: 1e8, upload: 1e9, readback: 1e9, launch: 1e-4 },
    numeric: ieeeClass,
  };
}

class HostMemory implements DeviceMemory {
  readonly contents: Uint8Array;
  constructor(bytes: number) {
    this.contents = new Uint8Array(bytes);
  }
  get bytes(): number {
    return this.contents.length;
  }
}

interface InterpretedProgram extends DeviceProgram {
  readonly executable: Executable;
}

/** Milliseconds between two looks at the event loop, where a cancel may be waiting. */
const slice = 20;

class InterpreterDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost = new Promise<string>(() => {});
  readonly #memories: Memories<HostMemory>;
  readonly #queue = new Queue();
  readonly #executables = new WeakMap<Verified, Executable>();
  #closed = false;

  constructor(memory: number) {
    this.capabilities = capabilities(memory);
    this.#memories = new Memories(this.capabilities);
  }
  get memory() {
    const { used, budget } = this.#memories;
    return { used, budget };
  }

  alloc(bytes: number): DeviceMemory {
    this.#open();
    return this.#memories.add(bytes, () => new HostMemory(bytes));
  }
  free(memory: DeviceMemory): void {
    this.#memories.remove(memory); // work already queued holds its bytes itself
  }
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.#open();
    const { contents } = this.#memories.check(memory, offset, data.length);
    const captured = data.slice();
    this.#queue.run(() => contents.set(captured, offset));
  }
  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.#open();
    const { contents } = this.#memories.check(memory, offset, into.length);
    await this.#queue.run(() => into.set(contents.subarray(offset, offset + into.length)));
  }

  ineligible(verified: Verified, launch?: LaunchShape): string | undefined {
    return ruledOut(this.capabilities, verified, launch);
  }
  async compile(verified: Verified, options?: CompileOptions): Promise<InterpretedProgram> {
    this.#open();
    const reason = this.ineligible(verified);
    if (reason !== undefined)
      throw new IsokernelError(
        'ineligible',
        `${this.capabilities.id} cannot run "${verified.program.name}": ${reason}`,
      );
    const executable = this.#executables.get(verified) ?? prepare(verified.program);
    this.#executables.set(verified, executable);
    return { verified, workgroup: chooseWorkgroup(verified, options, defaultWorkgroup), executable };
  }

  record(commands: readonly Command[]): Recording {
    return { commands: [...commands] };
  }
  submit(work: readonly Command[] | Recording, slots: readonly SlotValue[] = []): Submission {
    this.#open();
    const commands = bindCommands(work, slots, (...range) => this.#memories.check(...range));
    return submission(this.#queue, async (progress) => {
      const start = performance.now();
      for (const [i, command] of commands.entries()) {
        progress.value = i / commands.length;
        await this.#run(command, progress, 1 / commands.length);
      }
      return { run: performance.now() - start, resolution: 0.1, clock: 'host' };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.run(() => {});
  }

  async #run(command: BoundCommand, progress: Progress, share: number): Promise<void> {
    switch (command.kind) {
      case 'copy': {
        const { contents } = command.from as HostMemory;
        const from = contents.subarray(command.fromOffset, command.fromOffset + command.bytes);
        return (command.to as HostMemory).contents.set(from, command.toOffset);
      }
      case 'fill':
        (command.memory as HostMemory).contents.fill(0, command.offset, command.offset + command.bytes);
        return;
      case 'dispatch':
        return this.#dispatch(command, progress, share);
    }
  }

  async #dispatch(dispatch: BoundDispatch, progress: Progress, share: number): Promise<void> {
    const { grid, base, count } = dispatch;
    const { verified, workgroup, executable } = dispatch.program as InterpretedProgram;
    const buffers = dispatch.buffers.map(({ memory, shape }) => ({ bytes: (memory as HostMemory).contents, shape }));
    const [nextBuffer, nextScalar] = [buffers.values(), dispatch.scalars.values()];
    const args = verified.program.params.map(({ kind }) => (kind === 'buffer' ? nextBuffer : nextScalar).next().value!);
    const before = progress.value;
    let yielded = performance.now();
    let run = 0;
    for (const _ of interpretSteps(executable, { args, grid, workgroup, base, count })) {
      progress.value = before + (share * ++run) / (count[0] * count[1] * count[2]);
      if (performance.now() - yielded < slice) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      yielded = performance.now();
      progress.checkpoint();
    }
  }

  #open(): void {
    if (this.#closed)
      throw new IsokernelError('closed', `${this.capabilities.id} is closed`, { hint: 'Open a new runtime.' });
  }
}
