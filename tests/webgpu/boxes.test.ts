/** Cutting grids of workgroups: every one is run once, whatever the sizes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, groupsOf, takeBox } from '../../backends/webgpu/boxes.ts';
import { sizeClass } from '../../backends/webgpu/memory-pool.ts';

const size = fc.integer({ min: 1, max: 7 });
const small = fc.tuple(size, size, size);

test('boxes cover the whole once, and stay within the limits', () => {
  const groups = fc.integer({ min: 1, max: 40 });
  const longest = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(small, small, groups, longest, (base, count, wanted, limit) => {
      const rest: Box[] = [{ base, count }];
      const seen: string[] = [];
      while (rest.length > 0) {
        const box = takeBox(rest, wanted, limit);
        expect(Math.max(...box.count)).toBeLessThanOrEqual(limit);
        expect(groupsOf(box)).toBeLessThanOrEqual(Math.max(1, wanted * 1.25));
        seen.push(...idsIn(box));
      }
      expect(seen.sort()).toEqual(idsIn({ base, count }).sort());
    }),
    { seed: 1, numRuns: 200 },
  );
});

function idsIn({ base, count }: Box): string[] {
  const along = (axis: 0 | 1 | 2) => Array.from({ length: count[axis] }, (_, i) => base[axis] + i);
  return along(0).flatMap((x) => along(1).flatMap((y) => along(2).map((z) => `${x},${y},${z}`)));
}

test('a huge grid takes few boxes', () => {
  const rest: Box[] = [{ base: [0, 0, 0], count: [2 ** 26, 1, 1] }];
  let boxes = 0;
  for (; rest.length > 0; boxes++) takeBox(rest, Number.POSITIVE_INFINITY, 65_535);
  expect(boxes).toBe(Math.ceil(2 ** 26 / 65_535));
});

test('size classes hold what was asked, waste at most a quarter, and keep to whole words', () => {
  for (let bytes = 0; bytes < 2 ** 30; bytes = Math.ceil(bytes * 1.37) + 1) {
    const size = sizeClass(bytes);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size).toBeLessThanOrEqual(Math.max(256, bytes * 1.25 + 256));
    expect(size % 4).toBe(0);
    expect(sizeClass(size)).toBe(size);
  }
});
