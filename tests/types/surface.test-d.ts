/**
 * What TypeScript accepts of kernels and launches, and what it refuses. Checked by `tsc` alone: a line that should be refused and is
 * not makes its `@ts-expect-error` an error.
 */

import { atomic, bool, f32, fn, i32, kernel, open, read, readWrite, u8, u32, vec3f, write } from '../../src/index.ts';

const saxpy = kernel({
  name: 'saxpy',
  params: { a: f32, x: read(f32), y: readWrite(f32) },
  body({ a, x, y }, k) {
    const i = k.global.x;
    y[i] = a * x.at(i) + y.at(i);
  },
});
const axpy = kernel({
  name: 'axpy',
  params: { a: f32, x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, r }, { global }) {
    r[global.x] = a * x.at(global.x);
  },
});
const smooth = fn([f32, f32], f32, (k, a, b) => k.sqrt(a * b));
const mm = kernel({
  name: 'mm',
  params: { a: read(f32, 2), b: read(f32, 2), c: write(f32, 2), flag: bool, n: u32 },
  shapes: { c: ({ a, b }) => [a.shape[0], b.shape[1]] },
  invocations: ({ n }) => [n, n],
  consts: { TILE: 16, DEBUG: false },
  uses: { smooth },
  body({ a, b, c, flag, TILE, DEBUG, smooth }, { global, shared, barrier }) {
    const t = shared.f32(TILE * TILE);
    t[0] = a.at(global.y, 0);
    barrier();
    let s = 0;
    for (let j = 0; j < a.shape[1]; j++) s += smooth(a.at(global.y, j), b.at(j, global.x)) + t.at(0);
    if (flag && DEBUG) s = 0;
    c.set(global.y, global.x, s);
    // @ts-expect-error one index too few
    a.at(1);
    // @ts-expect-error rank 2 has no []
    a[0];
    // @ts-expect-error the function takes two
    smooth(1);
    // @ts-expect-error no such member
    global.w;
  },
});
const vectors = kernel({
  name: 'vectors',
  params: { p: read(vec3f), v: readWrite(vec3f), dt: f32 },
  body({ p, v, dt }, k) {
    const i = k.global.x;
    let sum = k.vec3(0);
    for (let j = 0; j < p.length; j++) sum = sum.add(p.at(j).sub(p.at(i)).zyx);
    v[i] = v.at(i).add(sum.mul(dt));
    // @ts-expect-error components are read-only
    sum.x = 1;
    // @ts-expect-error no operators on vectors
    sum * 2;
    // @ts-expect-error a scalar into an array of vectors
    v[i] = 1;
  },
});
const histogram = kernel({
  name: 'histogram',
  params: { data: read(u8), bins: atomic(u32) },
  body({ data, bins }, k) {
    k.atomicAdd(bins, data.at(k.global.x), 1);
    // @ts-expect-error atomics only through k
    bins[0] = 1;
  },
});
kernel({
  name: 'refusals',
  params: { x: read(f32), y: readWrite(f32) },
  body({ x, y }, k) {
    // @ts-expect-error read-only
    x[0] = 1;
    // @ts-expect-error read-only
    x.set(0, 1);
    // @ts-expect-error an element may be undefined under noUncheckedIndexedAccess
    y[0] = x[1] * 2;
    y[0] = x[0]! * 2;
    y.set(0, 1);
    // @ts-expect-error bool into f32
    y[0] = true;
    // @ts-expect-error no such function
    k.sine(1);
  },
});
// @ts-expect-error the same name twice
kernel({ name: 'twice', params: { x: f32 }, consts: { x: 1 }, body() {} });
kernel({
  name: 'missing',
  params: { x: f32 },
  // @ts-expect-error not a parameter
  body({ z }) {
    z;
  },
});
// @ts-expect-error only 32-bit integers are atomic
atomic(f32);

export async function launches(): Promise<void> {
  await using rt = await open();
  const x = new Float32Array(4);
  const y = new Float32Array(4);
  await rt.run(saxpy, { a: 2, x, y });
  const { r } = await rt.run(axpy, { a: 2, x });
  r satisfies Float32Array;
  const buffer = rt.buffer(f32, 4);
  const outputs = await rt.run(axpy, { a: 2, x, r: buffer });
  (await outputs.r.read()) satisfies Float32Array;
  const job = rt.submit(axpy, { a: 1, x });
  (await job.done).r satisfies Float32Array;
  // @ts-expect-error a job is not a promise
  (await job).r;
  const { c } = await rt.run(mm.with({ TILE: 32 }), {
    a: { data: x, shape: [2, 2] },
    b: rt.buffer(f32, [2, 2]),
    flag: true,
    n: 3,
  });
  c satisfies Float32Array;
  // @ts-expect-error the wrong kind of array
  await rt.run(saxpy, { a: 2, x: new Float64Array(4), y });
  // @ts-expect-error an argument is missing
  await rt.run(saxpy, { a: 2, x });
  // @ts-expect-error too many
  await rt.run(saxpy, { a: 2, x, y, q: 1 });
  // @ts-expect-error a plain array
  await rt.run(saxpy, { a: 2, x: [1, 2], y });
  // @ts-expect-error a buffer of another type
  await rt.run(saxpy, { a: 2, x: rt.buffer(i32, 4), y });
  // @ts-expect-error a number where a bool is wanted
  await rt.run(mm, { a: { data: x, shape: [2, 2] }, b: rt.buffer(f32, [2, 2]), flag: 1, n: 3 });
  // @ts-expect-error no such constant
  mm.with({ TILES: 1 });
  // @ts-expect-error a bare typed array has no shape for rank 2
  await rt.run(mm, { a: x, b: rt.buffer(f32, [2, 2]), flag: true, n: 3 });
  // @ts-expect-error inputs are not returned
  (await rt.run(axpy, { a: 2, x })).x;
  await rt.run(vectors, { p: x, v: y, dt: 0.1 });
  await rt.run(histogram, { data: new Uint8Array(4), bins: new Uint32Array(256) });
  const graph = rt.record(
    (g) => {
      g.run(saxpy, { a: g.slots.a, x: buffer, y: rt.buffer(f32, 4) });
    },
    { slots: { a: f32 } },
  );
  await graph.run({ a: 2 });
  // @ts-expect-error the slot has no value
  await graph.run({});
}
