/** The caller's view of submitted work: settles once, whatever happens first. */

import type { Submission, Timing } from '../../src/device/contract.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { timestampResolution } from './stopwatch.ts';

export class WebGpuSubmission implements Submission {
  readonly done: Promise<void>;
  readonly timing: Promise<Timing>;
  /** Set by `cancel`; acts when the next slice would start. */
  cancelled = false;
  /** The first thing that went wrong while its work ran. */
  error: IsokernelError | undefined;
  /** Milliseconds that its slices took, by the host's clock and, where it was asked, by the device's. */
  readonly #slices: { readonly host: number; readonly device: Promise<number | undefined> | undefined }[] = [];
  groupsDone = 0;
  readonly #groups: number;
  #settled = false;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(groups: number) {
    this.#groups = groups;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // whoever waits for `done` still sees the error; one that nobody waits for must not end the process
    this.done.catch(() => {});
    this.timing = new Promise((resolve) => {
      this.done.then(
        () => resolve(this.#timing()),
        () => {},
      );
    });
  }

  /** Notes what a slice took. */
  took(host: number, device: Promise<number | undefined> | undefined): void {
    this.#slices.push({ host, device });
  }
  async #timing(): Promise<Timing> {
    const stamps = await Promise.all(this.#slices.map(({ device }) => device));
    const sum = (times: readonly number[]) => times.reduce((total, time) => total + time, 0);
    const onDevice = stamps.filter((time) => time !== undefined);
    // one clock for all of it: the device's where it timed every slice
    if (onDevice.length === stamps.length && stamps.length > 0) {
      return { run: sum(onDevice), resolution: timestampResolution, clock: 'device' };
    }
    return { run: sum(this.#slices.map(({ host }) => host)), resolution: 0.001, clock: 'host' };
  }

  cancel(): void {
    this.cancelled = true;
  }
  get progress(): number {
    if (this.#settled) return 1;
    return this.#groups === 0 ? 0 : Math.min(1, this.groupsDone / this.#groups);
  }

  finish(): void {
    this.#settled = true;
    if (this.error === undefined) this.#resolve();
    else this.#reject(this.error);
  }
  fail(error: unknown): void {
    this.#settled = true;
    this.#reject(error);
  }
  failCancelled(): void {
    this.fail(new IsokernelError('cancelled', 'the job was cancelled'));
  }
}
