import { expect, test } from 'vitest';
import { StagingPool } from '../../backends/webgpu/staging.ts';
import { Stopwatch } from '../../backends/webgpu/stopwatch.ts';
import { mandelbrot } from '../../kernels/index.ts';
import { open } from '../../src/index.ts';
import { describeAdapters } from '../support/adapters.ts';
import { deviceOf } from './on-device.ts';

describeAdapters('timing', ({ id }) => {
  test('a pass is timed by the device, as many at once as there are stamps for', async ({ skip }) => {
    const device = await deviceOf(id);
    skip(!device.capabilities.features.timestamps, 'it has no clock');
    const { gpu } = device as unknown as { gpu: GPUDevice };
    const stopwatch = new Stopwatch(gpu, new StagingPool(gpu));
    const taken = Array.from({ length: 17 }, () => stopwatch.take());
    expect(taken.map((stamp) => stamp !== undefined)).toEqual([...Array<boolean>(16).fill(true), false]);
    const times = taken.slice(0, 16).map((stamp) => {
      const encoder = gpu.createCommandEncoder();
      encoder.beginComputePass({ timestampWrites: stamp!.writes }).end();
      stamp!.resolve(encoder);
      gpu.queue.submit([encoder.finish()]);
      return stamp!.read();
    });
    // an empty pass may be shorter than the clock's step, which gives nothing; longer than a minute it is not
    for (const time of await Promise.all(times)) if (time !== undefined) expect(time).toBeLessThan(60_000);
    expect(stopwatch.take()).toBeDefined();
  });

  test('every job has a time, also more jobs at once than there are stamps for', async () => {
    await using rt = await open({ backends: ['webgpu'], devices: [id], calibrate: false });
    const args = { left: -0.5, top: -0.5, step: 1e-4, limit: 500, width: 256, height: 128 };
    for (let i = 0; i < 3; i++) await rt.submit(mandelbrot, args).done;
    const jobs = Array.from({ length: 40 }, () => rt.submit(mandelbrot, args));
    const timings = await Promise.all(jobs.map(({ timing }) => timing));
    expect(timings.every(({ run, clock }) => run > 0 && (clock === 'host' || clock === 'device'))).toBe(true);
  });
});
