import { f32, kernel, read, write } from '../src/index.ts';

/**
 * One explicit step of the heat equation on a grid: each inner cell moves by `rate` times the sum of its four neighbours'
 * differences (five-point stencil; stable for rate <= 1/4). Cells at the edge keep their temperature.
 */
export const heat = kernel({
  name: 'heat',
  params: { rate: f32, now: read(f32, 2), next: write(f32, 2) },
  shapes: { next: ({ now }) => now.shape },
  body({ rate, now, next }, k) {
    const x = k.global.x;
    const y = k.global.y;
    const own = now.at(y, x);
    let change = k.f32(0);
    if (y > 0 && x > 0 && y < now.shape[0] - 1 && x < now.shape[1] - 1) {
      change = now.at(y - 1, x) + now.at(y + 1, x) + now.at(y, x - 1) + now.at(y, x + 1) - 4 * own;
    }
    next.set(y, x, own + rate * change);
  },
});
