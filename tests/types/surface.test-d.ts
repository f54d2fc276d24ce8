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

// ---- definitions that are wrong ----

kernel({
  name: 'options',
  params: { x: read(f32), y: write(f32), n: i32 },
  // @ts-expect-error no such mode
  mode: 'quick',
  // @ts-expect-error sizes are numbers
  workgroup: ['64'],
  // @ts-expect-error only outputs have shapes
  shapes: { x: () => 1 },
  body() {},
});
kernel({
  name: 'shapes',
  params: { x: read(f32), y: write(f32) },
  // @ts-expect-error a shape is numbers
  shapes: { y: () => 'long' },
  body() {},
});
kernel({
  name: 'outputsInShapes',
  params: { x: read(f32), y: write(f32), z: write(f32) },
  // @ts-expect-error an output's size is not known yet
  shapes: { y: ({ z }) => z.length },
  body() {},
});
// @ts-expect-error no body
kernel({ name: 'none', params: { x: f32 } });
// @ts-expect-error a parameter is a type or an array of one
kernel({ name: 'params', params: { x: 'f32' }, body() {} });
// @ts-expect-error consts are numbers and bools
kernel({ name: 'consts', params: { x: f32 }, consts: { LIST: [1, 2] }, body() {} });
// @ts-expect-error functions are made by fn
kernel({ name: 'uses', params: { x: f32 }, uses: { f: (x: number) => x }, body() {} });
// @ts-expect-error bool is no element of an array
read(bool);
// @ts-expect-error rank 1 to 4
read(f32, 5);
// @ts-expect-error it returns a number
fn([f32], f32, (_k, a) => a > 0);
// @ts-expect-error of one argument
fn([f32], f32, (_k, a, b) => a + b);
// @ts-expect-error a vector has no operators
fn([vec3f], f32, (_k, a) => a + 1);

// ---- bodies that are wrong ----

kernel({
  name: 'bodies',
  params: { x: read(f32), v: read(vec3f), y: write(f32), c: atomic(u32), n: i32, on: bool },
  body({ x, v, y, c, n, on }, k) {
    const p = v.at(0);
    y[0] = p.x + p.xy.dot(p.yz) + p.with('z', 1).length();
    // @ts-expect-error a vec3 has no w
    p.w;
    // @ts-expect-error nor can it be set
    p.with('w', 1);
    // @ts-expect-error vectors of different sizes
    p.add(p.xy);
    // @ts-expect-error a bool into a vector
    p.mul(on);
    // @ts-expect-error the cross product is of three
    p.xy.cross(p.xy);
    // @ts-expect-error not atomic
    k.atomicAdd(y, 0, 1);
    // @ts-expect-error an atomic needs its value
    k.atomicAdd(c, 0);
    // @ts-expect-error arrays of bools do not exist
    k.shared.bool(3);
    // @ts-expect-error an array has a length
    k.array.f32();
    // @ts-expect-error floats are no atomics
    k.shared.atomic(k.f32, 4);
    // @ts-expect-error only reading
    x.set(0, 1);
    // @ts-expect-error indices are numbers
    x.at(on);
    // @ts-expect-error a barrier takes nothing
    k.barrier(1);
    // @ts-expect-error k.clamp takes three
    k.clamp(n, 1);
    // @ts-expect-error not of a scalar
    k.normalize(n);
    // @ts-expect-error the ids of an invocation are not to be set
    k.global.x = 1;
    // @ts-expect-error nor is a shape
    y.length = 2;
  },
});

export async function wrongLaunches(): Promise<void> {
  await using rt = await open();
  const x = new Float32Array(4);
  // @ts-expect-error no such option
  await rt.run(axpy, { a: 2, x }, { devise: 'cpu' });
  // @ts-expect-error a device is a name
  await rt.run(axpy, { a: 2, x }, { device: 1 });
  // @ts-expect-error a grid is numbers
  await rt.run(axpy, { a: 2, x }, { invocations: '4' });
  // @ts-expect-error a scalar is no array
  await rt.run(axpy, { a: x, x });
  // @ts-expect-error it has no consts
  axpy.with({ n: 1 });
  // @ts-expect-error DEBUG is a bool
  mm.with({ DEBUG: 1 });
  // @ts-expect-error no such mode
  axpy.as('quick');
  // @ts-expect-error bins are u32
  await rt.run(histogram, { data: new Uint8Array(4), bins: new Float32Array(256) });
  // @ts-expect-error bool is no element type of buffers
  rt.buffer(bool, 4);
  // @ts-expect-error the wrong kind of array
  rt.buffer(f32, 4, new Int32Array(4));
  const buffer = rt.buffer(i32, 4);
  (await buffer.read()) satisfies Int32Array;
  // @ts-expect-error the wrong kind of array
  buffer.write(x);
  // @ts-expect-error of another type
  buffer.copyFrom(rt.buffer(f32, 4));
  // @ts-expect-error not to be changed
  buffer.length = 5;
  // @ts-expect-error an output's type
  (await rt.run(axpy, { a: 2, x })).r satisfies Int32Array;
  // @ts-expect-error vectors are lists of numbers
  await rt.run(moved, { by: 1, p: x });
  await rt.run(moved, { by: [1, 2, 3], p: x });
}
const moved = kernel({
  name: 'moved',
  params: { by: vec3f, p: readWrite(vec3f) },
  body({ by, p }, k) {
    p[k.global.x] = p.at(k.global.x).add(by);
  },
});
