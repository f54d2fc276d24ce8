import { matmul as kernel } from '../../kernels/matmul.ts';
import { f32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare, worst } from '../compare.ts';
import { randomFloats } from '../data.ts';

const orders = { small: 256, medium: 1024, large: 4096 };
/** Rows that the reference works out. */
const checkedRows = 128;

export const matmul: Case = {
  name: 'matmul',
  title: 'product of two square matrices',
  prepare(size) {
    const n = orders[size];
    const a = randomFloats(n * n, 9, -1, 1);
    const b = randomFloats(n * n, 10, -1, 1);
    return {
      label: String(n),
      buffers: {
        a: { type: f32, shape: [n, n], data: a },
        b: { type: f32, shape: [n, n], data: b },
        c: { type: f32, shape: [n, n] },
      },
      steps: [{ kernel, args: { a: 'a', b: 'b', c: 'c' } }],
      outputs: ['c'],
      check(outputs) {
        const stride = Math.max(1, Math.floor(n / checkedRows));
        const verdicts = [];
        for (let row = 0; row < n; row += stride) {
          const expected = new Float64Array(n);
          for (let k = 0; k < n; k++) {
            const factor = a[row * n + k]!;
            for (let column = 0; column < n; column++) expected[column]! += factor * b[k * n + column]!;
          }
          const indices = Array.from({ length: n }, (_, column) => row * n + column);
          // n roundings, each of at most half a unit of a partial sum that stays below sqrt(n)
          verdicts.push(compare('c', outputs['c']!, (i) => expected[i % n]!, { absolute: n * 2 ** -22 }, indices));
        }
        return worst(...verdicts);
      },
      operations: 2 * n ** 3,
      bytes: 12 * n * n,
    };
  },
};
