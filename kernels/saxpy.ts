import { f32, kernel, read, readWrite } from '../src/index.ts';

/** y = a x + y, in place (BLAS level 1). */
export const saxpy = kernel({
  name: 'saxpy',
  params: { a: f32, x: read(f32), y: readWrite(f32) },
  body({ a, x, y }, k) {
    const i = k.global.x;
    y[i] = a * x.at(i) + y.at(i);
  },
});
