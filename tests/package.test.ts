/** The package as it is published: packed, unpacked into a project of its own, imported, required and type-checked there. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import tar from 'tar-fs';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
};
const project = mkdtempSync(join(tmpdir(), 'isokernel-package-'));
const installed = join(project, 'node_modules/isokernel');
let files: readonly string[] = [];

beforeAll(async () => {
  // Packing builds dist/ first (the script `prepare`).
  execFileSync('npm', ['pack', '--silent', '--pack-destination', project], {
    cwd: root,
    stdio: ['ignore', 'ignore', 2],
  });
  const archive = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  const unpack = tar.extract(project, {
    // Everything in it lies under package/.
    map: (header) => ({ ...header, name: header.name.replace(/^package\//, 'node_modules/isokernel/') }),
  });
  await pipeline(Readable.from([gunzipSync(readFileSync(join(project, archive)))]), unpack);
  files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));

  // Its dependencies as npm would put them beside it, but for the optional one: the package must do without.
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The subpaths of the exports, `*` filled in with the folders that are there. */
function subpaths(): string[] {
  const backends = readdirSync(join(root, 'backends')).filter((name) =>
    existsSync(join(root, 'backends', name, 'index.ts')),
  );
  return Object.keys(manifest.exports).flatMap((path) =>
    path.includes('*') ? backends.map((name) => path.replace('*', name)) : [path],
  );
}

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).trim();
}

test('holds what is built and what is to be read, nothing else', () => {
  const folders = new Set(files.map((path) => path.split('/')[0]));
  expect(folders).toContain('dist');
  for (const name of ['package.json', 'LICENSE', 'README.md', 'ARCHITECTURE.md']) expect(files).toContain(name);
  const others = files.filter(
    (path) => !/^(dist\/.*\.(js|d\.ts|cjs)|docs\/.*|[A-Z]+(\.md)?|package\.json)$/.test(path),
  );
  expect(others).toEqual([]);
  expect(files.filter((path) => path.includes('.test.'))).toEqual([]);
  for (const target of Object.values(manifest.bin)) expect(files).toContain(target.replace('./', ''));
});

test('every subpath can be imported and required', () => {
  const names = subpaths().map((path) => path.replace('.', 'isokernel'));
  expect(names.length).toBeGreaterThan(7);
  const imported = `for (const name of ${JSON.stringify(names)}) await import(name, name.endsWith('.json') ? { with: { type: 'json' } } : {});`;
  node('--no-warnings', '--input-type=module', '-e', imported);
  node('--input-type=commonjs', '-e', `for (const name of ${JSON.stringify(names)}) require(name)`);
});

test('import and require give the same functions', () => {
  const program = `
    import { createRequire } from 'node:module';
    import * as imported from 'isokernel';
    const required = createRequire(import.meta.url)('isokernel');
    console.log(typeof imported.kernel, imported.kernel === required.kernel);`;
  expect(node('--no-warnings', '--input-type=module', '-e', program)).toBe('function true');
});

test('its types need neither the DOM nor Node', () => {
  writeFileSync(
    join(project, 'user.ts'),
    `
import { f32, kernel, open, read, run, write } from 'isokernel';
import type { Device } from 'isokernel/device';

const axpy = kernel({
  name: 'axpy',
  params: { a: f32, x: read(f32), y: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, y, r }, k) {
    const i = k.global.x;
    r[i] = a * x.at(i) + y.at(i);
  },
});
const x = new Float32Array(4);
export const answer: Float32Array = (await run(axpy, { a: 2, x, y: x })).r;
export const runtime = await open();
export const device = (it: Device): string => it.capabilities.id;
// @ts-expect-error: a parameter of another type
await run(axpy, { a: 2, x: new Int32Array(4), y: x });
// @ts-expect-error: no such parameter
await run(axpy, { a: 2, x, y: x, z: x });
`,
  );
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { target: 'esnext', lib: ['esnext'], types: [], module: 'nodenext', strict: true, noEmit: true },
      files: ['user.ts'],
    }),
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  expect(tsc(compiler)).toBe('');
});

/** What the compiler has to say. */
function tsc(compiler: string): string {
  try {
    return node(compiler, '-p', '.');
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
