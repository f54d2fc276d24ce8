/** What is refused before anything runs: the caller gets a code, the name of what is wrong and what to do; arrays stay as they were. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  buffer as commonBuffer,
  type ErrorCode,
  f32,
  fn,
  i32,
  kernel,
  open,
  type Runtime,
  read,
  readWrite,
  run,
  write,
} from '../../src/index.ts';
import { double, increase, refused, type Unchecked, works } from './support.ts';

let rt: Runtime;
let other: Runtime;
beforeAll(async () => {
  rt = await open({ backends: ['interpreter', 'null'], calibrate: false });
  other = await open({ backends: ['interpreter'] });
});
afterAll(async () => {
  await rt.close();
  await other.close();
});

/** A row: what is wrong, the code, what the message names, and the doing of it. */
type Row = [what: string, code: ErrorCode, names: RegExp | string, action: (rt: Unchecked) => unknown];
function refusals(title: string, rows: Row[]): void {
  describe(title, () => {
    for (const [what, code, names, action] of rows)
      test(what, async () => {
        await refused(() => action(rt), code, names);
        await works(rt, 'interpreter');
      });
  });
}

const x = new Float32Array([1, 2, 3]);
const ints = () => new Int32Array([1, 2, 3]);
const body = () => {};
const sized = (size: unknown): Unchecked =>
  kernel({ name: 'sized', params: { r: write(f32) }, shapes: { r: () => size as number }, body });
const define = (definition: object) => () => kernel({ name: 'k', params: {}, body, ...definition } as Unchecked);

refusals('a definition', [
  ['nothing', 'invalid-kernel', 'kernel()', () => (kernel as Unchecked)()],
  ['no name', 'invalid-kernel', 'name', define({ name: '' })],
  ['no body', 'invalid-kernel', 'body', define({ body: undefined })],
  ['no params', 'invalid-kernel', 'params', define({ params: undefined })],
  ['a misspelt option', 'invalid-kernel', 'worgroup', define({ worgroup: 64 })],
  ['a parameter without a type', 'invalid-kernel', '"x"', define({ params: { x: undefined } })],
  ['a type as text', 'invalid-kernel', '"x"', define({ params: { x: 'f32' } })],
  ['read without a call', 'invalid-kernel', '"x"', define({ params: { x: read } })],
  ['read of nothing', 'invalid-kernel', '"x"', () => define({ params: { x: (read as Unchecked)() } })()],
  ['a type that does not exist', 'invalid-kernel', '"x"', define({ params: { x: { type: 'f64' } } })],
  [
    'an element that does not exist',
    'invalid-kernel',
    '"x"',
    define({ params: { x: read({ type: 'f64' } as Unchecked) } }),
  ],
  [
    'an access that does not exist',
    'invalid-kernel',
    'steal',
    define({ params: { x: { ...read(f32), access: 'steal' } } }),
  ],
  ['rank 5', 'invalid-kernel', 'rank 5', define({ params: { x: read(f32, 5 as 4) } })],
  ['consts that are none', 'invalid-kernel', 'consts', define({ consts: null })],
  ['a const of text', 'invalid-kernel', '"T"', define({ consts: { T: '1' } })],
  ['a plain function in uses', 'invalid-kernel', '"f"', define({ uses: { f: () => 1 } })],
  ['a workgroup of none', 'invalid-kernel', 'workgroup', define({ workgroup: null })],
  ['a workgroup of 0', 'invalid-kernel', 'workgroup', define({ workgroup: 0 })],
  ['a workgroup of four axes', 'invalid-kernel', '1 x 1 x 1 x 4', define({ workgroup: [1, 1, 1, 4] })],
  ['a workgroup of 1025', 'invalid-kernel', '1025', define({ workgroup: 1025 })],
  ['negative fuel', 'invalid-kernel', 'fuel -1', define({ fuel: -1 })],
  ['a mode that does not exist', 'invalid-kernel', 'quick', define({ mode: 'quick' })],
  [
    'a shape that is no function',
    'invalid-kernel',
    'shapes.r',
    define({ params: { r: write(f32) }, shapes: { r: 5 } }),
  ],
  ['a shape of no output', 'invalid-kernel', '"q"', define({ shapes: { q: () => 1 } })],
  ['invocations that are no function', 'invalid-kernel', 'invocations', define({ invocations: 5 })],
  ['fn of nothing', 'invalid-kernel', 'fn()', () => (fn as Unchecked)()],
  ['fn of an unknown type', 'invalid-kernel', 'fn()', () => fn([undefined as Unchecked], f32, () => 1)],
  ['an unknown const', 'unknown-name', '"TILE"', () => (double as Unchecked).with({ TILE: 1 })],
]);

refusals('a kernel to run', [
  ['nothing', 'argument-type', 'undefined', (rt) => rt.run()],
  ['a function', 'argument-type', 'Function', (rt) => rt.run(body, { x })],
  ['its definition', 'argument-type', 'Object', (rt) => rt.run({ name: 'k', params: {}, body }, {})],
  ['to be compiled', 'argument-type', 'null', (rt) => rt.compile(null)],
]);

