/** Processes that share the batches of a sweep: the command itself, told to serve, one thread of work each. */

import { type ChildProcess, fork } from 'node:child_process';
import { IsokernelError } from '../../ir/error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Findings } from './compare.ts';
import { sweep, type Task } from './sweep.ts';

/** In a process that was started to serve: does the tasks that come, until nobody sends any. */
export async function serve(rt: Pick<Runtime, 'run'>): Promise<void> {
  process.on('message', async (task: Task) => {
    process.send!(await sweep(rt, task));
  });
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
}

export class Helpers {
  readonly #processes: readonly ChildProcess[];

  /** `words` come after the command's own name. */
  constructor(count: number, words: readonly string[]) {
    // process.argv[1] is the command: src/cli/main.ts, or what is built of it
    this.#processes = Array.from({ length: count }, () => fork(process.argv[1]!, words));
  }

  /** Has all tasks done, each by whoever is free; what they find, as it comes. */
  async all(tasks: readonly Task[], found: (findings: Findings) => void): Promise<void> {
    let next = 0;
    await Promise.all(
      this.#processes.map(async (helper) => {
        while (next < tasks.length) found(await ask(helper, tasks[next++]!));
      }),
    );
  }
  close(): void {
    for (const helper of this.#processes) if (helper.connected) helper.disconnect();
  }
}

function ask(helper: ChildProcess, task: Task): Promise<Findings> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new IsokernelError('check-failed', `a process that tried ${task.function} has ended`));
    helper.once('exit', ended).once('message', (findings: Findings) => {
      helper.off('exit', ended);
      resolve(findings);
    });
    helper.send(task);
  });
}
