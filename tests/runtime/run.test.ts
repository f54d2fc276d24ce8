import { describe, expect, test } from 'vitest';
import { type DeviceBuffer, type OpenOptions, open } from '../../src/runtime/index.ts';
import { type FakeOptions, fakes } from '../support/fake-device.ts';
import { advance, climb, kernelOf, plus, saxpy, total } from '../support/kernels.ts';

async function fixture(options: FakeOptions[] = [{}], more: Partial<OpenOptions> = {}) {
  const { devices, backend } = await fakes(...options);
  const rt = await open({ backends: [backend], calibrate: false, ...more });
  return { rt, devices, device: devices[0]! };
}

describe('run', () => {
  test('gives the write parameters by name, in arrays of the caller', async () => {
    const { rt } = await fixture();
    const out = await rt.run(saxpy, { a: 2, x: new Float32Array([1, 2, 3]), y: new Float32Array([10, 20, 30]) });
    expect(out).toEqual({ r: new Float32Array([12, 24, 36]) });
    await rt.close();
  });
});
