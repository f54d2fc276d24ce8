/** Every operation on floats in mode `exact`, on operands where formats end: what the definition gives, lowerings and the CPU give. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/device/index.ts';
import { bitsOf, roundTo } from '../../src/ir/bits.ts';
import { Builder } from '../../src/ir/builder.ts';
import { scalarFunction } from '../../src/ir/evaluate.ts';
import { canonical } from '../../src/ir/exact.ts';
import { softwareFunction } from '../../src/ir/interpreter/software.ts';
import {
  isScalarOp,
  type OpName,
  opNames,
  ops,
  type ScalarOp,
  type ScalarRow,
  type SoftwareOp,
} from '../../src/ir/ops.ts';
import type { Program } from '../../src/ir/program.ts';
import { software } from '../../src/ir/software/index.ts';
import type { NumericType, ScalarType } from '../../src/ir/types.ts';
import { openCpu, openOnCaller, runByDefinition, runOnCpu } from '../cpu/on-cpu.ts';

const least = 2 ** -126;
const magnitudes = [
  ...[0, 2 ** -149, least * (1 - 2 ** -23), least, least * (1 + 2 ** -23), 1.5 * least, 2 ** -63, 1.25 * 2 ** -64],
  ...[
    2 ** -24,
    0.5,
    1 - 2 ** -24,
    1,
    1.5,
    3,
    2 ** 24 + 2,
    65519.996,
    65520,
    2 ** 31,
    2 ** 120,
    (2 - 2 ** -23) * 2 ** 127,
  ],
  Number.POSITIVE_INFINITY,
];
const edges = [...magnitudes, ...magnitudes.map((x) => -x), Number.NaN];

const floatOps = opNames.filter(
  (op): op is ScalarOp => isScalarOp(op) && (ops[op].of as readonly string[]).includes('f32'),
);
const has = (op: ScalarOp) => ops[op].exact !== 'software' || software[op as SoftwareOp] !== undefined;

/** The operation on arrays of operands, elementwise, into bits. */
function elementwise(op: ScalarOp, type: 'f32' | 'f16', to: ScalarType): Program {
  const b = new Builder({ name: `${op}_${type}_${to}`, mode: 'exact' });
  const row: ScalarRow = ops[op];
  const inputs = row.args.map((wanted, i) => b.buffer(`x${i}`, 'read', wanted === 'bool' ? 'u32' : type));
  const element = (to === 'bool' ? 'u32' : to) as NumericType;
  const results = b.buffer('r', 'write', element);
  const i = b.id('globalId');
  const args = inputs.map((input, n) => {
    const loaded = b.load(input, [i]);
    return row.args[n] === 'bool' ? b.convert(loaded, 'bool') : loaded;
  });
  const result = op === 'convert' || op === 'bitcast' ? b[op](args[0]!, to) : b.op(op, ...args);
  b.store(results, [i], result.type === 'bool' ? b.convert(result, 'u32') : result);
  return b.finish();
}

/** All combinations of the edges, as many at a time as the operation takes; of three, a sample. */
function operandsOf(op: ScalarOp): number[][] {
  const { args }: ScalarRow = ops[op];
  const all = args.reduce<number[][]>((tuples) => tuples.flatMap((tuple) => edges.map((x) => [...tuple, x])), [[]]);
  return args.length < 3 ? all : all.filter((_, i) => i % 37 === 0);
}

function launchOf(op: ScalarOp, type: 'f32' | 'f16', to: ScalarType) {
  const tuples = operandsOf(op);
  const { args }: ScalarRow = ops[op];
  const bytesOf = (n: number) => {
    if (args[n] === 'bool') return Uint32Array.from(tuples, (tuple) => Number(tuple[n]! > 0));
    const bits = tuples.map((tuple) => bitsOf(type, roundTo(type, tuple[n]!)));
    return type === 'f32' ? Uint32Array.from(bits) : Uint16Array.from(bits);
  };
  const size = to === 'f16' ? 2 : 4;
  const shape = [tuples.length];
  return {
    grid: [tuples.length, 1, 1],
    workgroup: [64, 1, 1],
    args: [
      ...args.map((_, n) => ({ shape, bytes: new Uint8Array(bytesOf(n).buffer) })),
      { shape, bytes: new Uint8Array(size * tuples.length) },
    ],
  } as const;
}

function resultsOf(op: ScalarOp): readonly ScalarType[] {
  const row: ScalarRow = ops[op];
  if (op === 'bitcast') return ['u32', 'i32'];
  return row.result === 'any' ? ['bool', 'i32', 'u32', 'f16', 'f32'] : [row.result === 'T' ? 'f32' : row.result];
}
const cases = floatOps
  .filter(has)
  .flatMap((op) =>
    (['f32', 'f16'] as const)
      .filter((type) => (ops[op].of as readonly string[]).includes(type))
      .flatMap((type) =>
        resultsOf(op).map((to) => [op, type, to === 'f32' && ops[op].result === 'T' ? type : to] as const),
      ),
  );

