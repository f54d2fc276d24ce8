/**
 * The granule analysis: what it allows to run without guards gives the same bits, and what it says of results holds. And
 * launches: which of them leave the guards away.
 */

import { describe, expect, it, test } from 'vitest';
import { matmul } from '../../kernels/matmul.ts';
import { nbody } from '../../kernels/nbody.ts';
import { Builder } from '../../src/ir/builder.ts';
import { type Extent, extentBetween, extentOf, unguarded } from '../../src/ir/granules.ts';
import { ieeeClass } from '../../src/ir/numeric-class.ts';
import type { Program, Value } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import { lowerExact } from '../../src/passes/exact/lower.ts';
import { outcome } from '../support/outcome.ts';
import { Random } from '../support/random.ts';
import type { RandomLaunch } from '../support/random-launch.ts';
import { randomProgram } from '../support/random-program.ts';

/** Both forms, interpreted as IEEE 754 has them. */
function forms(program: Program, launch: RandomLaunch): readonly [guarded: string, bare: string] {
  const both = [true, false].map((guarded) =>
    outcome(lowerExact(verify(program).program, ieeeClass, { guarded }), launch),
  );
  return [both[0]!, both[1]!];
}
const floatsOf = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];

/** Whether the numbers are what an extent says. */
function isWithin(numbers: readonly number[], { granule, least, greatest, negative }: Extent): boolean {
  return numbers.every((x) => {
    if (x < 0 && !negative) return false;
    if (x === 0 || !Number.isFinite(x)) return true;
    return Math.abs(x) >= 2 ** least && Math.abs(x) < 2 ** (greatest + 1) && (x / 2 ** granule) % 1 === 0;
  });
}

const elements = 48;
/**
 * A chain of operations on three arrays, each step of which may use all before; near the end of the format, on operands that cancel.
 * Every value is stored.
 */
function chain(random: Random): { program: Program; launch: RandomLaunch; inputs: readonly number[][] } {
  const b = new Builder({ name: 'chain', mode: 'exact' });
  const buffers = ['x', 'y', 'z'].map((name) => b.buffer(name, 'read', 'f32'));
  const length = random.between(1, 5);
  const results = Array.from({ length }, (_, n) => b.buffer(`r${n}`, 'write', 'f32'));
  const i = b.id('globalId');
  const values: Value[] = buffers.map((buffer) => b.load(buffer, [i]));
  const any = () => values[Math.max(random.below(values.length), random.below(values.length))]!;
  for (const result of results) {
    const op = random.pick([
      'add',
      'add',
      'sub',
      'sub',
      'mul',
      'mul',
      'div',
      'fma',
      'sqrt',
      'inverseSqrt',
      'min',
      'floor',
      'neg',
      'rem',
    ] as const);
    const arity = { fma: 3, sqrt: 1, inverseSqrt: 1, floor: 1, neg: 1 }[op as string] ?? 2;
    let value = b.op(op, ...Array.from({ length: arity }, any));
    if (random.chance(0.2)) value = b.op('select', b.op('lt', any(), any()), value, any());
    if (random.chance(0.2)) value = sumInLoop(b, value, any(), random.between(1, 9));
    values.push(value);
    b.store(result, [i], value);
  }
  const inputs = buffers.map(() => {
    const exponent = random.pick([
      0, -10, -40, -52, -62, -62, -63, -63, -64, -90, -100, -115, -120, 1, 20, 60, 119, 124,
    ]);
    const spread = random.pick([0, 0, 1, 3, 12]);
    const one = () =>
      Math.fround(
        (1 + random.pick([0, random.below(2 ** 23)]) / 2 ** 23) * 2 ** (exponent + random.between(0, spread)),
      );
    let last = one();
    return Array.from({ length: elements }, () => {
      // now and then what nearly equals the last one, so that differences are tiny; and zeros
      const next = random.chance(0.4) ? Math.fround(last * (1 + random.between(-2, 2) * 2 ** -23)) : one();
      last = random.chance(0.5) ? next : -next;
      return random.chance(0.1) ? random.pick([0, -0]) : last;
    });
  });
  const shape = [elements];
  const args = [
    ...inputs.map((input) => ({ shape, bytes: new Uint8Array(Float32Array.from(input).buffer) })),
    ...results.map(() => ({ shape, bytes: new Uint8Array(4 * elements) })),
  ];
  return { program: b.finish(), launch: { grid: [elements, 1, 1], workgroup: [64, 1, 1], args }, inputs };
}
/** x + x w + … from x on, n times. */
function sumInLoop(b: Builder, x: Value, weight: Value, n: number): Value {
  const [sum] = b.loop([b.i32(0), x], ['f32'], ([i, sum]) => {
    b.if(b.op('ge', i!, b.i32(n)), () => b.break(sum!));
    return [b.op('add', i!, b.i32(1)), b.op('add', sum!, b.op('mul', x, weight))];
  });
  return sum!;
}

