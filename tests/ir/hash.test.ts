/** A kernel's identity: what changes it, and what must not. */

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decode, encode, hash, parse, print, verify } from '../../src/ir/index.ts';
import { sha256 } from '../../src/ir/sha256.ts';
import { Random } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';

test('SHA-256 is SHA-256', () => {
  const random = new Random(1);
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 100_000]) {
    const bytes = Uint8Array.from({ length }, () => random.below(256));
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
  // FIPS 180-4's first example
  expect(sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

const of = (text: string) => hash(verify(parse(text)));
const axpy = `kernel "axpy" stable
  param a: f32
  param x: read f32 [*]
  param r: write f32 [*]
  {
    %0: i32 = globalId x
    %1: f32 = argument a
    %2: f32 = load x[%0]
    %3: f32 = mul %1, %2
    %4: f32 = constant 0
    %5: f32 = add %3, %4
    store r[%0], %5
    return
  }`;
const changed = (from: string, to: string, text = axpy) => {
  expect(text).toContain(from);
  return of(text.replaceAll(from, to));
};

test('it stays as it is: a change of meaning needs a new semantics version', async () => {
  expect(await of(axpy)).toMatchInlineSnapshot(`"ec2b4d91d23ce0ed3bb27ef8f41986ab75ea20bc3a3c68b0e5c574722c87c7f5"`);
});

describe('does not depend on', () => {
  test.each([
    ['the name of the kernel', '"axpy"', '"saxpy"'],
    ['names of values', '%3', '%3.product'],
    ['numbers of values', '%2', '%77'],
    ['places', 'mul %1, %2', 'mul %1, %2 @3:4'],
    ['a workgroup that it cannot see', 'stable', 'stable workgroup 128 1 1'],
    ['fuel that nothing burns', 'stable', 'stable fuel 12'],
  ])('%s', async (_, from, to) => {
    expect(await changed(from, to)).toBe(await of(axpy));
  });
  test('names of parameters and arrays', async () => {
    const text = (x: string, t: string) =>
      `kernel "k" stable param ${x}: read f32 [*] private ${t}: f32 [4] { %0: i32 = globalId x %1: f32 = load ${x}[%0] store ${t}[%0], %1 return }`;
    expect(await of(text('x', 't'))).toBe(await of(text('input', 'table')));
  });
});

describe('depends on', () => {
  test.each([
    ['the numeric mode', 'stable', 'exact'],
    ['the access of a parameter', 'x: read f32 [*]', 'x: readWrite f32 [*]'],
    ['a constant', 'constant 0', 'constant 1'],
    ['the sign of zero', 'constant 0', 'constant -0'],
    ['an operation', 'add %3', 'sub %3'],
    ['the order of operands', 'add %3, %4', 'add %4, %3'],
    ['an axis', 'globalId x', 'globalId y'],
    ['another parameter', 'param a: f32', 'param a: f32 param b: f32'],
  ])('%s', async (_, from, to) => {
    expect(await changed(from, to)).not.toBe(await of(axpy));
  });
  test('the type and rank of a parameter', async () => {
    const kernel = (param: string) => of(`kernel "k" stable param a: ${param} { return }`);
    const kinds = ['i32', 'u32', 'vec2<i32>', 'read f32 [*]', 'read f16 [*]', 'read f32 [*, *]', 'atomic i32 [*]'];
    expect(new Set(await Promise.all(kinds.map(kernel))).size).toBe(kinds.length);
  });
  test('the workgroup, where it can be seen', async () => {
    const text = (workgroup: string) => of(`kernel "k" stable ${workgroup} { %0: i32 = localId x return }`);
    expect(await text('workgroup 64 1 1')).not.toBe(await text('workgroup 32 1 1'));
    expect(await text('')).toBe(await text('workgroup 64 1 1'));
  });
  test('fuel, where a loop burns it', async () => {
    const text = (fuel: string) =>
      of(`kernel "k" stable ${fuel} param x: read u8 [*] { %0: i32 = globalId x loop (%1: i32 = %0) {
        %2: u32 = load x[%1] %3: i32 = convert %2 %4: bool = eq %3, %0 if %4 { break } continue %3 } return }`);
    expect(await text('fuel 10')).not.toBe(await text('fuel 11'));
    expect(await text('')).toBe(await text(`fuel ${2 ** 26}`));
  });
  test('everything: no two of many programs have the same', async () => {
    const hashes = new Map<string, string>();
    for (let seed = 0; seed < 80; seed++) {
      const { program } = randomProgram(seed, { size: 20 });
      const text = print(program).replace(/"random\d+"/, '""');
      const digest = await hash(verify(program));
      expect(hashes.get(digest) ?? text).toBe(text);
      hashes.set(digest, text);
      expect(await hash(verify(decode(encode(program))))).toBe(digest);
    }
    expect(hashes.size).toBeGreaterThan(70);
  });
});
