/** The loops that people write today: plain JavaScript over typed arrays, on one thread. */

import type { Workload } from '../case.ts';
import { arraysOf, cpuPeer, type Form, type Forms, floatsOf, scalarsOf, sideOf } from './peer.ts';

/** A form that changes the arrays of the workload in place. */
function inPlace<A>(workload: Workload, arrays: Record<string, A>, run: (arrays: Record<string, A>) => unknown): Form {
  return {
    run: () => run(arrays),
    read: () => Object.fromEntries(workload.outputs.map((name) => [name, arrays[name]])) as never,
  };
}

function saxpy(a: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!;
}

function triad(a: number, x: Float32Array, y: Float32Array, r: Float32Array): void {
  for (let i = 0; i < x.length; i++) r[i] = x[i]! + a * y[i]!;
}

function sum(x: Float32Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total;
}

function scan(x: Uint32Array, sums: Uint32Array): void {
  let total = 0;
  for (let i = 0; i < x.length; i++) sums[i] = total = (total + x[i]!) | 0;
}

function mandelbrot(
  { left, top, step, limit, width, height }: Record<'left' | 'top' | 'step' | 'limit' | 'width' | 'height', number>,
  iterations: Int32Array,
): void {
  for (let row = 0; row < height; row++) {
    const cy = top + row * step;
    for (let column = 0; column < width; column++) {
      const cx = left + column * step;
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
      iterations[row * width + column] = n;
    }
  }
}

function nbody(
  { dt, softening }: Record<'dt' | 'softening', number>,
  { bodies, velocities, moved, faster }: Record<'bodies' | 'velocities' | 'moved' | 'faster', Float32Array>,
): void {
  for (let i = 0; i < bodies.length; i += 4) {
    const x = bodies[i]!;
    const y = bodies[i + 1]!;
    const z = bodies[i + 2]!;
    let ax = 0;
    let ay = 0;
    let az = 0;
    for (let j = 0; j < bodies.length; j += 4) {
      const dx = bodies[j]! - x;
      const dy = bodies[j + 1]! - y;
      const dz = bodies[j + 2]! - z;
      const near = 1 / Math.sqrt(dx * dx + dy * dy + dz * dz + softening);
      const pull = bodies[j + 3]! * near * near * near;
      ax += dx * pull;
      ay += dy * pull;
      az += dz * pull;
    }
    faster[i] = velocities[i]! + ax * dt;
    faster[i + 1] = velocities[i + 1]! + ay * dt;
    faster[i + 2] = velocities[i + 2]! + az * dt;
    faster[i + 3] = velocities[i + 3]!;
    for (let axis = 0; axis < 3; axis++) moved[i + axis] = bodies[i + axis]! + faster[i + axis]! * dt;
    moved[i + 3] = bodies[i + 3]!;
  }
}

function matmul(n: number, a: Float32Array, b: Float32Array, c: Float32Array): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let total = 0;
      for (let j = 0; j < n; j++) total += a[row * n + j]! * b[j * n + column]!;
      c[row * n + column] = total;
    }
  }
}

function heatStep(n: number, rate: number, now: Float32Array, next: Float32Array): void {
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const i = y * n + x;
      const own = now[i]!;
      let change = 0;
      if (y > 0 && x > 0 && y < n - 1 && x < n - 1)
        change = now[i - n]! + now[i + n]! + now[i - 1]! + now[i + 1]! - 4 * own;
      next[i] = own + rate * change;
    }
  }
}

function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * series;
  return x > 0 ? 1 - tail : tail;
}

function blackScholes(
  { rate, volatility }: Record<'rate' | 'volatility', number>,
  { price, strike, time, call, put }: Record<'price' | 'strike' | 'time' | 'call' | 'put', Float32Array>,
): void {
  for (let i = 0; i < price.length; i++) {
    const s = price[i]!;
    const t = time[i]!;
    const spread = volatility * Math.sqrt(t);
    const d1 = (Math.log(s / strike[i]!) + (rate + 0.5 * volatility * volatility) * t) / spread;
    const n1 = normal(d1);
    const n2 = normal(d1 - spread);
    const discounted = strike[i]! * Math.exp(-rate * t);
    call[i] = s * n1 - discounted * n2;
    put[i] = discounted * (1 - n2) - s * (1 - n1);
  }
}

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));

function sha256({
  words,
  starts,
  constants,
  state,
}: Record<'words' | 'starts' | 'constants' | 'state', Uint32Array>): void {
  const w = new Int32Array(64);
  for (let m = 0; m < starts.length; m++) {
    for (let t = 0; t < 16; t++) {
      const x = words[starts[m]! * 16 + t]!;
      w[t] = (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
    }
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15]!;
      const y = w[t - 2]!;
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[t] = w[t - 16]! + s0 + w[t - 7]! + s1;
    }
    const h = state.subarray(8 * m, 8 * m + 8);
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, last = 0] = h;
    for (let t = 0; t < 64; t++) {
      const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (last + sum1 + ((e & f) ^ (~e & g)) + constants[t]! + w[t]!) | 0;
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      last = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    h[0]! += a;
    h[1]! += b;
    h[2]! += c;
    h[3]! += d;
    h[4]! += e;
    h[5]! += f;
    h[6]! += g;
    h[7]! += last;
  }
}

function histogram(data: Uint8Array, bins: Uint32Array): void {
  bins.fill(0);
  for (let i = 0; i < data.length; i++) bins[data[i]!]!++;
}

const forms: Forms = {
  saxpy: (w) => inPlace(w, floatsOf(w), ({ x, y }) => saxpy(scalarsOf(w)['a']!, x!, y!)),
  triad: (w) => inPlace(w, floatsOf(w), ({ x, y, r }) => triad(scalarsOf(w)['a']!, x!, y!, r!)),
  reduce: (w) => inPlace(w, floatsOf(w), (arrays) => (arrays[w.outputs[0]!]![0] = sum(arrays['level0']!))),
  scan: (w) => inPlace(w, arraysOf(w) as Record<string, Uint32Array>, ({ x, sums0 }) => scan(x!, sums0!)),
  mandelbrot: (w) =>
    inPlace(w, arraysOf(w) as Record<string, Int32Array>, ({ iterations }) =>
      mandelbrot(scalarsOf(w) as never, iterations!),
    ),
  nbody: (w) => inPlace(w, floatsOf(w), (arrays) => nbody(scalarsOf(w) as never, arrays as never)),
  matmul: (w) => inPlace(w, floatsOf(w), ({ a, b, c }) => matmul(sideOf(w), a!, b!, c!)),
  heat: (w) =>
    inPlace(w, floatsOf(w), ({ even, odd }) => {
      const { rate } = scalarsOf(w);
      for (let step = 0; step < w.steps.length; step++)
        heatStep(sideOf(w), rate!, step % 2 === 0 ? even! : odd!, step % 2 === 0 ? odd! : even!);
    }),
  blackscholes: (w) => inPlace(w, floatsOf(w), (arrays) => blackScholes(scalarsOf(w) as never, arrays as never)),
  sha256: (w) => inPlace(w, arraysOf(w) as Record<string, Uint32Array>, (arrays) => sha256(arrays as never)),
  histogram: (w) => inPlace(w, arraysOf(w), ({ data, bins }) => histogram(data as Uint8Array, bins as Uint32Array)),
};

export const plainJs = cpuPeer('plain-js', 1, forms);
