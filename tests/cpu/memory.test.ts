/** The linear memory: growth, its limit, pieces, and what it gets back when nobody can reach the owner any more. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { Executable } from '../../backends/cpu/executable.ts';
import { LinearMemory } from '../../backends/cpu/memory.ts';
import { encodeMove } from '../../backends/cpu/moves.ts';
import { wasm } from '../../backends/cpu/platform.ts';

const pageBytes = 65536;

it('grows up to its limit, keeps what is in it, and says what is left', () => {
  for (const shared of [true, false]) {
    const linear = new LinearMemory(shared, 64);
    const ranges = [];
    for (let i = 0; i < 15; i++) {
      const range = linear.take(4 * pageBytes);
      linear.bytes.fill(i + 1, range.start, range.start + range.bytes);
      ranges.push(range);
    }
    for (const [i, { start, bytes }] of ranges.entries())
      expect(linear.bytes.subarray(start, start + bytes).every((byte) => byte === i + 1)).toBe(true);
    expect(() => linear.take(5 * pageBytes)).toThrow(
      expect.objectContaining({ code: 'out-of-memory', message: expect.stringMatching(/327680 bytes .* of 4194304/) }),
    );
  }
});

it('says when there is enough but in pieces, and joins them when what lies between is given back', () => {
  const linear = new LinearMemory(false, 32);
  const ranges = Array.from({ length: 31 }, () => linear.take(pageBytes));
  const even = ranges.filter((_, i) => i % 2 === 0);
  const odd = ranges.filter((_, i) => i % 2 === 1);
  for (const range of odd) linear.give(range);
  expect(() => linear.take(3 * pageBytes)).toThrow(
    expect.objectContaining({ code: 'out-of-memory', message: expect.stringMatching(/65536 at most/) }),
  );
  linear.give(even[5]!);
  const joined = linear.take(3 * pageBytes);
  expect(joined.bytes).toBe(3 * pageBytes);
  expect(linear.bytes.subarray(joined.start, joined.start + joined.bytes).every((byte) => byte === 0)).toBe(true);
});

it('gets the room of a program back when the program is collected', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const linear = new LinearMemory(true);
  const bytes = encodeMove('copy', { maximum: linear.maximum, shared: true });
  const module = await wasm!.compile(bytes);
  const before = linear.used;
  await (async () => {
    for (let i = 0; i < 100; i++) await new Executable(bytes, module, 0).load(linear);
  })();
  const kept = new Executable(bytes, module, 0);
  await kept.load(linear);
  const one = (linear.used - before) / 101;
  await vi.waitFor(() => {
    gc();
    expect(linear.used - before).toBeLessThan(3 * one);
  });
  expect(kept.in(linear)).toBeDefined();
});
