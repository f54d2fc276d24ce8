/**
 * The contract of a device: what a backend writes to plug in a kind of hardware. Nothing here knows of routers.
 *
 * A backend discovers devices. A device holds memories, compiles verified programs and runs commands. It has one in-order
 * queue: the effects of `write`, `submit` and `read` are in the order of the calls, whatever overlaps behind them.
 * Offsets and lengths are bytes. Every failure is an `IsokernelError`; a failed submission leaves the device usable,
 * unless `lost` resolves.
 *
 * Limits of the hardware (largest binding, workgroups per dimension, …) are the backend's to hide, by folding or slicing, where that is
 * sound; where it is not, `ineligible` says why.
 */

import type { NumericClass } from '../ir/numeric-class.ts';
import type { LaunchShape, Verified } from '../ir/verified.ts';

/** A kind of hardware: finds the devices of it. See the conformance suite for what they must do. */
export interface Backend {
  readonly name: string;
  /**
   * The devices of this machine; empty where there are none. Throws `backend-unavailable`, with a hint that says what to
   * install, where the backend cannot start.
   */
  discover(options: DiscoverOptions): Promise<readonly Device[]>;
}

export interface DiscoverOptions {
  /** CPU threads a backend may use; at least 1. */
  readonly threads?: number | undefined;
  /** Budget in bytes of each device's memory; the device's own default where not given. */
  readonly memory?: number | undefined;
  /** False: nothing process-wide may be set (V8 flags). Default true. */
  readonly flags?: boolean | undefined;
}

/** What a device is made of; `virtual` ones are there for tests and to define what is right. */
export type DeviceKind = 'cpu' | 'gpu-discrete' | 'gpu-integrated' | 'gpu-software' | 'virtual';

/** Capability record: what a device can do. */
export interface Capabilities {
  /** `backend` or `backend:slug`; unique in a runtime (`-2` is appended to a second one). */
  readonly id: string;
  readonly backend: string;
  /** The hardware's or driver's own name. */
  readonly name: string;
  readonly kind: DeviceKind;
  /** Driver and version, where it can be known: part of what a calibration or a certificate is about. */
  readonly driver: string;
  readonly features: {
    readonly f16: boolean;
    readonly subgroups: boolean;
    readonly sharedMemory: boolean;
    readonly timestamps: boolean;
    readonly relaxedMadd: boolean;
  };
  readonly limits: {
    /** Largest single memory, bytes. */
    readonly buffer: number;
    /** All memories together, bytes. */
    readonly memory: number;
    /** Largest workgroup: invocations, and each axis. */
    readonly workgroup: number;
    readonly workgroupAxes: readonly [number, number, number];
    /** Workgroup memory, bytes. */
    readonly workgroupBytes: number;
    /** Buffer parameters of one kernel. */
    readonly bindings: number;
  };
  /** CPU threads, or 1. */
  readonly threads: number;
  /** A backend's first guess; calibration replaces it. */
  readonly rates: Rates;
  /** The class of its float arithmetic where that follows from what it is; elsewhere a probe has to find it (certify.ts). */
  readonly numeric: NumericClass | undefined;
}

/** How fast a device is: what the router predicts from. */
export interface Rates {
  /** Basic float operations per second. */
  readonly f32: number;
  /** Basic integer operations per second. */
  readonly i32: number;
  /** Bytes per second of device memory. */
  readonly bandwidth: number;
  /** Bytes per second from and to the host. */
  readonly upload: number;
  readonly readback: number;
  /** Seconds from submit to done of a job that does nothing. */
  readonly launch: number;
}

/** Memory on a device. Opaque: only the device that made it looks inside. */
export interface DeviceMemory {
  readonly bytes: number;
}

/** A compiled program; stays with its device. */
export interface DeviceProgram {
  readonly verified: Verified;
  /** The workgroup it was compiled for. */
  readonly workgroup: readonly [number, number, number];
}

export interface CompileOptions {
  /** For programs that leave it open; the backend chooses where not given. */
  readonly workgroup?: readonly [number, number, number] | undefined;
  /**
   * For `exact` programs with floats: the class whose departures from IEEE 754 are guarded against, by the device's
   * certificate. Where it is not given, that of the capability record, or else all that WGSL allows.
   */
  readonly numeric?: NumericClass | undefined;
  /**
   * Of `exact` programs: false where the caller has proven that with its arguments no result flushes (granules.ts), so that
   * the guards may stay away; it then submits the program with no others. Default true. A device may ignore it.
   */
  readonly guarded?: boolean | undefined;
}

