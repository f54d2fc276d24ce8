/** Functions: local ones that go by other names, those of `fn` that use others, and what keeps inlining within bounds. */

import { describe, expect, test } from 'vitest';
import { type Fn, f32, fn, type IsokernelError, i32, kernel, readWrite, run, vec2f } from '../../src/index.ts';
import type { AnyToken } from '../../src/lang/elements.ts';
import { build, refused, values } from './support.ts';

const whole = (body: string) => values('i32', 1, body, [5, 2, 9])[0];

describe('what a function in a loop assigns is carried, by whatever name it comes', () => {
  test.each([
    ['another variable', 'const h = add; for (let i = 0; i < 3; i++) h(x[i]);', 16],
    ['a choice', 'const h = x[0] > 1 ? add : add; for (let i = 0; i < 3; i++) h(x[i]);', 16],
    [
      'an argument',
      'const each = (f) => { for (let i = 0; i < 3; i++) f(x[i]); }; each(add); each((v) => { s += 2 * v; });',
      48,
    ],
    ['a member', 'const o = { add, all: [add] }; for (let i = 0; i < 3; i++) { o.add(x[i]); o.all[0](1); }', 19],
    [
      'a function in a function',
      'const h = (v) => { const g = add; g(v); }; const f = h; for (let i = 0; i < 3; i++) f(x[i]);',
      16,
    ],
    ['loops in loops', 'const h = add; for (let i = 0; i < 3; i++) for (let j = 0; j < 2; j++) h(x[i] + j);', 35],
  ])('%s', (_, statements, expected) => {
    expect(whole(`({ x, y }) => { let s = 0; const add = (v) => { s += v; }; ${statements} y[0] = s; }`)).toBe(
      expected,
    );
  });

  test('a function that outlives what it captured is refused, whatever it would find there', () => {
    const made = 'const make = (d) => (v) => v * d; const two = make(2), three = make(3); y[0] = two(x[0]) + three(1);';
    const { code, words, hint } = refused({ x: 'read i32', y: 'readWrite i32' }, `({ x, y }) => { ${made} }`);
    expect([code, words]).toEqual(['unsupported-syntax', 'two(x[0])']);
    expect(hint).toContain('where it is called');
  });
  test('variables of a call do not live on in the next one', () => {
    expect(
      whole(
        '({ x, y }) => { const f = (v) => { let t; if (v > 4) t = v; else t = 1; return t; }; y[0] = f(x[0]) + f(x[1]); }',
      ),
    ).toBe(6);
  });
});

describe('fn', () => {
  const square = fn([f32], f32, (_, x) => x * x);
  const norm = fn([f32, f32], f32, (k, x, y, { square }) => k.sqrt(square(x) + square(y)), { uses: { square } });
  const scaled = fn([vec2f], f32, (_, p, { norm, SCALE }) => SCALE * norm(p.x, p.y), {
    uses: { norm },
    consts: { SCALE: 2 },
  });

  test('uses others, and has consts', async () => {
    const lengths = kernel({
      name: 'lengths',
      params: { x: readWrite(f32) },
      uses: { scaled, norm },
      body({ x, scaled, norm }, k) {
        const i = k.global.x;
        x[i] = scaled(k.vec2(x.at(i), 4)) + norm(5, 12);
      },
    });
    const x = Float32Array.of(3, 0);
    await run(lengths, { x }, { device: 'interpreter' });
    expect([...x]).toEqual([23, 21]);
  });

  test('returns early, in loops too', async () => {
    const root = fn([i32], i32, (_, n) => {
      if (n < 0) return -1;
      for (let r = 0; ; r++) {
        if (r * r === n) return r;
        if (r * r > n) return r - 1;
      }
    });
    const roots = kernel({
      name: 'roots',
      params: { x: readWrite(i32) },
      uses: { root },
      body({ x, root }, k) {
        x[k.global.x] = root(x.at(k.global.x)) + 10 * root(k.global.x);
      },
    });
    const x = Int32Array.of(-5, 0, 17, 49);
    await run(roots, { x }, { device: 'interpreter' });
    expect([...x]).toEqual([-1, 10, 14, 17]);
  });

  const compileOf = (f: Fn<readonly AnyToken[], AnyToken>) =>
    kernel({
      name: 'user',
      params: { x: readWrite(f32) },
      uses: { f: f as Fn<readonly [typeof f32], typeof f32> },
      body({ x, f }, k) {
        x[k.global.x] = f(x.at(0));
      },
    })
      .verified()
      .then(
        () => undefined,
        (error: IsokernelError) => error,
      );

  test('says what it does not see', async () => {
    const error = await compileOf(fn([f32], f32, ((_: unknown, x: number) => (globalThis as never)[x]) as never));
    expect(error?.code).toBe('free-name');
    expect(error?.hint).toContain('fn([…], …, (k, …, { globalThis }) => …');
    const other = await compileOf(fn([f32], f32, (_, x, names) => x * (names as never as { GAIN: number }).GAIN));
    expect([other?.code, other?.message]).toEqual(['unknown-name', expect.stringContaining('the last parameter of f')]);
  });

  test('that calls itself, through others too, is refused by name', async () => {
    const uses: { g?: Fn<readonly [typeof f32], typeof f32> } = {};
    const f = fn([f32], f32, (_, x, { g }) => g(x) + 1, { uses: uses as Required<typeof uses> });
    const g = fn([f32], f32, (_, x, { f }) => f(x) * 2, { uses: { f } });
    (f.definition.uses as Record<string, unknown>)['g'] = g.definition;
    const error = await compileOf(f);
    expect([error?.code, error?.message]).toEqual(['recursion', expect.stringContaining('f calls itself')]);
  });

  test('is checked where it is made', () => {
    const attempt = (options: object) => {
      try {
        fn([f32], f32, (_, x) => x, options as never);
        return undefined;
      } catch (error) {
        return [(error as IsokernelError).code, (error as IsokernelError).message];
      }
    };
    expect(attempt({ uses: { g: Math.sqrt } })).toEqual([
      'invalid-kernel',
      expect.stringContaining('no function of fn()'),
    ]);
    expect(attempt({ consts: { g: '1' } })).toEqual(['invalid-kernel', expect.stringContaining('neither a number')]);
    expect(attempt({ uses: { square } })).toBeUndefined();
  });
});

describe('inlining', () => {
  const tower = (levels: number) => {
    const functions = Array.from({ length: levels }, (_, n) => `const f${n + 1} = (v) => f${n}(v) + f${n}(v + 1);`);
    return `({ x, y }) => { const f0 = (v) => v * x[1]; ${functions.join(' ')} y[0] = f${levels}(x[0]); }`;
  };
  test('doubles with each level, up to a limit that has a code of its own', () => {
    // sum over c(n, i) (5 + i) * 2
    expect(whole(tower(5))).toBe(2 * (5 * 32 + 80));
    const params = { x: 'read i32', y: 'readWrite i32' };
    expect(() => build(params, tower(12))).not.toThrow();
    const { code, message, hint } = refused(params, tower(24));
    expect(code).toBe('too-large');
    expect(message).toContain('65536 operations');
    expect(hint).toContain('in a loop');
  });
  test('takes many calls of one function', () => {
    const calls = Array.from({ length: 2000 }, (_, i) => `s += f(x[0], ${i});`).join('\n');
    expect(
      whole(
        `({ x, y }) => { let s = 0; const f = (a, b) => { if (b & 1) return a; return a + b; }; ${calls} y[0] = s; }`,
      ),
    ).toBe(2000 * 5 + (1000 * 1998) / 2);
  });
});
