import { saxpy as kernel } from '../../kernels/saxpy.ts';
import { f32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare } from '../compare.ts';
import { randomFloats } from '../data.ts';

const lengths = { small: 2 ** 20, medium: 2 ** 24, large: 2 ** 26 };

export const saxpy: Case = {
  name: 'saxpy',
  title: 'y = a x + y',
  prepare(size) {
    const n = lengths[size];
    const x = randomFloats(n, 1, -1, 1);
    const y = randomFloats(n, 2, -1, 1);
    const a = 1.5;
    return {
      label: String(n),
      buffers: { x: { type: f32, shape: [n], data: x }, y: { type: f32, shape: [n], data: y } },
      steps: [{ kernel, args: { a, x: 'x', y: 'y' } }],
      outputs: ['y'],
      check: (outputs) =>
        compare('y', outputs['y']!, (i) => a * x[i]! + y[i]!, { absolute: 2 ** -22, relative: 2 ** -23 }),
      operations: 2 * n,
      bytes: 12 * n,
    };
  },
};