refusals('arguments', [
  ['none', 'missing-argument', 'double', (rt) => rt.run(double)],
  ['by position', 'missing-argument', 'Float32Array', (rt) => rt.run(double, x)],
  ['in a list', 'missing-argument', 'Array', (rt) => rt.run(double, [x])],
  ['one too few', 'missing-argument', /increase needs n/, (rt) => rt.run(increase, { x: ints() })],
  ['misspelt', 'unknown-argument', /double has no parameter X/, (rt) => rt.run(double, { X: x })],
  ['Float64Array', 'argument-type', /x of double.*Float64Array/, (rt) => rt.run(double, { x: new Float64Array(3) })],
  ['number[]', 'argument-type', /x of double.*plain array/, (rt) => rt.run(double, { x: [1, 2, 3] })],
  ['a promise', 'argument-type', /x of double.*Promise/, (rt) => rt.run(double, { x: Promise.resolve(x) })],
  ['a fraction for i32', 'argument-range', /n of increase is 1.5/, (rt) => rt.run(increase, { x: ints(), n: 1.5 })],
  ['an output of another length', 'argument-shape', /r of double.*\[2\]/, (rt) => rt.run(double, { x, r: x.slice(1) })],
  ['one array twice', 'overlapping-arguments', /x and r of double/, (rt) => rt.run(double, { x, r: x })],
  [
    'views that overlap',
    'overlapping-arguments',
    /x and r of double/,
    (rt) => {
      const memory = new Float32Array(4);
      return rt.run(double, { x: memory.subarray(0, 3), r: memory.subarray(1, 4) });
    },
  ],
  ['an output of a bigint length', 'argument-shape', 'bigint 5', (rt) => rt.run(sized(5n), {})],
  ['an output of a promised length', 'argument-shape', 'Promise', (rt) => rt.run(sized(Promise.resolve(5)), {})],
  ['an output of NaN elements', 'argument-shape', 'NaN', (rt) => rt.run(sized(Number.NaN), {})],
  ['an output of 2^31 elements', 'argument-shape', '2147483648', (rt) => rt.run(sized(2 ** 31), {})],
]);

refusals('launch options', [
  ['null', 'invalid-option', 'null', (rt) => rt.run(double, { x }, null)],
  ['a device alone', 'invalid-option', '"cpu"', (rt) => rt.run(double, { x }, 'cpu')],
  ['a number', 'invalid-option', '64', (rt) => rt.run(double, { x }, 64)],
  ['misspelt', 'invalid-option', 'devise', (rt) => rt.run(double, { x }, { devise: 'cpu' })],
  ['an unknown device', 'unknown-device', '"gpu"', (rt) => rt.run(double, { x }, { device: 'gpu' })],
  ['a device that is no name', 'unknown-device', '"5"', (rt) => rt.run(double, { x }, { device: 5 })],
  ['strict without a device', 'invalid-option', 'strict', (rt) => rt.run(double, { x }, { strict: true })],
  ['strict by a word', 'invalid-option', '"yes"', (rt) => rt.run(double, { x }, { device: 'int', strict: 'yes' })],
  [
    'a controller for its signal',
    'invalid-option',
    'AbortController',
    (rt) => rt.run(double, { x }, { signal: new AbortController() }),
  ],
  ['a deadline of NaN', 'invalid-option', 'NaN', (rt) => rt.run(double, { x }, { deadline: Number.NaN })],
  ['a deadline as text', 'invalid-option', '5 s', (rt) => rt.run(double, { x }, { deadline: '5 s' })],
  ['invocations of bigint', 'invalid-option', 'bigint 10', (rt) => rt.run(double, { x }, { invocations: 10n })],
  ['invocations of NaN', 'invalid-option', 'NaN', (rt) => rt.run(double, { x }, { invocations: Number.NaN })],
  [
    'invocations of four axes',
    'invalid-option',
    /\[1, 1, 1, 1\]/,
    (rt) => rt.run(double, { x }, { invocations: [1, 1, 1, 1] }),
  ],
  ['an unknown policy', 'invalid-option', '"best"', (rt) => rt.run(double, { x }, { policy: 'best' })],
  ['a policy that is a function', 'invalid-option', 'function', (rt) => rt.run(double, { x }, { policy: () => 0 })],
  ['explain with a bad signal', 'invalid-option', 'signal', (rt) => rt.explain(double, { x }, { signal: 5 })],
]);

