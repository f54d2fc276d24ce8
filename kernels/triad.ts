import { f32, kernel, read, write } from '../src/index.ts';

/** r = x + a y: the triad of the STREAM benchmark, three streams of memory and two operations an element. */
export const triad = kernel({
  name: 'triad',
  params: { a: f32, x: read(f32), y: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ a, x, y, r }, k) {
    const i = k.global.x;
    r[i] = x.at(i) + a * y.at(i);
  },
});
