/**
 * Kernels made to be misunderstood, on every device of this machine against the interpreter: what DESIGN pins for all
 * backends (integers that wrap, comparisons with NaN, indices out of bounds), control flow and order of effects that a
 * translation can get wrong, and workgroups whose sizes fit nothing.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend as cpu } from '../../backends/cpu/index.ts';
import { backend as interpreter } from '../../backends/interpreter/index.ts';
import { backend as webgpu } from '../../backends/webgpu/index.ts';
import { atomic, f32, i16, i32, type K, kernel, read, readWrite, u8, u32, vec3f, write } from '../../src/index.ts';
import { type Arguments, open, type RunnableKernel, type Runtime } from '../../src/runtime/index.ts';
import { describeAdapters } from '../support/adapters.ts';

interface Case {
  /** A `RunnableKernel`, whose own types nobody needs here. */
  readonly kernel: object;
  /** Made anew for each run; typed arrays are compared afterwards. */
  readonly args: () => Arguments;
  readonly invocations?: number | readonly number[];
}

/** An array of any rank, for bodies that are made as text. */
interface Indexable {
  at(...indices: number[]): number;
  set(...indicesAndValue: number[]): void;
  readonly shape: readonly [number, number];
  [index: number]: number;
}

const range = (length: number, value: (i: number) => number = (i) => i) => Array.from({ length }, (_, i) => value(i));
/** Every number with every number, as two arrays. */
function pairs(of: readonly number[]): [number[], number[]] {
  const both = of.flatMap((x) => of.map((y) => [x, y] as const));
  return [both.map(([x]) => x), both.map(([, y]) => y)];
}
const integers = [0, 1, -1, 2, -7, 31, 32, 33, -31, 65535, 65536, 1000003, 2 ** 31 - 1, 1 - 2 ** 31, -(2 ** 31)];
const floats = [
  ...[0, -0, 1, -0.5, 0.5, 1.5, 2.5, -2.5, 3.4e38, Infinity, -Infinity, Number.NaN],
  ...[2 ** 31, -(2 ** 31), 2 ** 32, 4294967040, 16777217, 0.99999994, 1e10],
];
const scrambled = () => Int32Array.from(range(64, (i) => Math.imul(i, 2654435761) >> 7));

