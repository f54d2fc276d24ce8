/**
 * The work of one job, ready to be placed: its dispatches, the storage they touch, and what the host wants back.
 * A call of a kernel is work of one step; a graph is work of many.
 */

import type { Slot as DeviceSlot, Recording } from '../device/contract.ts';
import type { DeviceMemory, DeviceProgram } from '../device/index.ts';
import type { Outputs } from './api.ts';
import type { HostArray } from './arrays.ts';
import type { Content } from './content.ts';
import type { RunnableKernel } from './kernel.ts';
import type { Member } from './member.ts';
import type { Grid } from './shapes.ts';

/** One buffer's worth of storage. */
export interface Operand {
  readonly bytes: number;
  /** What it holds before the work; undefined where that does not matter, because the work starts by clearing it. */
  readonly input: Content | undefined;
  /** What it holds after; undefined where it is only read. */
  readonly output: Content | undefined;
}

export interface Step {
  readonly kernel: RunnableKernel;
  /** By buffer parameter, in declaration order. */
  readonly buffers: readonly { readonly operand: number; readonly shape: readonly number[] }[];
  /** By scalar parameter, in declaration order: the values of this run. */
  readonly scalars: readonly (readonly number[])[];
  /** By scalar parameter: the slot it came from, in a graph. */
  readonly slots: readonly (DeviceSlot | undefined)[];
  readonly grid: Grid;
}

/** An operand that the host gets when all has succeeded. */
export interface Result {
  readonly operand: number;
  /** Where it goes: the caller's array, or a new one that nobody has seen yet. */
  readonly into: HostArray;
  /** It is the caller's, so it is written at the end only, all or nothing. */
  readonly callers: boolean;
}

/** What of it the router asks for. */
export interface Placeable {
  readonly steps: readonly Step[];
  readonly operands: readonly Pick<Operand, 'bytes' | 'input'>[];
  readonly results: readonly Pick<Result, 'operand'>[];
}

export interface Work extends Placeable {
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly results: readonly Result[];
  /** What its caller gets in the end. */
  readonly outputs: Outputs;
  /** Called when the results are the caller's, before the job is said to be done. */
  readonly delivered?: (() => Promise<void>) | undefined;
  /** Graphs, and calls made before: recordings kept between runs, with the slots' values of this run. */
  readonly replay: { readonly recordings: Recordings; readonly slotValues: readonly (readonly number[])[] } | undefined;
}

/** Recordings of one work, one a device, each good as long as the work meets the same memories and programs. */
export type Recordings = WeakMap<
  Member,
  {
    readonly memories: readonly DeviceMemory[];
    readonly programs: readonly DeviceProgram[];
    readonly recording: Recording;
  }
>;
