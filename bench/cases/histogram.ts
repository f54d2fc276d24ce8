import { histogram as kernel } from '../../kernels/histogram.ts';
import { u8, u32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare } from '../compare.ts';
import { randomBytes } from '../data.ts';

const lengths = { small: 2 ** 22, medium: 2 ** 26, large: 2 ** 28 };

export const histogram: Case = {
  name: 'histogram',
  title: 'counts of byte values',
  prepare(size) {
    const n = lengths[size];
    const data = randomBytes(n, 16);
    return {
      label: String(n),
      buffers: { data: { type: u8, shape: [n], data }, bins: { type: u32, shape: [256] } },
      steps: [{ kernel, args: { data: 'data', bins: 'bins' } }],
      outputs: ['bins'],
      check(outputs) {
        const expected = new Float64Array(256);
        for (const byte of data) expected[byte]!++;
        return compare('bins', outputs['bins']!, (i) => expected[i]!);
      },
      operations: n,
      bytes: n,
    };
  },
};
