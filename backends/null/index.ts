/**
 * A device that runs nothing: the template for a new backend, and a stand-in where only placement matters.
 *
 * It keeps the whole contract but for one thing: memory has no contents, so writes and programs do nothing and every read
 * gives zeros. To make a backend of it, give `NullMemory` what your hardware keeps, make `compile` translate, and let `submit` run
 * the bound commands; the conformance suite then says what is missing.
 * docs/adapters.md does it step by step.
 */

import {
  type Backend,
  bindCommands,
  type Capabilities,
  type Command,
  type CompileOptions,
  chooseWorkgroup,
  type Device,
  type DeviceMemory,
  type DeviceProgram,
  Memories,
  Queue,
  type Recording,
  ruledOut,
  type SlotValue,
  type Submission,
  submission,
} from '../../src/device/index.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';

export const backend: Backend = {
  name: 'null',
  discover: async ({ memory }) => [new NullDevice(memory ?? 2 ** 40)],
};

class NullDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost = new Promise<string>(() => {});
  readonly memory: Memories<DeviceMemory>;
  readonly #queue = new Queue();

  constructor(budget: number) {
    this.capabilities = {
      id: 'null',
      backend: 'null',
      name: 'nothing',
      kind: 'virtual',
      driver: '',
      features: { f16: true, subgroups: false, sharedMemory: false, timestamps: false, relaxedMadd: false },
      limits: {
        buffer: budget,
        memory: budget,
        workgroup: 1024,
        workgroupAxes: [1024, 1024, 1024],
        workgroupBytes: 2 ** 20,
        bindings: 64,
      },
      threads: 1,
      rates: { f32: 1e12, i32: 1e12, bandwidth: 1e12, upload: 1e12, readback: 1e12, launch: 1e-6 },
      numeric: undefined,
    };
    this.memory = new Memories(this.capabilities);
  }

  alloc(bytes: number): DeviceMemory {
    return this.memory.add(bytes, () => ({ bytes }));
  }
  free(memory: DeviceMemory): void {
    this.memory.remove(memory);
  }
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.memory.check(memory, offset, data.length);
  }
  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.memory.check(memory, offset, into.length);
    await this.#queue.run(() => into.fill(0));
  }
  ineligible(verified: Verified, launch?: LaunchShape): string | undefined {
    return ruledOut(this.capabilities, verified, launch);
  }
  async compile(verified: Verified, options?: CompileOptions): Promise<DeviceProgram> {
    return { verified, workgroup: chooseWorkgroup(verified, options, [64, 1, 1]) };
  }
  record(commands: readonly Command[]): Recording {
    return { commands: [...commands] };
  }
  submit(work: readonly Command[] | Recording, slots: readonly SlotValue[] = []): Submission {
    bindCommands(work, slots, (...range) => this.memory.check(...range));
    return submission(this.#queue, async () => ({ run: 0, resolution: 0.1, clock: 'host' }));
  }
  async close(): Promise<void> {
    await this.#queue.run(() => {});
  }
}
