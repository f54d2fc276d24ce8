/**
 * The functions of mode `exact` on the CPU against their true values, on special inputs and a sample; `isokernel numerics` tries
 * all. And that what they are compared with is right itself.
 */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare, nothing, together } from '../../src/cli/numerics/compare.ts';
import { batch, batchCount, inputCount } from '../../src/cli/numerics/inputs.ts';
import {
  arityOf,
  decide,
  digitsOf,
  type FunctionName,
  functionNames,
  referenceOf,
  slack,
} from '../../src/cli/numerics/reference.ts';
import { algorithmOf, sweep } from '../../src/cli/numerics/sweep.ts';
import type { Entry } from '../../src/cli/numerics.ts';
import { open } from '../../src/index.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { Random } from '../support/random.ts';

const sample = 2 ** 16;

/** Correctly rounded, always; all others are within `most` units in the last place. */
const correct: ReadonlySet<FunctionName> = new Set(['sqrt', 'div', 'fma', 'rem']);
/** inverseSqrt is the root of a quotient: rounded twice. */
const most = (name: FunctionName): number => (name === 'inverseSqrt' ? 0.87 : 0.55);

describe('in exact, on special inputs and a sample', () => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = (await open({ backends: ['cpu'], threads: 1 })) as unknown as Runtime;
  });
  afterAll(() => rt.close());

  test.each(functionNames)('%s', async (name) => {
    let findings = nothing;
    for (let index = 0; index < batchCount({ arity: arityOf(name), sample }); index++)
      findings = together(findings, await sweep(rt, { function: name, sample, index, device: 'cpu' }));
    expect(findings, `${findings.at} gives ${findings.got}`).toSatisfy(({ incorrect, worst }: typeof findings) =>
      correct.has(name) ? incorrect === 0 : worst < most(name),
    );
  });
});

describe('the comparison', () => {
  const x = Float32Array.of(1, 2, 1e-40, -1, Number.NaN);
  const right = () => Float32Array.of(0, Math.LN2, Number.NEGATIVE_INFINITY, Number.NaN, Number.NaN);

  test('accepts what is right', () => {
    expect(compare('log', [x], right())).toEqual(nothing);
  });
  test.each([
    ['a unit in the last place', 1, Math.LN2 + 2 ** -24, 1],
    ['the other zero', 0, -0, 0],
    ['a number for NaN', 3, 1, Number.POSITIVE_INFINITY],
    ['a finite number for an infinite one', 2, -1e38, 1e7],
  ] as const)('finds %s', (_, at, wrong, worst) => {
    const results = right();
    results[at] = wrong;
    const found = compare('log', [x], results);
    expect(found.incorrect).toBe(1);
    expect(found.worst).toBeGreaterThanOrEqual(worst * 0.9);
  });
  test('finds another NaN', () => {
    const results = right();
    new Uint32Array(results.buffer)[4] = 0xffc00000;
    expect(compare('log', [x], results).incorrect).toBe(1);
  });
  test('finds the neighbour of a result that f64 takes for a tie', () => {
    // half a unit above 1, and a little: only more digits than those of f64 tell
    const middle = 1 + 2 ** -24;
    const above = (digits: string) => () => digitsOf(middle).plus(digits);
    expect(decide(above('1e-30'), 0, 0, middle)).toBe(1 + 2 ** -23);
    expect(decide(above('-1e-30'), 0, 0, middle)).toBe(1);
    expect(decide(above('0'), 0, 0, middle)).toBe(1);
    expect(decide(() => digitsOf(-middle).plus('1e-30'), 0, 0, -middle)).toBe(-1);
    expect(decide(() => digitsOf(-middle).minus('1e-30'), 0, 0, -middle)).toBe(-1 - 2 ** -23);
  });
});

describe('the report that docs/numerics-functions.md shows', () => {
  const file = new URL('../../docs/numerics-functions.json', import.meta.url);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Entry[];
  test.each(functionNames)('is of the %s of today', async (name) => {
    const entry = report.find((one) => one.function === name);
    expect(entry?.algorithm, `isokernel numerics ${name} --json docs/numerics-functions.json`).toBe(
      await algorithmOf(name),
    );
  });
});

describe('inputs', () => {
  test('of one operand, all are tried', () => {
    const whole = { arity: 1, sample: undefined };
    expect(inputCount(whole)).toBe(2 ** 32);
    const batches = [0, 1, batchCount(whole) - 1].map((index) => batch(whole, index)[0]!);
    expect(batches.map((words) => [words[0], words.at(-1)])).toEqual([
      [0, 2 ** 22 - 1],
      [2 ** 22, 2 ** 23 - 1],
      [2 ** 32 - 2 ** 22, 2 ** 32 - 1],
    ]);
  });
  test('a sample has every exponent of both signs, and no input twice', () => {
    const words = batch({ arity: 1, sample }, 1)[0]!;
    expect(new Set(words).size).toBe(sample);
    expect(new Set(words.map((word) => word >>> 23)).size).toBe(512);
  });
  test.each([1, 2, 3])('of %i operands, as many as said', (arity) => {
    const extent = { arity, sample: 5_000_000 };
    const batches = Array.from({ length: batchCount(extent) }, (_, index) => batch(extent, index));
    for (const operands of batches) expect(new Set(operands.map(({ length }) => length)).size).toBe(1);
    expect(batches.reduce((sum, [first]) => sum + first!.length, 0)).toBe(inputCount(extent));
  });
});

describe('the references in f64 are as close as the comparison takes them to be', () => {
  const random = new Random(7);
  test.each(functionNames)('%s', (name) => {
    const { real, precise } = referenceOf(name);
    if (precise === undefined) return;
    for (let i = 0; i < 40; i++) {
      const [x, y] = [0, 1].map(() => {
        const magnitude = 2 ** ((random.below(2 ** 24) / 2 ** 24) * 8 - 4);
        return Math.fround(random.below(2 ** 24) / 2 ** 24 < 0.5 ? -magnitude : magnitude);
      }) as [number, number];
      const value = real(x, y, 0);
      if (!Number.isFinite(value)) continue;
      const error = precise(digitsOf(x), digitsOf(y)).minus(digitsOf(value)).abs();
      expect(error.toNumber(), `${x}, ${y}`).toBeLessThanOrEqual((slack / 8) * Math.abs(value) * 2 ** -52);
    }
  });
});