describe('the CPU gives what the definition does', () => {
  let vector: Device;
  let scalar: Device;
  beforeAll(async () => {
    vector = await openCpu();
    scalar = openOnCaller(1);
  });
  afterAll(async () => {
    await vector.close();
    await scalar.close();
  });
  it.each(cases)('%s of %s to %s', async (op, type, to) => {
    const program = elementwise(op, type, to);
    const launch = launchOf(op, type, to);
    const wanted = runByDefinition(program, launch).at(-1)!;
    expect((await runOnCpu(vector, program, launch)).at(-1)).toEqual(wanted);
    expect((await runOnCpu(scalar, program, launch)).at(-1)).toEqual(wanted);
  });
});

/** Equal, or both zero. */
const alike = (x: number, y: number) => Object.is(x, y) || (x === 0 && y === 0);
const flipZeros = (tuple: readonly number[], which: number) =>
  tuple.map((x, i) => (x === 0 && (which >> i) & 1 ? -x : x));

/** Operations that tell -0 from 0 in what they give, by more than the sign of a zero. */
const telling: readonly OpName[] = ['div', 'bitcast', 'inverseSqrt', 'packHalf'];

describe('the sign of zero need be canonical only where it is seen', () => {
  const blind = floatOps.filter((op) => ops[op].exact !== 'software' && !telling.includes(op)).concat('sqrt', 'fma');
  it.each(blind)('%s gives the same for both zeros, but for the sign of a zero', (op) => {
    const different: string[] = [];
    for (const type of ['f32', 'f16'] as const) {
      for (const to of resultsOf(op)) {
        const compute = scalarFunction(op, type, to);
        for (const tuple of operandsOf(op)) {
          const rounded = tuple.map((x) => roundTo(type, x));
          const [x = 0, y = 0, z = 0] = rounded;
          const plain = compute(x, y, z);
          for (let which = 1; which < 2 ** rounded.length; which++) {
            const [u = 0, v = 0, w = 0] = flipZeros(rounded, which);
            if (!alike(compute(u, v, w), plain)) different.push(`${op}(${rounded}) and ${[u, v, w]}`);
          }
        }
      }
    }
    expect(different).toEqual([]);
  });
  it.each(telling.filter((op) => op !== 'bitcast'))('%s does not', (op) => {
    const compute = scalarFunction(op as ScalarOp, 'f32', op === 'packHalf' ? 'u32' : 'f32');
    const [plus, minus] = [0, -0].map((zero) => compute(op === 'div' ? 1 : zero, zero, 0));
    expect(alike(plus!, minus!)).toBe(false);
  });
});

describe('a software function', () => {
  const functions = floatOps.filter((op): op is SoftwareOp => ops[op].exact === 'software' && has(op));
  it.each(functions)('%s gives canonical results, the same for both zeros', (op) => {
    const compute = softwareFunction(op)!;
    const wrong: string[] = [];
    for (const tuple of operandsOf(op)) {
      const operands = tuple.map((x) => canonical('f32', Math.fround(x)));
      const [x = 0, y = 0, z = 0] = operands;
      const result = compute(x, y, z);
      if (!Object.is(result, canonical('f32', result))) wrong.push(`${op}(${operands}) is ${result}`);
      for (let which = 1; which < 2 ** operands.length; which++) {
        const [u = 0, v = 0, w = 0] = flipZeros(operands, which);
        if (!Object.is(compute(u, v, w), result)) wrong.push(`${op}(${operands}) and ${[u, v, w]}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('what is too small', () => {
  const meaning = (op: 'add' | 'sub' | 'mul' | 'div', x: number, y: number) => {
    const b = new Builder({ name: op, mode: 'exact' });
    const r = b.buffer('r', 'write', 'f32');
    b.store(r, [b.i32(0)], b.op(op, b.argument(b.scalar('x', 'f32')), b.argument(b.scalar('y', 'f32'))));
    const program = b.finish();
    const bytes = new Uint8Array(4);
    const launch = { grid: [1, 1, 1], workgroup: [1, 1, 1], args: [{ shape: [1], bytes }, [x], [y]] } as const;
    return new Float32Array(runByDefinition(program, launch)[0]!.slice().buffer)[0]!;
  };
  it.each([
    ['add', 1.5 * least, -least, 0],
    ['add', 2 * least, -least, least],
    ['add', -2 * least, least, -least],
    ['sub', least, least * (1 + 2 ** -23), 0],
    ['mul', least, 1, 0],
    ['mul', 1 - 2 ** -24, least, 0],
    ['mul', least * (1 + 2 ** -23), -1, -least * (1 + 2 ** -23)],
    ['mul', -1, 0, 0],
    ['mul', 2 ** -100, -(2 ** -100), 0],
    ['div', least, -1, 0],
    ['div', 2 ** -100, 2 ** 25, 2 ** -125],
    ['div', 1, -0, Number.POSITIVE_INFINITY],
    ['div', 1, 2 ** -149, Number.POSITIVE_INFINITY],
    ['div', 1, Number.NEGATIVE_INFINITY, 0],
    ['add', 2 ** -149, least, least],
    ['sub', 0, 0, 0],
  ] as const)('%s(%s, %s) is %s', (op, x, y, wanted) => {
    expect(meaning(op, Math.fround(x), Math.fround(y))).toBe(wanted);
  });
});
