/** What runs jobs: the threads of a pool (pool.ts), or whatever else can walk a chain of steps (steps.ts). */

import type { WasmMemory } from './platform.ts';

export interface Executor {
  /** How many scratch memories a dispatch needs. */
  readonly threads: number;
  /** Resolves with the reason when jobs can no longer be run. */
  readonly lost: Promise<string>;
  /** Runs the chain that starts at this address; one chain at a time. Never rejects; resolves also when lost, after `lost`. */
  run(firstStep: number): Promise<void>;
  /** Address of the step being run, or that was run last, and how many of its units are done. */
  readonly step: number;
  readonly unitsDone: number;
  close(): Promise<void>;
}

export type StartExecutor = (memory: WasmMemory, threads: number) => Executor;
