/** Kernels whose body is wrong, run by somebody who never saw a compiler: code, file and line, the words, and what to write instead. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, f32, fn, i32, kernel, open, type Runtime, read, readWrite } from '../../src/index.ts';
import { refused, type Unchecked, works } from './support.ts';

let rt: Runtime;
beforeAll(async () => {
  rt = await open({ backends: ['interpreter'] });
});
afterAll(() => rt.close());

const outside = 2;
const params = { x: readWrite(f32), n: i32, i: read(i32) };
type Body = (names: Unchecked, k: Unchecked) => void;
const text = (source: string): Body => Object.assign(() => {}, { toString: () => source });

const rows: [what: string, code: ErrorCode, says: RegExp, body: Body][] = [
  ['does not parse', 'syntax', /kernel "wrong"/, text('({ x }, k) => { x[0] = ; }')],
  ['is native code', 'no-source', /kernel "wrong"/, Math.max as Body],
  ['is bound', 'no-source', /kernel "wrong"/, ((_: Unchecked) => {}).bind(undefined)],
  ['closes over a name', 'free-name', /`?outside[\s\S]*consts: \{ outside \}/, ({ x }) => void (x[0] = outside)],
  ['misspells a parameter', 'unknown-name', /xx[\s\S]*Did you mean x/, ({ xx }) => void (xx[0] = 1)],
  ['misspells a function', 'unknown-builtin', /sqroot[\s\S]*sqrt/, ({ x }, k) => void (x[0] = k.sqroot(2))],
  ['mixes types', 'type-mismatch', /f32[\s\S]*i32|i32[\s\S]*f32/, ({ x, n }) => void (x[0] = x[0] * n)],
  ['divides integers', 'integer-division', /k\.idiv\(n, 2\)/, ({ x, n }, k) => void (x[0] = k.f32(n / 2))],
  [
    'stores to an input',
    'read-only',
    /`i` is a read parameter[\s\S]*i\[0\] = 1[\s\S]*readWrite/,
    ({ i }) => void (i[0] = 1),
  ],
  [
    'calls itself',
    'recursion',
    /f calls itself[\s\S]*f\(q - 1\)[\s\S]*loop/,
    ({ x, n }) => {
      const f = (q: number): number => (q > 1 ? f(q - 1) : q);
      x[0] = f(n) > 1 ? 1 : 0;
    },
  ],
  [
    'has a barrier that some may miss',
    'barrier-in-divergent-flow',
    /barrier[\s\S]*k\.uniform|every invocation/,
    ({ x }, k) => {
      if (k.local.x < 3) k.barrier();
      x[k.global.x] = 1;
    },
  ],
  [
    'returns before a barrier',
    'barrier-in-divergent-flow',
    /barrier/,
    ({ x }, k) => {
      if (k.local.x < 3) return;
      k.barrier();
      x[k.global.x] = 1;
    },
  ],
  [
    'never ends',
    'loop-without-exit',
    /loop/,
    ({ x }) => {
      for (;;) x[0] = 1;
    },
  ],
];

for (const [what, code, says, body] of rows)
  test(`a body that ${what}`, async () => {
    const wrong = kernel({ name: 'wrong', params, body });
    const x = new Float32Array([1, 2]);
    const args = { x, n: 1, i: new Int32Array(1) };
    const error = await refused(() => rt.run(wrong, args), code, says);
    expect(error).toMatchObject({ kernel: 'wrong', message: expect.stringContaining('kernel "wrong"') });
    if (code !== 'no-source' && code !== 'syntax') expect(error.place?.file).toContain('language.test.ts');
    // the same again, also where nobody runs it
    await refused(() => rt.run(wrong, args), code, says);
    await refused(() => rt.explain(wrong, args), code, says);
    await refused(() => wrong.hash(), code, says);
    expect(x).toEqual(new Float32Array([1, 2]));
    await works(rt, 'interpreter');
  });

test('a shared function that is wrong is named with the kernel that uses it', async () => {
  const half = fn([i32], i32, (_k, a) => a / 2);
  const user = kernel({
    name: 'user',
    params: { r: readWrite(i32) },
    uses: { half },
    body({ r, half }, k) {
      r[k.global.x] = half(3);
    },
  });
  await refused(() => rt.run(user, { r: new Int32Array(1) }), 'integer-division', /"user"[\s\S]*k\.idiv\(a, 2\)/);
  await works(rt, 'interpreter');
});
