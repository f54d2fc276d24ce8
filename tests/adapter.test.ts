/**
 * The worked example of docs/adapters.md: a backend outside backends/ that needs nothing but the public subpaths, conforms,
 * and is what the guide shows.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deviceSubject, fuzz } from '../backends/conformance/fuzz/index.ts';
import { conformance } from '../backends/conformance/index.ts';
import { backend } from '../examples/closures/backend.ts';
import { f32, kernel, open, read, write } from '../src/index.ts';

const root = new URL('..', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const sources = readdirSync(new URL('examples/closures', root)).map((name) => text(`examples/closures/${name}`));

test('it imports what a package of its own could', () => {
  const imports = sources.flatMap((source) => [...source.matchAll(/from '([^']+)'/g)].map(([, path]) => path!));
  const foreign = new Set(imports.filter((path) => !path.startsWith('./')));
  expect([...foreign].sort()).toEqual(['ir', 'passes', 'device'].map((part) => `../../src/${part}/index.ts`).sort());
});

test('what the guide shows is its code', () => {
  const bare = (code: string) => code.replace(/\s+/g, ' ').trim();
  const own = [...sources, text('tests/adapter.test.ts')].map(bare);
  const pieces = [...text('docs/adapters.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .replace(/'isokernel\/(\w+)'/g, "'../../src/$1/index.ts'")
      .replace("'isokernel'", "'../src/index.ts'")
      .split(/^\s*\/\/ …$/m)
      .map(bare),
  );
  expect(pieces.length).toBeGreaterThan(10);
  expect(pieces.filter((piece) => !own.some((source) => source.includes(piece)))).toEqual([]);
});

// The whole of it is `isokernel conformance closures --backend examples/closures/backend.ts`.
test.each([
  ['device memory', 9],
  ['order', 4],
  ['recordings', 2],
  ['failures', 9],
  ['control flow', 10],
  ['memory: workgroup', 9],
  ['memory: private', 9],
  ['memory: stores', 4],
  ['operations: fma', 2],
  ['operations: sqrt', 2],
  ['collectives: groupScan of f32', 7],
  ['atomics: what they return', 2],
  ['barriers', 9],
])('it conforms: %s', async (only, atLeast) => {
  const [device] = await backend.discover({});
  const report = await conformance(device!, { only });
  expect(report.cases.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(report.passed).toBeGreaterThanOrEqual(atLeast);
  await device!.close();
});

test('random exact programs have the bits of the interpreter', async () => {
  const [device] = await backend.discover({});
  const report = await fuzz([await deviceSubject(device!, 'exact')], { seed: 71, count: 10, mode: 'exact' });
  expect(report.differences).toEqual([]);
  expect(report.subjects.map(({ ran }) => ran)).toEqual([10]);
  await device!.close();
});

test.each(['stable', 'exact'] as const)('a runtime runs kernels on it, in %s', async (mode) => {
  const softplus = kernel({
    name: 'softplus',
    mode,
    params: { x: read(f32), y: write(f32) },
    shapes: { y: ({ x }) => x.length },
    body({ x, y }, k) {
      const i = k.global.x;
      y[i] = k.log1p(k.exp(x.at(i)));
    },
  });
  const rt = await open({ backends: [backend], calibrate: false });
  const x = Float32Array.of(-2, 0, 1, 3.5);
  const { y } = await rt.run(softplus, { x });
  expect(rt.devices.map(({ id }) => id)).toEqual(['closures']);
  x.forEach((value, i) => {
    expect(y[i]).toBeCloseTo(Math.log1p(Math.exp(value)), 5);
  });
  await rt.close();
});
