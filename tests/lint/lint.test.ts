import { describe, expect, test } from 'vitest';
import * as library from '../../kernels/index.ts';
import { Kernel } from '../../src/index.ts';
import { verify } from '../../src/ir/verify.ts';
import { warningCodes } from '../../src/lint/codes.ts';
import { lint } from '../../src/lint/lint.ts';
import { build, type Options, verified } from '../lang/support.ts';
import { examples } from './examples.ts';

describe('the examples of docs/warnings.md', () => {
  test.each(examples)('$code: $words', async ({ code, slow, words, better }) => {
    const warnings = lint(await verified(slow));
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
    const { line, column } = warnings[0]!.place!;
    // places are in the text of the body
    const body = slow.slice(slow.indexOf('body('));
    expect(body.split('\n')[line - 1]!.slice(column - 1)).toMatch(new RegExp(`^${words.replace('.', '\\.')}\\b`));
    expect(lint(await verified(better))).toEqual([]);
  });
  test('every code has one', () => {
    expect([...new Set(examples.map(({ code }) => code))].sort()).toEqual(Object.keys(warningCodes).sort());
  });
});

/** What the library is warned of, and why it stays. */
const justified: Readonly<Record<string, readonly string[]>> = {
  // pixels leave when they leave, and neighbours mostly leave together
  mandelbrot: ['divergent-loop'],
  // messages are as long as they are; a hash of eight words is loaded and stored once for each
  sha256: ['uncoalesced-access', 'divergent-loop'],
};
test('the library is warned of nothing but what is in the nature of a problem', async () => {
  for (const kernel of Object.values(library)) {
    if (!(kernel instanceof Kernel)) continue;
    const codes = lint(await kernel.verified()).map(({ code }) => code);
    expect(codes, kernel.name).toEqual(justified[kernel.name] ?? []);
  }
});

const params = { x: 'read f32', y: 'readWrite f32', b: 'read u8', v: 'read vec4<f32>', m: 'read f32 2', n: 'i32' };
function codes(body: string, options?: Options): string[] {
  const text = `({ x, y, b, v, m, n }, k) => { const i = k.global.x; const row = k.global.y; ${body} }`;
  return lint(verify(build(params, text, options))).map(({ code }) => code);
}

describe('accesses', () => {
  test.each([
    'y[i] = x.at(i + 1) + x.at(i - n) + x.at(7 - i);',
    'y[i] = x.at(2 * i) + x.at(2 * i + 1);',
    'y[i] = k.f32(b.at(4 * i) + b.at(16 * i));',
    'y[i] = v.at(i).x + v.at(i + n).w;',
    'y[i] = m.at(row, i) + m.at(n, i) + m.at(3, n);',
    'y[i] = x.at(k.i32(x.at(i)));',
    'y[i] = x.at(k.idiv(i, 3)) + x.at(i >> 2) + x.at(i % 100);',
    'let j = i; while (j < n) { y[j] = x.at(j); j += k.size.x * k.groups.x; }',
    'for (let j = 0; j < n; j++) y[j * k.groups.x * 64 + i] = x.at(j * 1024 + i);',
    'if (k.local.x === 0) y[k.group.x] = x.at(k.group.x * 1000);',
  ])('fine: %s', (body) => {
    expect(codes(body)).toEqual([]);
  });
  test.each([
    'y[i] = x.at(i * 8);',
    'y[i] = x.at(n * i);',
    'y[i * 16 + row] = 1;',
    'y[i] = m.at(i, row);',
    'for (let j = 0; j < 10; j++) y[i] = x.at(i * 10 + j);',
    'y[i] = x.at(-5 * i + 1000);',
    'y[i] = x.at(i << 3);',
    'y[i] = v.at(2 * i).x;',
    'y[i] = k.f32(b.at(i * 17));',
    'let at = i * 5; if (n > 3) at = i * 9; y[i] = x.at(at);',
  ])('slow: %s', (body) => {
    expect(codes(body)).toEqual(['uncoalesced-access']);
  });
  test('a column of workgroups has no neighbours along x', () => {
    expect(codes('y[i] = m.at(i, row);', { workgroup: [1, 64, 1] })).toEqual([]);
  });
});

describe('loops', () => {
  test.each([
    'for (let j = 0; j < n; j++) y[i] = x.at(i + j);',
    'for (let j = i; j < n; j += 256) y[j] = 1;',
    'for (let j = i; j < x.length; j += k.size.x * k.groups.x) y[j] = 1;',
    'let s = n; while (s > 0) { s = s >> 1; y[i] = k.f32(s); } ',
    'for (let j = 0; j < k.i32(x.at(5)); j++) y[i] = 1;',
    'for (let j = 0; j < 9; j++) { if (x.at(i) > 0) continue; y[i] = 2; }',
  ])('alike for all: %s', (body) => {
    expect(codes(body)).toEqual([]);
  });
  test.each([
    'for (let j = 0; j < i; j++) y[i] = x.at(j);',
    'for (let j = i; j < n; j++) y[i] = x.at(j);',
    'for (let j = 0; j < 9; j++) { if (x.at(i) > 0) break; y[i] = 2; }',
    'for (let j = 0; j < n; j++) { if (x.at(i) > 0) return; y[i] = 2; }',
    'let s = x.at(i); while (s > 1) s *= 0.5; y[i] = s;',
  ])('divergent: %s', (body) => {
    expect(codes(body)).toEqual(['divergent-loop']);
  });
});

test('a loop that strides over the invocations of its own workgroup', () => {
  const loop = (step: number) => `for (let j = k.local.y; j < 64; j += ${step}) y[j * 64 + i] = 1;`;
  expect(codes(loop(8), { workgroup: [32, 8, 1] })).toEqual([]);
  expect(codes(loop(2), { workgroup: [32, 8, 1] })).toEqual(['divergent-loop']);
});

describe('banks', () => {
  const shared = (index: string, element = 'f32') =>
    `const t = k.shared.${element}(4096); t[${index}] = ${element === 'f32' ? '1' : 'k.vec4(1)'}; k.barrier(); y[i] = 1;`;
  const workgroup = [64, 1, 1] as const;
  test.each([
    shared('k.local.x'),
    shared('k.local.x * 33'),
    shared('k.local.x * 2'),
    shared('n'),
    shared('k.local.x', 'vec4f'),
  ])('apart: %s', (body) => {
    expect(codes(body, { workgroup })).toEqual([]);
  });
  test.each([
    shared('k.local.x * 32'),
    shared('k.local.x * 64 + n'),
    shared('k.localIndex * 16'),
    shared('k.local.x * 8', 'vec4f'),
  ])('the same: %s', (body) => {
    expect(codes(body, { workgroup })).toEqual(['bank-conflict']);
  });
});