/** In a recording: a value given at each submit, by its number. */
export interface Slot {
  readonly slot: number;
}

/** A memory as an argument: the array of `shape` at its start. */
export interface BufferArgument {
  readonly memory: DeviceMemory;
  readonly shape: readonly number[];
}
/** The components of a scalar argument, as numbers of its type (bits.ts). */
export type ScalarArgument = readonly number[];

export interface Dispatch {
  readonly kind: 'dispatch';
  readonly program: DeviceProgram;
  /** By buffer parameter, in declaration order. Memories of written parameters differ from all others. */
  readonly buffers: readonly (BufferArgument | Slot)[];
  /** By scalar parameter, in declaration order. */
  readonly scalars: readonly (ScalarArgument | Slot)[];
  /** Invocations in x, y, z of the whole grid; any may be 0. */
  readonly grid: readonly [number, number, number];
  /**
   * The box of workgroups to run, in workgroups; the whole grid where not given. Ids are those of the whole grid.
   */
  readonly base?: readonly [number, number, number] | undefined;
  readonly count?: readonly [number, number, number] | undefined;
}
export interface Copy {
  readonly kind: 'copy';
  readonly from: DeviceMemory;
  readonly fromOffset: number;
  readonly to: DeviceMemory;
  readonly toOffset: number;
  readonly bytes: number;
}
/** Zeros; offset and bytes are multiples of 4. */
export interface Fill {
  readonly kind: 'fill';
  readonly memory: DeviceMemory;
  readonly offset: number;
  readonly bytes: number;
}
export type Command = Dispatch | Copy | Fill;

/** Commands kept on the device, to be submitted again and again. */
export interface Recording {
  readonly commands: readonly Command[];
}

export interface Timing {
  /** Milliseconds that the commands ran, waiting excluded where the device can tell. */
  readonly run: number;
  /** Milliseconds that the clock steps by. */
  readonly resolution: number;
  readonly clock: 'device' | 'host';
}

export interface Submission {
  /** Rejects with `out-of-fuel`, `cancelled`, `device-lost`; contents of written memories are then undefined. */
  readonly done: Promise<void>;
  /** Resolves when `done` does; rejects never, and never resolves if `done` rejects. */
  readonly timing: Promise<Timing>;
  /** Asks for an early end: acts between slices. `done` then rejects with `cancelled`, unless all had run. */
  cancel(): void;
  /** Fraction done, 0 to 1. */
  readonly progress: number;
}

/** A device: memory, programs compiled for it, and a queue of submissions in order. */
export interface Device {
  readonly capabilities: Capabilities;
  /** Resolves with the reason when the device is gone; after that every call rejects with `device-lost`. */
  readonly lost: Promise<string>;
  readonly memory: { readonly used: number; readonly budget: number };

  /** Zeroed memory. Throws `out-of-memory` at once. Zero bytes are legal. */
  alloc(bytes: number): DeviceMemory;
  /** After the work already submitted. */
  free(memory: DeviceMemory): void;
  /** The bytes are captured before it returns. */
  write(memory: DeviceMemory, offset: number, data: Uint8Array): void;
  /** Bytes copied into `into`, after the work already submitted. */
  read(memory: DeviceMemory, offset: number, into: Uint8Array): Promise<void>;
  /**
   * Where the memory is one that the host can see: calls `use` with its own bytes, after the work already submitted and before
   * any later. They are to be read, and only while `use` runs. Rejects with what `use` throws.
   */
  lend?(memory: DeviceMemory, use: (bytes: Uint8Array) => void): Promise<void>;

  /**
   * Why the device cannot run this program, for people; undefined where it can. Answers without compiling. `launch`, where
   * given, may rule out sizes too.
   */
  ineligible(verified: Verified, launch?: LaunchShape): string | undefined;
  /** Rejects with `ineligible` or `compile-failed`. Cheap when the same program was compiled before. */
  compile(verified: Verified, options?: CompileOptions): Promise<DeviceProgram>;

  record(commands: readonly Command[]): Recording;
  /** Runs the commands in order, each seeing what the ones before wrote. `slots`: the values of a recording's slots. */
  submit(work: readonly Command[] | Recording, slots?: readonly (BufferArgument | ScalarArgument)[]): Submission;

  /** Ends the device when the work already submitted is done; idempotent. */
  close(): Promise<void>;
}
