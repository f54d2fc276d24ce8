/**
 * gpu.js on its WebAssembly backend, asynchronous, so that its worker pool is on; many steps as one of its pipelines.
 *
 * One kernel gives one output, so a case with two outputs is two kernels. What cannot be written there (sums over an
 * array, integers, atomics) is left out. gpu.js falls back to plain JavaScript in silence: that would be an error here.
 */

import { IsokernelError, type TypedArray } from '../../src/index.ts';
import type { Peer } from '../run.ts';
import { load } from './packages.ts';
import { cpuPeer, type Form, type Forms, floatsOf, scalarsOf, sideOf } from './peer.ts';

type Rows = Float32Array | readonly Float32Array[];
type Call = (...args: unknown[]) => Promise<Rows>;
interface GpuJsKernel extends Call {
  readonly kernel: { readonly constructor: { readonly mode: string }; readonly fallbackReason: string | null };
}
type GpuJsPipeline = Call & { readonly executorKind: string; readonly fallbackReason: string | null };
interface GpuJs {
  createKernel(body: unknown, settings: object): GpuJsKernel;
  createPipeline(body: unknown, settings: object): GpuJsPipeline;
  addFunction(body: unknown, settings?: object): GpuJs;
  destroy(): Promise<void> | void;
}
interface Module {
  readonly GPU: new (settings: { mode: string }) => GpuJs;
  input(data: TypedArray, size: readonly number[]): unknown;
}

/** A function that kernels call by its name: as text, since tools rename what they find in a module. */
declare function normal(x: number): number;
const normalSource = `function normal(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * series;
  if (x > 0) return 1 - tail;
  return tail;
}`;

/** What `this` is in a kernel of gpu.js. */
interface Thread {
  readonly thread: { readonly x: number; readonly y: number };
  readonly constants: Readonly<Record<string, number>>;
}

/** As an argument: what the kernel before gave. */
const earlier = Symbol('earlier');

function degraded(name: string, reason: string | null): never {
  throw new IsokernelError(
    'check-failed',
    `gpu.js did not run ${name} on WebAssembly: ${reason ?? 'it does not say why'}`,
  );
}

/** Rows of a result one after the other. */
function flat(rows: Rows): Float32Array {
  if (rows instanceof Float32Array) return rows;
  const width = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, y) => {
    all.set(row, y * width);
  });
  return all;
}

