import { triad as kernel } from '../../kernels/triad.ts';
import { f32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare } from '../compare.ts';
import { randomFloats } from '../data.ts';

const lengths = { small: 2 ** 20, medium: 2 ** 24, large: 2 ** 26 };

export const triad: Case = {
  name: 'triad',
  title: 'r = x + a y',
  prepare(size) {
    const n = lengths[size];
    const x = randomFloats(n, 3, -1, 1);
    const y = randomFloats(n, 4, -1, 1);
    const a = 0.75;
    return {
      label: String(n),
      buffers: {
        x: { type: f32, shape: [n], data: x },
        y: { type: f32, shape: [n], data: y },
        r: { type: f32, shape: [n] },
      },
      steps: [{ kernel, args: { a, x: 'x', y: 'y', r: 'r' } }],
      outputs: ['r'],
      check: (outputs) =>
        compare('r', outputs['r']!, (i) => x[i]! + a * y[i]!, { absolute: 2 ** -23, relative: 2 ** -23 }),
      operations: 2 * n,
      bytes: 12 * n,
    };
  },
};
