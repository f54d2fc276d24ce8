/**
 * isokernel: write a compute kernel once, run it on any device, get the same answer.
 *
 *     import { f32, kernel, read, run, write } from 'isokernel';
 *
 * What is here: `kernel` and `fn` to write kernels with, the element types and parameter kinds, `open` and the top-level
 * `run`, `submit` and `buffer`, and the types they use. Compilers and devices load at first use.
 */

import type { Runtime } from './api.ts';
import type { Backend } from './device/contract.ts';
import { IsokernelError } from './ir/error.ts';
import type { OpenOptions as CoreOptions } from './runtime/api.ts';
import { Runtime as Core, open as openCore } from './runtime/runtime.ts';
import { storeOf } from './store.ts';

export type { Buffer, Graph, Job, Recorder, Runtime } from './api.ts';
export type { Backend, Capabilities, Device, DeviceKind, Rates } from './device/contract.ts';
export { type ErrorCode, IsokernelError, messageOf, type Place } from './ir/error.ts';
export type { Printed, PrintedValue, Printout } from './ir/printout.ts';
export type { NumericMode } from './ir/types.ts';
export * from './lang/elements.ts';
export type { K } from './lang/k.ts';
export { type Fn, fn, Kernel, type KernelOptions, kernel } from './lang/kernel.ts';
export { type Args, atomic, type Outputs, read, readWrite, write } from './lang/params.ts';
export type { Vec2, Vec3, Vec4 } from './lang/vectors.ts';
export { type Candidate, type Placement, placementText } from './router/placement.ts';
export type { Policy, PolicyName } from './router/policies.ts';
export type { DeviceInfo, JobTiming, LaunchOptions, Unavailable, Warning } from './runtime/api.ts';
export type { HostArray as TypedArray } from './runtime/arrays.ts';
export type { CheckOptions, Finding, FindingCode } from './runtime/check.ts';
export type { SimulatedValue, Simulation, SimulationStep } from './simulate.ts';

/** Backends that come with the package. */
export type BuiltinBackend = 'cpu' | 'webgpu' | 'interpreter' | 'null';
const loaders: Record<BuiltinBackend, () => Promise<Backend>> = {
  cpu: async () => (await import('../backends/cpu/index.ts')).backend,
  webgpu: async () => (await import('../backends/webgpu/index.ts')).backend,
  interpreter: async () => (await import('../backends/interpreter/index.ts')).backend,
  null: async () => (await import('../backends/null/index.ts')).backend,
};
/** What `open` looks for devices with, where it is not told. */
export const builtinBackends: readonly BuiltinBackend[] = ['cpu', 'webgpu', 'interpreter'];

function loaderOf(name: string): () => Promise<Backend> {
  if (Object.hasOwn(loaders, name)) return loaders[name as BuiltinBackend];
  throw new IsokernelError('unknown-backend', `there is no built-in backend "${name}"`, {
    hint: `The built-in ones: ${Object.keys(loaders).join(', ')}. Others come in by open({ backends: [mine] }), or --backend MODULE.`,
  });
}
/** Loads a built-in backend. Rejects with `unknown-backend`. */
export async function builtinBackend(name: string): Promise<Backend> {
  return loaderOf(name)();
}

/** What `open` takes. */
export interface OpenOptions extends Omit<CoreOptions, 'backends' | 'store'> {
  /** Names of built-in backends, and backends of others; `builtinBackends` where not given. */
  readonly backends?: readonly (BuiltinBackend | Backend)[] | undefined;
  /** Folder of calibrations and other caches; the user's cache folder where not given, none in a browser. */
  readonly cacheDir?: string | undefined;
}

function coreOptions(options: OpenOptions): CoreOptions {
  if (typeof options !== 'object' || options === null) {
    throw new IsokernelError('invalid-option', `open() takes an object, and got ${String(options)}`, {
      hint: "Write open({ backends: ['cpu'] }), or open() for every device of this machine.",
    });
  }
  const { backends = builtinBackends, cacheDir, ...rest } = options;
  if (cacheDir !== undefined && typeof cacheDir !== 'string') {
    throw new IsokernelError('invalid-option', `open(): cacheDir is ${String(cacheDir)}`, {
      hint: 'Give the path of a folder, as a string.',
    });
  }
  if (!Array.isArray(backends)) {
    throw new IsokernelError('invalid-option', `open(): backends is ${String(backends)}`, {
      hint: "Give a list: backends: ['cpu', 'webgpu'].",
    });
  }
  const loaded = backends.map((one: BuiltinBackend | Backend) => (typeof one === 'string' ? loaderOf(one) : one));
  return { ...rest, store: storeOf(cacheDir), backends: loaded };
}

/**
 * Opens a runtime of its own: finds the devices and readies them. Close it with `rt.close()` or `await using`.
 * Rejects with `unknown-device` where `devices` names one that is not there, `invalid-option`, `unknown-backend`.
 */
export async function open(options: OpenOptions = {}): Promise<Runtime> {
  return typed(await openCore(coreOptions(options)));
}

/** The same object: its types are read off the kernels. */
function typed(core: Core): Runtime {
  return core as unknown as Runtime;
}

let common: Runtime | undefined;
/** The runtime of the top-level functions, opened at their first use. It keeps no process alive. */
function shared(): Runtime {
  common ??= typed(new Core(coreOptions({})));
  return common;
}
/** `Runtime.run` of a runtime that all of the program shares. */
export const run: Runtime['run'] = (kernel, args, launch) => shared().run(kernel, args, launch);
/** `Runtime.submit` of a runtime that all of the program shares. */
export const submit: Runtime['submit'] = (kernel, args, launch) => shared().submit(kernel, args, launch);
/** `Runtime.buffer` of a runtime that all of the program shares. */
export const buffer: Runtime['buffer'] = (type, shape, data) => shared().buffer(type, shape, data);