function formsOf({ GPU, input }: Module): Forms {
  /** A form of one kernel an output; `make` says how each is called. */
  const kernels = (
    name: string,
    make: (gpu: GpuJs) => Readonly<Record<string, { kernel: GpuJsKernel; args: readonly unknown[] }>>,
    result: (output: string, rows: Rows) => TypedArray = (_, rows) => flat(rows),
  ): Form => {
    const gpu = new GPU({ mode: 'webasm' });
    const calls = Object.entries(make(gpu));
    let last: Rows[] = [];
    return {
      async run() {
        last = [];
        for (const [, { kernel, args }] of calls) {
          last.push(await kernel(...args.map((arg) => (arg === earlier ? last[0] : arg))));
          if (kernel.kernel.constructor.mode !== 'webasm') degraded(name, kernel.kernel.fallbackReason);
        }
      },
      read: () => Object.fromEntries(calls.map(([output], i) => [output, result(output, last[i]!)])),
      close() {
        void gpu.destroy();
      },
    };
  };
  const asynchronous = { asyncMode: true, loopMaxIterations: 1 << 20 };

  return {
    saxpy: (w) => {
      const { x, y } = floatsOf(w);
      const settings = { ...asynchronous, output: [x!.length] };
      return kernels('saxpy', (gpu) => ({
        y: {
          kernel: gpu.createKernel(function (this: Thread, a: number, x: number[], y: number[]) {
            return a * x[this.thread.x]! + y[this.thread.x]!;
          }, settings),
          args: [scalarsOf(w)['a'], x, y],
        },
      }));
    },
    triad: (w) => {
      const { x, y } = floatsOf(w);
      const settings = { ...asynchronous, output: [x!.length] };
      return kernels('triad', (gpu) => ({
        r: {
          kernel: gpu.createKernel(function (this: Thread, a: number, x: number[], y: number[]) {
            return x[this.thread.x]! + a * y[this.thread.x]!;
          }, settings),
          args: [scalarsOf(w)['a'], x, y],
        },
      }));
    },
    mandelbrot: (w) => {
      const { left, top, step, limit } = scalarsOf(w);
      const side = sideOf(w);
      return kernels(
        'mandelbrot',
        (gpu) => ({
          iterations: {
            kernel: gpu.createKernel(
              function (this: Thread, left: number, top: number, step: number, limit: number) {
                const cx = left + this.thread.x * step;
                const cy = top + this.thread.y * step;
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
                return n;
              },
              { ...asynchronous, output: [side, side] },
            ),
            args: [left, top, step, limit],
          },
        }),
        (_, rows) => Int32Array.from(flat(rows)),
      );
    },
    // each component of the velocity is a walk over all bodies, since a kernel gives one number
    nbody: (w) => {
      const { bodies, velocities } = floatsOf(w);
      const { dt, softening } = scalarsOf(w);
      const n = bodies!.length / 4;
      const settings = { ...asynchronous, output: [4, n], constants: { n } };
      const grid = (data: Float32Array) => input(data, [4, n]);
      return kernels('nbody', (gpu) => {
        const faster = gpu.createKernel(function (
          this: Thread,
          bodies: number[][],
          velocities: number[][],
          dt: number,
          softening: number,
        ) {
          const axis = this.thread.x;
          const own = velocities[this.thread.y]![axis]!;
          if (axis === 3) return own;
          const x = bodies[this.thread.y]![0]!;
          const y = bodies[this.thread.y]![1]!;
          const z = bodies[this.thread.y]![2]!;
          let pulled = 0;
          for (let j = 0; j < this.constants.n!; j++) {
            const dx = bodies[j]![0]! - x;
            const dy = bodies[j]![1]! - y;
            const dz = bodies[j]![2]! - z;
            const near = 1 / Math.sqrt(dx * dx + dy * dy + dz * dz + softening);
            let d = dx;
            if (axis === 1) d = dy;
            if (axis === 2) d = dz;
            pulled += d * bodies[j]![3]! * near * near * near;
          }
          return own + pulled * dt;
        }, settings);
        const moved = gpu.createKernel(function (this: Thread, bodies: number[][], faster: number[][], dt: number) {
          const own = bodies[this.thread.y]![this.thread.x]!;
          if (this.thread.x === 3) return own;
          return own + faster[this.thread.y]![this.thread.x]! * dt;
        }, settings);
        return {
          faster: { kernel: faster, args: [grid(bodies!), grid(velocities!), dt, softening] },
          moved: { kernel: moved, args: [grid(bodies!), earlier, dt] },
        };
      });
    },
    matmul: (w) => {
      const { a, b } = floatsOf(w);
      const n = sideOf(w);
      return kernels('matmul', (gpu) => ({
        c: {
          kernel: gpu.createKernel(
            function (this: Thread, a: number[][], b: number[][]) {
              let sum = 0;
              for (let i = 0; i < this.constants.n!; i++) sum += a[this.thread.y]![i]! * b[i]![this.thread.x]!;
              return sum;
            },
            { ...asynchronous, output: [n, n], constants: { n } },
          ),
          args: [input(a!, [n, n]), input(b!, [n, n])],
        },
      }));
    },
    heat: (w) => {
      const { even } = floatsOf(w);
      const { rate } = scalarsOf(w);
      const n = sideOf(w);
      const gpu = new GPU({ mode: 'webasm' });
      const step = gpu.createKernel(
        function (this: Thread, now: number[][], rate: number) {
          const x = this.thread.x;
          const y = this.thread.y;
          const own = now[y]![x]!;
          if (x === 0 || y === 0 || x === this.constants.last! || y === this.constants.last!) return own;
          return own + rate * (now[y - 1]![x]! + now[y + 1]![x]! + now[y]![x - 1]! + now[y]![x + 1]! - 4 * own);
        },
        { output: [n, n], constants: { last: n - 1 } },
      );
      const all = gpu.createPipeline(
        function (this: Thread, now: unknown, rate: number) {
          for (let s = 0; s < this.constants.steps!; s++) now = (step as (...args: unknown[]) => unknown)(now, rate);
          return now;
        },
        { constants: { steps: w.steps.length } },
      );
      const start = input(even!, [n, n]);
      let last: Rows = [];
      return {
        async run() {
          last = await all(start, rate);
          if (all.executorKind !== 'fused-threaded') degraded('heat', all.fallbackReason);
        },
        read: () => ({ even: flat(last) }),
        close() {
          void gpu.destroy();
        },
      };
    },
    blackscholes: (w) => {
      const { price, strike, time } = floatsOf(w);
      const { rate, volatility } = scalarsOf(w);
      const settings = { ...asynchronous, output: [price!.length] };
      return kernels('blackscholes', (gpu) => {
        gpu.addFunction(normalSource, { argumentTypes: { x: 'Number' }, returnType: 'Number' });
        const args = [price, strike, time, rate, volatility];
        const call = gpu.createKernel(function (
          this: Thread,
          price: number[],
          strike: number[],
          time: number[],
          rate: number,
          volatility: number,
        ) {
          const s = price[this.thread.x]!;
          const t = time[this.thread.x]!;
          const spread = volatility * Math.sqrt(t);
          const d1 = (Math.log(s / strike[this.thread.x]!) + (rate + 0.5 * volatility * volatility) * t) / spread;
          const discounted = strike[this.thread.x]! * Math.exp(-rate * t);
          return s * normal(d1) - discounted * normal(d1 - spread);
        }, settings);
        const put = gpu.createKernel(function (
          this: Thread,
          price: number[],
          strike: number[],
          time: number[],
          rate: number,
          volatility: number,
        ) {
          const s = price[this.thread.x]!;
          const t = time[this.thread.x]!;
          const spread = volatility * Math.sqrt(t);
          const d1 = (Math.log(s / strike[this.thread.x]!) + (rate + 0.5 * volatility * volatility) * t) / spread;
          const discounted = strike[this.thread.x]! * Math.exp(-rate * t);
          return discounted * (1 - normal(d1 - spread)) - s * (1 - normal(d1));
        }, settings);
        return { call: { kernel: call, args }, put: { kernel: put, args } };
      });
    },
  };
}

export async function gpuJs(threads: number): Promise<Peer> {
  return cpuPeer('gpu.js-webasm', threads, formsOf((await load('gpu.js')) as Module));
}
