/** What goes through every tool: the library kernels and all bodies, each with arguments to run it on. */

import * as library from '../../kernels/index.ts';
import { i32, type Kernel, kernel, read, readWrite } from '../../src/index.ts';
import { corpus } from '../lang/corpus.ts';
import { bodies } from './bodies.ts';

export interface Subject {
  readonly kernel: Pick<Kernel, 'name' | 'params'>;
  /** Fresh arguments. */
  readonly args: () => Readonly<Record<string, unknown>>;
}

const inputs = [1, 3, -2, 4, 7, 0, 2, 6, 0, 0, 0, 0, 0, 0, 0, 0, 2, -1, -1, 5, 3, 3, 1, 1, 7, 6, 5, 4, 3, 2, 1, 0];

/** Each body of the corpus on each of the four arrays of eight numbers in `inputs`. */
const whole = Object.entries(corpus).flatMap(([name, body]) => {
  const one = kernel({
    name,
    params: { x: read(i32), y: readWrite(i32), n: i32 },
    consts: { DEBUG: false, SIZE: 2 },
    invocations: () => 4,
    body: body as never,
  });
  return [0, 8, 16, 24].map((at) => ({
    kernel: one,
    args: () => ({ x: Int32Array.from(inputs.slice(at, at + 8)), y: new Int32Array(8), n: 6 }),
  }));
});

const wave = (length: number, step: number) => Float32Array.from({ length }, (_, i) => ((i * step) % 17) / 8 - 1);
const square = (step: number) => ({ data: wave(36, step), shape: [6, 6] });
const option = () => wave(5, 3).map((v) => v + 2);
const message = () => library.sha256Input([new Uint8Array(70).fill(65), Uint8Array.of(97, 98, 99)]);

const libraryKernels: readonly Subject[] = [
  {
    kernel: library.blackScholes,
    args: () => ({ price: option(), strike: option(), time: option(), rate: 0.1, volatility: 0.2 }),
  },
  { kernel: library.heat, args: () => ({ rate: 0.25, now: square(5) }) },
  {
    kernel: library.histogram,
    args: () => ({ data: Uint8Array.from({ length: 300 }, (_, i) => i * 7), bins: new Uint32Array(256) }),
  },
  {
    kernel: library.mandelbrot,
    args: () => ({ left: -2, top: -1.25, step: 0.25, limit: 20, width: 8, height: 9 }),
  },
  { kernel: library.matmul, args: () => ({ a: square(3), b: square(7) }) },
  {
    kernel: library.nbody,
    args: () => ({ bodies: wave(20, 3), velocities: wave(20, 5), dt: 0.1, softening: 0.01 }),
  },
  { kernel: library.sumBlocks, args: () => ({ x: wave(1030, 3) }) },
  { kernel: library.saxpy, args: () => ({ a: 3, x: wave(9, 2), y: wave(9, 5) }) },
  { kernel: library.scanBlocks, args: () => ({ x: Uint32Array.from({ length: 1030 }, (_, i) => i) }) },
  {
    kernel: library.addBlockOffsets,
    args: () => ({ totals: Uint32Array.of(5, 9), y: Uint32Array.from({ length: 1030 }, (_, i) => i) }),
  },
  {
    kernel: library.sha256,
    args: () => {
      const { words, starts, blocks, state: data } = message();
      const state = { data, shape: [2, 8] };
      return { words, starts, blocks, from: 0, count: 2, constants: library.sha256Constants, state };
    },
  },
  { kernel: library.triad, args: () => ({ a: 0.5, x: wave(9, 2), y: wave(9, 5) }) },
];

export const subjects: readonly Subject[] = [...libraryKernels, ...bodies, ...whole];

/** Library kernels that nothing here runs. */
export const forgotten = Object.values(library).filter(
  (value) => typeof value === 'object' && 'source' in value && !libraryKernels.some(({ kernel }) => kernel === value),
);
