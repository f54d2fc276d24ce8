import { sumBlocks, sumLevels } from '../../kernels/reduce.ts';
import { f32 } from '../../src/index.ts';
import type { Case, CaseBuffer } from '../case.ts';
import { compare } from '../compare.ts';
import { randomFloats } from '../data.ts';

const lengths = { small: 2 ** 20, medium: 2 ** 24, large: 2 ** 26 };

export const reduce: Case = {
  name: 'reduce',
  title: 'sum of an array',
  prepare(size) {
    const n = lengths[size];
    const x = randomFloats(n, 5);
    const levels = sumLevels(n);
    const buffers: Record<string, CaseBuffer> = { level0: { type: f32, shape: [n], data: x } };
    levels.forEach((length, i) => {
      buffers[`level${i + 1}`] = { type: f32, shape: [length] };
    });
    const total = `level${levels.length}`;
    return {
      label: String(n),
      buffers,
      steps: levels.map((_, i) => ({ kernel: sumBlocks, args: { x: `level${i}`, sums: `level${i + 1}` } })),
      outputs: [total],
      check(outputs) {
        let sum = 0;
        for (const value of x) sum += value;
        return compare('sum', outputs[total]!, () => sum, { relative: 1e-6 });
      },
      operations: n,
      bytes: 4 * n,
    };
  },
};
