/** The command as people mistype it: exit code 2 where the words were wrong, 1 where it failed, and what to do instead. */

import { spawn } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifest, Project, root } from '../support/installed.ts';

/** As users install it, but for the optional package `webgpu`. */
let project: Project;

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}
/** What to do once it has said so much. */
type Meanwhile = (said: string) => 'stop reading' | 'interrupt' | undefined;

function isokernel(words: readonly string[], meanwhile?: Meanwhile, env = process.env): Promise<Ending> {
  const main = join(project.folder, 'node_modules/isokernel', manifest.bin['isokernel']!);
  const child = spawn(process.execPath, [main, ...words], { cwd: project.folder, env, timeout: 25_000 });
  let [out, err] = ['', ''];
  const look = () => {
    const wish = meanwhile?.(out + err);
    if (wish === 'stop reading') child.stdout.destroy();
    if (wish === 'interrupt') child.kill('SIGINT');
  };
  child.stdout.on('data', (data: Buffer) => {
    out += data;
    look();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data;
    look();
  });
  look();
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

beforeAll(async () => {
  project = await Project.create();
  const kernels = `import { f32, kernel, read, write } from 'isokernel';
    const of = (name) => kernel({ name, params: { x: read(f32), r: write(f32) }, shapes: { r: ({ x }) => x.length },
      body({ x, r }, k) { r[k.global.x] = 2 * x.at(k.global.x); } });
    export const one = of('one');\n`;
  project.write('one.mjs', `${kernels} export const example = { x: new Float32Array(9) };`);
  project.write('two.mjs', `${kernels} export const two = of('two');`);
  project.write(
    'slow.mjs',
    `import { f32, kernel, read, write } from 'isokernel';
export const sums = kernel({
  name: 'sums', params: { a: read(f32, 2), r: write(f32) }, shapes: { r: ({ a }) => a.shape[0] },
  body({ a, r }, k) {
    let sum = k.f32(0);
    for (let j = 0; j < a.shape[1]; j++) sum += a.at(k.global.x, j);
    r[k.global.x] = sum;
  },
});
export const fine = kernel({ name: 'fine', params: { r: write(f32) }, body({ r }, k) { r[k.global.x] = 1; } });`,
  );
  project.write(
    'racy.mjs',
    `import { f32, kernel, readWrite } from 'isokernel';
export const racy = kernel({
  name: 'racy', params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = x.at(k.global.x + 1);
  },
});
export const example = { x: new Float32Array(9) };`,
  );
  project.write('none.mjs', 'export const answer = 42;');
  project.write('broken.mjs', 'export const = 1;');
  project.write('typed.ts', 'export const answer: number = 42; enum Old { One }');
});
afterAll(() => project?.[Symbol.dispose]());

describe.concurrent('wrong words', () => {
  const rows: [words: string[], code: 1 | 2, says: RegExp][] = [
    [[], 2, /devices[\s\S]*bench[\s\S]*explain[\s\S]*lint[\s\S]*show[\s\S]*conformance/],
    [['benhc'], 2, /unknown command 'benhc'[\s\S]*Did you mean bench/],
    [['devices', '--jsn'], 2, /unknown option '--jsn'[\s\S]*--json/],
    [['bench', '--size', 'huge'], 2, /huge[\s\S]*small, medium, large/],
    [['bench', '--case', 'saxpi'], 2, /no case "saxpi"[\s\S]*saxpy/],
    [['bench', '--peers', 'cuda'], 2, /no peer "cuda"[\s\S]*plain-js[\s\S]*openblas/],
    [['bench', '--case', 'saxpy', '--json', '.'], 1, /invalid-file[\s\S]*cannot write/],
    [['bench', '--threads', '0'], 2, /whole number from 1/],
    [['explain', 'nothing.mjs'], 2, /there is no file .*nothing\.mjs/],
    [['explain', '.'], 2, /is no file/],
    [['explain', 'broken.mjs'], 1, /invalid-file[\s\S]*Unexpected token[\s\S]*node /],
    [['explain', 'typed.ts'], 1, /invalid-file[\s\S]*TypeScript[\s\S]*--import tsx/],
    [['explain', 'none.mjs'], 1, /exports no kernel[\s\S]*kernel\(/],
    [['explain', 'two.mjs'], 2, /several kernels[\s\S]*#NAME: one, two/],
    [['explain', 'two.mjs#three'], 1, /no kernel "three"[\s\S]*one, two/],
    [['explain', 'two.mjs#two'], 1, /no example arguments[\s\S]*export const example/],
    [['explain', 'one.mjs', '--device', 'gpu'], 2, /unknown-device[\s\S]*"gpu"[\s\S]*cpu/],
    [['explain', 'one.mjs', '--policy', 'best'], 2, /best[\s\S]*least-finish/],
    [['explain', 'one.mjs', '--backend', 'none.mjs'], 2, /exports no backend[\s\S]*discover\(\)/],
    [['check', 'two.mjs#two'], 1, /no example arguments[\s\S]*export const example/],
    [['check', 'one.mjs', '--allow', 'race'], 2, /race[\s\S]*data-race, out-of-bounds/],
    [['lint', 'one.mjs', '--allow', 'slow'], 2, /slow[\s\S]*uncoalesced-access, divergent-loop/],
    [['lint', 'none.mjs'], 1, /exports no kernel/],
    [['show', 'one.mjs', '--as', 'spirv'], 2, /spirv[\s\S]*ir, wgsl, wasm, asm-stats/],
    [['show', 'one.mjs', '--workgroup', '0'], 2, /three whole numbers/],
    [['show', 'one.mjs', '--as', 'wasm', '--optimized'], 2, /--as ir/],
    [['conformance', 'cuda'], 2, /no built-in backend "cuda"[\s\S]*cpu/],
    [['conformance', 'cpu', '--device', 'gpu'], 1, /no-device[\s\S]*isokernel devices/],
  ];
  for (const [words, code, says] of rows)
    test(`isokernel ${words.join(' ')}`, async () => {
      const ending = await isokernel(words);
      expect(ending).toMatchObject({ code, out: '', err: expect.stringMatching(says) });
      // no stack: it is the user's words that are wrong, not the program
      expect(ending.err).not.toMatch(/\n\s+at /);
    });
});

test('lint: a warning at its place, and none of what is allowed', async () => {
  const { code, out } = await isokernel(['lint', 'slow.mjs']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^warning \[uncoalesced-access\]: kernel "sums": .* {2}\(slow\.mjs:6\)\n {2}6 \| {2}for .*\n {51}\^{4}\n.*k\.global\.x.*\n$/,
  );
  const json = await isokernel(['lint', 'slow.mjs#sums', '--json']);
  expect(JSON.parse(json.out)).toMatchObject([{ kernel: 'sums', code: 'uncoalesced-access', line: 6, column: 49 }]);
  const allowed = await isokernel(['lint', 'slow.mjs', '--allow', 'uncoalesced-access']);
  expect(allowed).toMatchObject({ code: 0, out: '', err: '' });
  expect(await isokernel(['lint', 'slow.mjs#fine', '--json'])).toMatchObject({ code: 0, out: '[]\n' });
});

test('check: what goes wrong, at its place, and nothing of what is allowed', async () => {
  const { code, out } = await isokernel(['check', 'racy.mjs']);
  expect(code).toBe(1);
  // the store comes after the load, so it is what races, and the last load is outside
  expect(out).toMatch(
    /^\[data-race\] kernel "racy": .* \(.*racy\.mjs:5\)\n {2}5 \| {2}x\[k\.global\.x\] = .*\n +\^+\n.*k\.barrier/,
  );
  expect(out).toMatch(/\n\n\[out-of-bounds\] kernel "racy": .*index \[9\] of x.*\n {2}5 \| /);
  const json = await isokernel(['check', 'racy.mjs#racy', '--json', '--allow', 'data-race']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject([{ kernel: 'racy', code: 'out-of-bounds', line: 5 }]);
  const clean = await isokernel(['check', 'one.mjs']);
  expect(clean).toMatchObject({ code: 0, out: 'kernel "one": nothing found\n', err: '' });
  expect(await isokernel(['check', 'one.mjs', '--json'])).toMatchObject({ code: 0, out: '[]\n' });
});

describe.concurrent('while it runs', () => {
  const bench = ['bench', '--case', 'saxpy', 'matmul', '--device', 'interpreter'];

  test('Ctrl-C ends it at once', async () => {
    const { signal, err } = await isokernel(bench, (said) => (said.includes('saxpy') ? 'interrupt' : undefined));
    expect(signal).toBe('SIGINT');
    expect(err).not.toMatch(/Error|\n\s+at /);
  });

  test('nobody reads its output any more', async () => {
    const { code, err } = await isokernel(['devices'], () => 'stop reading');
    expect(code).toBe(0);
    expect(err).not.toMatch(/EPIPE|\n\s+at /);
  });

  test('the report is written', async () => {
    const { code } = await isokernel(['bench', '--case', 'saxpy', '--device', 'cpu', '--json', 'new/report.json']);
    expect(code).toBe(0);
    const report = readFileSync(join(project.folder, 'new/report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ schema: 1, failures: [] });
  });
});

test('devices without the package webgpu, then without a driver: what there is, and what to install', async () => {
  const { code, out } = await isokernel(['devices', '--json']);
  expect(code).toBe(0);
  const { devices, unavailable } = JSON.parse(out);
  expect(devices.map(({ id }: { id: string }) => id)).toEqual(['cpu', 'interpreter']);
  expect(unavailable).toMatchObject([{ backend: 'webgpu', code: 'backend-unavailable', hint: 'npm install webgpu' }]);

  symlinkSync(join(root, 'node_modules/webgpu'), join(project.folder, 'node_modules/webgpu'));
  const { VK_DRIVER_FILES: _, VK_ICD_FILENAMES: __, ...env } = process.env;
  const none = { ...env, VK_DRIVER_FILES: '/none.json', VK_ICD_FILENAMES: '/none.json' };
  const driverless = await isokernel(['devices'], undefined, none);
  expect(driverless).toMatchObject({
    code: 0,
    out: expect.stringMatching(/cpu[\s\S]*interpreter[\s\S]*webgpu: [\s\S]*Install/),
  });
});
