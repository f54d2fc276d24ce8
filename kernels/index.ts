/** The library of kernels. */
export * from './black-scholes.ts';
export * from './heat.ts';
export * from './histogram.ts';
export * from './mandelbrot.ts';
export * from './matmul.ts';
export * from './nbody.ts';
export * from './reduce.ts';
export * from './saxpy.ts';
export * from './scan.ts';
export * from './sha256.ts';
export * from './triad.ts';
