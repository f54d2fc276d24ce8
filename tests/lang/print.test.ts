/** k.print: what is shown, in what order, on every device, and what becomes of it where there is too much. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  atomic,
  bool,
  f16,
  f32,
  fn,
  i32,
  kernel,
  open,
  type Printout,
  type Runtime,
  read,
  readWrite,
  u32,
} from '../../src/index.ts';
import { printedText } from '../../src/ir/printout.ts';
import { refused } from './support.ts';

const collatz = kernel({
  name: 'collatz',
  params: { start: read(u32), steps: readWrite(i32) },
  body({ start, steps }, k) {
    const i = k.global.x;
    let value = start.at(i);
    let count = 0;
    while (value > 1) {
      if (i !== 1) k.print('at', count, value);
      value = value & 1 ? 3 * value + 1 : value >> 1;
      count++;
    }
    steps[i] = count;
  },
});
const everything = kernel({
  name: 'everything',
  params: { x: readWrite(f32), n: i32, on: bool, h: f16 },
  uses: {
    loud: fn([f32], f32, (k, v) => {
      k.print('loud', v);
      return v * 2;
    }),
  },
  body({ x, n, on, h, loud }, k) {
    const v = k.vec3(x.at(0), 0.1, -0.0);
    k.print(n, -n, k.u32(-n), on, !on, h, v, 7, true, [n, 'a', v.xy], { v: v.z, deep: { list: [on] } });
    x[0] = loud(x.at(0));
  },
});

describe.each(['interpreter', 'cpu'] as const)('on %s', (device) => {
  let rt: Runtime;
  const printouts: (Printout & { kernel: string })[] = [];
  beforeAll(async () => {
    rt = await open({ backends: [device], calibrate: false, onPrint: (printout) => printouts.push(printout) });
  });
  afterAll(() => rt.close());

  test('each invocation shows its values in order, and the invocations come in theirs', async () => {
    printouts.length = 0;
    const steps = new Int32Array(3);
    await rt.run(collatz, { start: Uint32Array.of(6, 7, 3), steps });
    const lines = (i: number, start: number) => {
      const found: unknown[] = [];
      for (let value = start, count = 0; value > 1; value = value & 1 ? 3 * value + 1 : value / 2)
        found.push({ invocation: [i, 0, 0], values: ['at', count++, value] });
      return found;
    };
    expect(printouts).toEqual([{ kernel: 'collatz', lines: [...lines(0, 6), ...lines(2, 3)], lost: 0 }]);
    expect([...steps]).toEqual([8, 16, 7]);
  });

  test('values of every type, as they are and as text', async () => {
    printouts.length = 0;
    await rt.run(everything, { x: Float32Array.of(0.3), n: 5, on: true, h: 1.5 }, { invocations: 1 });
    const f = Math.fround;
    const [first, second] = printouts[0]!.lines;
    expect(first!.values).toEqual([
      ...[5, -5, 2 ** 32 - 5, true, false, 1.5, [f(0.3), f(0.1), -0], 7, true],
      ...[[5, 'a', [f(0.3), f(0.1)]], { v: -0, deep: { list: [true] } }],
    ]);
    expect(printedText(first!)).toBe(
      '(0, 0, 0) 5 -5 4294967291 true false 1.5 [0.3, 0.1, -0] 7 true [5, a, [0.3, 0.1]] { v: -0, deep: { list: [true] } }',
    );
    expect(second!.values).toEqual(['loud', f(0.3)]);
  });

  test('what has no room is counted, and nothing is torn', async () => {
    printouts.length = 0;
    const many = kernel({
      name: 'many',
      params: { c: atomic(u32), times: i32 },
      invocations: () => [64, 50],
      body({ c, times }, k) {
        for (let j = 0; j < times; j++) k.print(k.global.x, k.global.y, j);
        k.atomicAdd(c, 0, 1);
      },
    });
    const c = new Uint32Array(1);
    await rt.run(many, { c, times: 20 });
    const { lines, lost } = printouts[0]!;
    // 1 MiB less two words, 7 words each
    expect(lines.length).toBe(Math.floor((2 ** 18 - 2) / 7));
    expect(lines.length + lost).toBe(64 * 50 * 20);
    expect(
      lines.filter(({ invocation, values }) => invocation[0] !== values[0] || invocation[1] !== values[1]),
    ).toEqual([]);
    const key = lines.map(({ invocation: [x, y], values }) => (y * 64 + x) * 20 + (values[2] as number));
    expect(key).toEqual([...key].sort((a, b) => a - b));
    expect(new Set(key).size).toBe(key.length);
    expect(c[0]).toBe(3200);
  });

  test('behind barriers, ghosts do not print', async () => {
    printouts.length = 0;
    const beyond = kernel({
      name: 'beyond',
      params: { x: readWrite(f32) },
      workgroup: 8,
      body({ x }, k) {
        k.barrier();
        k.print(k.groupSum(x.at(k.global.x)));
      },
    });
    await rt.run(beyond, { x: Float32Array.of(1, 2, 4) });
    expect(printouts[0]!.lines.map(({ invocation, values }) => [invocation[0], values[0]])).toEqual(
      [0, 1, 2].map((i) => [i, 7]),
    );
  });

  test('a launch that prints nothing is not told of', async () => {
    printouts.length = 0;
    await rt.run(collatz, { start: Uint32Array.of(1), steps: new Int32Array(1) });
    expect(printouts).toEqual([]);
  });

  test('graphs do not print', () => {
    const buffer = rt.buffer(f32, 1);
    expect(() => rt.record((r) => r.run(everything, { x: buffer, n: 1, on: true, h: 1 } as never))).toThrowError(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('prints') }),
    );
  });
});

test('without a listener it goes to the console', async () => {
  await using rt = await open({ backends: ['interpreter'], calibrate: false });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await rt.run(collatz, { start: Uint32Array.of(2), steps: new Int32Array(1) });
    expect(log.mock.calls).toEqual([['collatz (0, 0, 0) at 0 2']]);
  } finally {
    log.mockRestore();
  }
});

test('a kernel that does not print is what it was: no parameter, the same identity', async () => {
  const silent = await kernel({
    name: 'plain',
    params: { x: readWrite(f32) },
    body({ x }, k) {
      x[k.global.x] = 1;
    },
  }).verified();
  expect(silent.program.params).toHaveLength(1);
  expect((await collatz.verified()).program.params.map(({ name }) => name)).toEqual(['start', 'steps', '$print']);
  expect(collatz.params).toHaveLength(2);
});

test.each([
  ['k.print(x);', 'x', 'not-a-value', 'x.at(i)'],
  ['k.print();', 'k.print()', 'wrong-arity', ''],
  ['k.print(k.sqrt);', 'k.sqrt', 'not-a-value', ''],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a body
  ['k.print(`x is ${n}`);', '`x is ${n}`', 'unsupported-syntax', "k.print('x', x)"],
])('%s is refused', (body, words, code, says) => {
  const error = refused({ x: 'read f32', n: 'i32' }, `({ x, n }, k) => { ${body} }`);
  expect(error).toMatchObject({ words, code });
  expect(error.hint).toContain(says);
});
