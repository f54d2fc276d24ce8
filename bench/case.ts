/**
 * A benchmark case: data of a fixed seed, the launches that make one run, and a check against a plain reference of its own.
 *
 * A case is data, so that every device, the router and hand-written peers run just the same work. Adding one is adding a file
 * to cases/ and its name to suite.ts.
 */

import type { ElementToken, Kernel, TypedArray } from '../src/index.ts';

export const sizes = ['small', 'medium', 'large'] as const;
export type Size = (typeof sizes)[number];

/** An array of the case: lives on the device while it is measured. */
export interface CaseBuffer {
  readonly type: ElementToken;
  /** Slowest dimension first. */
  readonly shape: readonly number[];
  /** What it holds at first; zeros where not given. */
  readonly data?: TypedArray;
}

/** A launch of one kernel. An argument that is a string names a buffer. */
export interface Step {
  readonly kernel: Kernel;
  readonly args: Readonly<Record<string, string | number>>;
}

/** How far outputs were from the reference; a case throws `check-failed` where that is too far. */
export interface Verdict {
  /** Largest distance in units in the last place (f32), or largest difference (integers). */
  readonly maxUlp: number;
}

/** A case at one size. */
export interface Workload {
  /** The size, for people: "1024", "1048576". */
  readonly label: string;
  readonly buffers: Readonly<Record<string, CaseBuffer>>;
  /** What one run does, in order. Several steps run as one graph. */
  readonly steps: readonly Step[];
  /** Buffers to check and to hash after the first run, in parameter order. */
  readonly outputs: readonly string[];
  /** Throws `check-failed` where the outputs of the first run are wrong. */
  check(outputs: Readonly<Record<string, TypedArray>>): Verdict;
  /** Useful operations of one run. */
  readonly operations: number;
  /** Bytes that one run has to move between memory and the cores, at least. */
  readonly bytes: number;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  prepare(size: Size): Workload;
}
