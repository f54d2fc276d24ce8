/**
 * What a job is to the threads that run it: a chain of steps in the linear memory, and a few control words at its start.
 *
 * A step is one command. Its units (workgroups of a dispatch, blocks of a copy or fill) are dealt in chunks, by a ticket that counts
 * units for ever. Whoever finishes the last unit of a step publishes the next one; after the last step the main thread is told. So a whole list
 * of commands runs without a round trip to the main thread.
 *
 * The layouts are given here and travel to the workers with their first message.
 */

/** Words of a step, by their 32-bit index from its address. */
export const stepWords = {
  /** Units of the step, at least 1. */
  total: 0,
  /** Address of the next step; 0 after the last. */
  next: 1,
  /** Address of the program. */
  program: 2,
  /** Address of the arguments (see arguments.ts). */
  arguments: 3,
} as const;
export const stepBytes = 16;

/** Words of a program in memory; its module follows them. */
export const programWords = {
  /** Bytes of the module. */
  length: 0,
  /** Picoseconds that a unit took lately; 0: not known yet. */
  pace: 1,
} as const;
export const programBytes = 16;

/** Control words, by their 32-bit index in the linear memory; each on a cache line of its own. */
export const control = {
  /** Ends a job early: 0 to go on, else why (see `stopAddress`). */
  stop: 16,
  /** Units taken, of all steps ever, modulo 2^32. */
  ticket: 32,
  /** What the ticket is when all units of the published step are taken. */
  end: 48,
  /** The published step: its address, its units, its program. */
  step: 64,
  total: 65,
  program: 66,
  /** Units of it that are done. */
  done: 80,
  /** Changes whenever a step is published; idle workers wait on it. */
  generation: 96,
  /** Workers that wait there. */
  sleeping: 112,
  /** Changes when a job is finished; the main thread waits on it. */
  finished: 128,
  /** Whether a job is under way. */
  busy: 129,
  /** Address of worker 0's scratch memory, and the distance to the next worker's; constant while a job runs. */
  scratch: 144,
  stride: 145,
  /** Changes when a program is freed, so that workers forget those that they know by address. */
  freed: 160,
  /** Workers that have started. */
  arrived: 176,
} as const;
/** First address that allocations may have. */
export const heapStart = 1024;

/** Address of `control.stop`. Compiled code sets it when a loop is out of fuel (the loop's number, plus 1), the main thread to cancel. */
export const stopAddress = control.stop * 4;
export const stopCancelled = -1;
