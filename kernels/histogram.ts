import { atomic, kernel, read, u8, u32 } from '../src/index.ts';

/** Bytes that one invocation counts. */
export const histogramItems = 64;

/**
 * Counts of the 256 values of a byte, added to `bins` (256 elements). Each workgroup counts into bins of its own and adds them at
 * the end.
 */
export const histogram = kernel({
  name: 'histogram',
  params: { data: read(u8), bins: atomic(u32) },
  consts: { ITEMS: histogramItems },
  workgroup: 256,
  invocations: ({ data }) => Math.ceil(data.length / (256 * histogramItems)) * 256,
  body({ data, bins, ITEMS }, k) {
    const own = k.shared.atomic(k.u32, 256);
    const first = k.group.x * k.size.x * ITEMS + k.local.x;
    for (let j = 0; j < ITEMS; j++) {
      const i = first + j * k.size.x;
      if (i < data.length) k.atomicAdd(own, k.i32(data.at(i)), 1);
    }
    k.barrier();
    k.atomicAdd(bins, k.local.x, k.atomicLoad(own, k.local.x));
  },
});