const cases: Record<string, Case> = {
  'integers at their limits': {
    kernel: kernel({
      name: 'limits',
      params: { a: read(i32), b: read(i32), r: write(i32, 2) },
      shapes: { r: ({ a }) => [a.length, 15] },
      invocations: ({ a }) => a.length,
      body({ a, b, r }, k) {
        const i = k.global.x;
        const x = a.at(i);
        const y = b.at(i);
        r.set(i, 0, x + y);
        r.set(i, 1, x * y - (y - x));
        r.set(i, 2, k.idiv(x, y));
        r.set(i, 3, x % y);
        r.set(i, 4, x << y);
        r.set(i, 5, x >> y);
        r.set(i, 6, x >>> y);
        r.set(i, 7, x < y ? 1 : 0);
        r.set(i, 8, k.i32(k.min(k.u32(x), k.u32(y))));
        r.set(i, 9, k.mulHigh(x, y));
        r.set(i, 10, k.rotateLeft(x, y) ^ k.rotateRight(y, x));
        r.set(i, 11, k.i32(k.idiv(k.u32(x), k.u32(y))));
        r.set(i, 12, k.i32(k.u32(x) % k.u32(y)));
        r.set(i, 13, k.countLeadingZeros(x) + 100 * k.countTrailingZeros(y) + 10000 * k.countOneBits(x));
        r.set(i, 14, k.u32(x) < k.u32(y) ? k.reverseBits(x) : k.clamp(x, y, 5));
      },
    }),
    args: () => ({ a: Int32Array.from(pairs(integers)[0]), b: Int32Array.from(pairs(integers)[1]) }),
  },
  'integers with constants': {
    kernel: kernel({
      name: 'constants',
      params: { a: read(i32), r: write(i32, 2) },
      shapes: { r: ({ a }) => [a.length, 8] },
      invocations: ({ a }) => a.length,
      body({ a, r }, k) {
        const i = k.global.x;
        const x = a.at(i);
        r.set(i, 0, k.idiv(x, 0) + (x % 0));
        r.set(i, 1, k.idiv(x, -1) - (x % -1));
        r.set(i, 2, (x << 33) ^ (x >> 32));
        r.set(i, 3, k.idiv(-2147483648, x));
        r.set(i, 4, x * -2147483648 + 2147483647);
        r.set(i, 5, k.idiv(k.i32(-2147483648), -1) + (k.i32(7) % 0));
        r.set(i, 6, x < -2147483648 || x > 2147483647 ? 1 : 0);
        r.set(i, 7, k.i32(k.f32(1e20)) + k.i32(k.u32(4294967295)));
      },
    }),
    args: () => ({ a: Int32Array.from(integers) }),
  },
  'comparisons and conversions of floats': {
    kernel: kernel({
      name: 'floats',
      params: { a: read(f32), b: read(f32), r: write(i32, 2) },
      shapes: { r: ({ a }) => [a.length, 12] },
      invocations: ({ a }) => a.length,
      body({ a, b, r }, k) {
        const i = k.global.x;
        const x = a.at(i);
        const y = b.at(i);
        const shown = (v: number) => (v >= 0 || v < 0 ? k.bitcast.i32(v) : -1); // the bits of a NaN are open
        r.set(i, 0, (x < y ? 1 : 0) + (x <= y ? 2 : 0) + (x === y ? 4 : 0) + (x !== y ? 8 : 0));
        r.set(i, 1, (!(x < y) ? 1 : 0) + (!(x >= y) ? 2 : 0) + (!(x === y) ? 4 : 0) + (x ? 8 : 0) + (!y ? 16 : 0));
        r.set(i, 2, k.i32(x));
        r.set(i, 3, k.i32(k.u32(x)));
        r.set(i, 4, shown(k.min(x, y)));
        r.set(i, 5, shown(k.max(x, y)));
        r.set(i, 6, shown(Math.min(x, y)));
        r.set(i, 7, shown(Math.max(x, y)));
        r.set(i, 8, shown(k.round(x)));
        r.set(i, 9, shown(Math.round(x)));
        r.set(i, 10, shown(k.trunc(x) - k.floor(y)));
        r.set(i, 11, shown(-x));
      },
    }),
    args: () => ({ a: Float32Array.from(pairs(floats)[0]), b: Float32Array.from(pairs(floats)[1]) }),
  },
  'packed elements with tails': {
    kernel: kernel({
      name: 'packed',
      params: { x: read(u8), y: readWrite(i16), r: write(u8), back: write(i16) },
      shapes: { r: ({ x }) => x.length, back: ({ x }) => x.length + 3 },
      invocations: ({ x }) => x.length,
      body({ x, y, r, back }, k) {
        const i = k.global.x;
        const v = k.i32(x.at(i));
        r[i] = v * 77 - k.i32(x.at(i + 1)) + k.i32(x.at(-1));
        for (let j = 0; j < 5; j++) y[i] = y.at(i) * 3 + j;
        if (i % 3 !== 0) y[i] = y.at(i) - v;
        back[x.length - 1 - i] = v * 300;
        back[i + 1000000] = v;
        back[-1 - i] = v;
      },
    }),
    args: () => ({ x: Uint8Array.from(range(257, (i) => i * 7)), y: Int16Array.from(range(257, (i) => i * -321)) }),
  },
  'indices out of every bound': {
    kernel: kernel({
      name: 'bounds',
      params: { a: read(i32, 3), u: read(vec3f), v: readWrite(vec3f), r: write(i32, 4) },
      shapes: { r: () => [2, 3, 5, 4] },
      body({ a, u, v, r }, k) {
        const x = k.global.x;
        const y = k.global.y;
        const z = k.global.z % r.shape[1];
        const w = k.idiv(k.global.z, r.shape[1]);
        const own = k.array.vec3f(3);
        own[1] = u.at(x);
        own[3] = u.at(y);
        const sum =
          a.at(y, x, z) + 10 * a.at(y, x, z + 2) + 100 * a.at(-1, x, z) + 1000 * a.at(y, 9, 0) + a.at(3, 0, 0);
        r.set(w, z, y, x, sum + k.i32(own.at(1).z + own.at(2).x + own.at(-1).y) * 7);
        r.set(w, z, y, x + 4, -1);
        r.set(w, z + 3, y, x, -1);
        r.set(w, -1, y, x, -1);
        r.set(w, z, 2147483647, x, -1);
        if (y === 0 && k.global.z === 0) v[x] = v.at(x).zxy.with('y', k.f32(x));
        v.set(-5, own.at(1));
        v.set(1073741824, own.at(1));
      },
    }),
    args: () => ({
      a: { data: Int32Array.from(range(3 * 5 * 4)), shape: [3, 5, 4] },
      u: Float32Array.from(range(21)),
      v: Float32Array.from(range(21)),
    }),
  },
  'values that change places in loops': {
    kernel: kernel({
      name: 'places',
      params: { x: read(i32), n: i32, r: write(i32) },
      shapes: { r: () => 150 },
      body({ x, n, r }, k) {
        const i = k.global.x;
        let a = x.at(i);
        let b = i;
        let last = 7;
        outer: for (let j = i % 3, q = 20; j < q; j += 2, q--) {
          last = a;
          if (j % 2 === 0) {
            a = b;
            b = last + j;
          } else {
            b = a;
            a = last - b;
          }
          if (a > b) continue;
          let m = 0;
          do {
            m++;
            if (m % 3 === i % 3) continue;
            last += m;
            if (last % 11 === 0) continue outer;
            if (last % 13 === 0) break outer;
          } while (m < n + (i % 7));
          if (last % 17 === 0) {
            r[i] = -last;
            return;
          }
        }
        r[i] = a * 31 + b * 17 + last;
      },
    }),
    args: () => ({ x: scrambled(), n: 9 }),
  },
  'effects in their order': {
    kernel: kernel({
      name: 'order',
      params: { n: i32, r: readWrite(i32), c: atomic(u32) },
      body({ n, r, c }, k) {
        const i = k.global.x;
        const own = k.array.i32(4);
        own[0] = i;
        const before = own.at(0);
        own[i % 4] = 77;
        const test = (at: number) => {
          own[at] = own.at(at) + 1;
          return own.at(at) > 2;
        };
        const flags = (test(1) && test(2) ? 1 : 0) + (test(3) || test(1) ? 2 : 0);
        let j = 0;
        own[j++] = j + j++ * 10;
        own[1]! += own.at(0) * j;
        let sum = before + flags;
        for (let t = 0; t < n; t++) {
          const fresh = k.array.i32(3); // zero again each time
          fresh[t % 4] = t;
          for (let q = -1; q < 5; q++) sum = sum * 3 + fresh.at(q) + own.at(q);
        }
        r[i] = sum;
        r[i] = r.at(i) + r.at(i) * 2;
        k.atomicAdd(c, i % 5, k.u32(i));
        k.atomicMax(c, 5, k.u32(i * 7919) % 1000);
        k.atomicXor(c, 6, k.u32(sum));
        k.atomicAdd(c, -1, 1);
        k.atomicAdd(c, 7, 1);
      },
    }),
    args: () => ({ n: 5, r: new Int32Array(300), c: new Uint32Array(7) }),
  },
  'barriers in loops, in functions, beyond returns': {
    kernel: kernel({
      name: 'barriers',
      workgroup: 32,
      params: { x: read(i32), n: i32, r: write(i32), s: write(i32) },
      shapes: { r: () => 150, s: () => 150 },
      body({ x, n, r, s }, k) {
        const i = k.global.x;
        const l = k.local.x;
        const turn = (v: number) => {
          const t = k.shared.i32(32);
          t[l] = v;
          k.barrier();
          const next = t.at((l + 1) % 32);
          k.barrier();
          return next;
        };
        let sum = turn(i) * 1000 + turn(turn(i * 3));
        if (k.group.x === 2) return;
        for (let j = 0; j < n; j++) {
          s[i] = sum & 255;
          k.barrier();
          sum += s.at(k.group.x * 32 + ((l + j) % 32));
          k.barrier();
          if (j === 4) continue;
          if (k.groupMax(sum) > 40000) break;
          sum += k.groupScan(x.at(i) & 7);
        }
        r[i] = sum;
      },
    }),
    args: () => ({ x: scrambled(), n: 9 }),
  },
  'two invocations at one element of a workgroup of two axes': {
    kernel: kernel({
      name: 'columns',
      workgroup: [8, 8],
      params: { y: readWrite(i32) },
      body({ y }, k) {
        const x = k.global.x;
        if (k.local.y === 0) y[x] = 1;
        k.barrier();
        if (k.local.y === 3) y[x] = y.at(x) + 5;
        k.barrier();
        const seen = y.at(x);
        k.barrier();
        if (k.local.y === 7) y[x] = seen * 2;
      },
    }),
    args: () => ({ y: new Int32Array(20) }),
    invocations: [20, 8],
  },
};
/** Names that a translation uses for itself. */
for (const [one, two, three] of [
  ['index', 'inside', 'value'],
  ['word', 'shift', 'field'],
  ['old', 'result', 'expected'],
  ['first', 'i', 'l'],
  ['sign', 'launch', 'status'],
] as const) {
  const body = ({ a, b, c }: Record<'a' | 'b' | 'c', Indexable>, k: K) => {
    const x = k.global.x;
    b[x] = b.at(x) * 3 + a.at(x);
    c.set(x, 2, c.at(x, 1) + k.tanh(k.f32(c.shape[0] + 20)));
  };
  const text = String(body).replace('({ a, b, c }', `({ ${one}: a, ${two}: b, ${three}: c }`);
  cases[`parameters called ${one}, ${two} and ${three}`] = {
    kernel: kernel({
      name: one,
      params: { [one]: read(i32), [two]: readWrite(i16), [three]: readWrite(f32, 2) },
      body: Object.assign(() => {}, { toString: () => text }),
    }),
    args: () => ({
      [one]: Int32Array.from(range(9)),
      [two]: Int16Array.from(range(9)),
      [three]: { data: Float32Array.from(range(27)), shape: [9, 3] },
    }),
    invocations: 9,
  };
}
/** Ghosts, odd sizes, one to three axes: what collectives give to each, and what their canonical order rounds to. */
for (const [workgroup, grid] of [
  [
    [7, 1, 1],
    [40, 1, 1],
  ],
  [
    [5, 3, 7],
    [7, 5, 3],
  ],
] as const) {
  const [width, height, depth] = grid;
  cases[`collectives of a workgroup of ${workgroup} on a grid of ${grid}`] = {
    kernel: kernel({
      name: 'collectives',
      workgroup,
      params: { x: read(i32), width: i32, height: i32, r: write(i32, 2), c: atomic(u32) },
      shapes: { r: () => [width * height * depth, 6] },
      body({ x, width, height, r, c }, k) {
        const v = x.at((k.global.x + k.global.y * 17 + k.global.z * 31) % 64) >> 16;
        const at = k.global.x + width * (k.global.y + height * k.global.z);
        const least = k.groupMin(v);
        const total = k.groupSum(k.f32(v) * 0.1);
        const totals = k.groupScan(k.f32(v) * 0.1);
        const first = k.uniform(v);
        if (first > 0) k.barrier();
        k.atomicAdd(c, 0, 1);
        if (k.global.x >= width || k.global.y >= height) return;
        r.set(at, 0, least);
        r.set(at, 1, k.bitcast.i32(total));
        r.set(at, 2, k.bitcast.i32(totals));
        r.set(at, 3, first);
        r.set(at, 4, k.groups.x + 100 * k.groups.y + 10000 * k.groups.z);
        r.set(at, 5, k.localIndex + 1000 * (k.group.x + 10 * k.group.y + 100 * k.group.z));
      },
    }),
    args: () => ({ x: scrambled(), width, height, c: new Uint32Array(1) }),
    invocations: grid,
  };
}

let rt: Runtime;
beforeAll(async () => {
  rt = await open({ backends: [cpu, webgpu, interpreter], calibrate: false, threads: 2 });
});
afterAll(() => rt.close());

/** All arrays after a run. */
async function outcome({ kernel, args, invocations }: Case, device: string): Promise<Record<string, unknown>> {
  const given = args();
  const outputs = await rt.run(kernel as RunnableKernel, given, { device, strict: true, invocations });
  return { ...given, ...outputs };
}

const expected = new Map<Case, Promise<Record<string, unknown>>>();
async function check(one: Case, device: string): Promise<void> {
  if (!expected.has(one)) expected.set(one, outcome(one, 'interpreter'));
  const wanted = await expected.get(one);
  expect(await outcome(one, device)).toEqual(wanted);
}
test.each(Object.entries(cases))('cpu: %s', (_, one) => check(one, 'cpu'));
describeAdapters('semantics', ({ id }) => {
  test.each(Object.entries(cases))('%s', (_, one) => check(one, id));
});