const data = new Int32Array([1, 2, 3]);
const held = (rt: Unchecked, type: Unchecked = i32, shape: unknown = 3) => rt.buffer(type, shape);
const freed = (rt: Unchecked) => {
  const one = held(rt);
  one.free();
  one.free();
  return one;
};
refusals('a buffer', [
  ['of nothing', 'argument-type', 'undefined', (rt) => rt.buffer()],
  ['of null', 'argument-type', 'undefined', (rt) => rt.buffer(null, 4)],
  ['of bool', 'argument-type', 'bool', (rt) => rt.buffer({ type: 'bool' }, 4)],
  ['of no size', 'argument-shape', 'undefined', (rt) => rt.buffer(i32)],
  ['of an array for a size', 'argument-shape', 'Int32Array', (rt) => held(rt, i32, data)],
  ['of a negative size', 'argument-shape', '-1', (rt) => held(rt, i32, -1)],
  ['of rank 5', 'argument-shape', /\[1, 1, 1, 1, 1\]/, (rt) => held(rt, i32, [1, 1, 1, 1, 1])],
  ['with other data', 'argument-shape', '3 elements', (rt) => rt.buffer(i32, 2, data)],
  ['read beyond its end', 'argument-range', '0 to 5', (rt) => held(rt).read(0, 5)],
  ['read at NaN', 'argument-range', 'NaN', (rt) => held(rt).read(Number.NaN)],
  ['written beyond its end', 'argument-range', '1 to 4', (rt) => held(rt).write(data, 1)],
  ['written with another type', 'argument-type', 'Float32Array', (rt) => held(rt).write(x)],
  ['copied from an array', 'argument-type', 'Int32Array', (rt) => held(rt).copyFrom(data)],
  ['copied from another length', 'argument-shape', '4 i32', (rt) => held(rt).copyFrom(held(rt, i32, 4))],
  ['mapped with nothing', 'argument-type', 'undefined', (rt) => held(rt).map()],
  ['of another type', 'argument-type', 'buffer of i32', (rt) => rt.run(double, { x: held(rt) })],
  ['of another rank', 'argument-shape', /\[3, 3\]/, (rt) => rt.run(double, { x: held(rt, f32, [3, 3]) })],
  ['freed, read', 'freed-buffer', 'freed', (rt) => freed(rt).read()],
  ['freed, written', 'freed-buffer', 'freed', (rt) => freed(rt).write(data)],
  ['freed, as an argument', 'freed-buffer', 'freed', (rt) => rt.run(increase, { x: freed(rt), n: 1 })],
  ['of another runtime', 'foreign-buffer', 'x of increase', (rt) => rt.run(increase, { x: held(other), n: 1 })],
  ['of another runtime, copied', 'foreign-buffer', 'copyFrom', (rt) => held(rt).copyFrom(held(other))],
  [
    'of a runtime, at the top level',
    'foreign-buffer',
    'x of increase',
    () => run(increase, { x: held(rt), n: 1 } as Unchecked),
  ],
  [
    'of the top level, in a runtime',
    'foreign-buffer',
    'x of increase',
    (rt) => rt.run(increase, { x: commonBuffer(i32, 3), n: 1 }),
  ],
]);

const graph = (rt: Unchecked) =>
  rt.record((r: Unchecked) => r.run(increase, { x: held(rt), n: r.slots.n }), { slots: { n: i32 } });
refusals('a graph', [
  ['of nothing', 'invalid-option', 'record()', (rt) => rt.record()],
  ['of an async function', 'invalid-option', 'asynchronous', (rt) => rt.record(async () => {})],
  ['of arrays', 'argument-type', 'x of double', (rt) => rt.record((r: Unchecked) => r.run(double, { x }))],
  [
    'with an unknown slot',
    'missing-argument',
    'increase needs',
    (rt) => rt.record((r: Unchecked) => r.run(increase, { x: held(rt), n: r.slots.m })),
  ],
  ['with a slot of no type', 'invalid-option', 'slot n', (rt) => rt.record(body, { slots: { n: 'number' } })],
  ['with a slot of null', 'invalid-option', 'slot n', (rt) => rt.record(body, { slots: { n: null } })],
  ['run without its slot', 'missing-argument', 'slot n', (rt) => graph(rt).run()],
  ['run with null', 'missing-argument', 'null', (rt) => graph(rt).run(null)],
  ['run with another slot', 'unknown-argument', 'slot m', (rt) => graph(rt).run({ n: 1, m: 1 })],
  ['run with a fraction', 'argument-range', 'slot n is 0.5', (rt) => graph(rt).run({ n: 0.5 })],
  ['run with bad options', 'invalid-option', 'null', (rt) => graph(rt).submit({ n: 1 }, null)],
]);

test('what was refused left no job behind: close ends', async () => {
  const one = await open({ backends: ['interpreter'] });
  await refused(() => one.run(double, { x }, { signal: {} as Unchecked }), 'invalid-option', 'signal');
  await one.close();
  await one.close();
  await refused(() => one.run(double, { x }), 'closed', 'closed');
  await refused(() => one.submit(double, { x }), 'closed', 'closed');
  await refused(() => one.explain(double, { x }), 'closed', 'closed');
  await refused(() => one.buffer(f32, 1), 'closed', 'closed');
  await refused(() => one.record(() => {}), 'closed', 'closed');
  expect(x).toEqual(new Float32Array([1, 2, 3]));
});

test('an atomic parameter takes integers only', async () => {
  await refused(define({ params: { x: { ...readWrite(f32), access: 'atomic' } } }), 'invalid-kernel', 'atomic of f32');
});
