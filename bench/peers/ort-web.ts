/** ONNX Runtime Web on its WebAssembly backend with all its threads: a model of one MatMul. */

import type { Peer } from '../run.ts';
import { load } from './packages.ts';
import { cpuPeer, type Forms, floatsOf, sideOf } from './peer.ts';

interface OrtTensor {
  readonly data: Float32Array;
}
interface Ort {
  readonly env: { readonly wasm: { numThreads: number }; logLevel: string };
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>; release(): Promise<void> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OrtTensor;
}

// The few words of ONNX's protocol buffers that the model needs (onnx.proto3, field numbers as there).
type Field = readonly [number: number, value: number | string | Uint8Array];
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
function message(...fields: readonly Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

/** c = a b for square matrices of f32. */
function matmulModel(n: number): Uint8Array {
  const float = 1;
  const dimension = message([1, n]);
  const type = message([1, message([1, float], [2, message([1, dimension], [1, dimension])])]);
  const value = (name: string) => message([1, name], [2, type]);
  const node = message([1, 'a'], [1, 'b'], [2, 'c'], [4, 'MatMul']);
  const graph = message([1, node], [2, 'matmul'], [11, value('a')], [11, value('b')], [12, value('c')]);
  return message([1, 8], [7, graph], [8, message([2, 13])]);
}

/** Does something that leaves a global behind, which would mislead what else runs in this process. */
async function withoutTrace<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  try {
    return await work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, before);
  }
}

function formsOf(ort: Ort): Forms {
  return {
    async matmul(workload) {
      const { a, b } = floatsOf(workload);
      const n = sideOf(workload);
      const session = await withoutTrace('Worker', () =>
        ort.InferenceSession.create(matmulModel(n), { executionProviders: ['wasm'] }),
      );
      const tensor = (data: Float32Array) => new ort.Tensor('float32', data, [n, n]);
      const feeds = { a: tensor(a!), b: tensor(b!) };
      let last: Record<string, OrtTensor> = {};
      return {
        async run() {
          last = await session.run(feeds);
        },
        read: () => ({ c: last['c']!.data }),
        close() {
          void session.release();
        },
      };
    },
  };
}

export async function ortWeb(threads: number): Promise<Peer> {
  const ort = (await load('onnxruntime-web')) as Ort;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return cpuPeer('ort-web-wasm', threads, formsOf(ort));
}
