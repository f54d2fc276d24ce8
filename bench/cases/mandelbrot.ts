import { mandelbrot as kernel } from '../../kernels/mandelbrot.ts';
import { i32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare } from '../compare.ts';

const widths = { small: 512, medium: 1024, large: 4096 };
const limit = 256;

/** The view: the whole set, 3 units wide, centred at -0.5. */
export function view(width: number): {
  left: number;
  top: number;
  step: number;
  limit: number;
  width: number;
  height: number;
} {
  return { left: -2, top: -1.5, step: 3 / width, limit, width, height: width };
}

/** The kernel's algorithm in f32, an operation at a time. */
function escapeTime(column: number, row: number, width: number): number {
  const f = Math.fround;
  const { left, top, step } = view(width);
  const cx = f(left + f(column * f(step)));
  const cy = f(top + f(row * f(step)));
  let x = 0;
  let y = 0;
  let n = 0;
  while (n < limit) {
    const xx = f(x * x);
    const yy = f(y * y);
    if (f(xx + yy) > 4) break;
    y = f(f(f(2 * x) * y) + cy);
    x = f(f(xx - yy) + cx);
    n++;
  }
  return n;
}

export const mandelbrot: Case = {
  name: 'mandelbrot',
  title: 'escape times, at most 256 iterations',
  prepare(size) {
    const width = widths[size];
    let iterations = 0;
    for (let i = 0; i < 64 * 64; i++) iterations += escapeTime((i % 64) + 0.5, Math.floor(i / 64) + 0.5, 64);
    return {
      label: `${width}x${width}`,
      buffers: { iterations: { type: i32, shape: [width, width] } },
      steps: [{ kernel, args: { ...view(width), iterations: 'iterations' } }],
      outputs: ['iterations'],
      // a device that fuses multiply and add leaves some orbits of the edge elsewhere
      check: (outputs) =>
        compare('iterations', outputs['iterations']!, (i) => escapeTime(i % width, Math.floor(i / width), width), {
          outliers: 0.01,
        }),
      operations: 7 * iterations * (width / 64) ** 2,
      bytes: 4 * width * width,
    };
  },
};
