/** The text form: what it looks like, that it comes back the same, and that any text is read or refused with its place. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Builder, encode, hash, IsokernelError, parse, print, verify } from '../../src/ir/index.ts';
import { Random } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';

function error(text: string): IsokernelError {
  try {
    parse(text);
  } catch (thrown) {
    if (thrown instanceof IsokernelError) return thrown;
    throw thrown;
  }
  throw new Error('it was read');
}

function rowSums() {
  const b = new Builder({ name: 'row sums', workgroup: [64, 1, 1], fuel: 1000 });
  const scale = b.scalar('scale', 'f32');
  const x = b.buffer('x', 'read', 'f32', 2);
  const sum = b.buffer('sum', 'write', 'f32');
  const hits = b.buffer('hits', 'atomic', 'u32');
  const tile = b.workgroupArray('tile', 'vec2<f32>', 64);
  const last = b.privateArray('last', 'i32', 4);
  const counts = b.workgroupArray('counts', 'i32', 2, true);
  b.place = { file: 'src/rows.ts', line: 3, column: 7 };
  const row = Object.assign(b.id('globalId', 0), { name: 'row' });
  const [total] = b.loop([b.i32(0), b.f32(0)], ['f32'], ([i, acc]) => {
    b.if(b.op('ge', i!, b.dimension(x, 1)), () => b.break(acc!));
    const value = b.op('fma', b.load(x, [row, i!]), b.argument(scale), acc!);
    return [b.op('add', i!, b.i32(1)), value];
  });
  b.place = { file: 'src/rows.ts', line: 9, column: 1 };
  b.store(tile, [row], b.compose(total!, b.f32(0.1)));
  b.barrier();
  const positive = b.if(
    b.op('gt', total!, b.f32(Number.NaN)),
    () => [b.extract(b.load(tile, [b.u32(1)]), 1)],
    () => [total!],
  );
  b.clear(last);
  b.place = undefined;
  b.atomic('atomicAdd', hits, [row], b.u32(1));
  b.atomic('atomicStore', counts, [b.i32(1)], b.i32(-3));
  b.store(sum, [row], b.collective('groupSum', positive[0]!));
  return b.finish();
}

test('looks like this', () => {
  expect(print(rowSums(), { places: false })).toMatchInlineSnapshot(`
    "kernel "row sums" stable workgroup 64 1 1 fuel 1000

    param scale: f32
    param x: read f32 [*, *]
    param sum: write f32 [*]
    param hits: atomic u32 [*]
    workgroup tile: vec2<f32> [64]
    private last: i32 [4]
    workgroup counts: atomic i32 [2]

    {
      %0.row: i32 = globalId x
      %1: i32 = constant 0
      %2: f32 = constant 0
      %3: f32 = loop (%4: i32 = %1, %5: f32 = %2) {
        %6: i32 = dimension 1 x
        %7: bool = ge %4, %6
        if %7 {
          break %5
        }
        %8: f32 = load x[%0.row, %4]
        %9: f32 = argument scale
        %10: f32 = fma %8, %9, %5
        %11: i32 = constant 1
        %12: i32 = add %4, %11
        continue %12, %10
      }
      %13: f32 = constant 0.1
      %14: vec2<f32> = compose %3, %13
      store tile[%0.row], %14
      barrier
      %15: f32 = constant nan
      %16: bool = gt %3, %15
      %17: f32 = if %16 {
        %18: u32 = constant 1
        %19: vec2<f32> = load tile[%18]
        %20: f32 = extract y %19
        yield %20
      } else {
        yield %3
      }
      clear last
      %21: u32 = constant 1
      %22: u32 = atomicAdd hits[%0.row], %21
      %23: i32 = constant 1
      %24: i32 = constant -3
      atomicStore counts[%23], %24
      %25: f32 = groupSum %17
      store sum[%0.row], %25
      return
    }
    "
  `);
});
test('says where things come from', () => {
  const lines = print(rowSums()).split('\n');
  expect(lines[0]).toBe('kernel "row sums" stable workgroup 64 1 1 fuel 1000 file "src/rows.ts"');
  expect(lines.find((line) => line.includes('globalId'))).toBe('  %0.row: i32 = globalId x @3:7');
  expect(lines.find((line) => line.includes('clear'))).toBe('  clear last @9:1');
  expect(parse(lines.join('\n')).body.body[0]!.place).toEqual({ file: 'src/rows.ts', line: 3, column: 7 });
});

describe('constants', () => {
  const text = (type: string, value: string) => `kernel "k" stable { %0: ${type} = constant ${value} return }`;
  test.each([
    ['f32', '0.1', 0x3dcccccd],
    ['f32', '-0', 0x80000000],
    ['f32', 'nan', 0x7fc00000],
    ['f32', '-inf', 0xff800000],
    ['f32', '1e-45', 1],
    ['f32', '16777216', 0x4b800000],
    ['f32', '3.4028235e+38', 0x7f7fffff],
    ['f16', '0.1', 0x2e66],
    ['f16', '65500', 0x7bff],
    ['f16', '6e-8', 1],
    ['i32', '-2147483648', 0x80000000],
    ['u32', '4294967295', 0xffffffff],
    ['bool', 'true', 1],
  ])('%s %s', (type, value, bits) => {
    const program = parse(text(type, value));
    expect(program.body.body[0]).toMatchObject({ attribute: bits });
    expect(print(program)).toContain(`constant ${value}\n`);
  });
  test.each([
    ['u32', '-1'],
    ['u32', '4294967296'],
    ['i32', '2147483648'],
    ['i32', '1.5'],
    ['i32', 'nan'],
    ['bool', '1'],
    ['f32', 'true'],
    ['vec2<f32>', '1'],
  ])('no %s %s', (type, value) => {
    expect(error(text(type, value)).code).toBe('malformed-ir');
  });
  test('any f32 comes back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const b = new Builder({ name: 'k' });
        b.f32(value);
        const program = b.finish();
        expect(Buffer.compare(encode(parse(print(program))), encode(program))).toBe(0);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

test('any program comes back the same: its meaning, its bytes, its text', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const { program } = randomProgram(seed, { floats: 'all', f16: true, packedStores: true });
    const text = print(program);
    const again = parse(text);
    expect(print(again)).toBe(text);
    expect(Buffer.compare(encode(again), encode(program))).toBe(0);
    expect(await hash(verify(again))).toBe(await hash(verify(program)));
  }
});
test('names that are no plain words are left out, places of several files stay', () => {
  const b = new Builder({ name: 'k' });
  b.place = { line: 1, column: 2 };
  Object.assign(b.i32(1), { name: 'größe' });
  b.place = { file: 'a "b".ts', line: 3, column: 4 };
  Object.assign(b.i32(2), { name: '$x' });
  const text = print(b.finish());
  expect(text).toContain('  %0: i32 = constant 1 @1:2\n  %1.$x: i32 = constant 2 @"a \\"b\\".ts":3:4\n');
  expect(print(parse(text))).toBe(text);
});
test('proven accesses are marked', () => {
  const text =
    'kernel "k" stable\n\nparam x: read f32 [*]\n\n{\n  %0: u32 = constant 0\n  %1: f32 = load x[%0] proven\n  return\n}\n';
  expect(print(parse(text))).toBe(text);
});
test('parameters may be called like words of the text', () => {
  const text = `kernel "if" stable param x: i32 param if: read i32 [*] param f32: read f32 [*] private yield: f32 [1] {
    %0: i32 = argument x %1: i32 = load if[%0] %2: f32 = load f32[%1] store yield[%0], %2 return }`;
  expect(print(parse(print(parse(text))))).toBe(print(parse(text)));
});

describe('errors say where', () => {
  test.each<readonly [string, string, number, number, RegExp]>([
    ['nothing', '', 1, 1, /expected "kernel", found the end/],
    ['not a kernel', 'colonel', 1, 1, /expected "kernel", found colonel/],
    ['no mode', 'kernel "k" quick { return }', 1, 12, /expected numeric mode \(fast, stable, exact\)/],
    ['a string that does not end', 'kernel "k', 1, 8, /what is "\\""\?/],
    ['a bad escape', 'kernel "\\q" stable { return }', 1, 8, /escape/],
    ['a strange character', 'kernel "k" stable {\n  ; return }', 2, 3, /what is ";"\?/],
    ['an unknown operation', 'kernel "k" stable {\n  %0: i32 = addd %1\n}', 2, 13, /there is no operation addd/],
    ['an unknown value', 'kernel "k" stable {\n  %0: i32 = neg %1\n}', 2, 17, /%1 is not defined before this/],
    ['another name', 'kernel "k" stable {\n  %0.a: i32 = globalId x\n  %1: i32 = neg %0.b\n}', 3, 17, /not called b/],
    [
      'a value twice',
      'kernel "k" stable {\n  %0: i32 = globalId x\n  %0: i32 = globalId x\n}',
      3,
      3,
      /%0 is defined twice/,
    ],
    ['an unknown parameter', 'kernel "k" stable { %0: i32 = argument n return }', 1, 40, /"n" is not declared/],
    ['a parameter twice', 'kernel "k" stable param x: i32\nparam x: i32 { return }', 2, 1, /"x" is declared twice/],
    ['an unknown type', 'kernel "k" stable param x: i64 { return }', 1, 28, /expected type/],
    ['two results', 'kernel "k" stable { %0: i32, %1: i32 = globalId x return }', 1, 40, /globalId has one result/],
    ['no end', 'kernel "k" stable { barrier }', 1, 29, /expected an operation, found }/],
    ['text that stops', 'kernel "k" stable {', 1, 20, /expected an operation, found the end/],
    ['more after the end', 'kernel "k" stable { return } barrier', 1, 30, /text after the end/],
    ['a length that is too long', 'kernel "k" stable private x: f32 [99999999999] { return }', 1, 35, /no u32/],
  ])('%s', (_, text, line, column, message) => {
    const found = error(text);
    expect(found.message).toMatch(message);
    expect(found).toMatchObject({ code: 'malformed-ir', place: { line, column } });
    expect(found.message).toContain(`(line ${line}, column ${column})`);
  });
  test('nesting beyond the limit', () => {
    const deep = `kernel "k" stable { ${'loop { '.repeat(100_000)}`;
    expect(error(deep).message).toMatch(/nest deeper than/);
  });
  test('megabytes of nothing, of one string and of one word', () => {
    expect(error(' '.repeat(5_000_000)).message).toMatch(/found the end/);
    expect(error(`kernel "${'x'.repeat(5_000_000)}"`).code).toBe('malformed-ir');
    expect(error('x'.repeat(5_000_000)).code).toBe('malformed-ir');
    expect(error(`kernel "k" stable ${'//'.repeat(2_000_000)}`).message).toMatch(/found the end/);
  });
});

test('a mutated text is read or refused, never worse', () => {
  const random = new Random(3);
  const pieces = [
    '%',
    '%1',
    '{',
    '}',
    ',',
    '0',
    '-1',
    '"',
    ' if ',
    ' loop ',
    ' yield ',
    '[',
    '@',
    ':',
    'f32',
    '\n',
    '//',
  ];
  const originals = Array.from({ length: 40 }, (_, seed) => print(randomProgram(seed, { size: 10 }).program));
  let read = 0;
  for (let run = 0; run < 1000; run++) {
    let text = random.pick(originals);
    for (let n = random.between(1, 3); n > 0; n--) {
      const at = random.below(text.length);
      const end = at + random.pick([0, 0, 1, 1, 5, 200]);
      text = text.slice(0, at) + random.pick([...pieces, '', text.slice(at, end)]) + text.slice(end);
    }
    try {
      const program = parse(text);
      read++;
      const printed = print(program);
      expect(print(parse(printed))).toBe(printed);
      verify(program);
    } catch (thrown) {
      if (!(thrown instanceof IsokernelError)) throw thrown;
    }
  }
  expect(read).toBeGreaterThan(20);
});
