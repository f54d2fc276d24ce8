import { f32, kernel, read, write } from '../src/index.ts';

/** Rows and columns of c that one workgroup makes. */
const TILE = 32;

/**
 * c = a b, for matrices of any shapes that fit. A workgroup makes a square tile of c from tiles of a and b that it holds in
 * workgroup memory, and each of its 16 x 8 invocations four rows and two columns of that: eight sums for six loads, in
 * registers (Volkov and Demmel, "Benchmarking GPUs to tune dense linear algebra", SC08). Each element is one sum in the order
 * of k. Beyond the edges loads give 0 and stores do nothing.
 */
export const matmul = kernel({
  name: 'matmul',
  params: { a: read(f32, 2), b: read(f32, 2), c: write(f32, 2) },
  consts: { TILE, WIDTH: TILE / 2, ROWS: 4, HEIGHT: TILE / 4 },
  workgroup: [TILE / 2, TILE / 4],
  shapes: { c: ({ a, b }) => [a.shape[0], b.shape[1]] },
  invocations: ({ a, b }) => [Math.ceil(b.shape[1] / TILE) * (TILE / 2), Math.ceil(a.shape[0] / TILE) * (TILE / 4)],
  body({ a, b, c, TILE, WIDTH, ROWS, HEIGHT }, k) {
    const x = k.local.x;
    const top = k.group.y * TILE;
    const left = k.group.x * TILE + x;
    const own = k.local.y * ROWS; // the first of its rows in the tile
    const tileA = k.shared.f32(TILE * TILE);
    const tileB = k.shared.f32(TILE * TILE);
    let s00 = k.f32(0);
    let s01 = k.f32(0);
    let s10 = k.f32(0);
    let s11 = k.f32(0);
    let s20 = k.f32(0);
    let s21 = k.f32(0);
    let s30 = k.f32(0);
    let s31 = k.f32(0);
    for (let first = 0; first < a.shape[1]; first += TILE) {
      for (let row = k.local.y; row < TILE; row += HEIGHT) {
        tileA[row * TILE + x] = a.at(top + row, first + x);
        tileA[row * TILE + x + WIDTH] = a.at(top + row, first + x + WIDTH);
        tileB[row * TILE + x] = b.at(first + row, left);
        tileB[row * TILE + x + WIDTH] = b.at(first + row, left + WIDTH);
      }
      k.barrier();
      for (let j = 0; j < TILE; j++) {
        const b0 = tileB.at(j * TILE + x);
        const b1 = tileB.at(j * TILE + x + WIDTH);
        const a0 = tileA.at(own * TILE + j);
        const a1 = tileA.at((own + 1) * TILE + j);
        const a2 = tileA.at((own + 2) * TILE + j);
        const a3 = tileA.at((own + 3) * TILE + j);
        s00 += a0 * b0;
        s01 += a0 * b1;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s20 += a2 * b0;
        s21 += a2 * b1;
        s30 += a3 * b0;
        s31 += a3 * b1;
      }
      k.barrier();
    }
    const row = top + own;
    c.set(row, left, s00);
    c.set(row, left + WIDTH, s01);
    c.set(row + 1, left, s10);
    c.set(row + 1, left + WIDTH, s11);
    c.set(row + 2, left, s20);
    c.set(row + 2, left + WIDTH, s21);
    c.set(row + 3, left, s30);
    c.set(row + 3, left + WIDTH, s31);
  },
});
