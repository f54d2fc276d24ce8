/** A page as a user would write it, without a build step: two kernels on the browser's WebGPU, their answers checked here. */
import { f32, kernel, open, read, u32, write } from './isokernel.js';

const axpy = kernel({
  name: 'axpy',
  params: { a: f32, x: read(f32), y: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, y, r }, k) {
    const i = k.global.x;
    r[i] = a * x.at(i) + y.at(i);
  },
});

/** Reverses every 64 elements; what lies beyond the end of x counts as 0. */
const reverse = kernel({
  name: 'reverse',
  params: { x: read(u32), r: write(u32) },
  shapes: { r: ({ x }) => x.length },
  workgroup: [64, 1, 1],
  body({ x, r }, k) {
    const tile = k.shared.u32(64);
    tile[k.local.x] = x.at(k.global.x);
    k.barrier();
    r[k.global.x] = tile[63 - k.local.x];
  },
});

const length = 1000;
let runtime;

/** Steps that the test asks for one after the other; each gives the device's id and how many elements are wrong. */
globalThis.steps = {
  async axpy() {
    runtime = await open({ backends: ['webgpu'] });
    // Small integers, so that the sum is exact on every device.
    const x = Float32Array.from({ length }, (_, i) => i);
    const y = Float32Array.from({ length }, (_, i) => 7 * i);
    const job = runtime.submit(axpy, { a: 3, x, y });
    return report(job, (i) => 10 * i);
  },

  async reverse() {
    const x = Uint32Array.from({ length }, (_, i) => i + 1);
    const job = runtime.submit(reverse, { x });
    const answer = await report(job, (i) => x[i - (i % 64) + 63 - (i % 64)] ?? 0);
    await runtime.close();
    return answer;
  },
};

async function report(job, expected) {
  const { r } = await job.done;
  const { device } = await job.timing;
  return { device, length: r.length, wrong: [...r].filter((value, i) => value !== expected(i)).length };
}
