import { f32, i32, kernel, write } from '../src/index.ts';

/**
 * Escape times of the Mandelbrot set: for each pixel the number of iterations of z² + c that stay within |z| <= 2, at most
 * `limit`. Pixel (0, 0) is at (left, top); pixels are `step` apart.
 */
export const mandelbrot = kernel({
  name: 'mandelbrot',
  params: { left: f32, top: f32, step: f32, limit: i32, width: i32, height: i32, iterations: write(i32, 2) },
  shapes: { iterations: ({ width, height }) => [height, width] },
  body({ left, top, step, limit, iterations }, k) {
    const cx = left + k.f32(k.global.x) * step;
    const cy = top + k.f32(k.global.y) * step;
    let x = 0;
    let y = 0;
    let n = 0;
    while (n < limit) {
      const xx = x * x;
      const yy = y * y;
      if (xx + yy > 4) break;
      y = 2 * x * y + cy;
      x = xx - yy + cx;
      n++;
    }
    iterations.set(k.global.y, k.global.x, n);
  },
});
