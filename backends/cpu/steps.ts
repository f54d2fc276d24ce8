/**
 * What a job is to the workers: a chain of steps in the shared memory, and a few control words.
 *
 * A step is one command: a dispatch of workgroups, a copy or a fill of blocks. Its units (workgroups or blocks) are dealt in chunks by an atomic
 * ticket. Whoever finishes the last unit of a step publishes the next one; after the last step the main thread is told. So a whole
 * list of commands runs without a round trip to the main thread.
 *
 * The layouts are given here and travel to the workers with their first message.
 */

export type StepKind = 'dispatch' | 'copy' | 'fill';
export const stepKinds: Readonly<Record<StepKind, number>> = { dispatch: 0, copy: 1, fill: 2 };

/** Words of a step, by their 32-bit index from its address. */
export const stepWords = {
  kind: 0,
  /** Units of the step, at least 1. */
  total: 1,
  /** Address of the next step; 0 after the last. */
  next: 2,
  /** Units of the first chunk a worker takes. */
  grain: 3,
  // dispatch
  /** Address of the program: two words, then its bytes. */
  program: 4,
  /** Address of the arguments (see arguments.ts). */
  arguments: 5,
  /** Address of worker 0's scratch memory, and the distance to the next worker's. */
  scratch: 6,
  stride: 7,
  // copy, fill
  from: 4,
  to: 5,
  bytes: 6,
  /** Bytes of one unit. */
  block: 7,
} as const;
export const stepBytes = 32;

/** Words of a program in memory: length of the module that follows them. */
export const programWords = { length: 0, bytes: 1 } as const;

/** Bytes that one unit of a copy or fill moves, unless it must go in one. */
export const blockBytes = 1 << 18;

/** Control words, by their 32-bit index in a shared array of their own; each on a cache line of its own. */
export const control = {
  /** Two words, one 64-bit number: number of the step (upper 32 bits), units left to take (lower 32). */
  ticket: 0,
  /** Changes whenever a step is published; idle workers wait on it. */
  generation: 16,
  /** Address of the published step. */
  step: 32,
  /** Units of it that are done. */
  done: 48,
  /** Changes when a job is finished; the main thread waits on it. */
  finished: 64,
  /** Workers that have started. */
  arrived: 80,
} as const;
export const controlWords = 96;

/**
 * Address in the linear memory of the word that ends a job early: 0 to go on, else why. Compiled code sets it when a loop is
 * out of fuel (the loop's number, plus 1), the main thread to cancel.
 */
export const stopAddress = 64;
export const stopCancelled = -1;
/** First address that allocations may have; below it are the stop word and an unused line. */
export const heapStart = 128;
