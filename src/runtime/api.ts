/**
 * The runtime as its callers see it, without the types that a kernel's own parameters would give (the front end adds
 * those). Times are milliseconds; lengths and offsets are elements.
 */

import type { Certificate } from '../device/certify/certificate.ts';
import type { Backend, Capabilities, Rates } from '../device/contract.ts';
import type { ErrorCode } from '../ir/error.ts';
import type { Printout } from '../ir/printout.ts';
import type { ValueType } from '../ir/types.ts';
import type { Placement } from '../router/placement.ts';
import type { Policy, PolicyName } from '../router/policies.ts';
import type { Store } from '../router/store.ts';
import type { HostArray } from './arrays.ts';
import type { DeviceBuffer } from './buffer.ts';
import type { Slot } from './slot.ts';

export interface OpenOptions {
  /** Backends, or functions that load one. One that cannot start is listed in `Runtime.unavailable`. */
  readonly backends: readonly (Backend | (() => Promise<Backend>))[];
  /** Only these devices: ids or unique prefixes of ids. Default all. */
  readonly devices?: readonly string[] | undefined;
  /** How jobs that name no device find one. Default `least-finish`. */
  readonly policy?: PolicyName | Policy | undefined;
  /** CPU threads. */
  readonly threads?: number | undefined;
  /** Budget of each device's memory, bytes. */
  readonly memory?: number | undefined;
  /** False: nothing process-wide is set. */
  readonly flags?: boolean | undefined;
  /** Where calibrations are kept. */
  readonly store?: Store | undefined;
  /** False: devices are taken at their backend's first guess, and never measured before a job runs. */
  readonly calibrate?: boolean | undefined;
  /** Fraction of the `exact` jobs of a program on a GPU, the first always, that run again on the CPU to be compared. Default 1/64. */
  readonly samples?: number | undefined;
  /** True: a buffer that is collected as garbage before it was freed is a warning, with the place where it was made. */
  readonly reportForgotten?: boolean | undefined;
  /** Told of what is no error but should be known; default: nobody. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
  /**
   * Told what a launch printed by `k.print`, once it is done and before it is said to be; default: each line on the
   * console. Only launches that printed are told of.
   */
  readonly onPrint?: ((printout: Printout & { readonly kernel: string }) => void) | undefined;
}

/** Something that is no error and should be known: what `open({ onWarning })` is told. */
export interface Warning {
  readonly code:
    | 'calibration-unreadable'
    | 'calibration-failed'
    | 'certificate-unreadable'
    | 'certificate-failed'
    | 'decertified'
    | 'fall-back'
    | 'device-lost'
    | 'repeated-upload'
    | 'forgotten-buffer';
  readonly message: string;
}

/** A backend that could not start. */
export interface Unavailable {
  readonly backend: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A device of a runtime. */
export interface DeviceInfo {
  /** Unique in the runtime; any unique prefix selects the device. */
  readonly id: string;
  /** What it can do. */
  readonly capabilities: Capabilities;
  /** Measured where `calibrated`, else the backend's first guess. */
  readonly rates: Rates;
  /** Whether its rates are measured. */
  readonly calibrated: boolean;
  /** Whether its floats are those of `exact`, where that is known: after `Runtime.certify`, or the first job that needs it. */
  readonly certificate: Certificate;
  /** Bytes in use, and the most that may be. */
  readonly memory: { readonly used: number; readonly budget: number };
  /** Whether it has gone away; its jobs run elsewhere. */
  readonly lost: boolean;
}

/** How and where one launch runs. */
export interface LaunchOptions {
  /** Invocations in x, y, z. */
  readonly invocations?: number | readonly number[] | undefined;
  /** The device to run on: an id or a unique prefix of one. */
  readonly device?: string | undefined;
  /** With `device`: an error rather than another device where that one cannot run the job. */
  readonly strict?: boolean | undefined;
  /** How its device is chosen; as the runtime does, where not given. */
  readonly policy?: PolicyName | Policy | undefined;
  /** Ends the job when it aborts; `done` then rejects with its reason. */
  readonly signal?: Signal | undefined;
  /** Milliseconds from the submission. */
  readonly deadline?: number | undefined;
}

/** What is used of an `AbortSignal`. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** An array with its shape, for parameters of rank 2 and up. */
export interface ShapedArray {
  readonly data: HostArray;
  readonly shape: readonly number[];
}
export type Argument = number | boolean | readonly number[] | HostArray | ShapedArray | DeviceBuffer | Slot;
export type Arguments = Readonly<Record<string, Argument | undefined>>;
/** The `write` parameters by name: what the caller passed, or a new array of the caller's own. */
export type Outputs = Record<string, HostArray | DeviceBuffer>;

/** What of a job took how long, in milliseconds. */
export interface JobTiming {
  /** Id of the device that ran it. */
  readonly device: string;
  /** Compiling the kernel for the device; 0 where that was done before. */
  readonly compile: number;
  /** Bringing the arguments there. */
  readonly upload: number;
  /** By the device's clock where `clock` says so. */
  readonly run: number;
  /** Bringing the results back. */
  readonly readback: number;
  /** From the submission to the end. */
  readonly total: number;
  /** Whose clock measured `run`. */
  readonly clock: 'device' | 'host';
  /** What the clock of `run` steps by. */
  readonly resolution: number;
}

/** A job under way. Not a promise, so nothing waits for it by accident. */
export interface Job {
  readonly done: Promise<Outputs>;
  /** Known when the job is done, with the measured time; rejects where `done` does. */
  readonly placement: Promise<Placement>;
  readonly timing: Promise<JobTiming>;
  /** Fraction done, 0 to 1. */
  readonly progress: number;
  /**
   * Ends the job: `done` rejects with `cancelled`, and arrays stay as they are. Buffers that it was changing already hold
   * nothing until they are written again, unless it was launched with a signal or a deadline: such a job works on copies.
   */
  cancel(): void;
}

/** A type by its name, or what carries one: the front end's tokens do. */
export type TypeName<T extends string> = T | { readonly type: T };
/** What a slot of a graph stands for: a scalar of a type, or a buffer, which is also its value where none is given. */
export type SlotDeclaration = TypeName<ValueType> | DeviceBuffer;
export type SlotValue = number | boolean | readonly number[] | DeviceBuffer;
