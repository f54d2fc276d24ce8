/** `Runtime.check`: each thing that it can find, in a kernel that does it and at its place; and nothing where all is well. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { matmul } from '../../kernels/matmul.ts';
import { saxpy } from '../../kernels/saxpy.ts';
import {
  type Finding,
  f32,
  i32,
  type Kernel,
  kernel,
  open,
  type Runtime,
  read,
  readWrite,
  write,
} from '../../src/index.ts';

let rt: Runtime;
beforeAll(async () => {
  rt = await open({ backends: ['interpreter'], calibrate: false });
});
afterAll(() => rt.close());

const shift = kernel({
  name: 'shift',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    const i = k.global.x;
    if (i > 0) x[i] = x.at(i - 1) + 1; // the race
  },
});
const beyond = kernel({
  name: 'beyond',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    const i = k.global.x;
    r[i] = x.at(i + 1); // the last one is outside
  },
});
const unwritten = kernel({
  name: 'unwritten',
  params: { r: write(f32) },
  shapes: { r: () => 64 },
  body({ r }, k) {
    const tile = k.shared.f32(64);
    const i = k.local.x;
    if (i < 32) tile[i] = k.f32(1);
    k.barrier();
    r[k.global.x] = tile.at(i); // half of it is read all the same
  },
  workgroup: 64,
});
const unequal = kernel({
  name: 'unequal',
  params: { r: write(i32) },
  shapes: { r: () => 64 },
  body({ r }, k) {
    r[k.global.x] = k.uniform(k.global.x); // it is not
  },
  workgroup: 64,
});
const endless = kernel({
  name: 'endless',
  params: { x: readWrite(f32) },
  fuel: 100,
  body({ x }, k) {
    x[k.global.x + 1] = k.f32(1); // outside, too
    while (x.at(k.global.x) < 2) x[k.global.x] = 0;
  },
});

/** The line of this file that has these words. */
function lineOf(words: string): number {
  const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(`// ${words}`)) + 1;
}
const found = (k: Kernel, args: Record<string, unknown>): Promise<readonly Finding[]> => rt.check(k, args as never);
const zeros = new Float32Array(1);
const ten = () => new Float32Array(10);

test.each([
  ['data-race', shift, { x: ten() }, 'the race', /invocation \(.*touch element \d+ of x without order$/],
  ['out-of-bounds', beyond, { x: ten() }, 'the last one is outside', /invocation \(9, 0, 0\).*index \[10\] of x/],
  ['uninitialised-read', unwritten, {}, 'half of it is read all the same', /element 32 of .*nothing wrote$/],
  ['non-uniform', unequal, {}, 'it is not', /k\.uniform over values that differ: 0,1,2,3/],
] as const)('%s', async (code, k, args, words, message) => {
  const [finding, ...others] = await found(k as unknown as Kernel, args);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code, kernel: k.name, message: expect.stringMatching(message) });
  const line = lineOf(words);
  expect(finding!.place).toMatchObject({ file: import.meta.filename, line });
  // the author's line with a caret below it, and what to do
  expect(finding!.text).toContain(`\n  ${line} |  `);
  expect(finding!.text).toMatch(/\n +\^+\n/);
  expect(finding!.text.endsWith(`\n${finding!.hint}`)).toBe(true);
});

test('a loop without end is found, behind what may be why', async () => {
  const findings = await found(endless as unknown as Kernel, { x: zeros.slice() });
  expect(findings.map(({ code }) => code)).toEqual(['out-of-bounds', 'out-of-fuel']);
  expect(findings[1]!.message).toMatch(/^loop 0 ran longer than the 100 iterations/);
  expect(findings[1]!.place?.file).toBe(import.meta.filename);
});

test('a barrier that not all reach is refused before it could run', async () => {
  const stray = kernel({
    name: 'stray',
    params: { x: readWrite(f32) },
    body({ x }, k) {
      if (x.at(k.global.x) > 0) k.barrier();
    },
  });
  await expect(rt.check(stray, { x: ten() })).rejects.toMatchObject({ code: 'barrier-in-divergent-flow' });
});

test('kernels of the library are clean where their sizes fit', async () => {
  const [x, y] = [ten().fill(1), ten().fill(2)];
  expect(await found(saxpy as unknown as Kernel, { a: 3, x, y })).toEqual([]);
  const square = { data: new Float32Array(64 * 64).fill(1), shape: [64, 64] };
  expect(await found(matmul as unknown as Kernel, { a: square, b: square })).toEqual([]);
});

test('nothing of the caller is written, and arguments count as they are at the call', async () => {
  const add = kernel({
    name: 'add',
    params: { x: readWrite(f32), n: i32 },
    body({ x, n }, k) {
      if (x.at(k.global.x) === 1) x[k.global.x + n] = 5;
    },
  });
  const x = Float32Array.of(1, 0, 0);
  const checked = rt.check(add, { x, n: 3 });
  x.fill(0);
  expect(await checked).toMatchObject([{ code: 'out-of-bounds' }]);
  expect(x).toEqual(new Float32Array(3));

  const buffer = rt.buffer(f32, 3);
  await rt.run(add, { x: buffer, n: 3 });
  expect(await rt.check(add, { x: buffer, n: 3 })).toEqual([]);
  buffer.write(Float32Array.of(1, 0, 0));
  expect(await rt.check(add, { x: buffer, n: 3 })).toMatchObject([{ code: 'out-of-bounds' }]);
  expect(await rt.check(add, { x: buffer, n: 0 })).toEqual([]);
  expect(await buffer.read()).toEqual(Float32Array.of(1, 0, 0));
  buffer.free();
});

test("kernels of another copy of the package have their authors' lines, too", async () => {
  vi.resetModules();
  const other = await import('../../src/index.ts');
  expect(other.kernel).not.toBe(kernel);
  const shifted = other.kernel({
    name: 'shifted',
    params: { x: other.read(other.f32), r: other.write(other.f32) },
    shapes: { r: ({ x }) => x.length },
    body({ x, r }, k) {
      r[k.global.x] = x.at(k.global.x + 1); // of the other copy
    },
  });
  const [finding] = await found(shifted as unknown as Kernel, { x: ten() });
  expect(finding).toMatchObject({ code: 'out-of-bounds', place: { line: lineOf('of the other copy') } });
  expect(finding!.text.split(finding!.hint)).toEqual([expect.stringMatching(/\^\n$/), '']);
});

test('it needs no device', async () => {
  await using none = await open({ backends: [] });
  expect(await none.check(beyond, { x: ten() })).toMatchObject([{ code: 'out-of-bounds' }]);
});

test('arguments are checked as for a run, and those that are too large are refused', async () => {
  await expect(found(beyond as unknown as Kernel, {})).rejects.toMatchObject({ code: 'missing-argument' });
  await expect(found(beyond as unknown as Kernel, { x: new Float32Array(2 ** 20 + 1) })).rejects.toMatchObject({
    code: 'argument-shape',
    message: expect.stringContaining('smaller'),
  });
  await expect(rt.check(beyond, { x: ten() }, { invocations: 9 })).resolves.toEqual([]);
});

test('a signal ends it', async () => {
  const long = kernel({
    name: 'long',
    params: { x: readWrite(f32) },
    body({ x }, k) {
      for (let i = 0; i < 2000; i++) x[k.global.x] = x.at(k.global.x) + 1;
    },
  });
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(rt.check(long, { x: new Float32Array(100_000) }, { signal })).rejects.toThrow('enough');
});