describe('where nothing can flush', () => {
  it('chains of operations give the same without guards, and results are what was said', () => {
    const random = new Random(7);
    let proven = 0;
    let needed = 0;
    for (let n = 0; n < 300; n++) {
      const { program, launch, inputs } = chain(random);
      const after = unguarded(program, (param) => extentOf(inputs[program.params.indexOf(param)]!));
      const [guarded, bare] = forms(program, launch);
      if (after === undefined) {
        if (guarded !== bare) needed++;
        continue;
      }
      proven++;
      expect(bare, `chain ${n}`).toBe(guarded);
      guarded.split('\n').forEach((hex, p) => {
        const param = program.params[p]!;
        const numbers = floatsOf(Uint8Array.from(Buffer.from(hex, 'hex')));
        if (param.kind === 'buffer' && param.access === 'write')
          expect(isWithin(numbers, after.get(param)!), `chain ${n}, ${param.name}`).toBe(true);
      });
    }
    // both happen often
    expect(proven).toBeGreaterThan(60);
    expect(needed).toBeGreaterThan(10);
  });

  it('random programs with all kinds of control flow and memory do', () => {
    let proven = 0;
    for (let seed = 0; seed < 120; seed++) {
      const { program, launch } = randomProgram(seed, { floats: 'exact', size: 15 });
      const extentOfParam = (index: number): Extent => {
        const arg = launch.args[index]!;
        return extentOf('bytes' in arg ? floatsOf(arg.bytes) : arg);
      };
      if (unguarded(program, (param) => extentOfParam(program.params.indexOf(param))) === undefined) continue;
      proven++;
      const [guarded, bare] = forms(program, launch);
      expect(bare, `seed ${seed}`).toBe(guarded);
    }
    expect(proven).toBeGreaterThan(20);
  });

  it('finds the extent of numbers', () => {
    expect(extentOf([0, -0, Number.NaN, Number.POSITIVE_INFINITY])).toEqual(extentOf([]));
    expect(extentOf([3, -0.5, 0])).toEqual({ granule: -1, least: -1, greatest: 1, negative: true });
    expect(extentOf([2 ** -149]).least).toBe(-149);
  });
});

describe('of the library', () => {
  const program = async (kernel: typeof matmul | typeof nbody) => (await kernel.as('exact').verified()).program;

  test('a matrix product needs no guards as long as products are well above 2^-126', async () => {
    const verdict = async (least: number) =>
      unguarded(await program(matmul), () => extentBetween(least, 0)) !== undefined;
    expect(await verdict(-40)).toBe(true);
    expect(await verdict(-51)).toBe(true);
    // products of 2^-52 and sums of them: multiples of 2^-127
    expect(await verdict(-52)).toBe(false);
  });
  test('nor does a step of n bodies, softened', async () => {
    const found = unguarded(await program(nbody), (param) =>
      param.kind === 'scalar' ? extentOf([Math.fround(0.01)]) : extentBetween(-25, 0),
    );
    expect(found).toBeDefined();
  });
});
