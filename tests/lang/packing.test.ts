/** Packing, fields of bits and the parts of floats, against plain arithmetic on many numbers. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnyBody, run } from './support.ts';

const f = Math.fround;
const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  -128.5,
  1e-45,
  -1.1754943508222875e-38,
  1e-40,
  3.4e38,
  65519,
  65520,
  -7e-8,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const floats = Float32Array.from([
  ...special,
  ...fc.sample(fc.float(), { numRuns: 300, seed: 1 }),
  ...fc.sample(fc.float({ min: -2, max: 2 }), { numRuns: 300, seed: 2 }),
]).subarray(0, 600);
const words = Uint32Array.from([
  0,
  1,
  0xffffffff,
  0x80000000,
  0x7fffffff,
  0x80807f7f,
  ...fc.sample(fc.nat(0xffffffff), { numRuns: 594, seed: 3 }),
]);

/** One number, or several of a vector, for each invocation, as the words of a u32 array. */
function results(perElement: number, body: AnyBody, params: Readonly<Record<string, string>> = {}): Uint32Array {
  const y = new Uint32Array(words.length * perElement);
  run(
    { x: 'read f32', u: 'read u32', i: 'read i32', y: 'write u32', ...params },
    { x: floats, u: words, i: new Int32Array(words.buffer), y },
    words.length,
    body,
  );
  return y;
}
const expected = (perElement: number, of: (at: number) => readonly number[]) =>
  Uint32Array.from({ length: words.length * perElement }, (_, at) => of(Math.floor(at / perElement))[at % perElement]!);
const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
const at = (array: Float32Array, i: number) => array[i % array.length]!;
/** The components that the bodies give: x.at(i) and those after it, wrapped. */
const four = (i: number) => [0, 1, 2, 3].map((n) => at(floats, i + n));

const n = floats.length;
const vec4 = `k.vec4(x.at(i), x.at((i + 1) % ${n}), x.at((i + 2) % ${n}), x.at((i + 3) % ${n}))`;
const body = (statements: string): string => `({ x, u, i: s, y }, k) => { const i = k.global.x; ${statements} }`;
const joined = (values: readonly number[]) => {
  const width = 32 / values.length;
  return values.reduce((word, value, j) => (word | ((value & (2 ** width - 1)) << (j * width))) >>> 0, 0);
};
const split = (word: number, count: number, signed: boolean) => {
  const width = 32 / count;
  return Array.from({ length: count }, (_, j) => {
    const field = (word >>> (j * width)) & (2 ** width - 1);
    return signed && field >= 2 ** (width - 1) ? field - 2 ** width : field;
  });
};
const limit = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const normed = (value: number, low: number, most: number) =>
  Number.isNaN(value) ? 0 : Math.floor(f(f(most * limit(value, low, 1)) + 0.5));

test.each([
  ['pack4x8snorm', 4, -1, 127],
  ['pack4x8unorm', 4, 0, 255],
  ['pack2x16snorm', 2, -1, 32767],
  ['pack2x16unorm', 2, 0, 65535],
] as const)('%s', (name, count, low, most) => {
  const packed = results(1, body(`y[i] = k.${name}(${vec4}${count === 2 ? '.xy' : ''});`));
  expect(packed).toEqual(
    expected(1, (i) => [
      joined(
        four(i)
          .slice(0, count)
          .map((value) => normed(value, low, most)),
      ),
    ]),
  );
  const unpacked = results(
    count,
    body(
      `const v = k.un${name}(u.at(i)); ${[...'xyzw']
        .slice(0, count)
        .map((c, j) => `y[${count} * i + ${j}] = k.bitcast.u32(v.${c});`)
        .join(' ')}`,
    ),
  );
  expect(unpacked).toEqual(
    expected(count, (i) => split(words[i]!, count, low < 0).map((field) => bitsOf(Math.max(low, f(field / most))))),
  );
});

test.each([
  ['pack4xI8', 's', (v: number) => v | 0],
  ['pack4xU8', 'u', (v: number) => v],
  ['pack4xI8Clamp', 's', (v: number) => limit(v | 0, -128, 127)],
  ['pack4xU8Clamp', 'u', (v: number) => Math.min(v >>> 0, 255)],
])('%s', (name, array, field) => {
  const packed = results(
    1,
    body(`y[i] = k.${name}(k.vec4(${array}.at(i), ${array}.at(0), ${array}.at(5), ${array}.at(i) >> 20));`),
  );
  expect(packed).toEqual(
    expected(1, (i) => {
      const last = array === 's' ? words[i]! >> 20 : words[i]! >>> 20;
      return [joined([words[i]!, words[0]!, words[5]!, last].map(field))];
    }),
  );
});

