/** What runs jobs: the threads of a pool (pool.ts), or whatever else can walk a chain of steps (steps.ts). */

import type { WasmMemory } from './platform.ts';

export interface Executor {
  /** How many scratch memories a dispatch needs. */
  readonly threads: number;
  /** Resolves with the reason when jobs can no longer be run. */
  readonly lost: Promise<string>;
  /** Runs the chain that starts at this address; one chain at a time. Never rejects; does not resolve when lost. */
  run(firstStep: number): Promise<void>;
  /** Units of the step being run that are done. */
  readonly unitsDone: number;
  close(): Promise<void>;
}

export type StartExecutor = (memory: WasmMemory, threads: number) => Executor;
