import { f32, kernel, read, write } from '../src/index.ts';

/** Elements that one workgroup sums: a block of the canonical tree. */
export const sumBlock = 1024;

/**
 * Sums of consecutive blocks of 1,024 elements, in the canonical tree: lane l of 64 adds the elements l, l + 64, … of its
 * block in order, then the lanes are added in halves. Applied to its own result until one element is left, it is the sum of
 * any array, with the same bits on every device; `sumLevels` gives the lengths.
 */
export const sumBlocks = kernel({
  name: 'sumBlocks',
  params: { x: read(f32), sums: write(f32) },
  consts: { BLOCK: sumBlock, LANES: 64 },
  workgroup: 64,
  shapes: { sums: ({ x }) => Math.ceil(x.length / sumBlock) },
  invocations: ({ x }) => Math.ceil(x.length / sumBlock) * 64,
  body({ x, sums, BLOCK, LANES }, k) {
    const first = k.group.x * BLOCK + k.local.x;
    // missing elements are skipped: -0 is what adds nothing, not even a sign
    let lane = first < x.length ? x.at(first) : -0;
    for (let j = LANES; j < BLOCK; j += LANES) {
      if (first + j < x.length) lane += x.at(first + j);
    }
    const sum = k.groupSum(lane);
    if (k.local.x === 0) sums[k.group.x] = sum;
  },
});

/** Lengths of the arrays that summing n elements goes through, the last being 1: 5,000,000 gives [4883, 5, 1]. */
export function sumLevels(n: number): number[] {
  const levels: number[] = [];
  do {
    n = Math.ceil(n / sumBlock);
    levels.push(n);
  } while (n > 1);
  return levels;
}
