/**
 * The runtime with the types that a kernel's parameters give: what `open` returns. The work is done in runtime/; here the
 * types of arguments and results are read off the kernel.
 */

import type { AnyToken, ElementToken, InBody, OnHost } from './lang/elements.ts';
import type { Kernel } from './lang/kernel.ts';
import type { Args, BufferOf, Outputs } from './lang/params.ts';
import type { Placement } from './router/placement.ts';
import type { DeviceInfo, JobTiming, LaunchOptions, Unavailable } from './runtime/api.ts';
import type { CheckOptions, Finding } from './runtime/check.ts';

/** Arguments and nothing else: a name that is no parameter is an error. */
type Exactly<P, A> = A & { readonly [N in Exclude<keyof A, keyof P>]: never };

/** An array that lives on devices. Offsets and lengths are elements. */
export interface Buffer<T extends ElementToken> extends BufferOf<T>, Disposable {
  /** A copy of its elements, after the jobs already submitted. Rejects with what made a job that writes it fail. */
  read(offset?: number, length?: number): Promise<OnHost<T>>;
  /** Replaces elements, after the jobs already submitted; `data` is captured before it returns. */
  write(data: OnHost<T>, offset?: number): void;
  /** Replaces all elements by those of a buffer of the same type and length. */
  copyFrom(source: Buffer<T>): void;
  /**
   * Lends its elements for the length of `fn`, which is not asynchronous and must not keep or change them. On the CPU, without a copy:
   * then they lie in a SharedArrayBuffer. Rejects with what `fn` throws.
   */
  map<R>(fn: (elements: OnHost<T>) => R): Promise<R>;
  /** Gives its memory back after the jobs already submitted. */
  free(): void;
}

/** A job under way. Not a promise, so nothing waits for it by accident. */
export interface Job<R> {
  /** The `write` parameters by name. */
  readonly done: Promise<R>;
  /** Where it ran, and why; known when it is done, and rejects where `done` does. */
  readonly placement: Promise<Placement>;
  /** What took how long, in milliseconds; rejects where `done` does. */
  readonly timing: Promise<JobTiming>;
  /** Fraction done, 0 to 1. */
  readonly progress: number;
  /**
   * Ends it: `done` rejects with `cancelled`, and arrays stay as they are. Buffers that it was changing already hold nothing
   * until they are written again, unless it was launched with a signal or a deadline: such a job works on copies.
   */
  cancel(): void;
}

/** What a slot stands for: a scalar by its type, or a buffer, which is also its value where a run gives none. */
export type SlotTokens = { readonly [name: string]: AnyToken | BufferOf<ElementToken> };
export type SlotValues<S> = {
  readonly [N in keyof S as S[N] extends BufferOf<ElementToken> ? never : N]: InBody<S[N]>;
} & { readonly [N in keyof S as S[N] extends BufferOf<ElementToken> ? N : never]?: S[N] };

/** Records launches; in a recording arguments are scalars, buffers and slots. */
export interface Recorder<S> {
  /** Adds a launch. Every array is a buffer, `write` ones too. */
  run<P, C>(
    kernel: Kernel<P, C>,
    args: { readonly [N in keyof P]: unknown },
    launch?: Pick<LaunchOptions, 'invocations'>,
  ): void;
  /** Stand for values given at each run. */
  readonly slots: { readonly [N in keyof S]: unknown };
}

/** Launches recorded once and run again and again with one submission. */
export interface Graph<S> {
  /** Runs all launches with these values of the slots, and waits for the last. */
  run(slots?: SlotValues<S>, launch?: LaunchOptions): Promise<void>;
  /** The same without waiting. */
  submit(slots?: SlotValues<S>, launch?: LaunchOptions): Job<unknown>;
}

/** Finds devices, places jobs on them, and keeps the buffers that they work on. Made by `open`. */
export interface Runtime extends AsyncDisposable {
  /** The devices found, with their speed where it is measured. */
  readonly devices: readonly DeviceInfo[];
  /** Backends that could not start, and what to do about it. */
  readonly unavailable: readonly Unavailable[];
  /**
   * Runs a kernel and resolves to its `write` parameters by name: what was passed for it, or a new typed array. Rejects
   * with an `IsokernelError`.
   */
  run<P, C, A extends Args<P>>(
    kernel: Kernel<P, C>,
    args: Exactly<P, A>,
    launch?: LaunchOptions,
  ): Promise<Outputs<P, A>>;
  /** The same without waiting. Typed arrays are captured before it returns. */
  submit<P, C, A extends Args<P>>(
    kernel: Kernel<P, C>,
    args: Exactly<P, A>,
    launch?: LaunchOptions,
  ): Job<Outputs<P, A>>;
  /** Where a job would run and why, without running it. */
  explain<P, C, A extends Args<P>>(
    kernel: Kernel<P, C>,
    args: Exactly<P, A>,
    launch?: LaunchOptions,
  ): Promise<Placement>;
  /**
   * Runs a kernel on the interpreter, on copies of the arrays, and resolves to what it does wrong there: races, indices
   * out of bounds, reads of what nothing wrote, `k.uniform` of values that differ, loops without end; nothing where it is
   * clean. Each is found once for each place of the body, with the author's line and what to do. It speaks of these
   * arguments only, and is slow: pass small ones. Rejects as a run would for wrong arguments, and with `argument-shape`
   * where more than 2^20 elements may be written.
   */
  check<P, C, A extends Args<P>>(
    kernel: Kernel<P, C>,
    args: Exactly<P, A>,
    options?: CheckOptions,
  ): Promise<readonly Finding[]>;
  /** Compiles a kernel ahead of its first run: on the device named, or on all that can take it. */
  compile<P, C>(kernel: Kernel<P, C>, device?: string): Promise<void>;
  /** Measures the devices now, rather than when the first job has a choice. Kept on disk where there is one. */
  calibrate(): Promise<void>;
  /** Finds out now which devices may run `exact` kernels, rather than at the first job that needs to know. */
  certify(): Promise<void>;
  /** Gives back memory that is kept for the next jobs. */
  trim(): void;
  /** An array on devices: zeros, or a copy of `data`. `shape` is a length, or dimensions with the slowest first. */
  buffer<T extends ElementToken>(type: T, shape: number | readonly number[], data?: OnHost<T>): Buffer<T>;
  /** Records a graph: `record((r) => { r.run(kernel, args) }, { slots: { dt: f32 } })`. */
  record<const S extends SlotTokens = Record<never, never>>(
    record: (recorder: Recorder<S>) => void,
    options?: { readonly slots?: S },
  ): Graph<S>;
  /** Waits for the jobs under way and ends the devices. Rejects with a failure that nobody looked at. */
  close(): Promise<void>;
}
