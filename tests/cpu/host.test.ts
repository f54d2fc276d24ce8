/** What the CPU backend makes of hosts that lack something, each in a process of its own; and the text of its workers. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { target, workerText } from '../../scripts/worker-text.ts';

it('runs without vectors where WebAssembly has none, and says so', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const program = `
    import { open } from '${root}/src/runtime/index.ts';
    import { backend } from '${root}/backends/cpu/index.ts';
    import { saxpy } from '${root}/tests/support/kernels.ts';
    const rt = await open({ backends: [backend] });
    console.log(rt.devices[0].capabilities.driver);
    const x = Float32Array.from({ length: 100_001 }, (_, i) => i);
    const { r } = await rt.run(saxpy, { a: 2, x, y: x });
    console.log(r.every((value, i) => value === 3 * i));
    await rt.close();`;
  // V8 has vectors of WebAssembly only with this extension
  const args = ['--no-enable-sse4-1', '--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 25_000 });
  const here = process.arch === 'x64' ? /no SIMD\ntrue\n$/ : /4 lanes\ntrue\n$/;
  expect(stdout).toMatch(here);
});

it('has the text of worker.cjs as it is now', async () => {
  const hint = 'Run: node --import tsx scripts/worker-text.ts';
  expect(readFileSync(target, 'utf8'), hint).toBe(await workerText());
});
