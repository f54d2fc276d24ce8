/**
 * What the runtime asks of a kernel. The language front end makes such objects; the runtime never sees how, so any other
 * front end (IR read from a file, a generator) can hand in its own.
 */

import type { IsokernelError } from '../ir/error.ts';
import type { Printout } from '../ir/printout.ts';
import type { BufferParam, Param } from '../ir/program.ts';
import type { Verified } from '../ir/verified.ts';

export interface RunnableKernel {
  readonly name: string;
  /** In declaration order. */
  readonly params: readonly Param[];
  /** Shape of each `write` parameter that the kernel knows, from the other arguments. */
  readonly shapes: Readonly<Record<string, (args: HostArguments) => number | readonly number[]>>;
  /** Default grid, [x, y, z]. */
  readonly invocations: ((args: HostArguments) => number | readonly number[]) | undefined;
  /** The verified program; compiled at the first call. Rejects with the front end's error. */
  verified(): Promise<Verified>;
  /** Where it may print: what it needs for that. */
  readonly printing?: Printing | undefined;
  /** The error to show for one of a device about a place in this kernel: with the author's own line, where there is one. */
  explain?(error: IsokernelError): unknown;
}

/** What a kernel says while it runs comes in a buffer of words that the runtime gives it, zeros at first. */
export interface Printing {
  /** The buffer: the last parameter of the program, an atomic u32 of rank 1, and none of the kernel's `params`. */
  readonly param: BufferParam;
  readonly words: number;
  decode(words: Uint32Array): Promise<Printout>;
}

/** By what it has, not by its class: two copies of the package in one program know each other's kernels. */
export function isRunnableKernel(value: unknown): value is RunnableKernel {
  const { params, verified } = (value ?? {}) as Partial<RunnableKernel>;
  return Array.isArray(params) && typeof verified === 'function';
}

/** Arguments as `shapes` and `invocations` see them: scalars as they are, arrays by their size. */
export type HostArguments = Readonly<Record<string, HostArgument>>;
export type HostArgument =
  | number
  | boolean
  | readonly number[]
  | { readonly length: number; readonly shape: readonly number[] };
