/** Float operations in integers against the operations' own meaning, on edge cases and random bits. */

import { expect, test } from 'vitest';
import { bitsOf, numberOf } from '../../src/ir/bits.ts';
import { Builder } from '../../src/ir/builder.ts';
import { evaluate } from '../../src/ir/evaluate.ts';
import { interpretProgram } from '../../src/ir/interpreter.ts';
import { type NumericClass, nativeOps, openClass } from '../../src/ir/numeric-class.ts';
import { ops, type ScalarOp } from '../../src/ir/ops.ts';
import { forEachInstruction } from '../../src/ir/program.ts';
import { isFloat, type ScalarType } from '../../src/ir/types.ts';
import { verify } from '../../src/ir/verify.ts';
import { writeOut } from '../../src/passes/index.ts';
import { Random } from '../support/random.ts';

const nothing: NumericClass = { ...openClass, native: [], algebra: 'contracts' };

interface Case {
  readonly op: ScalarOp;
  readonly from: ScalarType;
  readonly to: ScalarType;
}
const binary = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'min', 'max'] as const;
const unary = ['floor', 'ceil', 'trunc', 'round'] as const;
const cases: readonly Case[] = [
  ...(['f32', 'f16'] as const).flatMap((type) => [
    ...binary.map((op): Case => ({ op, from: type, to: op === 'min' || op === 'max' ? type : 'bool' })),
    ...unary.map((op): Case => ({ op, from: type, to: type })),
  ]),
  { op: 'convert', from: 'f32', to: 'i32' },
  { op: 'convert', from: 'f32', to: 'u32' },
  { op: 'convert', from: 'f32', to: 'bool' },
  { op: 'convert', from: 'f32', to: 'f16' },
  { op: 'convert', from: 'i32', to: 'f32' },
  { op: 'convert', from: 'u32', to: 'f32' },
  { op: 'convert', from: 'i32', to: 'f16' },
  { op: 'unpackHalf', from: 'u32', to: 'f32' },
];

/** Bits at powers of two and their neighbours, of both signs, and random ones; every other one is near its partner. */
function patterns(type: ScalarType, count: number): Uint32Array {
  const random = new Random(7);
  const edges: number[] = [];
  for (let bit = 0; bit < 32; bit++)
    for (const sign of [0, 0x80000000])
      for (const by of [-1, 0, 1]) edges.push(((1 << bit) + by) ^ sign, ((0x3f800000 + (bit << 23)) ^ sign) + by);
  edges.push(
    0x7f800000,
    0xff800000,
    0x7fc00000,
    0x7f7fffff,
    0x3f000000,
    0x3f000001,
    0xbf000000,
    0x3fc00000,
    0x40200000,
  );
  const words = Uint32Array.from({ length: count }, (_, i) => edges[i] ?? random.bits());
  for (let i = edges.length | 1; i < count; i += 2) words[i] = words[i - 1]! + random.below(3) - 1;
  if (type === 'f16') return words.map((word) => word & 0xffff);
  if (type !== 'f32') return words;
  return words.map((word) => ((word & 0x7f800000) === 0 ? word & 0x80000000 : word));
}

test.each(cases)('$op from $from to $to', ({ op, from, to }) => {
  const count = 4096;
  const b = new Builder({ name: 'k' });
  const [x, y] = (['x', 'y'] as const).map((name) => b.buffer(name, 'read', from as 'f32'));
  const r = b.buffer('r', 'write', to === 'bool' ? 'u32' : to);
  const i = b.id('globalId', 0);
  const args = [x!, y!].slice(0, ops[op].form === 'scalar' ? ops[op].args.length : 0).map((each) => b.load(each, [i]));
  const value = op === 'convert' ? b.convert(args[0]!, to) : b.op(op as 'min', ...args);
  b.store(r, [i], to === 'bool' ? b.convert(value, 'u32') : value);
  const { program } = verify(b.finish());
  const written = writeOut(program, nothing);
  const remaining: string[] = [];
  forEachInstruction(written.body, (it) => {
    // to f16 itself there is no way but a conversion
    const takesFloats = it.kind === 'op' && it.args.some(({ type }) => isFloat(type));
    if (takesFloats && it.op === op && !(op === 'convert' && to === 'f16')) remaining.push(it.op);
  });
  expect(remaining).toEqual([]);

  const left = patterns(from, count);
  const right = left.map((_, k) => left[(k + (k % 2 === 0 ? 1 : 37)) % count]!);
  const size = { f16: 2, f32: 4, i32: 4, u32: 4, bool: 4 } as const;
  const bytes = (words: Uint32Array, type: ScalarType) =>
    new Uint8Array(type === 'f16' ? Uint16Array.from(words).buffer : words.slice().buffer);
  const result = new Uint8Array(size[to] * count);
  const arrays = [bytes(left, from), bytes(right, from), result].map((data) => ({ bytes: data, shape: [count] }));
  interpretProgram(written, { args: arrays, grid: [count, 1, 1] });
  const given = to === 'f16' ? new Uint16Array(result.buffer) : new Uint32Array(result.buffer);
  for (let k = 0; k < count; k++) {
    const operands = [left[k]!, right[k]!].map((word) => numberOf(from, word));
    const wanted = evaluate(op, from, operands, to);
    const got = numberOf(to === 'bool' ? 'u32' : to, given[k]!);
    // the sign of a zero is open
    const same = isFloat(to) ? bitsOf(to, wanted + 0) === bitsOf(to, got + 0) : wanted === got;
    if (!same) expect.fail(`${op}(${operands.join(', ')}) is ${got}, not ${wanted}`);
  }
});

test('what a class has stays as it is', () => {
  const b = new Builder({ name: 'k' });
  const x = b.buffer('x', 'readWrite', 'f32');
  const at = [b.id('globalId', 0)];
  b.store(x, at, b.op('max', b.op('floor', b.load(x, at)), b.convert(b.u32(5), 'f32')));
  const { program } = verify(b.finish());
  const after = writeOut(program, { ...openClass, native: nativeOps });
  expect(after.body.body).toEqual(program.body.body);
});
