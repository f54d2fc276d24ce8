/** A process that used WebGPU ends by itself: idle, closed or with work pending. Drivers have crashed at each. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeAdapters } from '../support/adapters.ts';

const script = fileURLToPath(new URL('exit-script.ts', import.meta.url));

describeAdapters('a process', ({ id }) => {
  test.each(['idle', 'closed', 'pending', 'forgotten'])('ends, %s', async (state) => {
    const run = promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', script, id, state], {
      timeout: 50_000,
    });
    await expect(run).resolves.toMatchObject({ stdout: `${state}\n` });
  });
});
