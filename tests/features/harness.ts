/**
 * Features of other languages with our code for each, as rows of tables: what the tests run, on the interpreter against plain references,
 * and the pages of docs/ show.
 *
 * A row that shows statements runs in a kernel of the parameters below, one workgroup of eight invocations, where `i` is `k.global.x`; what it
 * stores to `r` (f32), `ri` (i32), `ru` (u32), `rh` (f16), `r2`, `r3` or `r4` (vectors of f32) or adds to `counts` (atomic u32) is compared
 * with what its reference gives for each i. A row that shows more is a program of its own, with the package's names in sight, that leaves
 * what is compared in the variable `gives`.
 */

import { runInNewContext } from 'node:vm';
import * as isokernel from '../../src/index.ts';

const { atomic, f16, f32, fn, i32, kernel, read, readWrite, u8, u32, vec2f, vec3f, vec4f, write } = isokernel;

const floats = {
  x: [0.5, -1.25, 3, 0.125, 7.75, -0.5, 2, 1],
  y: [2, 0.5, -3, 1, 4, 0.25, -2, 9],
} as const;
const signed = { s: [3, -7, 100, -1, 0, 255, -128, 77], t: [2, 3, -5, 7, 1, -16, 9, 4] } as const;
const unsigned = {
  u: [1, 0xffffffff, 77, 0, 2 ** 31, 12345, 7, 0x01ff8002],
  w: [3, 2, 0x80ff7f01, 5, 16, 7, 31, 9],
} as const;
/** Values of the inputs, by name, as the references see them. */
export const inputs = {
  ...floats,
  ...signed,
  ...unsigned,
  /** Bytes. */
  b: [0, 1, 2, 254, 255, 7, 9, 128],
  /** Exact in f16. */
  h: [0.5, -2, 10, 0.25, 3, -0.125, 7, 1],
  p: pairs(2),
  v: pairs(3),
  q: pairs(4),
  /** Two rows of four. */
  m: [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ],
  a: 1.5,
  c: 3,
  on: true,
  SIZE: 3,
} as const;
function pairs(count: number): number[][] {
  return Array.from({ length: 8 }, (_, i) => Array.from({ length: count }, (_, j) => ((i * 5 + j * 3) % 11) / 4 - 1));
}
export type Inputs = typeof inputs;

export const params = {
  ...{ x: read(f32), y: read(f32), s: read(i32), t: read(i32), u: read(u32), w: read(u32), b: read(u8), h: read(f16) },
  ...{ p: read(vec2f), v: read(vec3f), q: read(vec4f), m: read(f32, 2), a: f32, c: i32, on: isokernel.bool },
  ...{
    r: write(f32),
    ri: write(i32),
    ru: write(u32),
    rh: write(f16),
    r2: write(vec2f),
    r3: write(vec3f),
    r4: write(vec4f),
  },
  ...{ z: readWrite(f32), counts: atomic(u32) },
};
const outputs = ['r', 'ri', 'ru', 'rh', 'r2', 'r3', 'r4', 'z', 'counts'] as const;
const widths: Readonly<Record<string, number>> = { r2: 2, r3: 3, r4: 4 };

/** One row: what the other language has, how it is written here, and what it must give. */
export interface Feature {
  readonly theirs: string;
  readonly ours: string;
  /** By invocation, from the inputs; a whole program's result as it is. */
  readonly gives?: unknown;
  /** A word on what differs. */
  readonly note?: string;
}
type Reference = (i: number, inputs: Inputs) => number | boolean | readonly number[];

/** Statements with what they give. */
export const row = (theirs: string, ours: string, gives: Reference, note?: string): Feature => ({
  theirs,
  ours,
  gives,
  ...(note !== undefined && { note }),
});
/** A whole program. */
export const program = (theirs: string, ours: string, gives: unknown, note?: string): Feature => ({
  theirs,
  ours: ours.trim(),
  gives,
  ...(note !== undefined && { note }),
});
/** What is not here, and why. */
export const absent = (theirs: string, reason: string): Feature => ({ theirs, ours: '', note: reason });

const half = fn([f32], f32, (_, value) => value / 2);

/** Runs a row: what it gives and what it must give, as lists. */
export async function results(
  rt: isokernel.Runtime,
  feature: Feature,
): Promise<{ actual: unknown; expected: unknown }> {
  if (typeof feature.gives !== 'function') {
    const text = `(async () => {\n${feature.ours}\nreturn gives;\n})()`;
    const run: isokernel.Runtime['run'] = (...given) => rt.run(...given);
    const sight = { ...isokernel, open: async () => rt, run, rt, performance };
    return { actual: await (runInNewContext(text, sight) as Promise<unknown>), expected: feature.gives };
  }
  const reference = feature.gives as Reference;
  const target = outputs.find((name) => new RegExp(`\\b${name}(\\[| ?\\.set\\(|, )`).test(feature.ours))!;
  const names = [...Object.keys(params), 'SIZE', 'half'].join(', ');
  const text = `({ ${names} }, k) => { const i = k.global.x; ${feature.ours} }`;
  const one = kernel({
    name: 'row',
    params,
    consts: { SIZE: inputs.SIZE },
    uses: { half },
    workgroup: 8,
    body: runInNewContext(`(${text})`),
  });
  const f = Float32Array;
  const args = {
    x: f.from(floats.x),
    y: f.from(floats.y),
    s: Int32Array.from(signed.s),
    t: Int32Array.from(signed.t),
    u: Uint32Array.from(unsigned.u),
    w: Uint32Array.from(unsigned.w),
    b: Uint8Array.from(inputs.b),
    h: f16.encode(inputs.h),
    p: f.from(inputs.p.flat()),
    v: f.from(inputs.v.flat()),
    q: f.from(inputs.q.flat()),
    m: { data: f.from(inputs.m.flat()), shape: [2, 4] },
    a: inputs.a,
    c: inputs.c,
    on: inputs.on,
    z: f.from(floats.x),
    counts: new Uint32Array(8),
    ...{ r: new f(8), ri: new Int32Array(8), ru: new Uint32Array(8), rh: new Uint16Array(8) },
    ...{ r2: new f(16), r3: new f(24), r4: new f(32) },
  };
  await rt.run(one, args, { invocations: 8 });
  const left = target === 'rh' ? f16.decode(args.rh) : args[target];
  const width = widths[target] ?? 1;
  const actual = Array.from({ length: 8 }, (_, i) => [...left.slice(i * width, (i + 1) * width)]);
  const expected = Array.from({ length: 8 }, (_, i) => [reference(i, inputs)].flat().map(Number));
  return { actual, expected };
}
