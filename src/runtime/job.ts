/** A job as its submitter holds it, and what ends one early. */

import { IsokernelError } from '../ir/error.ts';
import type { Placement } from '../router/placement.ts';
import type { Job, JobTiming, LaunchOptions, Outputs } from './api.ts';
import { describe } from './arrays.ts';
import type { Task } from './task.ts';

export class TaskJob implements Job {
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
  }
  get done(): Promise<Outputs> {
    this.#task.observe();
    return this.#task.done;
  }
  get placement(): Promise<Placement> {
    this.#task.observe();
    return this.#task.placement;
  }
  get timing(): Promise<JobTiming> {
    this.#task.observe();
    return this.#task.timing;
  }
  get progress(): number {
    return this.#task.progress;
  }
  cancel(): void {
    this.#task.abort(
      new IsokernelError('cancelled', 'the job was cancelled', { hint: 'Submit it again to have it run.' }),
    );
  }
}

/** Whether a launch provides for an early end: then the job works on copies of the buffers it changes. */
export function mayEndEarly({ signal, deadline }: LaunchOptions): boolean {
  return signal !== undefined || deadline !== undefined;
}

/** Ends the task at its deadline or its signal, whichever is first; lets go of both when the task ends. */
export function endEarly(task: Task, launch: LaunchOptions): void {
  if (!mayEndEarly(launch)) return;
  const { signal, deadline } = launch;
  if (signal?.aborted) {
    task.abort(signal.reason);
    return;
  }
  const onAbort = () => task.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const onDeadline = () =>
    task.abort(
      new IsokernelError('deadline', `the job was not done ${deadline} ms after its submission`, {
        hint: 'Give it more time, or less to do.',
      }),
    );
  const timer = deadline === undefined ? undefined : setTimeout(onDeadline, Math.min(deadline, longestTimer));
  void task.settled.then(() => {
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  });
}
/** What timers of hosts can count, about 25 days. */
const longestTimer = 2 ** 31 - 1;

export function checkLaunch(launch: LaunchOptions): void {
  if (typeof launch !== 'object' || launch === null) {
    throw new IsokernelError('invalid-option', `the launch options are ${describe(launch)}`, {
      hint: 'Pass an object, such as { device, invocations }, or nothing.',
    });
  }
  for (const name of Object.keys(launch)) {
    if (Object.hasOwn(launchOptions, name)) continue;
    throw new IsokernelError('invalid-option', `there is no launch option ${name}`, {
      hint: `The options are ${Object.keys(launchOptions).join(', ')}.`,
    });
  }
  const { deadline, strict, device, signal } = launch;
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline >= 0)) {
    throw new IsokernelError('invalid-option', `the deadline ${String(deadline)} is no number of milliseconds`, {
      hint: 'Give milliseconds from the submission.',
    });
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new IsokernelError('invalid-option', `the signal is ${describe(signal)}`, {
      hint: 'Pass the signal of an AbortController: { signal: controller.signal }.',
    });
  }
  if (strict !== undefined && typeof strict !== 'boolean') {
    throw new IsokernelError('invalid-option', `strict is ${describe(strict)}`, { hint: 'Write true or false.' });
  }
  if (strict === true && device === undefined) {
    throw new IsokernelError('invalid-option', 'strict needs a device to be strict about', {
      hint: 'Pass { device, strict: true }.',
    });
  }
}
const launchOptions: Record<keyof LaunchOptions, true> = {
  invocations: true,
  device: true,
  strict: true,
  policy: true,
  signal: true,
  deadline: true,
};