test('unpack4xI8, unpack4xU8 and the packed dot products', () => {
  const unpacked = results(
    8,
    body(
      'const a = k.unpack4xI8(u.at(i)), b = k.unpack4xU8(u.at(i)); y[8 * i] = k.u32(a.x); y[8 * i + 1] = k.u32(a.y); y[8 * i + 2] = k.u32(a.z); y[8 * i + 3] = k.u32(a.w); y[8 * i + 4] = b.x; y[8 * i + 5] = b.y; y[8 * i + 6] = b.z; y[8 * i + 7] = b.w;',
    ),
  );
  expect(unpacked).toEqual(
    expected(8, (i) => [...split(words[i]!, 4, true).map((v) => v >>> 0), ...split(words[i]!, 4, false)]),
  );
  const dots = results(
    2,
    body(
      'const o = u.at((i + 7) % 600); y[2 * i] = k.u32(k.dot4I8Packed(u.at(i), o)); y[2 * i + 1] = k.dot4U8Packed(u.at(i), o);',
    ),
  );
  const dot = (a: number, b: number, signed: boolean) => {
    const other = split(b, 4, signed);
    return split(a, 4, signed).reduce((sum, each, j) => sum + each * other[j]!, 0) >>> 0;
  };
  expect(dots).toEqual(
    expected(2, (i) => [true, false].map((signed) => dot(words[i]!, words[(i + 7) % 600]!, signed))),
  );
});

test('pack2x16float takes two numbers or a vector', () => {
  const [both, pairs] = ['x.at(i), x.at((i + 1) % 600)', 'k.vec2(x.at(i), x.at((i + 1) % 600))'].map((args) =>
    results(1, body(`y[i] = k.pack2x16float(${args});`)),
  );
  expect(pairs).toEqual(both);
  // what f16 holds exactly comes back: every word whose halves are no NaN
  const back = results(1, body('y[i] = k.pack2x16float(k.unpack2x16float(u.at(i)));'));
  const isNaN16 = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
  words.forEach((word, i) => {
    if (!isNaN16(word & 0xffff) && !isNaN16(word >>> 16)) expect(back[i]).toBe(word);
  });
});

test('extractBits and insertBits, at every offset and width, beyond the word too', () => {
  const offset = (i: number) => i % 41;
  const count = (i: number) => (i * 7) % 37;
  const found = results(
    3,
    body(
      'const o = i % 41, w = i * 7 % 37; y[3 * i] = k.extractBits(u.at(i), o, w); y[3 * i + 1] = k.u32(k.extractBits(s.at(i), o, w)); y[3 * i + 2] = k.insertBits(u.at(i), ~u.at(i), o, w);',
    ),
  );
  expect(found).toEqual(
    expected(3, (i) => {
      const o = Math.min(offset(i), 32);
      const w = Math.min(count(i), 32 - o);
      const word = BigInt(words[i]!);
      const field = BigInt.asUintN(w, word >> BigInt(o));
      const signed = BigInt.asUintN(32, BigInt.asIntN(w, field));
      const mask = (2n ** BigInt(w) - 1n) << BigInt(o);
      // the low bits of ~word come in
      const inserted = (word & ~mask) | ((~word << BigInt(o)) & mask);
      return [field, signed, BigInt.asUintN(32, inserted)].map(Number);
    }),
  );
});

test('firstLeadingBit and firstTrailingBit', () => {
  const found = results(
    3,
    body(
      'y[3 * i] = k.firstLeadingBit(u.at(i)); y[3 * i + 1] = k.u32(k.firstLeadingBit(s.at(i))); y[3 * i + 2] = k.firstTrailingBit(u.at(i));',
    ),
  );
  const leading = (word: number) => word.toString(2).length - 1;
  expect(found).toEqual(
    expected(3, (i) => {
      const word = words[i]!;
      const other = word >= 2 ** 31 ? ~word >>> 0 : word;
      return [
        word === 0 ? -1 : leading(word),
        other === 0 ? -1 : leading(other),
        word === 0 ? -1 : Math.log2((word & -word) >>> 0),
      ].map((v) => v >>> 0);
    }),
  );
});

