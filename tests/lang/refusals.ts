/** Wrong kernels, one mistake each, with the error that says so: what the tests check and docs/errors.md shows. */

import type { ErrorCode } from '../../src/ir/error.ts';
import type { Params } from './support.ts';

export const standard: Params = {
  x: 'read f32',
  y: 'readWrite f32',
  u: 'readWrite u32',
  i: 'readWrite i32',
  m: 'read f32 2',
  v: 'readWrite vec3<f32>',
  c: 'atomic u32',
  a: 'f32',
  n: 'i32',
  w: 'u32',
  b: 'bool',
};
const all = 'x, y, u, i, m, v, c, a, n, w, b';

/**
 * Statements, the words that the error points at, its code, something that the message or hint must say, and for one row of
 * each code the same written right, for docs/errors.md.
 */
export type Row = readonly [body: string, words: string, code: ErrorCode, says: string | RegExp, right?: string];
export const rows: Readonly<Record<string, readonly Row[]>> = {
  names: [
    ['y[k.global.x % TILE] = 1;', 'TILE', 'free-name', 'consts: { TILE }'],
    ['y[0] = lerp(1, 2);', 'lerp', 'free-name', 'uses: { lerp }'],
    ['const o = mix({ q: a }, a);', 'mix', 'free-name', 'uses: { mix }'],
    ['console.log(1);', 'console', 'free-name', 'A kernel sees'],
    ['const y2 = k.sqroot(a);', 'sqroot', 'unknown-builtin', 'Did you mean sqrt?', 'const y2 = k.sqrt(a);'],
    ['y[0] = Math.erf(a);', 'erf', 'unknown-builtin', 'Math has no'],
    ['y[0] = Math.random();', 'Math.random()', 'unknown-builtin', 'k.random'],
    ['y[0] = k.global.w;', 'w', 'unknown-builtin', 'x, y, z'],
    ['y[0] = x.size;', 'size', 'unknown-builtin', 'at, set, length, shape'],
    ['y[0] = v[0].w;', 'w', 'unknown-builtin', 'vector of 3'],
    ['y[0] = q; const q = 1;', 'q', 'not-a-value', 'before it is declared'],
  ],
  types: [
    ['y[0] = a * n;', 'a * n', 'type-mismatch', '`a` is f32 and `n` is i32', 'y[0] = a * k.f32(n);'],
    ['y[0] = n;', 'n', 'type-mismatch', 'k.f32(…)'],
    ['u[0] = n + 1;', 'n + 1', 'type-mismatch', 'u32'],
    ['if (n < w) y[0] = 1;', 'n < w', 'type-mismatch', 'i32'],
    ['y[0] = a > 0;', 'a > 0', 'type-mismatch', 'a bool'],
    ['y[0] = b;', 'b', 'type-mismatch', 'bool'],
    ['y[a] = 1;', 'a', 'type-mismatch', 'an index'],
    ['y[a > 1] = 1;', 'a > 1', 'type-mismatch', 'an index is a bool'],
    ['y[0] = k.sqrt(n);', 'n', 'type-mismatch', 'k.f32(…)'],
    ['i[0] = a | 0;', 'a', 'type-mismatch', 'k.i32(…)'],
    ['i[0] = ~~a;', 'a', 'type-mismatch', 'k.i32(…)'],
    ['i[0] = n << a;', 'a', 'type-mismatch', 'shift amount'],
    ['let t = a; if (b) t = n; y[0] = t;', 't', 'type-mismatch', /f32.*i32|i32.*f32/],
    ['let t = a; if (b) t = a > 1; y[0] = t;', 't', 'type-mismatch', 'bool'],
    ['let t = 5; if (b) t = a > 1; if (t) y[0] = 1;', 't', 'type-mismatch', 'bool'],
    ['let t = a > 1; for (let j = 0; j < n; j++) if (t) t = 5;', 't', 'type-mismatch', 'bool'],
    ['y[0] = b && a;', 'a', 'unsupported-syntax', 'c ? x : y'],
    ['y[0] = a || b;', 'a || b', 'type-mismatch', 'bool'],
    ['if (b === 1) y[0] = 1;', 'b === 1', 'type-mismatch', 'Write =='],
    ['if (n !== !0) y[0] = 1;', 'n !== !0', 'type-mismatch', 'Write !='],
    ['v[0] = a;', 'a', 'type-mismatch', 'k.vec3'],
    ['v[0] = k.vec2(a, a);', 'k.vec2(a, a)', 'type-mismatch', 'vector of 3'],
    ['v[0] = v[0].add(k.vec2(a, a));', 'v[0].add(k.vec2(a, a))', 'type-mismatch', '3 and 2'],
    ['y[0] = v[0] + 1;', 'v[0]', 'not-a-value', 'v.add(w)'],
    ['k.atomicAdd(u, 0, 1);', 'u', 'type-mismatch', 'atomic(u32)'],
    ['k.atomicAdd(c, 0, n);', 'n', 'type-mismatch', 'u32'],
    ['u[0] = c[0];', 'c[0]', 'not-a-value', 'k.atomicLoad'],
    ['c[0] = 1;', 'c[0]', 'not-a-value', 'k.atomicStore'],
    ['y[0] = k.groupSum(b);', 'b', 'type-mismatch', 'i32'],
  ],
  'untyped numbers': [
    [
      'let s = 0; for (let j = 0; j < n; j++) s += x[j]; u[0] = s;',
      's',
      'ambiguous-type',
      '`x[j]`',
      'let s = 0; for (let j = 0; j < n; j++) s += x[j]; u[0] = k.u32(s);',
    ],
    [
      'let s = 0; if (b) s = 1; y[0] = s; u[0] = s;',
      's',
      'ambiguous-type',
      /f32 because of `y\[0\]` and u32 because of `u\[0\]`/,
    ],
    ['let j = 0; while (j < 9 && x[j] > 0) j++; y[0] = j;', /j/.source, 'ambiguous-type', 'y[0]'],
    ['i[0] = 7 / 2;', '7 / 2', 'not-an-integer', '3.5', 'i[0] = k.idiv(7, 2);'],
    ['u[0] = 4294967296;', '4294967296', 'not-an-integer', 'out of range'],
    ['i[0] = -2147483649;', '-2147483649', 'not-an-integer', 'out of range'],
    ['i[0] = n + 0.5;', '0.5', 'not-an-integer', 'not whole'],
    ['i[0] = 1 / 0;', '1 / 0', 'not-an-integer', 'Infinity'],
    ['y[0.5] = 1;', '0.5', 'not-an-integer', 'not whole'],
  ],
  integers: [
    ['i[0] = n / 2;', 'n / 2', 'integer-division', 'k.idiv(n, 2)', 'i[0] = k.idiv(n, 2);'],
    ['y[0] = 1 / w;', '1 / w', 'integer-division', 'k.f32(1) / k.f32(w)'],
    ['let t = n; t /= 2; i[0] = t;', 't /= 2', 'integer-division', 'k.idiv(t, 2)'],
    ['y[0] = k.idiv(a, 2);', 'k.idiv(a, 2)', 'type-mismatch', 'Write a / 2'],
  ],
  stores: [
    ['x[0] = 1;', 'x[0]', 'read-only', 'readWrite', 'y[0] = 1;'],
    ['x.set(0, 1);', 'x.set(0, 1)', 'read-only', 'read parameter'],
    ['v[0].x = 1;', 'v[0].x', 'read-only', "with('x'"],
    ['const t = 1; t = 2;', 't', 'read-only', 'let'],
    ['k.global.x = 1;', 'k.global.x', 'read-only', 'elements'],
    ['y.length = 1;', 'y.length', 'read-only', 'elements'],
  ],
  arity: [
    ['y[0] = m.at(1);', 'm.at(1)', 'wrong-arity', 'rank 2', 'y[0] = m.at(1, 0);'],
    ['y[0] = m[1];', 'm[1]', 'wrong-arity', 'rank 2'],
    ['y[0] = x.at(1, 2);', 'x.at(1, 2)', 'wrong-arity', 'rank 1'],
    ['y[0] = k.sqrt();', 'k.sqrt()', 'wrong-arity', '1 argument'],
    ['y[0] = k.min(a);', 'k.min(a)', 'wrong-arity', 'at least 2'],
    ['v[0] = k.vec3(a, a);', 'k.vec3(a, a)', 'wrong-arity', '3 components'],
    ['k.barrier(1);', 'k.barrier(1)', 'wrong-arity', 'not 1'],
  ],
  values: [
    ['y[0] = x;', 'x', 'not-a-value', 'an array', 'y[0] = x[0];'],
    ['y[0] = k;', 'k', 'not-a-value', 'k'],
    ['y[0] = k.sqrt;', 'k.sqrt', 'not-a-value', 'a function'],
    ['let t; y[0] = t;', 't', 'not-a-value', 'not assigned'],
    ['let t; if (b) t = 1; y[0] = t;', 't', 'not-a-value', 'may have no value'],
    ['const f = (q) => { if (q > 1) return 2; }; y[0] = f(a);', 'f(a)', 'not-a-value', 'without returning'],
    ['const f = (q) => { y[0] = q; }; y[0] = f(a);', 'f(a)', 'not-a-value', 'no value'],
    ['a(1);', 'a', 'not-a-value', 'not a function'],
    ['y[0] = (b ? x : y)[0];', 'b ? x : y', 'not-a-value', 'an array'],
    ['y[0] = "text";', '"text"', 'not-a-value', 'a string'],
  ],
  'objects and lists': [
    ['const o = { q: a }; y[0] = o.r;', 'r', 'unknown-name', 'It has q.'],
    ['const [p, q] = [a]; y[0] = q;', 'q', 'unknown-name', 'It has 1 value'],
    ['const [p, q] = x; y[0] = q;', 'x', 'not-a-value', 'an array, not a list'],
    ['const o = { q: a }; o.q = 1;', 'o.q', 'read-only', 'o = { ...o, q: … }'],
    ['const o = [a, 1]; o[0] = 1;', 'o[0]', 'read-only', 'k.array.f32([…])'],
    ['const o = [a, 1]; y[0] = o[n];', 'n', 'not-constant', 'k.array.f32([…])'],
    ['const o = { ...x };', 'x', 'not-a-value', 'only an object can be spread'],
    ['y[0] = { q: a };', '{ q: a }', 'not-a-value', 'an object'],
    ['let o = { q: a }; if (b) o = { r: a }; y[0] = o.q;', 'o', 'type-mismatch', 'other members'],
    ['let o = [a, 1]; if (b) o = a; y[0] = o[0];', 'o', 'type-mismatch', 'a list'],
    ['const t = k.shared.f32([a, 1]);', '[a, 1]', 'not-constant', 'store to it'],
    ['const q = 1; [q] = [2];', 'q', 'read-only', 'let'],
  ],
  constants: [
    ['const t = k.shared.f32(n);', 'n', 'not-constant', 'literal', 'const t = k.shared.f32(64);'],
    ['const t = k.array.f32(0);', '0', 'not-constant', 'whole number from 1'],
    ['const t = k.array.f32(10000); const s = k.array.f32(10000);', 'k.array.f32(10000)', 'too-large', '80000 bytes'],
    ['const t = k.array.f32();', 'k.array.f32()', 'wrong-arity', '1 argument'],
    ['v[0] = v[0].with("q", 1);', '"q"', 'not-constant', 'component'],
    ['const t = k.shared.atomic(k.f32, 4);', 'k.f32', 'type-mismatch', 'k.u32'],
  ],
  functions: [
    [
      'const f = (q) => q > 1 ? q * f(q - 1) : 1; y[0] = f(a);',
      'f(q - 1)',
      'recursion',
      'a loop',
      'const f = (q) => { let r = k.f32(1); for (; q > 1; q--) r *= q; return r; }; y[0] = f(a);',
    ],
    ['function f(q) { return g(q); } function g(q) { return f(q); } y[0] = f(a);', 'f(q)', 'recursion', 'calls itself'],
    [
      'const f = (q) => { for (;;) y[0] = q; }; y[0] = f(a);',
      'f(a)',
      'loop-without-exit',
      'never returns',
      'const f = (q) => { for (let j = 0; j < n; j++) q *= 2; return q; }; y[0] = f(a);',
    ],
    ['const f = (q) => (r) => q * r; const g = f(a); y[0] = g(2);', 'g(2)', 'unsupported-syntax', 'has returned'],
    [
      'const f = (q) => q * a + 1, g = (q) => f(f(f(f(f(f(f(f(q)))))))), h = (q) => g(g(g(g(g(g(g(g(q)))))))), o = (q) => h(h(h(h(h(h(h(h(q)))))))), p = (q) => o(o(o(o(o(o(o(o(q)))))))), r = (q) => p(p(p(p(p(p(p(p(q)))))))); y[0] = r(r(r(a)));',
      'q * a',
      'too-large',
      'in a loop',
      'let q = a; for (let j = 0; j < 98304; j++) q = q * a + 1; y[0] = q;',
    ],
    ['const f = (q = 1) => q; y[0] = f(a);', 'q = 1', 'unsupported-syntax', 'default'],
    ['const f = (...q) => 1; y[0] = f(a);', '...q', 'unsupported-syntax', 'rest'],
    ['y[0] = k.max(...x);', '...x', 'unsupported-syntax', 'spread'],
  ],
  syntax: [
    ['y[0] = ;', ';', 'syntax', 'parse', 'y[0] = 1;'],
    ['y[0] = x?.[0];', 'x?.[0]', 'unsupported-syntax', 'x[i]'],
    ['y[0] = a ?? 1;', 'a ?? 1', 'unsupported-syntax', '??'],
    ['let q = a; q ??= 1;', 'q ??= 1', 'unsupported-syntax', '??='],
    ['const t = [1, , 2];', '[1, , 2]', 'unsupported-syntax', 'each value'],
    ['const [p, ...q] = [n, n];', '...q', 'unsupported-syntax', 'rest'],
    ['const t = { get q() { return 1; } };', 'get q() { return 1; }', 'unsupported-syntax', '{ name: value }'],
    ['const t = { __proto__: 1 };', '__proto__: 1', 'unsupported-syntax', '{ name: value }'],
    ['const t = new Float32Array(4);', 'new Float32Array(4)', 'unsupported-syntax', 'k.array'],
    [
      'for (const q of x) y[0] = q;',
      'for (const q of x) y[0] = q;',
      'unsupported-syntax',
      'for (let i',
      'for (let j = 0; j < x.length; j++) y[0] = x[j];',
    ],
    ['for (const q in x) y[0] = 1;', 'for (const q in x) y[0] = 1;', 'unsupported-syntax', 'for (let i'],
    ['throw 1;', 'throw 1;', 'unsupported-syntax', 'output'],
    ['try { y[0] = 1; } catch { }', 'try { y[0] = 1; } catch { }', 'unsupported-syntax', 'throws'],
    ['y[0] = this.a;', 'this', 'unsupported-syntax', 'two parameters'],
    ['const t = typeof a;', 'typeof a', 'unsupported-syntax', 'Types'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a body
    ['const t = `${a}`;', '`${a}`', 'unsupported-syntax', 'strings'],
    ['y[0] = 10n;', '10n', 'unsupported-syntax', 'BigInt'],
    ['class Q {}', 'class Q {}', 'unsupported-syntax', 'class'],
    ['const t = /a/;', '/a/', 'unsupported-syntax', 'regular'],
    ['y[0] = a instanceof a;', 'a instanceof a', 'unsupported-syntax', 'instanceof'],
  ],
};

/** Statements as the body of a kernel of the standard parameters. */
export const bodyOf = (statements: string) => `body({ ${all} }, k) { ${statements} }`;

/** Whole kernels with one mistake, and without it: for codes that are about more than statements. */
export const kernels: readonly { readonly code: ErrorCode; readonly wrong: string; readonly right: string }[] = [
  {
    code: 'no-source',
    wrong: `const scale = ({ y }, k) => { y[k.global.x] *= 2; };
kernel({ name: 'scale', params: { y: readWrite(f32) }, body: scale.bind(null) });`,
    right: `const scale = ({ y }, k) => { y[k.global.x] *= 2; };
kernel({ name: 'scale', params: { y: readWrite(f32) }, body: scale });`,
  },
  {
    code: 'free-name',
    wrong: `const TILE = 16;
kernel({
  name: 'wrap', params: { y: readWrite(f32) },
  body({ y }, k) { y[k.global.x % TILE] = 1; },
});`,
    right: `kernel({
  name: 'wrap', params: { y: readWrite(f32) }, consts: { TILE: 16 },
  body({ y, TILE }, k) { y[k.global.x % TILE] = 1; },
});`,
  },
  {
    code: 'unknown-name',
    wrong: `kernel({
  name: 'copy', params: { x: read(f32), y: readWrite(f32) },
  body({ xs, y }, k) { y[k.global.x] = xs.at(k.global.x); },
});`,
    right: `kernel({
  name: 'copy', params: { x: read(f32), y: readWrite(f32) },
  body({ x, y }, k) { y[k.global.x] = x.at(k.global.x); },
});`,
  },
  {
    code: 'barrier-in-divergent-flow',
    wrong: `kernel({
  name: 'half', params: { y: readWrite(f32) }, workgroup: 64,
  body({ y }, k) { if (k.local.x < 32) { y[k.global.x] = 1; k.barrier(); } },
});`,
    right: `kernel({
  name: 'half', params: { y: readWrite(f32) }, workgroup: 64,
  body({ y }, k) { if (k.local.x < 32) { y[k.global.x] = 1; } k.barrier(); },
});`,
  },
  {
    code: 'invalid-kernel',
    wrong: `kernel({ name: 'big', params: { y: readWrite(f32) }, workgroup: [64, 64], body({ y }, k) { y[k.global.x] = 1; } });`,
    right: `kernel({ name: 'big', params: { y: readWrite(f32) }, workgroup: [32, 32], body({ y }, k) { y[k.global.x] = 1; } });`,
  },
];
