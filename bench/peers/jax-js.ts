/** jax-js on its WebAssembly backend, as it runs in Node: SIMD, one thread; expressions compiled by its `jit`. */

import type { Workload } from '../case.ts';
import type { Peer } from '../run.ts';
import { load } from './packages.ts';
import { cpuPeer, type Form, type Forms, floatsOf, scalarsOf, sideOf } from './peer.ts';

/** An array of jax-js is used up by whatever takes it; `ref` is one more right to it. */
interface JaxArray {
  readonly ref: JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
  reshape(shape: readonly number[]): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  add(other: JaxArray | number): JaxArray;
}
interface Jax {
  init(device: string): Promise<unknown>;
  defaultDevice(device: string): void;
  jit<F>(f: F): F;
  blockUntilReady(value: unknown): Promise<unknown>;
  readonly numpy: {
    array(data: Float32Array): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
  };
}

/** No `reduce`: its sum runs through few f32 and ends farther from the answer than the suite allows. */
function formsOf(jax: Jax): Forms {
  const np = jax.numpy;
  /** A form of one function of arrays. */
  const form = (
    workload: Workload,
    inputs: readonly string[],
    outputs: readonly string[],
    shape: readonly number[],
    work: (...arrays: JaxArray[]) => JaxArray[],
  ): Form => {
    const all = floatsOf(workload);
    const arrays = inputs.map((name) => np.array(all[name]!).reshape(shape));
    const compiled = jax.jit(work);
    let last: JaxArray[] = [];
    const drop = () => {
      for (const array of last) array.dispose();
      last = [];
    };
    return {
      async run() {
        drop();
        last = compiled(...arrays.map((array) => array.ref));
        await jax.blockUntilReady(last);
      },
      async read() {
        const data = await Promise.all(last.map((array) => array.ref.data()));
        return Object.fromEntries(outputs.map((name, i) => [name, data[i]!]));
      },
      close() {
        drop();
        for (const array of arrays) array.dispose();
      },
    };
  };
  const lengthOf = (workload: Workload) => [workload.buffers[workload.outputs[0]!]!.shape[0]!];
  return {
    saxpy: (w) => form(w, ['x', 'y'], ['y'], lengthOf(w), (x, y) => [x!.mul(scalarsOf(w)['a']!).add(y!)]),
    triad: (w) => form(w, ['x', 'y'], ['r'], lengthOf(w), (x, y) => [y!.mul(scalarsOf(w)['a']!).add(x!)]),
    matmul: (w) => form(w, ['a', 'b'], ['c'], [sideOf(w), sideOf(w)], (a, b) => [np.matmul(a!, b!)]),
  };
}

export async function jaxJs(): Promise<Peer> {
  const jax = (await load('@jax-js/jax')) as Jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return cpuPeer('jax-js-wasm', 1, formsOf(jax));
}
