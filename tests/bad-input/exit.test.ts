/** A process ends by itself, whatever state it leaves a runtime in, and no failure that nobody looked at brings it down. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'exit-script.ts');

describe.concurrent('a process ends by itself with jobs on every device', () => {
  const says: Record<string, string> = {
    pending: '',
    ended: '',
    closing: 'out-of-fuel\n',
  };
  for (const [state, before] of Object.entries(says))
    test(state, async () => {
      const args = ['--import', 'tsx', '--unhandled-rejections=strict', script, state];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 });
      expect(stdout).toBe(`${before}left ${state}\n`);
    });
});
