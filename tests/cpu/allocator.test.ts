import { expect, it } from 'vitest';
import { Allocator, granularity, type Range } from '../../backends/cpu/allocator.ts';
import { Random } from '../support/random.ts';

const limit = 64 * 1024;

it('hands out disjoint aligned ranges, reuses all that is given back, and knows what may hold old data', () => {
  const random = new Random(7);
  const allocator = new Allocator(100, limit);
  const owned: Range[] = [];
  const touched = new Uint8Array(limit);
  for (let step = 0; step < 1000; step++) {
    if (owned.length > 0 && random.chance(0.5)) {
      allocator.give(owned.splice(random.below(owned.length), 1)[0]!);
      continue;
    }
    const bytes = random.below(4000);
    const range = allocator.take(bytes);
    if (range === undefined) continue;
    expect(range.start % granularity).toBe(0);
    expect(range.start).toBeGreaterThanOrEqual(100);
    expect(range.start + range.bytes).toBeLessThanOrEqual(limit);
    expect(range.bytes).toBeGreaterThanOrEqual(Math.max(bytes, 1));
    for (const other of owned)
      expect(range.start >= other.start + other.bytes || other.start >= range.start + range.bytes).toBe(true);
    // beyond `dirty` nothing was ever handed out
    expect(touched.subarray(range.start + range.dirty, range.start + range.bytes).includes(1)).toBe(false);
    touched.fill(1, range.start, range.start + range.bytes);
    owned.push(range);
    expect(allocator.used).toBe(owned.reduce((sum, one) => sum + one.bytes, 0));
  }
  for (const range of owned) allocator.give(range);
  expect(allocator.used).toBe(0);
  // nothing is lost to fragmentation: all of it can be had in one piece again
  expect(allocator.take(limit - 128)?.start).toBe(128);
});

it('says when nothing is left, and goes on', () => {
  const allocator = new Allocator(0, 1024);
  const all = allocator.take(1024)!;
  expect(allocator.take(1)).toBeUndefined();
  allocator.give(all);
  expect(allocator.take(2000)).toBeUndefined();
  expect(allocator.take(1024)).toMatchObject({ start: 0, bytes: 1024, dirty: 1024 });
});
