/** The package as it is published: what it holds, and that it can be imported, required and type-checked. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifest, Project, root } from './support/installed.ts';

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project?.[Symbol.dispose]());

/** What can be imported, `*` filled in with the folders that are there. */
function specifiers(): string[] {
  const folders = readdirSync(join(root, 'backends'));
  const backends = folders.filter((name) => existsSync(join(root, 'backends', name, 'index.ts')));
  const paths = Object.keys(manifest.exports).flatMap((path) =>
    path.includes('*') ? backends.map((name) => path.replace('*', name)) : [path],
  );
  return paths.filter((path) => !path.endsWith('.json')).map((path) => path.replace('.', 'isokernel'));
}

test('holds what is built and what is to be read, nothing else', () => {
  for (const name of ['package.json', 'LICENSE', 'README.md', 'ARCHITECTURE.md']) expect(project.files).toContain(name);
  for (const target of Object.values(manifest.bin)) expect(project.files).toContain(target.replace('./', ''));
  const expected = /^(dist\/.*\.(js|d\.ts|cjs)|docs\/.*|[A-Z]+(\.md)?|package\.json)$/;
  expect(project.files.filter((path) => !expected.test(path) || path.includes('.test.'))).toEqual([]);
});

test('every subpath can be imported and required', () => {
  const names = specifiers();
  expect(names.length).toBeGreaterThan(7);
  const list = JSON.stringify(names);
  project.node('--input-type=module', '-e', `for (const name of ${list}) await import(name);`);
  project.node('--input-type=commonjs', '-e', `for (const name of ${list}) require(name);`);
});

test('import and require give the same functions', () => {
  const program = `
    import { createRequire } from 'node:module';
    import * as imported from 'isokernel';
    const required = createRequire(import.meta.url)('isokernel');
    console.log(typeof imported.kernel, imported.kernel === required.kernel);`;
  expect(project.node('--input-type=module', '-e', program)).toBe('function true');
});

test('its types need neither the DOM nor Node, and say what is wrong', () => {
  project.write(
    'user.ts',
    `
import { f32, kernel, open, read, run, write } from 'isokernel';
import { backend as cpu } from 'isokernel/backends/cpu';
import { backend as webgpu } from 'isokernel/backends/webgpu';
import { conformance } from 'isokernel/conformance';
import type { Backend, Device } from 'isokernel/device';
import * as ir from 'isokernel/ir';
import * as kernels from 'isokernel/kernels';
import * as passes from 'isokernel/passes';

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
export const backends: Backend[] = [cpu, webgpu];
export { conformance, ir, kernels, passes };
export const id = (device: Device): string => device.capabilities.id;
// @ts-expect-error: a parameter of another type
await run(axpy, { a: 2, x: new Int32Array(4), y: x });
// @ts-expect-error: no such parameter
await run(axpy, { a: 2, x, y: x, z: x });
`,
  );
  expect(project.typeErrors('user.ts')).toBe('');
});
