/** TensorFlow.js on its WebAssembly backend, as it runs in Node: SIMD, one thread. */

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { Workload } from '../case.ts';
import type { Peer } from '../run.ts';
import { load } from './packages.ts';
import { cpuPeer, type Form, type Forms, floatsOf, scalarsOf } from './peer.ts';

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}
type Operand = Tensor | number;
interface Tf {
  tensor(data: Float32Array, shape: readonly number[]): Tensor;
  setBackend(name: string): Promise<boolean>;
  tidy<T>(work: () => T): T;
  matMul(a: Tensor, b: Tensor): Tensor;
  add(a: Operand, b: Operand): Tensor;
  sub(a: Operand, b: Operand): Tensor;
  mul(a: Operand, b: Operand): Tensor;
  div(a: Operand, b: Operand): Tensor;
  abs(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  exp(x: Tensor): Tensor;
  log(x: Tensor): Tensor;
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  greater(a: Operand, b: Operand): Tensor;
}
interface Backend {
  setWasmPaths(folder: string): void;
  getThreadsCount(): number;
}

/** A form of one expression: outputs by name, tensors that live until the next run. */
function form(
  tf: Tf,
  inputs: Readonly<Record<string, Float32Array>>,
  shape: readonly number[],
  work: (tensors: Record<string, Tensor>) => Readonly<Record<string, Tensor>>,
): Form {
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, tf.tensor(data, shape)]));
  let last: Readonly<Record<string, Tensor>> = {};
  const drop = () => {
    for (const tensor of Object.values(last)) tensor.dispose();
  };
  return {
    run() {
      drop();
      last = tf.tidy(() => work(tensors));
    },
    read: () => Object.fromEntries(Object.entries(last).map(([name, tensor]) => [name, tensor.dataSync().slice()])),
    close() {
      drop();
      for (const tensor of Object.values(tensors)) tensor.dispose();
    },
  };
}

function pick(workload: Workload, ...names: readonly string[]): Record<string, Float32Array> {
  const all = floatsOf(workload);
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

/** No `reduce`: its sum runs through one f32 and ends farther from the answer than the suite allows. */
function formsOf(tf: Tf): Forms {
  const { add, sub, mul, div } = tf;
  const normal = (x: Tensor): Tensor => {
    const t = div(1, add(mul(tf.abs(x), 0.2316419), 1));
    let series = add(mul(t, 1.330274429), -1.821255978);
    for (const coefficient of [1.781477937, -0.356563782, 0.31938153]) series = add(mul(t, series), coefficient);
    const tail = mul(mul(tf.exp(mul(mul(x, x), -0.5)), 0.3989422804014327), mul(t, series));
    return tf.where(tf.greater(x, 0), sub(1, tail), tail);
  };
  return {
    saxpy: (w) =>
      form(tf, pick(w, 'x', 'y'), w.buffers['x']!.shape, ({ x, y }) => ({ y: add(mul(x!, scalarsOf(w)['a']!), y!) })),
    triad: (w) =>
      form(tf, pick(w, 'x', 'y'), w.buffers['x']!.shape, ({ x, y }) => ({ r: add(mul(y!, scalarsOf(w)['a']!), x!) })),
    matmul: (w) => form(tf, pick(w, 'a', 'b'), w.buffers['a']!.shape, ({ a, b }) => ({ c: tf.matMul(a!, b!) })),
    blackscholes: (w) => {
      const { rate, volatility } = scalarsOf(w);
      const inputs = pick(w, 'price', 'strike', 'time');
      return form(tf, inputs, w.buffers['price']!.shape, ({ price, strike, time }) => {
        const spread = mul(tf.sqrt(time!), volatility!);
        const drift = mul(time!, rate! + 0.5 * volatility! ** 2);
        const d1 = div(add(tf.log(div(price!, strike!)), drift), spread);
        const n1 = normal(d1);
        const n2 = normal(sub(d1, spread));
        const discounted = mul(strike!, tf.exp(mul(time!, -rate!)));
        return {
          call: sub(mul(price!, n1), mul(discounted, n2)),
          put: sub(mul(discounted, sub(1, n2)), mul(price!, sub(1, n1))),
        };
      });
    },
  };
}

export async function tfjs(): Promise<Peer> {
  const tf = (await load('@tensorflow/tfjs-core')) as Tf;
  const backend = (await load('@tensorflow/tfjs-backend-wasm')) as Backend;
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  backend.setWasmPaths(dirname(main) + sep);
  await tf.setBackend('wasm');
  return cpuPeer('tfjs-wasm', backend.getThreadsCount(), formsOf(tf));
}
