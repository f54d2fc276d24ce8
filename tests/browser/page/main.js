/** A page as a user would write it, without a build step: kernels on the browser's WebGPU and CPU, their answers checked here. */
import { f32, kernel, open, read, readWrite, u32, write } from './isokernel.js';

const axpy = kernel({
  name: 'axpy',
  params: { a: f32, x: read(f32), y: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, y, r }, k) {
    const i = k.global.x;
    r[i] = a * x.at(i) + y.at(i);
  },
});

/** Much to do for each element, so that it is worth several threads; every product and sum is exact. */
const climb = kernel({
  name: 'climb',
  params: { x: readWrite(u32), rounds: u32 },
  body({ x, rounds }, k) {
    const i = k.global.x;
    let value = x.at(i);
    for (let n = k.u32(0); n < rounds; n++) value = value * 1664525 + 1013904223;
    x[i] = value;
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

/** The CPU of the page: many threads or one, small jobs and large ones, a graph, an end before time. */
globalThis.cpu = async () => {
  const rt = await open({ backends: ['cpu'] });
  const [{ capabilities }] = rt.devices;
  const wrong = [];
  const x = Float32Array.from({ length }, (_, i) => i);
  for (let n = 0; n < 50; n++) {
    const { r } = await rt.run(axpy, { a: n, x, y: x });
    if (r.some((value, i) => value !== (n + 1) * i)) wrong.push(`axpy ${n}`);
  }
  const many = 2 ** 18;
  const after = (value, rounds) => {
    for (let n = 0; n < rounds; n++) value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
    return value;
  };
  const buffer = rt.buffer(
    u32,
    many,
    Uint32Array.from({ length: many }, (_, i) => i),
  );
  await rt.run(climb, { x: buffer, rounds: 100 });
  const graph = rt.record((r) => {
    for (let n = 0; n < 20; n++) r.run(climb, { x: buffer, rounds: 2 });
  });
  let frames = 0;
  const alive = setInterval(() => frames++, 0);
  for (let n = 0; n < 3; n++) await graph.run();
  const check = (array) => {
    for (let i = 0; i < many; i += 1001) if (array[i] !== after(i, 220)) wrong.push(`climb ${i}`);
  };
  await buffer.map(check);
  const long = rt.submit(climb, { x: buffer, rounds: 50_000 }, { deadline: 50 });
  const ended = await long.done.then(
    () => 'done',
    (error) => error.code,
  );
  clearInterval(alive);
  await rt.run(axpy, { a: 1, x, y: x });
  await rt.close();
  const { threads, driver } = capabilities;
  return { isolated: crossOriginIsolated, threads, driver, wrong, ended, alive: frames > 0 };
};

async function report(job, expected) {
  const { r } = await job.done;
  const { device } = await job.timing;
  return { device, length: r.length, wrong: [...r].filter((value, i) => value !== expected(i)).length };
}
