/**
 * A runtime: the devices that were found, and the jobs, buffers and graphs that use them.
 *
 * Whatever fails, the runtime stays usable. It keeps no process alive by itself: it has neither timers nor handles of its
 * own while nothing runs.
 */

import { IsokernelError, summaryOf } from '../ir/error.ts';
import { type Printout, printedText } from '../ir/printout.ts';
import { type ElementType, elementTypes, maxRank } from '../ir/types.ts';
import type { Verified } from '../ir/verified.ts';
import type { Placement } from '../router/placement.ts';
import { type Policy, type PolicyName, policyOf } from '../router/policies.ts';
import { needsCertificate, Router } from '../router/router.ts';
import { selectDevice } from '../router/select.ts';
import type {
  Arguments,
  DeviceInfo,
  Job,
  LaunchOptions,
  OpenOptions,
  Outputs,
  SlotDeclaration,
  TypeName,
  Unavailable,
  Warning,
} from './api.ts';
import { bind, type Call, checkKernel } from './arguments.ts';
import { describe, type HostArray } from './arrays.ts';
import { DeviceBuffer } from './buffer.ts';
import { copiesOf, placeableOf, workOfCall } from './call.ts';
import { Calls } from './calls.ts';
import { Certificates } from './certificates.ts';
import type { CheckOptions, Finding } from './check.ts';
import type { Origin } from './content.ts';
import { discover } from './devices.ts';
import { ForgottenBuffers } from './forgotten.ts';
import { Graph, type Recorder } from './graph.ts';
import { checkLaunch, endEarly, mayEndEarly, TaskJob } from './job.ts';
import type { RunnableKernel } from './kernel.ts';
import type { Member } from './member.ts';
import { type Fleet, LaunchPlacer } from './place.ts';
import { Samples } from './samples.ts';
import { checkShape } from './shapes.ts';
import { Task } from './task.ts';
import { Uploads } from './uploads.ts';
import type { Work } from './work.ts';

/** Opens a runtime on the devices of these backends, and waits until they are found. */
export async function open(options: OpenOptions): Promise<Runtime> {
  const rt = new Runtime(options);
  await rt.ready;
  return rt;
}

export class Runtime {
  /** Resolves when the devices are found. Jobs, buffers and graphs can be made before. */
  readonly ready: Promise<void>;
  #unavailable: readonly Unavailable[] = [];
  #members: readonly Member[] = [];
  readonly #options: OpenOptions;
  readonly #fleet: Fleet;
  readonly #calls = new Calls(this);
  /** Jobs under way. */
  readonly #uploads = new Uploads();
  readonly #forgotten: ForgottenBuffers | undefined;
  readonly #tasks = new Set<Task>();
  /** Jobs that failed with nobody looking. */
  readonly #failures = new Set<Task>();
  readonly #certificates: Certificates;
  readonly #calibrations = new Map<Member, Promise<void>>();
  /** Devices whose calibration is over. */
  readonly #measured = new Set<Member>();
  #closing: Promise<void> | undefined;

  /** Throws where an option is wrong; `ready` rejects where a device that was named is not there. */
  constructor(options: OpenOptions) {
    checkOptions(options);
    const policy = policyOf(options.policy ?? 'least-finish');
    this.#options = options;
    if (options.reportForgotten === true)
      this.#forgotten = new ForgottenBuffers((message) => this.#warn({ code: 'forgotten-buffer', message }));
    this.#certificates = new Certificates(options.store, (warning) => this.#warn(warning));
    this.ready = this.#discover();
    this.ready.catch(() => {}); // whoever waits for it sees it
    const policies = new Map<PolicyName | undefined, Policy>([[undefined, policy]]);
    const membersOf = () => (this.#members.length > 0 ? this.#members : undefined);
    this.#fleet = {
      router: new Router(),
      get members() {
        return membersOf();
      },
      policy(named) {
        let found = typeof named === 'object' ? policyOf(named) : policies.get(named);
        if (found === undefined) policies.set(named as PolicyName, (found = policyOf(named!)));
        return found;
      },
      samples: new Samples(options.samples ?? 1 / 64, this.#certificates),
      found: async () => {
        await this.ready;
        return this.#members;
      },
      certified: (members) => this.#certificates.settle(members),
      calibrate: () => {
        const real = this.#real;
        const needed = options.calibrate !== false && real.length > 1 && !real.every((one) => this.#measured.has(one));
        return needed ? this.#calibrated() : undefined;
      },
      warn: (warning) => this.#warn(warning),
    };
  }

  async #discover(): Promise<void> {
    const { members, unavailable } = await discover(this.#options);
    this.#members = members;
    this.#unavailable = unavailable;
    for (const member of members) void member.device.lost.then((reason) => this.#lose(member, reason));
  }

  /** The devices found so far: none before `ready`. */
  get devices(): readonly DeviceInfo[] {
    return this.#members.map((member) => ({
      id: member.id,
      capabilities: member.device.capabilities,
      rates: member.rates,
      calibrated: member.calibrated,
      certificate: member.certificate,
      memory: { used: member.device.memory.used, budget: member.device.memory.budget },
      lost: member.lost !== undefined,
    }));
  }

