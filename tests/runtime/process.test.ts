import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Runs a module in a process of its own, which must end by itself. */
async function run(body: string): Promise<string> {
  const root = resolve(import.meta.dirname, '../..');
  const source = `
    import { open } from '${root}/src/runtime/index.ts';
    import { backend } from '${root}/backends/interpreter/index.ts';
    import { advance, plus } from '${root}/tests/support/kernels.ts';
    const rt = await open({ backends: [backend] });
    ${body}`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 25_000 });
  return stdout.trim();
}

test('a runtime that nobody closes keeps no process alive, and finishes what was submitted', async () => {
  const out = await run(`
    const x = rt.buffer('i32', 1000, new Int32Array(1000));
    await rt.run(advance, { x, n: 1 });
    rt.submit(plus, { x, n: 41 }, { deadline: 60_000 }).done.then(({ r }) => console.log(r[999]));
  `);
  expect(out).toBe('42');
});
