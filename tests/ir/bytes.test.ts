/** The canonical bytes: they come back the same, and no other bytes are taken for a program. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Builder, decode, encode, IsokernelError, parse, print, verify } from '../../src/ir/index.ts';
import { ByteReader, ByteWriter } from '../../src/ir/stream.ts';
import { Random } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';

/** For comparing: equal bytes give equal text, and text is compared quickly. */
function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
function refusal(bytes: Uint8Array): IsokernelError | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof IsokernelError) return thrown;
    throw thrown;
  }
}

test('any program comes back the same, names and places too', () => {
  for (let seed = 0; seed < 60; seed++) {
    const { program } = randomProgram(seed, { floats: 'all', f16: true, packedStores: true });
    const bytes = encode(program);
    const again = decode(bytes);
    expect(print(again)).toBe(print(program));
    expect(hex(encode(again))).toBe(hex(bytes));
  }
});
test('names of any kind, and places with and without a file', () => {
  const b = new Builder({ name: 'größer & "kleiner" 🙂' });
  b.privateArray('größe', 'f32', 3);
  b.place = { line: 1, column: 2 };
  Object.assign(b.i32(1), { name: 'not a word' });
  b.place = { file: 'ﬁle.ts', line: 4_000_000_000, column: 4 };
  b.i32(2);
  b.place = undefined;
  b.i32(3);
  const program = b.finish();
  const again = decode(encode(program));
  expect(again).toEqual({ ...program, workgroup: undefined });
});
test('what verification found is not in them', () => {
  const { program } = randomProgram(12, { size: 60 });
  expect(hex(encode(verify(program).program))).toBe(hex(encode(program)));
});
test('a program that is not well formed has none', () => {
  const program = parse('kernel "k" stable { %0: bool = constant true %1: i32 = neg %0 return }');
  expect(() => encode(program)).toThrow(IsokernelError);
});
test('they stay as they are: a change of format needs a new version', () => {
  const program = parse('kernel "k" stable param x: readWrite f32 [*] { %0.i: i32 = globalId x return }');
  expect(hex(encode(program))).toMatchInlineSnapshot(
    `"49534f4b0103016b017801690001010103003c0606737461626c65097265616457726974650366333208676c6f62616c4964036933320672657475726e010000808080200101020100030000010405"`,
  );
});

