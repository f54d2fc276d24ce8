/**
 * The in-order queue of a device, and submissions on it. For devices that run their work from JavaScript; a device whose
 * driver has a queue of its own needs only the second half.
 */

import { IsokernelError } from '../ir/error.ts';
import type { Submission, Timing } from './contract.ts';

/** Tasks run one after the other, in the order of the calls; one that fails does not stop those behind it. */
export class Queue {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** What the running work of a submission sees of it. */
export interface Progress {
  /** Fraction done, 0 to 1. */
  value: number;
  /** Throws `cancelled` once that was asked for; called between slices. */
  checkpoint(): void;
}

/** A submission whose work is `run`, started when the queue comes to it. `run` gives the time it took. */
export function submission(queue: Queue, run: (progress: Progress) => Promise<Timing>): Submission {
  let asked = false;
  const progress: Progress = {
    value: 0,
    checkpoint() {
      if (asked) throw new IsokernelError('cancelled', 'the submission was cancelled');
    },
  };
  const result = queue.run(async () => {
    progress.checkpoint();
    const timing = await run(progress);
    progress.value = 1;
    return timing;
  });
  const done = result.then(() => {});
  done.catch(() => {}); // whoever wants to know listens to `done`; nobody listening is no crash
  return {
    done,
    timing: new Promise((resolve) => result.then(resolve, () => {})),
    cancel() {
      asked = true;
    },
    get progress() {
      return progress.value;
    },
  };
}