  /** Backends that could not start, and what would help. */
  get unavailable(): readonly Unavailable[] {
    return this.#unavailable;
  }

  /** Runs a kernel to its end; its `write` parameters by name. */
  async run(kernel: RunnableKernel, args: Arguments, launch: LaunchOptions = {}): Promise<Outputs> {
    return this.#start(this.#work(kernel, args, launch), launch).outcome();
  }

  /** Starts a kernel. Arguments are checked and captured before it returns; bad ones throw. */
  submit(kernel: RunnableKernel, args: Arguments, launch: LaunchOptions = {}): Job {
    return new TaskJob(this.#start(this.#work(kernel, args, launch), launch));
  }

  /** Where a job would go, and why; runs nothing. */
  async explain(kernel: RunnableKernel, args: Arguments, launch: LaunchOptions = {}): Promise<Placement> {
    this.#checkOpen();
    checkLaunch(launch);
    const placer = this.#placer(launch);
    const call = bind(kernel, args, launch.invocations, this);
    const verified = await kernel.verified();
    const { decision } = await placer.place(placeableOf(call), [verified], new Map());
    return decision.placement;
  }

  /** Runs a call on the interpreter, on copies of its arrays, and says what it does wrong there. */
  async check(kernel: RunnableKernel, args: Arguments, options: CheckOptions = {}): Promise<readonly Finding[]> {
    this.#checkOpen();
    checkLaunch(options);
    const call = bind(kernel, args, options.invocations, this);
    const [{ check }, copies] = await Promise.all([import('./check.ts'), copiesOf(call)]);
    return check(call, copies, options);
  }

  /** A buffer of `shape` (a number is the length of a rank 1), of zeros or of `data`, which is captured. */
  buffer(element: TypeName<ElementType>, shape: number | readonly number[], data?: HostArray): DeviceBuffer {
    this.#checkOpen();
    const type = typeof element === 'string' ? element : element?.type;
    if (!elementTypes.includes(type)) {
      throw new IsokernelError('argument-type', `${String(type)} is no element type of buffers`, {
        hint: type === ('bool' as string) ? 'Use u8 for bools.' : `The element types are ${elementTypes.join(', ')}.`,
      });
    }
    const rank = Array.isArray(shape) ? Math.min(Math.max(shape.length, 1), maxRank) : 1;
    const made = new DeviceBuffer(this, type, checkShape(shape, rank, 'the shape of a buffer'), data);
    if (this.#forgotten !== undefined) made.onFree = this.#forgotten.watch(made, this.buffer);
    return made;
  }

  /** Records calls once, to be replayed as one job. */
  record(
    fill: (recorder: Recorder) => void,
    options: { readonly slots?: Readonly<Record<string, SlotDeclaration>> | undefined } = {},
  ): Graph {
    this.#checkOpen();
    return new Graph(this, this.#start.bind(this), fill, options?.slots ?? {});
  }

  /** Compiles a kernel ahead of its first run, on one device or on all that can take it. */
  async compile(kernel: RunnableKernel, device?: string): Promise<void> {
    this.#checkOpen();
    checkKernel(kernel);
    const [verified] = await Promise.all([kernel.verified(), this.ready]);
    if (device !== undefined) {
      await this.#compileOn([selectDevice(this.#members, device)], verified);
      return;
    }
    const able = this.#members.filter(
      (member) => member.lost === undefined && member.device.ineligible(verified) === undefined,
    );
    await this.#compileOn(able, verified);
  }
  async #compileOn(members: readonly Member[], verified: Verified): Promise<void> {
    // what a program becomes depends on the certificate
    if (needsCertificate(verified)) await this.#certificates.settle(members);
    await Promise.all(members.map((member) => member.compile(verified)));
  }

  /** Measures the devices now, rather than when the first job has a choice. */
  async calibrate(): Promise<void> {
    this.#checkOpen();
    await this.ready;
    await this.#calibrated();
  }

  /** Finds out now which devices may run `exact` kernels, rather than at the first job that needs to know. */
  async certify(): Promise<void> {
    this.#checkOpen();
    await this.ready;
    await this.#certificates.settle(this.#real);
  }

  /** Gives memory that devices keep for the next jobs back at once; by itself that happens a moment after the last job. */
  trim(): void {
    for (const member of this.#members) member.trim();
  }

  /** Ends the runtime when the jobs submitted are done. Rejects with the first failure that nobody has seen. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- inside ----

  /** Checks a call; what it gives captures the arguments and makes the work. */
  #work(kernel: RunnableKernel, args: Arguments, launch: LaunchOptions): (origin: Origin) => Work {
    this.#checkOpen();
    checkLaunch(launch);
    const call = this.#calls.bind(kernel, args, launch.invocations);
    if (this.#options.onWarning !== undefined) {
      const message = this.#uploads.note(call);
      if (message !== undefined) this.#warn({ code: 'repeated-upload', message });
    }
    const delivered = this.#printer(call);
    return (origin) => workOfCall(call, origin, delivered);
  }

  /** Tells what a call printed. */
  #printer({ kernel, printed }: Call): (() => Promise<void>) | undefined {
    const { printing } = kernel;
    if (printing === undefined || printed === undefined) return undefined;
    return async () => {
      const printout = { kernel: kernel.name, ...(await printing.decode(printed)) };
      if (printout.lines.length > 0 || printout.lost > 0) this.#tell(this.#options.onPrint ?? onConsole, printout);
    };
  }