describe('refuses', () => {
  const { program } = randomProgram(5, { size: 4 });
  const bytes = encode(program);

  test('every truncation', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(refusal(bytes.subarray(0, length))?.code).toBe('malformed-ir');
  });
  test('anything after the end', () => {
    expect(refusal(Uint8Array.from([...bytes, 0]))?.code).toBe('malformed-ir');
  });
  test('bytes of something else', () => {
    expect(refusal(new TextEncoder().encode(print(program)))?.message).toMatch(/does not begin with "ISOK"/);
    expect(refusal(new Uint8Array(1000))?.code).toBe('malformed-ir');
  });
  test('every flip of a bit, or it is another program', () => {
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const error = refusal(flipped);
      if (error !== undefined) {
        expect(error.code).toBe('malformed-ir');
        refused++;
      } else expect(hex(encode(decode(flipped)))).toBe(hex(flipped));
    }
    expect(refused).toBeGreaterThan(bytes.length);
  });

  /** A file of these parts; each is a list of numbers and strings. */
  const file = (names: (number | string)[], core: (number | string)[]): Uint8Array => {
    const write = (items: (number | string)[]) => {
      const out = new ByteWriter();
      for (const item of items) typeof item === 'number' ? out.uint(item) : out.string(item);
      return out.finish();
    };
    const out = new ByteWriter();
    out.raw(Uint8Array.from([0x49, 0x53, 0x4f, 0x4b]));
    out.uint(1);
    out.raw(write(names));
    out.bytes(write(core));
    return out.finish();
  };
  /** kernel "k", no names, no places. */
  const names = [1, 'k', 0, 0, 0, 0];
  test('not this one: the form that the next ones break', () => {
    // 2 words; version 1; mode; no workgroup; fuel 1; no params, no locals; return
    expect(refusal(file(names, [2, 'stable', 'return', 1, 0, 0, 1, 0, 0, 1]))).toBeUndefined();
  });
  const huge = 0xffffffff;
  test.each<readonly [string, (number | string)[], (number | string)[], RegExp]>([
    ['a huge count of strings', [huge], [], /end too early/],
    ['a huge count of names', [1, 'k', 0, huge], [], /./],
    ['a huge count of words', names, [huge], /end too early/],
    ['a huge count of parameters', names, [2, 'stable', 'return', 1, 0, 0, 1, huge, 0, 1], /no kind of parameter/],
    ['a word that is never used', names, [3, 'stable', 'return', 'add', 1, 0, 0, 1, 0, 0, 1], /canonical/],
    ['a word that stands twice', names, [3, 'stable', 'return', 'return', 1, 0, 0, 1, 0, 0, 2], /canonical/],
    ['words in another order', names, [2, 'return', 'stable', 1, 1, 0, 1, 0, 0, 0], /canonical/],
    [
      'a string that is never used',
      [2, 'k', 'l', 0, 0, 0, 0],
      [2, 'stable', 'return', 1, 0, 0, 1, 0, 0, 1],
      /canonical/,
    ],
    ['a string beyond the table', [1, 'k', 7, 0, 0, 0], [], /no string 7/],
    ['a name of no value', [1, 'k', 0, 0, 1, 1, 0], [2, 'stable', 'return', 1, 0, 0, 1, 0, 0, 1], /canonical/],
    ['another semantics', names, [2, 'stable', 'return', 99, 0, 0, 1, 0, 0, 1], /meanings of version 99/],
    ['a mode that is none', names, [2, 'quick', 'return', 1, 0, 0, 1, 0, 0, 1], /"quick" is no numeric mode/],
    [
      'an operation that is none',
      names,
      [3, 'stable', 'add2', 'return', 1, 0, 0, 1, 0, 0, 1],
      /"add2" is no operation/,
    ],
    ['a value that is none', names, [3, 'stable', 'yield', 'neg', 1, 0, 0, 1, 0, 0, 2, 1, 5], /no value 5/],
    ['a program that breaks a rule', names, [2, 'stable', 'yield', 1, 0, 0, 1, 0, 0, 1, 0], /yield ends an arm/],
    [
      'deep nesting',
      names,
      [2, 'stable', 'loop', 1, 0, 0, 1, 0, 0, ...Array(4000).fill([1, 0, 0, 0]).flat()],
      /nest deeper/,
    ],
  ])('%s', (_, nameItems, core, message) => {
    const error = refusal(file(nameItems, core));
    expect(error?.code).toBe('malformed-ir');
    expect(error?.message).toMatch(message);
  });
  test('a number that is longer than it need be', () => {
    const plain = file(names, [2, 'stable', 'return', 1, 0, 0, 1, 0, 0, 1]);
    // the format version, 1, as two bytes
    expect(refusal(Uint8Array.from([...plain.slice(0, 4), 0x81, 0, ...plain.slice(5)]))?.message).toMatch(/canonical/);
  });
  test('a string that is not UTF-8', () => {
    const plain = file(names, [2, 'stable', 'return', 1, 0, 0, 1, 0, 0, 1]);
    const broken = plain.slice();
    broken[plain.indexOf('k'.charCodeAt(0))] = 0xff;
    expect(refusal(broken)?.message).toMatch(/not UTF-8/);
  });
});

test('mutated bytes are read or refused, never worse', () => {
  const random = new Random(9);
  const originals = Array.from({ length: 30 }, (_, seed) => [...encode(randomProgram(seed, { size: 10 }).program)]);
  for (let run = 0; run < 1000; run++) {
    const bytes = [...random.pick(originals)];
    for (let n = random.between(1, 4); n > 0; n--) {
      const at = random.below(bytes.length);
      bytes.splice(
        at,
        random.pick([0, 1, 1, 2, 30]),
        ...Array.from({ length: random.below(3) }, () => random.below(256)),
      );
    }
    const mutated = Uint8Array.from(bytes);
    const error = refusal(mutated);
    if (error === undefined) expect(hex(encode(decode(mutated)))).toBe(hex(mutated));
    else expect(error.code).toBe('malformed-ir');
  }
});
test('noise is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(refusal(Uint8Array.from([0x49, 0x53, 0x4f, 0x4b, 1, ...noise]))?.code).toBe('malformed-ir');
    }),
    { seed: 4, numRuns: 500 },
  );
});

test('numbers of 32 bits, and no longer ones', () => {
  for (const value of [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1]) {
    const out = new ByteWriter();
    out.uint(value);
    expect(new ByteReader(out.finish()).uint()).toBe(value);
  }
  const uint =
    (...bytes: number[]) =>
    () =>
      new ByteReader(Uint8Array.from(bytes)).uint();
  expect(uint(0xff, 0xff, 0xff, 0xff, 0x0f)).not.toThrow();
  expect(uint(0xff, 0xff, 0xff, 0xff, 0x1f)).toThrow(/more than 32 bits/);
  expect(uint(0x80, 0x80, 0x80, 0x80, 0x80, 0)).toThrow(/five bytes/);
  expect(uint(0x80)).toThrow(/end too early/);
});
