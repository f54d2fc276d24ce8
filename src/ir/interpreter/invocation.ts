/** One invocation of a dispatch: its place in the grid, its values, what it reaches of memory, its fuel. */

import type { Detector } from './detector.ts';
import type { Region } from './region.ts';

export type Triple = readonly [number, number, number];

/** What all invocations of a dispatch share. */
export interface Surroundings {
  readonly grid: Triple;
  /** Workgroups of the whole grid. */
  readonly groups: Triple;
  readonly workgroup: Triple;
  /** Components of scalar arguments, by parameter; empty for buffers. */
  readonly scalars: readonly (readonly number[])[];
  readonly fuel: number;
  readonly detector: Detector | undefined;
}

export class Invocation {
  readonly around: Surroundings;
  /** Scalars and components of vectors, by slot. */
  readonly values: Float64Array;
  /** By parameter, then by local array; undefined for scalar parameters. */
  readonly regions: readonly (Region | undefined)[];
  readonly local: Triple;
  readonly localIndex: number;
  group: Triple = [0, 0, 0];
  global: Triple = [0, 0, 0];
  /** False for a ghost. */
  inGrid = false;
  /** Iterations left: of loops counted by each invocation, and of those that hold a barrier. */
  fuel = { invocation: 0, workgroup: 0 };

  constructor(around: Surroundings, slots: number, regions: readonly (Region | undefined)[], localIndex: number) {
    const [x, y] = around.workgroup;
    this.around = around;
    this.values = new Float64Array(slots);
    this.regions = regions;
    this.localIndex = localIndex;
    this.local = [localIndex % x, Math.floor(localIndex / x) % y, Math.floor(localIndex / (x * y))];
  }

  /** Puts it at the start of the program, in that workgroup. */
  start(group: Triple): void {
    const { workgroup, grid, fuel } = this.around;
    const at = (axis: 0 | 1 | 2) => group[axis] * workgroup[axis] + this.local[axis];
    this.group = group;
    this.global = [at(0), at(1), at(2)];
    this.inGrid = this.global.every((id, axis) => id < grid[axis]!);
    this.fuel = { invocation: fuel, workgroup: fuel };
    for (const region of this.regions)
      if (region?.memory.kind === 'local' && region.memory.space === 'private') region.clear();
  }

  /** Whether an effect of it on that memory is dropped: a ghost touches no buffer. */
  drops(region: Region): boolean {
    return !this.inGrid && region.memory.kind === 'buffer';
  }
  describe(): string {
    return `invocation (${this.global.join(', ')})${this.inGrid ? '' : ', a ghost,'}`;
  }
}