  #placer(launch: LaunchOptions): LaunchPlacer {
    // once the devices are known, a wrong name is said at once
    if (launch.device !== undefined && this.#members.length > 0) selectDevice(this.#members, launch.device);
    return new LaunchPlacer(this.#fleet, launch);
  }

  #start(build: (origin: Origin) => Work, launch: LaunchOptions): Task {
    this.#checkOpen();
    const task = new Task(build, this.#placer(launch), mayEndEarly(launch));
    this.#tasks.add(task);
    task.onEnd = () => {
      this.#tasks.delete(task);
      for (const failed of this.#failures) if (!failed.unobserved) this.#failures.delete(failed);
      if (task.unobserved) this.#failures.add(task);
    };
    endEarly(task, launch);
    task.start();
    return task;
  }

  async #close(): Promise<void> {
    await this.ready.catch(() => {});
    while (this.#tasks.size > 0) await Promise.all([...this.#tasks].map((task) => task.settled));
    await Promise.all([...this.#calibrations.values()]);
    const there = this.#members.filter((member) => member.lost === undefined);
    // a device that goes while it is closed is closed
    await Promise.allSettled(there.map((member) => member.device.close()));
    for (const member of there) member.lose('the runtime is closed');
    for (const failed of this.#failures) if (failed.unobserved) await failed.done;
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new IsokernelError('closed', 'the runtime is closed', { hint: 'Open another one.' });
  }

  #lose(member: Member, reason: string): void {
    if (member.lost !== undefined) return;
    member.lose(reason);
    this.#warn({ code: 'device-lost', message: `the device ${member.id} is gone: ${reason}` });
  }

  /** Devices whose speed matters: there, and no mere pretence. */
  get #real(): Member[] {
    return this.#members.filter(({ lost, device }) => lost === undefined && device.capabilities.kind !== 'virtual');
  }
  async #calibrated(): Promise<void> {
    const { store } = this.#options;
    // one after the other: devices of one machine share its cores
    for (const member of this.#real) {
      let calibration = this.#calibrations.get(member);
      if (calibration === undefined) {
        const warn = (code: Warning['code'], message: string) => this.#warn({ code, message });
        // the probes bring the builder and the verifier with them: too much for a first import
        const measured = import('../router/calibrate.ts').then((it) => it.calibrate(member.device, store, warn));
        calibration = measured.then(
          (rates) => {
            member.rates = rates;
            member.calibrated = true;
          },
          (error: unknown) => warn('calibration-failed', `${member.id} could not be measured: ${summaryOf(error)}`),
        );
        this.#calibrations.set(member, calibration);
      }
      await calibration;
      this.#measured.add(member);
    }
  }

  #warn(warning: Warning): void {
    if (this.#options.onWarning !== undefined) this.#tell(this.#options.onWarning, warning);
  }
  #tell<T>(listener: (news: T) => void, news: T): void {
    try {
      listener(news);
    } catch (thrown) {
      // a listener's own mistake harms no job: it surfaces as one of a timer or an event listener would
      setTimeout(() => {
        throw thrown;
      });
    }
  }
}

/** What a launch printed, line by line. */
function onConsole({ kernel, lines, lost }: Printout & { readonly kernel: string }): void {
  const { console } = globalThis as { console?: { log(line: string): void } };
  for (const line of lines) console?.log(`${kernel} ${printedText(line)}`);
  if (lost > 0) console?.log(`${kernel}: ${lost} more that there was no room for`);
}

const openOptions: Record<keyof OpenOptions, true> = {
  backends: true,
  devices: true,
  policy: true,
  threads: true,
  memory: true,
  flags: true,
  store: true,
  calibrate: true,
  samples: true,
  onWarning: true,
  reportForgotten: true,
  onPrint: true,
};

function checkOptions(options: OpenOptions): void {
  const { backends, devices, samples } = options;
  for (const [name, list] of Object.entries({ backends, devices })) {
    if (list === undefined || Array.isArray(list)) continue;
    throw new IsokernelError('invalid-option', `open(): ${name} is ${describe(list)}`, {
      hint: `Give a list: ${name}: ['cpu'].`,
    });
  }
  for (const backend of backends) {
    if (typeof backend === 'function' || (typeof backend?.name === 'string' && typeof backend.discover === 'function'))
      continue;
    throw new IsokernelError('unknown-backend', `open(): ${describe(backend)} is no backend`, {
      hint: 'A backend has a name and discover().',
    });
  }
  const listeners = { onWarning: '{ code, message }', onPrint: '{ kernel, lines }' } as const;
  for (const [name, news] of Object.entries(listeners)) {
    const listener = options[name as keyof typeof listeners];
    if (listener === undefined || typeof listener === 'function') continue;
    throw new IsokernelError('invalid-option', `open(): ${name} is ${describe(listener)}`, {
      hint: `Give a function: ${name}: (${news}) => ….`,
    });
  }
  if (samples !== undefined && !(samples >= 0 && samples <= 1)) {
    throw new IsokernelError('invalid-option', `open(): samples is ${describe(samples)}`, {
      hint: 'Give a fraction of the jobs, from 0 to 1.',
    });
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(openOptions, name)) continue;
    throw new IsokernelError('invalid-option', `open() has no option ${name}`, {
      hint: `The options are ${Object.keys(openOptions).join(', ')}.`,
    });
  }
  if (options.reportForgotten !== undefined && typeof options.reportForgotten !== 'boolean') {
    throw new IsokernelError('invalid-option', `open(): reportForgotten is ${describe(options.reportForgotten)}`, {
      hint: 'Give true or false.',
    });
  }
  for (const name of ['threads', 'memory'] as const) {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new IsokernelError('invalid-option', `open(): ${name} is ${String(value)}`, {
      hint: 'Give a whole number of at least 1.',
    });
  }
}
