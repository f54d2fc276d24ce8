/** What gpu.js's README documents of its kernels (version 2.24), section by section, and our way for each. */

import { absent, type Feature, program, row } from './harness.ts';

const math = (name: string, ours: string, of: (x: number) => number, note?: string): Feature =>
  row(`\`Math.${name}\``, ours, (i, d) => of(d.x[i]!), note);

// biome-ignore format: one feature a line is what makes this a table
export const gpujs: Readonly<Record<string, readonly Feature[]>> = {
  'Creating and running kernels': [
    program('`gpu.createKernel(function () { return this.thread.x }, { output: [4] })`', `
const count = kernel({
  name: 'count',
  params: { r: write(f32) },
  body({ r }, k) {
    r[k.global.x] = k.f32(k.global.x);
  },
});
const { r: gives } = await run(count, { r: new Float32Array(4) });
`, [0, 1, 2, 3], 'what the caller brings says how large it is; or `shapes` does'),
    program('`output: [width]`, `[width, height]`, `[width, height, depth]`, `{ x, y, z }`', `
const ids = kernel({
  name: 'ids',
  params: { h: i32, w: i32, r: write(i32, 2) },
  shapes: { r: ({ h, w }) => [h, w] },
  body({ r }, k) {
    r.set(k.global.y, k.global.x, 10 * k.global.y + k.global.x);
  },
});
const { r: gives } = await run(ids, { h: 2, w: 3 });
`, [0, 1, 2, 10, 11, 12], 'the slowest dimension first; up to rank 4'),
    row('`this.thread.x`, `.y`, `.z`', 'ri[i] = k.global.x + k.global.y + k.global.z;', (i) => i),
    row('`this.output.x`', 'ri[i] = r.length;', () => 8),
    program('`kernel.setOutput([4])` later, `dynamicOutput: true`', `
const ones = kernel({
  name: 'ones',
  params: { n: i32, r: write(f32) },
  shapes: { r: ({ n }) => n },
  body({ r }, k) {
    r[k.global.x] = 1;
  },
});
const gives = [(await run(ones, { n: 2 })).r.length, (await run(ones, { n: 5 })).r.length];
`, [2, 5], 'every size is dynamic'),
    program('`dynamicArguments: true`', `
const copy = kernel({
  name: 'copy',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    r[k.global.x] = x[k.global.x];
  },
});
const gives = [];
for (const n of [1, 3]) gives.push((await run(copy, { x: new Float32Array(n) })).r.length);
`, [1, 3], 'arguments may have any size'),
    program('`kernel(a)` in a worker, with an `OffscreenCanvas`', `
const half = kernel({
  name: 'half',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = x.at(k.global.x) / 2;
  },
});
const gives = Float32Array.of(1, 2);
await run(half, { x: gives });
`, [0.5, 1], 'the package is the same in a worker; no canvas is needed'),
  ],
  'Variables and functions in kernels': [
    row('`const i = 1; const j = 0.89; return i + j`', 'const n = 1; const e = 0.89; r[i] = n + e;', () => 1.89),
    row('`const i = true; if (i) …`', 'const yes = true; if (yes) r[i] = 1;', () => 1),
    row('`const v = [0.08, 2]; return v`', 'const e = k.vec2(0.08, 2); r2[i] = e;', () => [0.08, 2]),
    row('`return [0.08, 2, 0.1]`', 'r3[i] = k.vec3(0.08, 2, 0.1);', () => [0.08, 2, 0.1]),
    row('`return [0.08, 2, 0.1, 3]`', 'r4[i] = k.vec4(0.08, 2, 0.1, 3);', () => [0.08, 2, 0.1, 3]),
    row('a function in the kernel', 'function three() { return k.vec3(1, 2, 3); } r3[i] = three();', () => [1, 2, 3]),
    row('`const { thread: { x, y } } = this`', 'const { global: { x: column, y: line } } = k; ri[i] = column + line;', (i) => i),
    row('`const [first, second] = array`', 'const [first, second] = [x[i], y[i]]; r[i] = first + second;', (i, d) => d.x[i]! + d.y[i]!),
  ],
  Input: [
    row('numbers', 'r[i] = a;', (_, d) => d.a),
    row('arrays of numbers', 'r[i] = x[i % 3];', (i, d) => d.x[i % 3]!),
    row('`a[this.thread.y][this.thread.x]`', 'r[i] = m.at(1, i % 4);', (i, d) => d.m[1][i % 4]!),
    program('three dimensions', `
const flat = kernel({
  name: 'flat',
  params: { a: read(f32, 3), r: write(f32) },
  shapes: { r: ({ a }) => a.length },
  body({ a, r }, k) {
    const i = k.global.x;
    r[i] = a.at(i >> 2, (i >> 1) & 1, i & 1);
  },
});
const { r: gives } = await run(flat, {
  a: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] },
});
`, [1, 2, 3, 4, 5, 6, 7, 8]),
    program('nested `Array`s', `
const copy = kernel({
  name: 'copy',
  params: { a: read(f32, 2), r: write(f32, 2) },
  shapes: { r: ({ a }) => a.shape },
  body({ a, r }, k) {
    r.set(k.global.y, k.global.x, a.at(k.global.y, k.global.x));
  },
});
const nested = [
  [1, 2],
  [3, 4],
];
const { r: gives } = await run(copy, {
  a: { data: Float32Array.from(nested.flat()), shape: [2, 2] },
});
`, [1, 2, 3, 4], 'typed arrays only: a plain one is an error that says what to write'),
    program('`input(values, [w, h])`', `
const sum = kernel({
  name: 'sum',
  params: { a: read(f32, 2), b: read(f32, 2), r: write(f32, 2) },
  shapes: { r: ({ a }) => a.shape },
  body({ a, b, r }, k) {
    const [y, x] = [k.global.y, k.global.x];
    r.set(y, x, a.at(y, x) + b.at(y, x));
  },
});
const a = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
const { r: gives } = await run(sum, { a, b: a });
`, [2, 4, 6, 8, 10, 12]),
    program('`Int8Array`, `Uint8Array`, `Int16Array`, `Uint16Array`', `
const wide = kernel({
  name: 'wide',
  params: { x: read(i16), r: write(i32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    r[k.global.x] = x.at(k.global.x) * 2;
  },
});
const { r: gives } = await run(wide, { x: Int16Array.of(-32768, 7) });
`, [-65536, 14], '`i8`, `u8`, `i16`, `u16`, as inputs and as outputs; `i32`, `u32` and `f16`, too'),
    program("`ImageData`, images, video frames, canvases", `
const grey = kernel({
  name: 'grey',
  params: { image: read(u8, 3), r: write(u8, 2) },
  shapes: { r: ({ image }) => [image.shape[0], image.shape[1]] },
  body({ image, r }, k) {
    const [y, x] = [k.global.y, k.global.x];
    r.set(y, x, k.idiv(image.at(y, x, 0) + image.at(y, x, 1) + image.at(y, x, 2), 3));
  },
});
const pixels = Uint8ClampedArray.of(30, 60, 90, 255, 1, 2, 3, 255);
const { r: gives } = await run(grey, { image: { data: pixels, shape: [1, 2, 4] } });
`, [60, 2], 'by their pixels: `context.getImageData(…).data`'),
    program('arrays of images', `
const first = kernel({
  name: 'first',
  params: { images: read(u8, 4), r: write(u8) },
  shapes: { r: ({ images }) => images.shape[0] },
  body({ images, r }, k) {
    r[k.global.x] = images.at(k.global.x, 0, 0, 0);
  },
});
const { r: gives } = await run(first, {
  images: { data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 1, 1, 4] },
});
`, [1, 5], 'rank 4'),
  ],
  Types: [
    row('`Number`, `Float`', 'r[i] = a * x[i];', (i, d) => d.a * d.x[i]!, '`f32`'),
    row('`Integer`', 'ri[i] = c * s[i];', (i, d) => d.c * d.s[i]!, '`i32`, and it stays one: integers wrap'),
    row('`Boolean`', 'r[i] = on ? x[i] : 0;', (i, d) => d.x[i]!, '`bool`'),
    row('`Array`', 'r[i] = x[i];', (i, d) => d.x[i]!, '`read(f32)`'),
    program('`Array(2)`, `Array(3)`, `Array(4)` as arguments', `
const moved = kernel({
  name: 'moved',
  params: { by: vec2f, r: readWrite(vec2f) },
  body({ by, r }, k) {
    r[k.global.x] = r.at(k.global.x).add(by);
  },
});
const gives = Float32Array.of(1, 1, 2, 2);
await run(moved, { by: [1, -1], r: gives });
`, [2, 0, 3, 1]),
    row('`Array1D(3)`', 'r3[i] = v[i].mul(2);', (i, d) => d.v[i]!.map((each) => 2 * each), '`read(vec3f)`'),
    program('`Array2D(2)`, `Array3D(4)` and their like', `
const sums = kernel({
  name: 'sums',
  params: { g: read(vec2f, 2), r: write(f32, 2) },
  shapes: { r: ({ g }) => g.shape },
  body({ g, r }, k) {
    const e = g.at(k.global.y, k.global.x);
    r.set(k.global.y, k.global.x, e.x + e.y);
  },
});
const { r: gives } = await run(sums, {
  g: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2] },
});
`, [3, 7, 11, 15], 'ranks 1 to 4 of any vector'),
    row('return types `Number`, `Float`, `Integer`, `Array(2)` to `Array(4)`', 'r2[i] = k.vec2(x[i], y[i]);', (i, d) => [d.x[i]!, d.y[i]!], 'outputs have a type: `write(vec2f)`'),
    row("`precision: 'unsigned'`, `'single'`, `optimizeFloatMemory`, `tactic`", 'r[i] = x[i] + 2 ** -20;', (i, d) => d.x[i]! + 2 ** -20, 'always full f32 on every device, and every element has its own memory'),
    row('`strictIntegers`, `fixIntegerDivisionAccuracy`', 'ri[i] = k.idiv(s[i], 3);', (i, d) => Math.trunc(d.s[i]! / 3), 'integers are exact everywhere'),
  ],
  Constants: [
    row('`this.constants.size`', 'r[i] = SIZE * x[i];', (i, d) => d.SIZE * d.x[i]!, '`consts: { SIZE: 3 }`'),
    program('`kernel.setConstants({ … })`', `
const scaled = kernel({
  name: 'scaled',
  params: { x: readWrite(f32) },
  consts: { BY: 2 },
  body({ x, BY }, k) {
    x[k.global.x] = BY * x.at(k.global.x);
  },
});
const gives = Float32Array.of(1, 2);
await run(scaled.with({ BY: 5 }), { x: gives });
`, [5, 10]),
    row('constants that are arrays or textures', 'r[i] = x[i];', (i, d) => d.x[i]!, 'are `read` parameters'),
  ],
  Loops: [
    row('a fixed number of times', 'let sum = k.f32(0); for (let j = 0; j < 4; j++) sum += m.at(0, j); r[i] = sum;', () => 10),
    row('`for (… i < this.constants.size …)`', 'let sum = k.f32(0); for (let j = 0; j < SIZE; j++) sum += x[j]; r[i] = sum;', (_, d) => d.x[0] + d.x[1] + d.x[2]),
    row('a number that is an argument', 'let sum = k.f32(0); for (let j = 0; j < c; j++) sum += x[j]; r[i] = sum;', (_, d) => d.x[0] + d.x[1] + d.x[2]),
    row('`loopMaxIterations`', 'let n = u[i] & 0xff; let steps = 0; while (n > 1) { n = n & 1 ? 3 * n + 1 : n >> 1; steps++; } ri[i] = steps;', (i, d) => { let n = d.u[i]! & 0xff; let steps = 0; for (; n > 1; steps++) n = n % 2 ? 3 * n + 1 : n / 2; return steps; }, 'loops that nothing bounds carry fuel: `fuel`, 2^26 iterations'),
    row('`while`, `do`, `break`, `continue`', 'let n = 0; do { n++; if (n > 4) break; } while (n < i); ri[i] = n;', (i) => Math.min(5, Math.max(1, i))),
  ],
  'Functions of your own': [
    row('`gpu.addFunction(f)`, `kernel.addFunction(f)`, `setFunctions([f])`', 'r[i] = half(x[i]);', (i, d) => d.x[i]! / 2, '`fn([f32], f32, (k, e) => e / 2)`, named in `uses`'),
    program('`argumentTypes`, `returnType`', `
const turned = fn([vec2f], vec2f, (k, e) => k.vec2(-e.y, e.x));
const turn = kernel({
  name: 'turn',
  params: { p: readWrite(vec2f) },
  uses: { turned },
  body({ p, turned }, k) {
    p[k.global.x] = turned(p.at(k.global.x));
  },
});
const gives = Float32Array.of(1, 2);
await run(turn, { p: gives });
`, [-2, 1]),
    program('functions that call functions', `
const square = fn([f32], f32, (_, e) => e * e);
const both = kernel({
  name: 'both',
  params: { x: readWrite(f32) },
  uses: { square },
  body({ x, square }, k) {
    const fourth = (e) => square(square(e));
    x[k.global.x] = fourth(x.at(k.global.x));
  },
});
const gives = Float32Array.of(2, 3);
await run(both, { x: gives });
`, [16, 81]),
    absent('`addNativeFunction`, `injectedNative`', 'a kernel is one program for every device, so there is no text of one of them to put in; say what is missing'),
  ],
  'Several results, several kernels': [
    program('`createKernelMap({ addResult, multiplyResult }, …)`', `
const both = kernel({
  name: 'both',
  params: { a: read(f32), b: read(f32), sum: write(f32), product: write(f32) },
  shapes: { sum: ({ a }) => a.length, product: ({ a }) => a.length },
  body({ a, b, sum, product }, k) {
    const i = k.global.x;
    sum[i] = a[i] + b[i];
    product[i] = a[i] * b[i];
  },
});
const { sum, product } = await run(both, {
  a: Float32Array.of(1, 2),
  b: Float32Array.of(3, 4),
});
const gives = [...sum, ...product];
`, [4, 6, 3, 8], 'of any type and size each'),
    program('`combineKernels(add, multiply, …)`', `
const binary = (name, of) =>
  kernel({
    name,
    params: { a: read(f32), b: read(f32), r: write(f32) },
    uses: { of },
    shapes: { r: ({ a }) => a.length },
    body({ a, b, r, of }, k) {
      const i = k.global.x;
      r[i] = of(a[i], b[i]);
    },
  });
const add = binary(
  'add',
  fn([f32, f32], f32, (_, a, b) => a + b),
);
const multiply = binary(
  'multiply',
  fn([f32, f32], f32, (_, a, b) => a * b),
);
const [a, sum] = [Float32Array.of(1, 2), rt.buffer(f32, 2)];
rt.submit(add, { a, b: a, r: sum });
const { r: gives } = await run(multiply, { a: sum, b: a });
`, [2, 8], '`sum` stays on the device; jobs order themselves by what they touch'),
    program('`pipeline: true`', `
const twice = kernel({
  name: 'twice',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 2 * x.at(k.global.x);
  },
});
const x = rt.buffer(f32, 3, Float32Array.of(1, 2, 3));
for (let j = 0; j < 4; j++) rt.submit(twice, { x });
const gives = await x.read();
`, [16, 32, 48]),
    program('`texture.toArray()`, `texture.clone()`, `texture.clear()`, `texture.delete()`', `
const x = rt.buffer(f32, 2, Float32Array.of(1, 2));
const copy = rt.buffer(f32, 2);
copy.copyFrom(x);
x.write(new Float32Array(2));
const gives = [...(await x.read()), ...(await copy.read())];
x.free();
`, [0, 0, 1, 2]),
    program('`immutable: true`', `
const next = kernel({
  name: 'next',
  params: { x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ x, r }, k) {
    r[k.global.x] = x[k.global.x] + 1;
  },
});
const one = await run(next, { x: Float32Array.of(1) });
const two = await run(next, { x: one.r });
const gives = [...one.r, ...two.r];
`, [2, 3], 'every result is an array of its own'),
    program('`gpu.createPipeline(…)`', `
const step = kernel({
  name: 'step',
  params: { from: read(f32), to: write(f32) },
  shapes: { to: ({ from }) => from.length },
  body({ from, to }, k) {
    const i = k.global.x;
    to[i] = (from.at(i - 1) + from.at(i) + from.at(i + 1)) / 2;
  },
});
const [u, v] = [rt.buffer(f32, 3, Float32Array.of(0, 8, 0)), rt.buffer(f32, 3)];
const graph = rt.record((r) => {
  for (let j = 0; j < 2; j++) {
    r.run(step, { from: u, to: v });
    r.run(step, { from: v, to: u });
  }
});
await graph.run();
const gives = await u.read();
`, [6, 8.5, 6], '`rt.record`: one submission for all of its launches'),
  ],
  'Asynchronous calls': [
    program('`asyncMode: true`, `await kernel(a)`', `
const twice = kernel({
  name: 'twice',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] *= 2;
  },
});
const gives = Float32Array.of(1, 2);
const job = rt.submit(twice, { x: gives });
await job.done;
`, [2, 4], 'always; `job.cancel()`, `signal` and `deadline` end one early'),
    program("`mode: 'async'`, which picks a backend", `
const one = kernel({
  name: 'one',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 1;
  },
});
const job = rt.submit(one, { x: new Float32Array(1) });
await job.done;
const gives = (await job.placement).device;
`, 'interpreter', 'the router does, for each job, and says why'),
    program("`mode: 'cpu'`, `'webgpu'`, `'webasm'`, …", `
const one = kernel({
  name: 'one',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 1;
  },
});
const gives = new Float32Array(2);
await run(one, { x: gives }, { device: 'interpreter' });
`, [1, 1], "`{ device: 'cpu' }` is WebAssembly on all cores"),
    program("`GPU.isGPUSupported`, `isWebGPUAvailable`, …", `
const gives = rt.devices.map(({ id }) => id);
`, ['interpreter'], '`rt.devices`, `rt.unavailable`; `npx isokernel devices`'),
    program('`kernel.kernel.constructor.mode`, `pipeline.backend`, `fallbackReason`', `
const one = kernel({
  name: 'one',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 1;
  },
});
const job = rt.submit(one, { x: new Float32Array(1) });
await job.done;
const gives = (await job.timing).device;
`, 'interpreter'),
    program('`gpu.destroy()`, `kernel.destroy()`', `
const own = await open();
const buffer = own.buffer(f32, 1);
buffer.free();
const gives = true;
`, true, '`await rt.close()`, or `await using rt = await open()`'),
  ],
  'Math functions': [
    math('abs', 'r[i] = Math.abs(x[i]);', Math.abs),
    math('acos', 'r[i] = Math.acos(x[i] / 8);', (x) => Math.acos(x / 8)),
    math('acosh', 'r[i] = Math.acosh(1 + x[i] * x[i]);', (x) => Math.acosh(1 + x * x)),
    math('asin', 'r[i] = Math.asin(x[i] / 8);', (x) => Math.asin(x / 8)),
    math('asinh', 'r[i] = Math.asinh(x[i]);', Math.asinh),
    math('atan', 'r[i] = Math.atan(x[i]);', Math.atan),
    math('atanh', 'r[i] = Math.atanh(x[i] / 8);', (x) => Math.atanh(x / 8)),
    row('`Math.atan2`', 'r[i] = Math.atan2(y[i], x[i]);', (i, d) => Math.atan2(d.y[i]!, d.x[i]!)),
    math('cbrt', 'r[i] = Math.cbrt(x[i]);', Math.cbrt),
    math('ceil', 'r[i] = Math.ceil(x[i]);', Math.ceil),
    math('cos', 'r[i] = Math.cos(x[i]);', Math.cos),
    math('cosh', 'r[i] = Math.cosh(x[i]);', Math.cosh),
    math('exp', 'r[i] = Math.exp(x[i]);', Math.exp),
    math('expm1', 'r[i] = Math.expm1(x[i]);', Math.expm1),
    math('floor', 'r[i] = Math.floor(x[i]);', Math.floor),
    math('fround', 'r[i] = Math.fround(x[i]);', Math.fround),
    row('`Math.imul`', 'ri[i] = Math.imul(s[i], t[i]);', (i, d) => Math.imul(d.s[i]!, d.t[i]!)),
    math('log', 'r[i] = Math.log(x[i] * x[i]);', (x) => Math.log(x * x)),
    math('log10', 'r[i] = Math.log10(x[i] * x[i]);', (x) => Math.log10(x * x)),
    math('log1p', 'r[i] = Math.log1p(x[i] * x[i]);', (x) => Math.log1p(x * x)),
    math('log2', 'r[i] = Math.log2(x[i] * x[i]);', (x) => Math.log2(x * x)),
    row('`Math.max`', 'r[i] = Math.max(x[i], y[i], 1);', (i, d) => Math.max(d.x[i]!, d.y[i]!, 1)),
    row('`Math.min`', 'r[i] = Math.min(x[i], y[i], 1);', (i, d) => Math.min(d.x[i]!, d.y[i]!, 1)),
    math('pow', 'r[i] = Math.pow(Math.abs(x[i]), 2.5);', (x) => Math.abs(x) ** 2.5, '`**`, too'),
    row('`Math.random()`', 'const e = k.random(7, i); r[i] = e >= 0 && e < 1 ? 1 : 0;', () => 1, '`k.random(seed, counter)`: without state, and the same on every device'),
    row('`randomSeed: 42`', 'r[i] = k.random(42, i) - k.random(42, i);', () => 0),
    math('round', 'r[i] = Math.round(x[i]);', Math.round),
    math('sign', 'r[i] = Math.sign(x[i]);', Math.sign),
    math('sin', 'r[i] = Math.sin(x[i]);', Math.sin),
    math('sinh', 'r[i] = Math.sinh(x[i]);', Math.sinh),
    math('sqrt', 'r[i] = Math.sqrt(x[i] * x[i]);', Math.abs),
    math('tan', 'r[i] = Math.tan(x[i] / 8);', (x) => Math.tan(x / 8)),
    math('tanh', 'r[i] = Math.tanh(x[i]);', Math.tanh),
    math('trunc', 'r[i] = Math.trunc(x[i]);', Math.trunc),
    row('`Math.clz32`, which gpu.js has not', 'ri[i] = Math.clz32(s[i]);', (i, d) => Math.clz32(d.s[i]!)),
    row('`Math.hypot`, which gpu.js has not', 'r[i] = Math.hypot(x[i], y[i]);', (i, d) => Math.hypot(d.x[i]!, d.y[i]!)),
    row('`Math.PI` and the other constants', 'r[i] = Math.PI * Math.SQRT2;', () => Math.PI * Math.SQRT2),
  ],
  'Bundlers, kernels that travel, debugging': [
    row('what bundlers and minifiers make of a kernel', 'x[i] > 0 ? (r[i] = 1, z[i] = 2) : r[i] = 3;', (i, d) => (d.x[i]! > 0 ? 1 : 3), '`npm run test:bundlers`'),
    program('`kernel.toJSON()`', `
const one = kernel({
  name: 'one',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 1;
  },
});
const gives = (await one.hash()).length;
`, 64, 'programs have bytes and a text: `writeBytes` and `print` of `isokernel/ir`'),
    program('`kernel.toString()`', `
const one = kernel({
  name: 'one',
  params: { x: readWrite(f32) },
  body: ({ x }) => {
    x[0] = 1;
  },
});
const gives = one.source;
`, '({ x }) => {\n    x[0] = 1;\n  }', '`npx isokernel show FILE --as wgsl`, `wasm` or `ir` prints what it became'),
    program("`mode: 'dev'`, `debugger`", `
const safe = kernel({
  name: 'safe',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    debugger;
    x[k.global.x] = 1;
  },
});
const gives = new Float32Array(1);
await run(safe, { x: gives }, { device: 'interpreter' });
`, [1], 'on the interpreter, which is the definition, as a device; `kernel.simulate` steps through one invocation, and `k.print` shows values on every device'),
    program('TypeScript typings', `
const gives = [typeof kernel, typeof fn, typeof run];
`, ['function', 'function', 'function'], 'arguments and results have the types of the kernel’s parameters'),
  ],
  'Graphical output': [
    absent('`graphical: true`, `this.color(r, g, b, a)`, `getPixels()`, `kernel.canvas`', 'no canvas: write pixels to a `u8` array of rank 3 and draw that with `putImageData`'),
  ],
};
