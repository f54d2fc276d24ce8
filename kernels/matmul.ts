import { f32, kernel, read, write } from '../src/index.ts';

/**
 * c = a b, for matrices of any shapes that fit. Each workgroup makes a square tile of c from tiles of a and b that it holds in
 * workgroup memory; each element is one sum in the order of k. Beyond the edges loads give 0.
 */
export const matmul = kernel({
  name: 'matmul',
  params: { a: read(f32, 2), b: read(f32, 2), c: write(f32, 2) },
  consts: { TILE: 16 },
  workgroup: [16, 16],
  shapes: { c: ({ a, b }) => [a.shape[0], b.shape[1]] },
  body({ a, b, c, TILE }, k) {
    const row = k.global.y;
    const column = k.global.x;
    const y = k.local.y;
    const x = k.local.x;
    const tileA = k.shared.f32(TILE * TILE);
    const tileB = k.shared.f32(TILE * TILE);
    let sum = k.f32(0);
    for (let first = 0; first < a.shape[1]; first += TILE) {
      tileA[y * TILE + x] = a.at(row, first + x);
      tileB[y * TILE + x] = b.at(first + y, column);
      k.barrier();
      for (let j = 0; j < TILE; j++) sum += tileA.at(y * TILE + j) * tileB.at(j * TILE + x);
      k.barrier();
    }
    c.set(row, column, sum);
  },
});
