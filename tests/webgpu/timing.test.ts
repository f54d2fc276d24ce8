import { expect, test } from 'vitest';
import { mandelbrot, saxpy } from '../../kernels/index.ts';
import { open } from '../../src/index.ts';
import { describeAdapters } from '../support/adapters.ts';

describeAdapters('timing', ({ id }) => {
  test('long work is timed by the device where it has a clock, short work by the host', {
    timeout: 120_000,
  }, async () => {
    await using rt = await open({ backends: ['webgpu'], devices: [id], calibrate: false });
    const { timestamps } = rt.devices[0]!.capabilities.features;
    const args = { left: -0.5, top: -0.5, step: 1e-4, limit: 2000, width: 256, height: 128 };
    let timing = await rt.submit(mandelbrot, args).timing;
    for (let i = 0; i < 3; i++) timing = await rt.submit(mandelbrot, args).timing;
    expect(timing.clock).toBe(timestamps ? 'device' : 'host');
    expect(timing.run).toBeGreaterThan(0);

    const short = { a: 1, x: new Float32Array(64), y: new Float32Array(64) };
    for (let i = 0; i < 3; i++) timing = await rt.submit(saxpy, short).timing;
    expect(timing.clock).toBe('host');
  });

  test('more work at once than there are stamps for', async () => {
    await using rt = await open({ backends: ['webgpu'], devices: [id], calibrate: false });
    const args = { left: -0.5, top: -0.5, step: 1e-4, limit: 500, width: 256, height: 128 };
    for (let i = 0; i < 3; i++) await rt.submit(mandelbrot, args).done;
    const jobs = Array.from({ length: 40 }, () => rt.submit(mandelbrot, args));
    const timings = await Promise.all(jobs.map(({ timing }) => timing));
    expect(timings.every(({ run }) => run > 0)).toBe(true);
  });
});
