import { heat as kernel } from '../../kernels/heat.ts';
import { f32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare } from '../compare.ts';
import { randomFloats } from '../data.ts';

const widths = { small: 256, medium: 1024, large: 4096 };
const stepCount = 100;
const rate = 0.2;

export const heat: Case = {
  name: 'heat',
  title: '100 steps of the heat equation, as a graph',
  prepare(size) {
    const n = widths[size];
    const start = randomFloats(n * n, 11, 0, 100);
    return {
      label: `${n}x${n}`,
      buffers: { even: { type: f32, shape: [n, n], data: start }, odd: { type: f32, shape: [n, n] } },
      steps: Array.from({ length: stepCount }, (_, step) => ({
        kernel,
        args: step % 2 === 0 ? { rate, now: 'even', next: 'odd' } : { rate, now: 'odd', next: 'even' },
      })),
      outputs: ['even'],
      check(outputs) {
        let now = Float64Array.from(start);
        let next = Float64Array.from(start); // the edge never changes
        for (let step = 0; step < stepCount; step++) {
          for (let y = 1; y < n - 1; y++) {
            for (let i = y * n + 1; i < y * n + n - 1; i++) {
              next[i] = now[i]! + rate * (now[i - n]! + now[i + n]! + now[i - 1]! + now[i + 1]! - 4 * now[i]!);
            }
          }
          [now, next] = [next, now];
        }
        return compare('temperature', outputs['even']!, (i) => now[i]!, { absolute: 1e-3 });
      },
      operations: 7 * stepCount * n * n,
      bytes: 8 * stepCount * n * n,
    };
  },
};
