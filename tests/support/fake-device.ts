/**
 * A device for tests of the runtime: it computes with the interpreter, and does what a test's script says besides: wait
 * for a gate, fail, vanish, be slow on paper, have little memory.
 */

import { backend as interpreter } from '../../backends/interpreter/index.ts';
import type {
  Backend,
  Capabilities,
  Command,
  Device,
  DeviceMemory,
  DeviceProgram,
  Rates,
  Recording,
  Submission,
} from '../../src/device/contract.ts';
import { Builder } from '../../src/ir/builder.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { rewrite } from '../../src/passes/rewrite.ts';

export interface FakeOptions {
  readonly id?: string;
  readonly rates?: Partial<Rates>;
  readonly kind?: Capabilities['kind'];
  /** Memory budget, bytes. */
  readonly memory?: number;
  readonly ineligible?: (verified: Verified) => string | undefined;
  /** What its floats are has to be found out by a probe. */
  readonly unproven?: boolean;
}

export class FakeDevice implements Device {
  readonly capabilities: Capabilities;
  readonly lost: Promise<string>;
  readonly #inner: Device;
  readonly #ineligible: ((verified: Verified) => string | undefined) | undefined;
  /** What happened, in order: `submit`, `done`, `cancel`, `write BYTES`, `read BYTES`, `copy BYTES`, `fill BYTES`, `compile`. */
  readonly log: string[] = [];
  #lose: (reason: string) => void = () => {};
  #gone: string | undefined;
  #gate: Promise<void> = Promise.resolve();
  #openGate: () => void = () => {};
  #failures: IsokernelError[] = [];
  #refusals: IsokernelError[] = [];
  #lies = false;
  #pending = new Set<(error: IsokernelError) => void>();

  constructor(inner: Device, options: FakeOptions) {
    this.#inner = inner;
    this.#ineligible = options.ineligible;
    const { capabilities } = inner;
    const id = options.id ?? 'fake';
    this.capabilities = {
      ...capabilities,
      id,
      backend: 'fake',
      name: id,
      kind: options.kind ?? 'cpu',
      numeric: options.unproven ? undefined : capabilities.numeric,
      rates: { f32: 1e9, i32: 1e9, bandwidth: 1e9, upload: 1e9, readback: 1e9, launch: 1e-5, ...options.rates },
    };
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  // ---- the script ----

  /** Submissions from now on do not end before `open`. */
  hold(): void {
    this.open();
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }
  open(): void {
    this.#openGate();
    this.#gate = Promise.resolve();
  }
  /** The next submission fails. */
  failNext(error: IsokernelError): void {
    this.#failures.push(error);
  }
  /** The next compilation fails. */
  refuseNext(error: IsokernelError): void {
    this.#refusals.push(error);
  }
  /** Programs compiled from now on store floats with their last bit wrong. */
  lie(): void {
    this.#lies = true;
  }
  /** The device is gone, with all it holds and does. */
  vanish(reason = 'unplugged'): void {
    this.#gone = reason;
    for (const reject of this.#pending) reject(this.#loss());
    this.#lose(reason);
  }
  count(event: string): number {
    return this.log.filter((entry) => entry.startsWith(event)).length;
  }

  // ---- the contract ----

  get memory() {
    return this.#inner.memory;
  }
  alloc(bytes: number): DeviceMemory {
    this.#check();
    return this.#inner.alloc(bytes);
  }
  free(memory: DeviceMemory): void {
    if (this.#gone !== undefined) throw new Error('free() on a device that is gone');
    this.#inner.free(memory);
  }
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void {
    this.#check();
    this.log.push(`write ${data.byteLength}`);
    this.#inner.write(memory, offset, data);
  }
  async read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void> {
    this.#check();
    this.log.push(`read ${into.byteLength}`);
    const gate = this.#gate;
    const bytes = new Uint8Array(into.byteLength);
    const read = this.#inner.read(memory, offset, bytes);
    await this.#alive(Promise.all([read, gate]));
    into.set(bytes);
  }
  ineligible(verified: Verified): string | undefined {
    return this.#ineligible?.(verified) ?? this.#inner.ineligible(verified);
  }
  async compile(verified: Verified): Promise<DeviceProgram> {
    this.#check();
    this.log.push('compile');
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) throw refusal;
    return this.#inner.compile(this.#lies ? withWrongStores(verified) : verified);
  }
  record(commands: readonly Command[]): Recording {
    this.log.push('record');
    return this.#inner.record(commands);
  }
  submit(...[work, slots]: Parameters<Device['submit']>): Submission {
    this.#check();
    const commands: readonly Command[] = 'commands' in work ? work.commands : work;
    for (const command of commands) if (command.kind !== 'dispatch') this.log.push(`${command.kind} ${command.bytes}`);
    this.log.push('submit');
    const failure = this.#failures.shift();
    // work that fails leaves its memories as they were
    const inner = failure === undefined ? this.#inner.submit(work, slots) : this.#inner.submit([]);
    inner.done.catch(() => {});
    let cancelled = false;
    const done = this.#alive(
      Promise.all([this.#gate, inner.done]).then(() => {
        if (cancelled) throw new IsokernelError('cancelled', 'cancelled on the device');
        if (failure !== undefined) throw failure;
        this.log.push('done');
      }),
    );
    done.catch(() => {});
    return {
      done,
      timing: inner.timing,
      progress: 0.5,
      cancel: () => {
        cancelled = true;
        this.log.push('cancel');
      },
    };
  }
  async close(): Promise<void> {
    await this.#inner.close();
  }

  #check(): void {
    if (this.#gone !== undefined) throw this.#loss();
  }
  #loss(): IsokernelError {
    return new IsokernelError('device-lost', `gone: ${this.#gone}`);
  }
  #alive<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      promise.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }
}

function withWrongStores(verified: Verified): Verified {
  const program = rewrite(verified.program, {
    operation(operation, out) {
      const value = operation.args.at(-1);
      if (operation.op !== 'store' || value?.type !== 'f32') return out.append(operation);
      const b = new Builder({ name: 'lie' });
      const wrong = b.bitcast(b.op('xor', b.bitcast(value, 'u32'), b.u32(1)), 'f32');
      for (const instruction of b.finish().body.body) out.append(instruction);
      out.append({ ...operation, args: [...operation.args.slice(0, -1), wrong] });
    },
  });
  return { ...verified, program };
}

/** Fake devices and the backend that discovers them. */
export async function fakes(...options: FakeOptions[]): Promise<{ devices: FakeDevice[]; backend: Backend }> {
  const devices = await Promise.all(
    options.map(async (one) => {
      const [inner] = await interpreter.discover({ memory: one.memory });
      return new FakeDevice(inner!, one);
    }),
  );
  return { devices, backend: { name: 'fake', discover: async () => devices } };
}
