/**
 * The limit: the same algorithms in C on all cores, compiled on this machine (`gcc` or `clang`, -O3 -march=native), and
 * OpenBLAS for products of matrices where it is installed.
 *
 * `c-plain` is gcc on plain loops; `c-simd8` is the form an SPMD compiler would give for 8 lanes, the better of gcc and
 * clang. C is called through koffi, on arrays of JavaScript.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Workload } from '../case.ts';
import type { Peer } from '../run.ts';
import { load } from './packages.ts';
import { arraysOf, cpuPeer, type Form, type Forms, floatsOf, scalarsOf, sideOf } from './peer.ts';

interface Koffi {
  load(file: string): { func(declaration: string): (...args: unknown[]) => number };
}

/** How a case calls its kernel in C. */
interface Call {
  /** Names of buffers and of scalars, as the C function counts them. */
  readonly buffers: readonly string[];
  readonly scalars?: readonly string[];
  /** Work items of one step, the unit in which threads share them. */
  items(workload: Workload): number;
  /** Items that a thread takes at once. */
  readonly chunk: number;
}

const lengthOf = (workload: Workload) => workload.buffers[workload.outputs[0]!]!.shape[0]!;
const rows = sideOf;
/** What one item is differs between plain loops and groups of 8. */
const calls = (group: number): Readonly<Record<string, Call>> => ({
  saxpy: { buffers: ['x', 'y'], scalars: ['a'], items: lengthOf, chunk: 2 ** 16 },
  triad: { buffers: ['x', 'y', 'r'], scalars: ['a'], items: lengthOf, chunk: 2 ** 16 },
  mandelbrot: { buffers: ['iterations'], scalars: ['left', 'top', 'step', 'limit'], items: rows, chunk: 4 },
  nbody: {
    buffers: ['bodies', 'velocities', 'moved', 'faster'],
    scalars: ['dt', 'softening'],
    items: (workload) => lengthOf(workload) / group,
    chunk: 64 / group,
  },
  matmul: { buffers: ['a', 'b', 'c'], items: rows, chunk: 16 },
  heat: { buffers: ['even', 'odd'], scalars: ['rate'], items: rows, chunk: 64 },
  blackscholes: {
    buffers: ['price', 'strike', 'time', 'call', 'put'],
    scalars: ['rate', 'volatility'],
    items: (workload) => lengthOf(workload) / group,
    chunk: 2 ** 13 / group,
  },
  sha256: {
    buffers: ['words', 'starts', 'constants', 'state'],
    items: (workload) => lengthOf(workload) / group,
    chunk: 2 ** 10 / group,
  },
});

const run = promisify(execFile);
const sourceOf = (name: string) => fileURLToPath(new URL(`native/${name}.c`, import.meta.url));

/** Compiles a library of kernels; undefined where this compiler is not here. */
async function compile(compiler: string, source: string, folder: string): Promise<string | undefined> {
  const file = join(folder, `${compiler}-${source}.so`);
  const flags = ['-O3', '-march=native', '-fPIC', '-shared', '-pthread'];
  try {
    await run(compiler, [...flags, '-o', file, sourceOf(source), sourceOf('threads'), '-lm']);
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

type Run = (name: string, ...rest: unknown[]) => number;
interface Library {
  readonly run: Run;
}

async function open(koffi: Koffi, file: string, threads: number): Promise<Library> {
  const library = koffi.load(file);
  library.func('void start(int threads)')(threads);
  const pointers = [0, 1, 2, 3, 4, 5].map((i) => `void *b${i}`).join(', ');
  return {
    run: library.func(
      `int run(const char *name, ${pointers}, const float *scalars, int64_t size, int64_t items, int64_t chunk, int steps)`,
    ),
  };
}

/** The case by the quickest of these libraries, which takes turns of a few runs before anything is timed. */
function form(libraries: readonly Library[], name: string, call: Call, workload: Workload): Form {
  const start = () => {
    const arrays = arraysOf(workload);
    const pointers = Array.from({ length: 6 }, (_, i) => arrays[call.buffers[i]!] ?? null);
    const values = scalarsOf(workload);
    const scalars = Float32Array.from(call.scalars ?? [], (scalar) => values[scalar]!);
    const size = lengthOf(workload);
    const items = call.items(workload);
    // cases of one step, or of many over two buffers that take turns
    const steps = call.buffers.includes('odd') ? workload.steps.length : 1;
    const runOn = (library: Library) =>
      library.run(name, ...pointers, scalars, size, items, Math.max(1, call.chunk), steps);
    return { arrays, runOn };
  };
  let best = libraries[0]!;
  if (libraries.length > 1) {
    const { runOn } = start();
    const least = libraries.map(() => Number.POSITIVE_INFINITY);
    for (let turn = 0; turn < 3; turn++) {
      libraries.forEach((library, i) => {
        const started = performance.now();
        runOn(library);
        least[i] = Math.min(least[i]!, performance.now() - started);
      });
    }
    best = libraries[least.indexOf(Math.min(...least))]!;
  }
  const { arrays, runOn } = start();
  return {
    run: () => {
      runOn(best);
    },
    read: () => Object.fromEntries(workload.outputs.map((output) => [output, arrays[output]!])),
  };
}

function formsOf(libraries: readonly Library[], group: number, cases: readonly string[]): Forms {
  const table = calls(group);
  return Object.fromEntries(
    cases.map((name) => [name, (workload: Workload) => form(libraries, name, table[name]!, workload)]),
  );
}

/** What OpenBLAS is called where it is installed. */
const openblasFiles = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib'];

function openblas(koffi: Koffi, threads: number): Peer | undefined {
  for (const file of openblasFiles) {
    let library: ReturnType<Koffi['load']>;
    try {
      library = koffi.load(file);
    } catch {
      continue; // not under this name
    }
    library.func('void openblas_set_num_threads(int threads)')(threads);
    const sgemm = library.func(
      'void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, _Inout_ float *c, int ldc)',
    );
    const rowMajor = 101;
    const asItIs = 111;
    return cpuPeer('openblas', threads, {
      matmul(workload) {
        const { a, b, c } = floatsOf(workload);
        const n = sideOf(workload);
        return {
          run: () => {
            sgemm(rowMajor, asItIs, asItIs, n, n, n, 1, a, n, b, n, 0, c, n);
          },
          read: () => ({ c: c! }),
        };
      },
    });
  }
  return undefined;
}

/** The peers in C that this machine can build. */
export async function nativePeers(threads = availableParallelism()): Promise<Peer[]> {
  const koffi = (await load('koffi')) as Koffi;
  const folder = await mkdtemp(join(tmpdir(), 'isokernel-peers-'));
  try {
    const built = async (compiler: string, source: string): Promise<Library[]> => {
      const file = await compile(compiler, source, folder);
      return file === undefined ? [] : [await open(koffi, file, threads)];
    };
    const plain = await built('gcc', 'plain');
    const simd8 = [...(await built('gcc', 'simd8')), ...(await built('clang', 'simd8'))];
    const blas = openblas(koffi, threads);
    return [
      ...(plain.length > 0 ? [cpuPeer('c-plain', threads, formsOf(plain, 1, Object.keys(calls(1))))] : []),
      ...(simd8.length > 0
        ? [cpuPeer('c-simd8', threads, formsOf(simd8, 8, ['mandelbrot', 'nbody', 'heat', 'blackscholes', 'sha256']))]
        : []),
      ...(blas === undefined ? [] : [blas]),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
