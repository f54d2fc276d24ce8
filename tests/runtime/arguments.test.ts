/** Bad input: each kind has its code and a hint, nothing is written, and the runtime goes on. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/ir/error.ts';
import type { Arguments, LaunchOptions, RunnableKernel } from '../../src/runtime/index.ts';
import { type Fixture, fails, fakeRuntime, i32, used } from '../support/fake-runtime.ts';
import { advance, idle, plus } from '../support/kernels.ts';

let fixture: Fixture;
let other: Fixture;
beforeAll(async () => {
  fixture = await fakeRuntime();
  other = await fakeRuntime();
});
afterAll(async () => {
  await fixture.rt.close();
  await other.rt.close();
});

const read1 = idle((b) => [b.buffer('x', 'read', 'f32')]);
const read2 = idle((b) => [b.buffer('x', 'read', 'f32', 2)]);
const half = idle((b) => [b.buffer('x', 'read', 'f16')]);
const vector = idle((b) => [b.buffer('x', 'read', 'vec3<f32>')]);
const pair = idle((b) => [b.buffer('x', 'read', 'i32'), b.buffer('y', 'readWrite', 'i32')]);
const output = idle((b) => [b.buffer('r', 'write', 'i32', 2)]);
const twoD = idle((b) => [b.buffer('r', 'write', 'i32', 2)], { shapes: { r: () => [2, 3] } });
const scalar = (type: 'i32' | 'u32' | 'f32' | 'bool' | 'vec2<f32>') => idle((b) => [b.scalar('s', type)]);
const shapeOf = (shape: unknown) =>
  idle((b) => [b.buffer('r', 'write', 'i32')], { shapes: { r: () => shape as number }, invocations: () => 1 });

function detached(): Int32Array {
  const array = i32(1, 2);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
const memory = i32(1, 2, 3, 4);

type Case = [what: string, code: ErrorCode, kernel: RunnableKernel, args: unknown, launch?: LaunchOptions];
const cases: Case[] = [
  ['no object of arguments', 'missing-argument', plus, undefined],
  ['a missing argument', 'missing-argument', plus, { x: i32(1) }],
  ['an unknown argument', 'unknown-argument', plus, { x: i32(1), n: 1, m: 2 }],
  ['a name of Object.prototype', 'unknown-argument', plus, { x: i32(1), n: 1, toString: 2 }],
  ['null for an array', 'argument-type', plus, { x: null, n: 1 }],
  ['a string for an array', 'argument-type', plus, { x: 'abc', n: 1 }],
  ['a number for an array', 'argument-type', plus, { x: 3, n: 1 }],
  ['an ArrayBuffer', 'argument-type', read1, { x: new ArrayBuffer(8) }],
  ['a DataView', 'argument-type', read1, { x: new DataView(new ArrayBuffer(8)) }],
  ['Float64Array for f32', 'argument-type', read1, { x: new Float64Array(2) }],
  ['number[] for f32', 'argument-type', read1, { x: [1, 2] }],
  ['number[] for f16', 'argument-type', half, { x: [1, 2] }],
  ['Uint32Array for i32', 'argument-type', plus, { x: new Uint32Array(1), n: 1 }],
  ['an array for a scalar', 'argument-type', plus, { x: i32(1), n: i32(1) }],
  ['a bigint scalar', 'argument-type', scalar('i32'), { s: 1n }],
  ['a number for bool', 'argument-type', scalar('bool'), { s: 1 }],
  ['a bool for a number', 'argument-type', scalar('f32'), { s: true }],
  ['too few components', 'argument-type', scalar('vec2<f32>'), { s: [1] }],
  ['a number for a vector', 'argument-type', scalar('vec2<f32>'), { s: 1 }],
  ['a fraction for i32', 'argument-range', scalar('i32'), { s: 1.5 }],
  ['NaN for i32', 'argument-range', scalar('i32'), { s: Number.NaN }],
  ['infinity for u32', 'argument-range', scalar('u32'), { s: Number.POSITIVE_INFINITY }],
  ['2^31 for i32', 'argument-range', scalar('i32'), { s: 2 ** 31 }],
  ['-1 for u32', 'argument-range', scalar('u32'), { s: -1 }],
  ['2^32 for u32', 'argument-range', scalar('u32'), { s: 2 ** 32 }],
  ['a plain array for rank 2', 'argument-shape', read2, { x: new Float32Array(4) }],
  ['a shape of the wrong rank', 'argument-shape', read2, { x: { data: new Float32Array(4), shape: [4] } }],
  ['a shape that is no array', 'argument-shape', read2, { x: { data: new Float32Array(4), shape: '2x2' } }],
  ['a negative length', 'argument-shape', read2, { x: { data: new Float32Array(4), shape: [-2, -2] } }],
  ['a fractional length', 'argument-shape', read2, { x: { data: new Float32Array(4), shape: [1.6, 2.5] } }],
  ['fewer elements than the shape', 'argument-shape', read2, { x: { data: new Float32Array(4), shape: [2, 3] } }],
  [
    'a shape with too many elements',
    'argument-shape',
    read2,
    { x: { data: new Float32Array(4), shape: [65536, 65536] } },
  ],
  ['part of a vector', 'argument-shape', vector, { x: new Float32Array(4) }],
  ['an output of another shape', 'argument-shape', twoD, { r: { data: new Int32Array(4), shape: [2, 2] } }],
  ['a shape function that gives NaN', 'argument-shape', shapeOf(Number.NaN), {}],
  ['a shape function that gives nothing', 'argument-shape', shapeOf(undefined), {}],
  ['an output nothing sizes', 'no-shape', output, {}],
  ['an array that was transferred', 'detached-array', plus, { x: detached(), n: 1 }],
  ['the same array read and written', 'overlapping-arguments', pair, { x: memory, y: memory }],
  ['overlapping views', 'overlapping-arguments', pair, { x: memory.subarray(0, 3), y: memory.subarray(2) }],
  ['no grid', 'no-invocations', idle((b) => [b.buffer('x', 'read', 'f32')], {}), { x: new Float32Array(1) }],
  ['too many invocations', 'too-many-invocations', read1, { x: new Float32Array(1) }, { invocations: [65536, 65536] }],
  ['too long an axis', 'too-many-invocations', read1, { x: new Float32Array(1) }, { invocations: 2 ** 31 }],
  ['a negative grid', 'invalid-option', read1, { x: new Float32Array(1) }, { invocations: -1 }],
  ['a fractional grid', 'invalid-option', read1, { x: new Float32Array(1) }, { invocations: [1, 1.5] }],
  ['a grid of four axes', 'invalid-option', read1, { x: new Float32Array(1) }, { invocations: [1, 1, 1, 1] }],
  ['an unknown option', 'invalid-option', plus, { x: i32(1), n: 1 }, { devcie: 'cpu' } as LaunchOptions],
  ['a deadline that is no number', 'invalid-option', plus, { x: i32(1), n: 1 }, { deadline: Number.NaN }],
  ['strict without a device', 'invalid-option', plus, { x: i32(1), n: 1 }, { strict: true }],
  ['an unknown policy', 'invalid-option', plus, { x: i32(1), n: 1 }, { policy: 'fastest' as 'random' }],
  ['an unknown device', 'unknown-device', plus, { x: i32(1), n: 1 }, { device: 'tpu' }],
  ['an empty device name', 'unknown-device', plus, { x: i32(1), n: 1 }, { device: '' }],
];

describe('each has its code, from run as from submit', () => {
  test.each(cases)('%s: %s', async (_, code, kernel, args, launch) => {
    const { rt, device } = fixture;
    await fails(() => rt.run(kernel, args as Arguments, launch), code);
    await fails(() => rt.submit(kernel, args as Arguments, launch), code);
    await fails(() => rt.explain(kernel, args as Arguments, launch), code);
    expect(used(rt, device)).toBe(0);
    expect(await rt.run(plus, { x: i32(1), n: 1 })).toEqual({ r: i32(2) });
  });
});

describe('buffers', () => {
  test('of another runtime, freed, of another type, of another rank', async () => {
    const { rt } = fixture;
    const freed = rt.buffer('i32', 1);
    freed.free();
    freed.free();
    await fails(() => rt.run(plus, { x: other.rt.buffer('i32', 1), n: 1 }), 'foreign-buffer');
    await fails(() => rt.run(plus, { x: freed, n: 1 }), 'freed-buffer');
    await fails(() => freed.read(), 'freed-buffer');
    await fails(() => freed.write(i32(1)), 'freed-buffer');
    await fails(() => rt.run(plus, { x: rt.buffer('u32', 1), n: 1 }), 'argument-type');
    await fails(() => rt.run(plus, { x: rt.buffer('i32', [1, 1]), n: 1 }), 'argument-shape');
  });
  test('one for two parameters, one of them written', async () => {
    const { rt } = fixture;
    const x = rt.buffer('i32', 2, i32(1, 2));
    await fails(() => rt.run(pair, { x, y: x }), 'overlapping-arguments');
    expect(await x.read()).toEqual(i32(1, 2));
  });
  test('made or used out of range', async () => {
    const { rt } = fixture;
    const x = rt.buffer('i32', 4);
    await fails(() => rt.buffer('f64' as 'f32', 1), 'argument-type');
    await fails(() => rt.buffer('bool' as 'f32', 1), 'argument-type');
    await fails(() => rt.buffer('f32', -1), 'argument-shape');
    await fails(() => rt.buffer('f32', []), 'argument-shape');
    await fails(() => rt.buffer('f32', [1, 1, 1, 1, 1]), 'argument-shape');
    await fails(() => rt.buffer('f32', 3, new Float32Array(2)), 'argument-shape');
    await fails(() => rt.buffer('f32', 3, [1, 2, 3] as unknown as Float32Array), 'argument-type');
    await fails(() => x.read(3, 2), 'argument-range');
    await fails(() => x.read(-1), 'argument-range');
    await fails(() => x.read(0.5), 'argument-range');
    await fails(() => x.write(i32(1, 2), 3), 'argument-range');
    await fails(() => x.write(new Float32Array(1)), 'argument-type');
    await fails(() => x.copyFrom(rt.buffer('u32', 4)), 'argument-shape');
    await fails(() => x.copyFrom(rt.buffer('i32', 5)), 'argument-shape');
    await fails(() => x.copyFrom(other.rt.buffer('i32', 4)), 'foreign-buffer');
  });
});

test('functions of the kernel that throw are said to', async () => {
  const { rt } = fixture;
  const kernel = idle((b) => [b.buffer('r', 'write', 'i32')], {
    shapes: {
      r: () => {
        throw new TypeError('no such thing');
      },
    },
  });
  const error = await fails(() => rt.run(kernel, {}), 'invalid-kernel');
  expect(error.message).toContain('no such thing');
});

test('an error of the front end is the error of the job', async () => {
  const { rt } = fixture;
  const broken: RunnableKernel = { ...advance, verified: () => Promise.reject(new Error('does not parse')) };
  const x = i32(1);
  await expect(rt.run(broken, { x, n: 1 })).rejects.toThrow('does not parse');
  expect(x).toEqual(i32(1));
});

test('an output that is transferred away while its job runs fails the job, and no other output is written', async () => {
  const { rt, device } = await fakeRuntime();
  const both = idle((b) => [b.buffer('p', 'readWrite', 'i32'), b.buffer('q', 'readWrite', 'i32')]);
  const [p, q] = [i32(1), i32(2)];
  device.hold();
  const job = rt.submit(both, { p, q });
  structuredClone(q.buffer, { transfer: [q.buffer] });
  device.open();
  await fails(() => job.done, 'detached-array');
  expect(p).toEqual(i32(1));
  await rt.close();
});
