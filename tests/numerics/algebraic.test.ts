/**
 * Division, square root and the fused product in integers, which devices that round by themselves do not run: against the
 * definition, bit for bit.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batch } from '../../src/cli/numerics/inputs.ts';
import type { Device } from '../../src/device/index.ts';
import { bitsOf, numberOf } from '../../src/ir/bits.ts';
import { Builder } from '../../src/ir/builder.ts';
import { canonical, exactFunction } from '../../src/ir/exact.ts';
import type { Value } from '../../src/ir/program.ts';
import { reciprocal } from '../../src/ir/software/algebraic.ts';
import { software } from '../../src/ir/software/index.ts';
import { terms } from '../../src/ir/terms.ts';
import { openOnCaller, runOnCpu } from '../cpu/on-cpu.ts';

let device: Device;
beforeAll(() => {
  device = openOnCaller();
});
afterAll(() => device.close());

type Words = Uint32Array<ArrayBuffer>;
/** The words that a fragment gives for rows of words. */
async function apply(fragment: (b: Builder, ...words: Value[]) => Value, operands: readonly Words[]): Promise<Words> {
  const b = new Builder({ name: 'fragment' });
  const { length } = operands[0]!;
  const inputs = operands.map((_, i) => b.buffer(`x${i}`, 'read', 'u32'));
  const output = b.buffer('r', 'write', 'u32');
  const i = b.id('globalId');
  b.store(output, [i], fragment(b, ...inputs.map((input) => b.load(input, [i]))));
  const args = [...operands, new Uint32Array(length)].map(({ buffer }) => ({
    shape: [length],
    bytes: new Uint8Array(buffer),
  }));
  const all = await runOnCpu(device, b.finish(), { args, grid: [length, 1, 1], workgroup: [256, 1, 1] });
  return new Uint32Array(all.at(-1)!.buffer as ArrayBuffer);
}

/** A fragment on f32 as one on their bits. */
const onBits =
  (op: 'div' | 'sqrt' | 'fma') =>
  (b: Builder, ...words: Value[]): Value =>
    b.bitcast(software[op](b, ...words.map((word) => b.bitcast(word, 'f32'))), 'u32');

describe.each(['div', 'sqrt', 'fma'] as const)('%s', (op) => {
  const arity = { div: 2, sqrt: 1, fma: 3 }[op];
  const wanted = exactFunction(op, 'f32', 'f32')!;
  test.each([
    ['special operands', batch({ arity, sample: 1 }, 0) as Words[]],
    ['random operands', batch({ arity, sample: 2 ** 17 }, 1) as Words[]],
  ])('%s', async (_, operands) => {
    const got = await apply(onBits(op), operands);
    let wrong: string | undefined;
    for (let i = 0; i < got.length && wrong === undefined; i++) {
      const [x = 0, y = 0, z = 0] = operands.map((words) => canonical('f32', numberOf('f32', words[i]!)));
      const bits = bitsOf('f32', canonical('f32', wanted(x, y, z)));
      if (got[i] !== bits)
        wrong = `${op}(${[x, y, z].slice(0, arity)}): 0x${got[i]!.toString(16)}, not 0x${bits.toString(16)}`;
    }
    expect(wrong).toBeUndefined();
  });
});

test('the root of every significand, of even and odd exponents', async () => {
  const operands = Uint32Array.from({ length: 2 ** 24 }, (_, i) => 0x3f800000 + i);
  const got = new Float32Array((await apply(onBits('sqrt'), [operands])).buffer);
  const x = new Float32Array(operands.buffer);
  let wrong = 0;
  for (let i = 0; i < got.length; i++) if (got[i] !== Math.fround(Math.sqrt(x[i]!))) wrong++;
  expect(wrong).toBe(0);
});

test('the reciprocal of every significand is too small by less than 3 units', async () => {
  const significands = Uint32Array.from({ length: 2 ** 23 }, (_, i) => 2 ** 31 + i * 2 ** 8);
  const got = await apply((b, m) => reciprocal(terms(b), m), [significands]);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < got.length; i++) {
    const missing = 2 ** 63 / significands[i]! - got[i]!;
    least = Math.min(least, missing);
    most = Math.max(most, missing);
  }
  expect(least).toBeGreaterThan(0);
  expect(most).toBeLessThan(3);
});