test('frexp, modf and quantizeToF16 on every kind of number', () => {
  const found = results(
    5,
    body(
      'const { fract, exp } = k.frexp(x.at(i)); const m = k.modf(x.at(i)); y[5 * i] = k.bitcast.u32(fract); y[5 * i + 1] = k.u32(exp); y[5 * i + 2] = k.bitcast.u32(m.fract); y[5 * i + 3] = k.bitcast.u32(m.whole); y[5 * i + 4] = k.bitcast.u32(k.quantizeToF16(x.at(i)));',
    ),
  );
  for (let i = 0; i < words.length; i++) {
    const value = at(floats, i);
    const read = (n: number) => new Float32Array(found.buffer)[5 * i + n]!;
    const exp = found[5 * i + 1]! | 0;
    if (value === 0 || !Number.isFinite(value)) expect([read(0), exp]).toEqual([value, 0]);
    else {
      expect(Math.abs(read(0))).toBeGreaterThanOrEqual(0.5);
      expect(Math.abs(read(0))).toBeLessThan(1);
      expect(read(0) * 2 ** exp).toBe(value);
    }
    expect([read(2), read(3)]).toEqual([f(value - Math.trunc(value)), Math.trunc(value)]);
    // twice is once, and near
    if (Math.abs(value) < 65520)
      expect(Math.abs(read(4) - value)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
    else if (!Number.isNaN(value))
      expect(read(4)).toBe(value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  }
});

test('ldexp rounds once, over the whole range of exponents', () => {
  const exponents = [-400, -300, -200, -160, -150, -149, -127, -126, -30, -1, 0, 1, 24, 100, 127, 128, 200, 277, 400];
  const found = results(
    exponents.length,
    body(
      exponents.map((e, j) => `y[${exponents.length} * i + ${j}] = k.bitcast.u32(k.ldexp(x.at(i), ${e}));`).join(' '),
    ),
  );
  expect(found).toEqual(expected(exponents.length, (i) => exponents.map((e) => bitsOf(f(at(floats, i) * 2 ** e)))));
});

test('of vectors, component by component', () => {
  const both = results(
    8,
    body(
      `const v = ${vec4}.xy; const { fract, exp } = k.frexp(v); const w = k.ldexp(fract, exp); const q = k.ldexp(v, 3); const { whole } = k.modf(v); const b = k.bitcast.u32; y[8 * i] = b(w.x); y[8 * i + 1] = b(w.y); y[8 * i + 2] = b(q.x); y[8 * i + 3] = b(q.y); y[8 * i + 4] = b(whole.x); y[8 * i + 5] = b(whole.y);`,
    ),
  );
  expect(both).toEqual(
    expected(8, (i) =>
      [
        ...four(i)
          .slice(0, 2)
          .flatMap((v) => [v]),
        ...four(i)
          .slice(0, 2)
          .map((v) => f(v * 8)),
        ...four(i).slice(0, 2).map(Math.trunc),
      ]
        .map(bitsOf)
        .concat(0, 0),
    ),
  );
});

test('reflect, refract and faceForward', () => {
  const found = results(
    7,
    body(
      `const e = k.vec2(0.6, -0.8), m = k.vec2(0, 1), d = k.vec2(0.6, 0.8); const r = k.reflect(e, m), t = k.refract(e, m, 0.5), none = k.refract(e, m, 2), a = k.faceForward(m, e, m); const b = k.bitcast.u32; y[7 * i] = b(r.x); y[7 * i + 1] = b(r.y); y[7 * i + 2] = b(t.x); y[7 * i + 3] = b(t.y); y[7 * i + 4] = b(none.x + none.y); y[7 * i + 5] = b(a.y); y[7 * i + 6] = b(k.faceForward(m, d, m).y);`,
    ),
  );
  const [rx, ry, tx, ty, none, kept, turned] = new Float32Array(found.buffer);
  expect(rx).toBeCloseTo(0.6, 6);
  expect(ry).toBeCloseTo(0.8, 6);
  // Snell: the sine halves
  expect(tx).toBeCloseTo(0.3, 6);
  expect(ty).toBeCloseTo(-Math.sqrt(1 - 0.09), 6);
  expect([none, kept, turned]).toEqual([0, 1, -1]);
});
