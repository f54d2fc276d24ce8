/** Ranges, against what the interpreter computes: no value may lie outside its range. */

import { expect, test } from 'vitest';
import {
  Builder,
  interpret,
  isScalarOp,
  numberOf,
  opNames,
  ops,
  type ScalarOp,
  type ScalarRow,
  type Value,
  verify,
} from '../../src/ir/index.ts';
import { originsOf, Ranges } from '../../src/ir/ranges.ts';
import { Random } from '../support/random.ts';

/** Operations that take integers or bools alone. */
const integerOps = opNames.filter((op): op is Exclude<ScalarOp, 'convert' | 'bitcast'> => {
  if (!isScalarOp(op) || op === 'convert' || op === 'bitcast' || op === 'unpackHalf') return false;
  return (ops[op] as ScalarRow).of.some((type) => type === 'i32' || type === 'u32');
});
const edges = [0, 1, 2, 3, 5, 31, 100, 2 ** 16, 2 ** 30, 2 ** 31 - 1, 2 ** 31 - 200, -1, -2, -100, -(2 ** 31)];
const length = 64;

test('hold what integer operations give', () => {
  let narrow = 0;
  for (let seed = 0; seed < 250; seed++) {
    const random = new Random(seed);
    const b = new Builder({ name: 'ranges', workgroup: [16, 1, 1] });
    const type = random.pick(['i32', 'u32'] as const);
    const bytes = ['i8', 'u8', 'i16'] as const;
    const inputs = bytes.map((element) => b.buffer(element, 'read', element));
    const out = b.buffer('out', 'write', 'u32', 2);
    const i = b.id('globalId', 0);
    const isType = (value: Value) => value.type === type;
    const pool: Value[] = [
      ...inputs.map((input) => b.convert(b.load(input, [i]), type)),
      b.convert(i, type),
      b.convert(b.id('localIndex'), type),
      b.convert(b.id('workgroupSize', 0), type),
      b.convert(b.dimension(out, 1), type),
      ...Array.from({ length: 3 }, () => b.constant(type, random.pick(edges))),
    ];
    const watched: Value[] = [];
    for (let n = 0; n < 12; n++) {
      const op = random.pick(integerOps);
      const row: ScalarRow = ops[op];
      if (!row.of.includes(type)) continue;
      const bool = () => b.op('lt', random.pick(pool), random.pick(pool));
      const args = row.args.map((wanted) => (wanted === 'bool' ? bool() : random.pick(pool)));
      let value = b.op(op, ...args);
      if (random.chance(0.2)) {
        const [x, y] = [value, random.pick(pool)];
        if (isType(x))
          value = b.if(
            bool(),
            () => [x],
            () => [y],
          )[0]!;
      }
      if (random.chance(0.2)) value = b.convert(b.bitcast(b.convert(value, 'u32'), 'i32'), type);
      if (isType(value)) pool.push(value);
      watched.push(value);
    }
    watched.forEach((value, n) => {
      b.store(out, [b.i32(n), i], b.convert(value, 'u32'));
    });
    const verified = verify(b.finish());
    const { program } = verified;

    const shape = [watched.length, length];
    const results = new Uint8Array(watched.length * length * 4);
    const args = [
      ...bytes.map((element) => {
        const size = length * (element === 'i16' ? 2 : 1);
        return { shape: [length], bytes: Uint8Array.from({ length: size }, () => random.below(256)) };
      }),
      { shape, bytes: results },
    ];
    const grid = [length, 1, 1] as const;
    interpret(verified, { args, grid, workgroup: [16, 1, 1] });

    const origins = originsOf(program);
    const launch = { args: args.map((arg) => arg.shape), grid, workgroup: [16, 1, 1] } as const;
    const always = new Ranges(program, origins, new Map());
    const launched = new Ranges(program, origins, new Map(), launch);
    const view = new DataView(results.buffer);
    watched.forEach((value, n) => {
      const bits = Array.from({ length }, (_, at) => view.getUint32((n * length + at) * 4, true));
      const numbers = bits.map((it) => numberOf(value.type as 'i32', it));
      for (const { low, high } of [always.of(value), launched.of(value)]) {
        expect(Math.min(...numbers), `seed ${seed}, value ${n}`).toBeGreaterThanOrEqual(low);
        expect(Math.max(...numbers), `seed ${seed}, value ${n}`).toBeLessThanOrEqual(high);
        if (high - low < 2 ** 31) narrow++;
      }
    });
  }
  // not because every range is everything
  expect(narrow).toBeGreaterThan(500);
});
