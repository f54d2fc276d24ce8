/** Progress of long work: a bar on a terminal, plain lines elsewhere. Both on standard error. */

import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(what: string, done: number, total: number): void;
  stop(): void;
}

export function progress(): Progress {
  if (process.stderr.isTTY) {
    const bar = new SingleBar(
      { format: '{bar} {value}/{total} {what}', clearOnComplete: true, stream: process.stderr },
      Presets.shades_classic,
    );
    let started = false;
    return {
      update(what, done, total) {
        if (!started) bar.start(total, done, { what });
        started = true;
        bar.update(done, { what });
      },
      stop: () => bar.stop(),
    };
  }
  return {
    update(what, done, total) {
      if (done < total) process.stderr.write(`${done + 1}/${total} ${what}\n`);
    },
    stop() {},
  };
}
