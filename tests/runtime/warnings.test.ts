/** What a runtime tells of that is no error: uploads again and again, buffers forgotten. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { f32, kernel, open, read, u8, write } from '../../src/index.ts';

const copy = kernel({
  name: 'copy',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: () => 1 },
  body({ x, r }, k) {
    r[k.global.x] = x.at(k.global.x);
  },
});

async function opened(options: { reportForgotten?: boolean } = {}) {
  const warnings: { code: string; message: string }[] = [];
  const rt = await open({
    backends: ['interpreter'],
    calibrate: false,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  return { rt, warnings };
}

test('an array that is uploaded ten times is told of once, with the buffer to make', async () => {
  const { rt, warnings } = await opened();
  const x = new Float32Array(20_000);
  for (let n = 0; n < 9; n++) await rt.run(copy, { x: x.subarray(0, 20_000) });
  expect(warnings).toEqual([]);
  for (let n = 0; n < 20; n++) await rt.run(copy, { x });
  expect(warnings).toEqual([
    { code: 'repeated-upload', message: expect.stringContaining('x of copy has been uploaded 10 times') },
  ]);
  expect(warnings[0]!.message).toContain('rt.buffer(f32, [20000], array)');
  await rt.close();
});

test('small arrays, different ones, and buffers are nothing to tell of', async () => {
  const { rt, warnings } = await opened();
  const small = new Float32Array(100);
  const buffer = rt.buffer(f32, 20_000);
  for (let n = 0; n < 15; n++) {
    await rt.run(copy, { x: small });
    await rt.run(copy, { x: buffer });
    await rt.run(copy, { x: new Float32Array(20_000) });
  }
  expect(warnings).toEqual([]);
  await rt.close();
});

test('a buffer that is forgotten is told of with the place where it was made, when asked', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const { rt, warnings } = await opened({ reportForgotten: true });
  const { rt: silent, warnings: nothing } = await opened();
  function forget() {
    rt.buffer(u8, [2, 3]);
    rt.buffer(f32, 5).free();
    silent.buffer(u8, 7);
  }
  forget();
  for (let n = 0; n < 50 && warnings.length === 0; n++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  expect(warnings).toEqual([
    { code: 'forgotten-buffer', message: expect.stringMatching(/u8 \[2, 3\], made\n.*forget .*warnings\.test\.ts/) },
  ]);
  expect(nothing).toEqual([]);
  await Promise.all([rt.close(), silent.close()]);
});
