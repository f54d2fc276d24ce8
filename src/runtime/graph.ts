/**
 * A graph: calls recorded once and replayed as one job. Its arguments are buffers and scalars, or slots that stand for
 * them; slots get their values at each run.
 */

import { IsokernelError } from '../ir/error.ts';
import { type ValueType, valueTypes } from '../ir/types.ts';
import type { Argument, Arguments, Job, LaunchOptions, SlotDeclaration, SlotValue } from './api.ts';
import { bind, type Call, checkScalar } from './arguments.ts';
import { describe } from './arrays.ts';
import { DeviceBuffer, holding } from './buffer.ts';
import type { Origin } from './content.ts';
import { checkLaunch, TaskJob } from './job.ts';
import type { RunnableKernel } from './kernel.ts';
import { Slot } from './slot.ts';
import type { Task } from './task.ts';
import type { Operand, Recordings, Step, Work } from './work.ts';

/** What the function given to `record` gets. */
export interface Recorder {
  /** Adds a call. Nothing runs yet. */
  run(kernel: RunnableKernel, args: Arguments, launch?: Pick<LaunchOptions, 'invocations'>): void;
  readonly slots: Readonly<Record<string, Slot>>;
}

/** Starts work on a runtime. */
type Start = (build: (origin: Origin) => Work, launch: LaunchOptions) => Task;
type SlotValues = Readonly<Record<string, SlotValue | undefined>>;

/** Storage that the graph touches: a buffer, or the slot of one. */
interface Storage {
  readonly value: DeviceBuffer | Slot;
  readonly bytes: number;
  /** Its first use clears it, so what it held does not matter. */
  readonly cleared: boolean;
  written: boolean;
}

export class Graph {
  readonly #owner: object;
  readonly #start: Start;
  readonly #slots: readonly Slot[];
  readonly #storage: Storage[] = [];
  readonly #steps: Step[] = [];
  /** A step takes values that are given at each run. */
  #slotted = false;
  /** Undefined once disposed of. */
  #recordings: Recordings | undefined = new WeakMap();

  /** `start` starts work on the owner; `fill` records the calls. */
  constructor(
    owner: object,
    start: Start,
    fill: (recorder: Recorder) => void,
    declarations: Readonly<Record<string, SlotDeclaration>>,
  ) {
    this.#owner = owner;
    this.#start = start;
    this.#slots = Object.entries(declarations).map(
      ([name, declaration], i) => new Slot(name, typeOf(name, declaration), i),
    );
    if (typeof fill !== 'function') {
      throw new IsokernelError('invalid-option', `record() takes a function, and got ${describe(fill)}`, {
        hint: 'Write rt.record((r) => { r.run(kernel, args); }).',
      });
    }
    let open = true;
    const slots = Object.fromEntries(this.#slots.map((slot) => [slot.name, slot]));
    const result: unknown = fill({
      slots,
      run: (kernel, args, launch = {}) => {
        if (!open) throw lateCall(kernel);
        this.#add(bind(kernel, args, launch.invocations, owner));
      },
    });
    open = false;
    if (result instanceof Promise) {
      throw new IsokernelError('invalid-option', 'the function given to record() is asynchronous', {
        hint: 'Record the calls without awaiting anything: nothing runs before the graph does.',
      });
    }
  }

