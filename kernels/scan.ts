import { kernel, read, readWrite, u32, write } from '../src/index.ts';

/** Elements that one workgroup scans. */
export const scanBlock = 1024;

/**
 * Inclusive prefix sums within consecutive blocks of 1,024 elements, and the total of each block. Sums wrap.
 *
 * A whole scan is: this; a scan of the totals, if there are several; then `addBlockOffsets` (Blelloch, "Prefix sums and their
 * applications", 1990).
 */
export const scanBlocks = kernel({
  name: 'scanBlocks',
  params: { x: read(u32), y: write(u32), totals: write(u32) },
  consts: { ITEMS: 4 },
  workgroup: 256,
  shapes: { y: ({ x }) => x.length, totals: ({ x }) => Math.ceil(x.length / scanBlock) },
  invocations: ({ x }) => Math.ceil(x.length / scanBlock) * 256,
  body({ x, y, totals, ITEMS }, k) {
    const first = k.global.x * ITEMS;
    const items = k.array.u32(ITEMS);
    let sum = k.u32(0);
    for (let j = 0; j < ITEMS; j++) {
      sum += x.at(first + j); // 0 beyond the end
      items[j] = sum;
    }
    const upToHere = k.groupScan(sum);
    const before = upToHere - sum;
    for (let j = 0; j < ITEMS; j++) y.set(first + j, before + items.at(j));
    if (k.local.x === k.size.x - 1) totals[k.group.x] = upToHere;
  },
});

/** Adds to each element the scanned total of all blocks before its own. */
export const addBlockOffsets = kernel({
  name: 'addBlockOffsets',
  params: { totals: read(u32), y: readWrite(u32) },
  consts: { BLOCK: scanBlock },
  body({ totals, y, BLOCK }, k) {
    const i = k.global.x;
    y[i] = y.at(i) + totals.at(k.idiv(i, BLOCK) - 1); // block 0: index -1 is out of bounds and gives 0
  },
});
