/** A runtime on fake devices, and what tests of the runtime say again and again. */

import { expect } from 'vitest';
import type { ErrorCode } from '../../src/ir/error.ts';
import { type OpenOptions, open, type Runtime, type Warning } from '../../src/runtime/index.ts';
import { type FakeDevice, type FakeOptions, fakes } from './fake-device.ts';

export interface Fixture {
  readonly rt: Runtime;
  readonly devices: readonly FakeDevice[];
  readonly device: FakeDevice;
  readonly warnings: Warning[];
}

export async function fakeRuntime(options: FakeOptions[] = [{}], more: Partial<OpenOptions> = {}): Promise<Fixture> {
  const { devices, backend } = await fakes(...options);
  const warnings: Warning[] = [];
  const onWarning = (warning: Warning) => warnings.push(warning);
  const rt = await open({ backends: [backend], calibrate: false, onWarning, ...more });
  return { rt, devices, device: devices[0]!, warnings };
}

export async function fails(action: () => unknown, code: ErrorCode): Promise<Error> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: 'IsokernelError', code, hint: expect.stringMatching(/\S/) });
  return thrown as Error;
}

/** Bytes that live contents hold on a device: what is kept for the next jobs is given back first. */
export function used(rt: Runtime, device: FakeDevice): number {
  rt.trim();
  return device.memory.used;
}

/** Lets everything that can happen by itself happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

export const i32 = (...values: number[]) => new Int32Array(values);