  /** Runs it once, all or nothing. Scalar slots need a value; a buffer slot keeps its own where none is given. */
  async run(values: SlotValues = {}, launch: LaunchOptions = {}): Promise<void> {
    await this.#launch(values, launch).outcome();
  }
  /** The same without waiting. */
  submit(values: SlotValues = {}, launch: LaunchOptions = {}): Job {
    return new TaskJob(this.#launch(values, launch));
  }
  /** Ends the graph; jobs already submitted go on. */
  [Symbol.dispose](): void {
    this.#recordings = undefined;
  }

  #launch(values: SlotValues, launch: LaunchOptions): Task {
    checkLaunch(launch);
    if (launch.invocations !== undefined) {
      throw new IsokernelError('invalid-option', 'a graph has the invocations that were recorded', {
        hint: 'Give invocations to run() inside record().',
      });
    }
    const recordings = this.#recordings;
    if (recordings === undefined)
      throw new IsokernelError('closed', 'the graph was disposed of', { hint: 'Record it again.' });
    const given = this.#valuesOf(values);
    const buffers = this.#storage.map(({ value }) =>
      value instanceof Slot ? (given[value.index] as DeviceBuffer) : value,
    );
    this.#checkBuffers(buffers);
    return this.#start((origin) => this.#workOf(buffers, given, recordings, origin), launch);
  }

  #add(call: Call): void {
    if (call.printed !== undefined) {
      throw new IsokernelError('invalid-option', `${call.kernel.name} prints, and graphs do not`, {
        kernel: call.kernel.name,
        hint: 'Run it on its own, or take k.print out of it.',
      });
    }
    const buffers = call.buffers.map(({ param, shape, bytes, value }) => {
      if (!(value instanceof DeviceBuffer || value instanceof Slot)) {
        throw new IsokernelError(
          'argument-type',
          `${param.name} of ${call.kernel.name} is no buffer, and a graph takes no arrays`,
          {
            kernel: call.kernel.name,
            hint: 'Make a buffer of it before recording: rt.buffer(type, shape, data).',
          },
        );
      }
      let operand = this.#storage.findIndex((storage) => storage.value === value);
      if (operand < 0)
        operand = this.#storage.push({ value, bytes, cleared: param.access === 'write', written: false }) - 1;
      if (param.access !== 'read') this.#storage[operand]!.written = true;
      return { operand, shape };
    });
    const slots = call.scalars.map((scalar) => (scalar instanceof Slot ? { slot: scalar.index } : undefined));
    const scalars = call.scalars.map((scalar) => (scalar instanceof Slot ? [] : scalar));
    if (slots.some((slot) => slot !== undefined)) this.#slotted = true;
    this.#steps.push({ kernel: call.kernel, buffers, scalars, slots, grid: call.grid });
  }

  /** By slot: a scalar's components, or a buffer. */
  #valuesOf(values: SlotValues): (readonly number[] | DeviceBuffer)[] {
    if (typeof values !== 'object' || values === null) {
      throw new IsokernelError('missing-argument', `the graph got ${describe(values)} for the values of its slots`, {
        hint: `Pass an object with its slots: ${this.#slots.map((slot) => slot.name).join(', ') || 'none'}.`,
      });
    }
    for (const name of Object.keys(values)) {
      if (this.#slots.some((slot) => slot.name === name)) continue;
      throw new IsokernelError('unknown-argument', `the graph has no slot ${name}`, {
        hint: `Its slots are ${this.#slots.map((slot) => slot.name).join(', ') || 'none'}.`,
      });
    }
    return this.#slots.map(({ name, declaration }) => {
      const value: Argument | undefined = values[name];
      if (!(declaration instanceof DeviceBuffer)) {
        if (value === undefined) {
          throw new IsokernelError('missing-argument', `the graph needs a value for its slot ${name}`, {
            hint: `Pass run({ ${name}: … }).`,
          });
        }
        return checkScalar(value, { type: declaration }, `slot ${name}`);
      }
      if (value === undefined) return declaration;
      if (value instanceof DeviceBuffer && value.type === declaration.type && sameShape(value, declaration))
        return value;
      throw new IsokernelError(
        'argument-type',
        `slot ${name} takes a buffer of ${declaration.type} and shape [${declaration.shape.join(', ')}]`,
        { hint: 'Pass a buffer like the one the slot was declared with.' },
      );
    });
  }

  #checkBuffers(buffers: readonly DeviceBuffer[]): void {
    buffers.forEach((buffer, i) => {
      holding.check(buffer, this.#owner, 'a buffer of the graph');
      const same = buffers.indexOf(buffer);
      if (same === i || !(this.#storage[i]!.written || this.#storage[same]!.written)) return;
      throw new IsokernelError(
        'overlapping-arguments',
        'a slot got a buffer that the graph uses elsewhere, and one is written',
        {
          hint: 'Pass a buffer of its own for each.',
        },
      );
    });
  }

  #workOf(
    buffers: readonly DeviceBuffer[],
    given: readonly (readonly number[] | DeviceBuffer)[],
    recordings: Recordings,
    origin: Origin,
  ): Work {
    const operands = this.#storage.map(({ bytes, cleared, written }, i): Operand => {
      const buffer = buffers[i]!;
      const input = cleared ? undefined : holding.current(buffer);
      return { bytes, input, output: written ? holding.next(buffer, origin) : undefined };
    });
    const slotValues = given.map((value) => (value instanceof DeviceBuffer ? [] : value));
    const steps = this.#slotted ? this.#steps.map((step) => withValues(step, slotValues)) : this.#steps;
    return { name: 'graph', steps, operands, results: [], outputs: {}, replay: { recordings, slotValues } };
  }
}

/** The step with the values of its slots; itself where it has none, so that what is known of it stays known. */
function withValues(step: Step, slotValues: readonly (readonly number[])[]): Step {
  if (step.slots.every((slot) => slot === undefined)) return step;
  return {
    ...step,
    scalars: step.scalars.map((value, i) => (step.slots[i] ? slotValues[step.slots[i].slot]! : value)),
  };
}

function typeOf(name: string, declaration: SlotDeclaration): ValueType | DeviceBuffer {
  if (declaration instanceof DeviceBuffer) return declaration;
  const type = typeof declaration === 'string' ? declaration : declaration?.type;
  if (valueTypes.includes(type)) return type;
  throw new IsokernelError('invalid-option', `the slot ${name} is declared as ${describe(declaration)}`, {
    hint: 'Declare it as the type of a scalar, such as f32, or as a buffer.',
  });
}

function sameShape(a: DeviceBuffer, b: DeviceBuffer): boolean {
  return a.shape.length === b.shape.length && a.shape.every((length, axis) => length === b.shape[axis]);
}

function lateCall(kernel: RunnableKernel): IsokernelError {
  return new IsokernelError('invalid-option', `run(${kernel.name}) on a recorder whose record() has returned`, {
    kernel: kernel.name,
    hint: 'Make all calls inside the function given to record().',
  });
}
