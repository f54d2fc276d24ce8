/** The Mandelbrot set as a PNG. */

import { PNG } from 'pngjs';
import { mandelbrot } from '../kernels/index.ts';
import type { Runtime } from '../src/index.ts';

/** A smooth palette over escape times, black inside the set. */
function colour(iterations: number, limit: number): [number, number, number] {
  if (iterations >= limit) return [0, 0, 0];
  const t = Math.sqrt(iterations / limit);
  const wave = (phase: number) => Math.round(127.5 * (1 - Math.cos(2 * Math.PI * (t * 1.6 + phase))));
  return [wave(0.08), wave(0.18), wave(0.33)];
}

/** Computes the picture on the device that the router chooses; gives the PNG's bytes and that device. */
export async function mandelbrotPicture(
  rt: Runtime,
  width: number,
  height: number,
): Promise<{ png: Uint8Array; device: string }> {
  const limit = 256;
  const step = 3.2 / width;
  const args = { left: -2.3, top: (-height / 2) * step, step, limit, width, height };
  const job = rt.submit(mandelbrot, args);
  const { iterations } = await job.done;
  const png = new PNG({ width, height });
  iterations.forEach((n, i) => {
    png.data.set([...colour(n, limit), 255], 4 * i);
  });
  return { png: PNG.sync.write(png), device: (await job.placement).device };
}
