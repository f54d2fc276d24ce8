/** What the tests of bad input say again and again, through the public interface only. */

import { expect } from 'vitest';
import {
  type ErrorCode,
  f32,
  IsokernelError,
  i32,
  kernel,
  type Runtime,
  read,
  readWrite,
  write,
} from '../../src/index.ts';

/** r[i] = 2 * x[i]: the good kernel that must run after every failure. */
export const double = kernel({
  name: 'double',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    r[k.global.x] = 2 * x.at(k.global.x);
  },
});

/** x[i] += n */
export const increase = kernel({
  name: 'increase',
  params: { x: readWrite(i32), n: i32 },
  body({ x, n }, k) {
    const i = k.global.x;
    x[i] = x.at(i) + n;
  },
});

/** A launch that TypeScript would refuse: what people without it write. */
// biome-ignore lint/suspicious/noExplicitAny: bad input is the point
export type Unchecked = any;

/** The error of an action that must fail: its code, the name of what is wrong, and what to do instead. */
export async function refused(action: () => unknown, code: ErrorCode, names: RegExp | string): Promise<IsokernelError> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'it must be refused').toBeInstanceOf(IsokernelError);
  const error = thrown as IsokernelError;
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/\S.*\S/) });
  expect(error.message).toMatch(names);
  return error;
}

/** Checks that a device of the runtime still works, and that nothing is left on it. */
export async function works(rt: Runtime, device: string): Promise<void> {
  const { r } = await rt.run(double, { x: new Float32Array([1, -2.5, 1000]) }, { device, strict: true });
  expect(r).toEqual(new Float32Array([2, -5, 2000]));
}
