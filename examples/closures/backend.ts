/**
 * A backend outside isokernel, as the guide for authors of adapters builds it (docs/adapters.md): programs as JavaScript
 * closures, run on the thread that has them. A package of its own would import `isokernel/ir`, `isokernel/passes` and
 * `isokernel/device` where this imports src/.
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
  Memories,
  type Progress,
  Queue,
  type Recording,
  ruledOut,
  type SlotValue,
  type Submission,
  submission,
} from '../../src/device/index.ts';
import { IsokernelError, ieeeClass, type LaunchShape, type Program, type Verified } from '../../src/ir/index.ts';
import { lowerExact, optimize } from '../../src/passes/index.ts';
import { Closures, type Launch } from './compile.ts';

export const backend: Backend = {
  name: 'closures',
  discover: async ({ memory }) => [new ClosureDevice(memory ?? 2 ** 30)],
};

function capabilities(memory: number): Capabilities {
  return {
    id: 'closures',
    backend: 'closures',
    name: 'JavaScript closures',
    kind: 'cpu',
    driver: '',
    features: { f16: true, subgroups: false, sharedMemory: false, timestamps: false, relaxedMadd: false },
    limits: {
      buffer: memory,
      memory,
      workgroup: 256,
      workgroupAxes: [256, 256, 64],
      workgroupBytes: 2 ** 16,
      bindings: 64,
    },
    threads: 1,
    rates: { f32: 1e7, i32: 1e7, bandwidth: 2e7, upload: 1e9, readback: 1e9, launch: 1e-4 },
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

interface ClosureProgram extends DeviceProgram {
  readonly closures: Closures;
}

/** Milliseconds between two looks at the event loop, where a cancel may be waiting. */
const slice = 20;

class ClosureDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost = new Promise<string>(() => {});
  readonly #memories: Memories<HostMemory>;
  readonly #queue = new Queue();
  readonly #compiled = new WeakMap<Verified, Map<string, Closures>>();
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
  async compile(verified: Verified, options: CompileOptions = {}): Promise<ClosureProgram> {
    this.#open();
    const { id } = this.capabilities;
    const reason = this.ineligible(verified);
    if (reason !== undefined)
      throw new IsokernelError('ineligible', `${id} cannot run "${verified.program.name}": ${reason}`);

    const workgroup = chooseWorkgroup(verified, options, [64, 1, 1]);
    const { numeric = ieeeClass, guarded = true } = options;
    const key = JSON.stringify([workgroup, numeric, guarded]);
    const forms = this.#compiled.get(verified) ?? new Map<string, Closures>();
    this.#compiled.set(verified, forms);
    let closures = forms.get(key);
    if (closures === undefined) {
      const exact = (program: Program) => lowerExact(program, numeric, { guarded });
      closures = new Closures(optimize(verified, { workgroup, exact }), workgroup, verified.facts.hasBarrier);
      forms.set(key, closures);
    }
    return { verified, workgroup, closures };
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
    const { base, count } = dispatch;
    const { closures } = dispatch.program as ClosureProgram;
    const launch = launchOf(dispatch);
    const groups = count[0] * count[1] * count[2];
    const before = progress.value;
    let yielded = performance.now();
    for (let i = 0; i < groups; i++) {
      const x = i % count[0];
      const y = Math.floor(i / count[0]) % count[1];
      const z = Math.floor(i / (count[0] * count[1]));
      closures.run([base[0] + x, base[1] + y, base[2] + z], launch);
      progress.value = before + (share * (i + 1)) / groups;
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

/** Arguments by parameter, as the closures look them up: a command has them by kind. */
function launchOf({ program, grid, groups, buffers, scalars }: BoundDispatch): Launch {
  const [nextBuffer, nextScalar] = [buffers.values(), scalars.values()];
  const { params } = program.verified.program;
  return {
    grid,
    groups,
    buffers: params.map(({ kind }) => {
      if (kind !== 'buffer') return undefined;
      const { memory, shape } = nextBuffer.next().value!;
      return { view: new DataView((memory as HostMemory).contents.buffer), shape };
    }),
    scalars: params.map(({ kind }) => (kind === 'scalar' ? nextScalar.next().value! : undefined)),
  };
}
