/**
 * The suite `overhead`: what isokernel itself costs. Compiling each kernel of the library, deciding a placement, launching
 * a tiny job, a step of a graph. Microseconds.
 */

import { compileProgram } from '../backends/cpu/compile.ts';
import { shaderOf } from '../backends/webgpu/index.ts';
import * as library from '../kernels/index.ts';
import type { Backend } from '../src/device/contract.ts';
import { builtinBackend, f32, Kernel, kernel, type Runtime, readWrite } from '../src/index.ts';
import { defaultWorkgroup, type Verified } from '../src/ir/verified.ts';
import { policyOf } from '../src/router/policies.ts';
import { Router } from '../src/router/router.ts';
import { Load } from '../src/router/target.ts';
import { spreadOf } from './report.ts';

export interface Overhead {
  readonly name: string;
  readonly us: { readonly p50: number; readonly p99: number; readonly max: number };
}

function overhead(name: string, times: readonly number[]): Overhead {
  const sorted = [...times].sort((a, b) => a - b);
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))]!;
  const { p50, max } = spreadOf(times);
  return { name, us: { p50: p50 * 1000, p99: p99 * 1000, max: max * 1000 } };
}
async function timed(action: () => unknown): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}
async function repeat(count: number, action: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await timed(action));
  return times;
}

const kernels = (Object.values(library) as readonly unknown[]).filter((each): each is Kernel => each instanceof Kernel);

/**
 * Loading the front end, the first kernel of the process, the other kernels of the library once each, when their compilers
 * are still new to the JavaScript engine; then each stage for each kernel, and over all of them. A copy of a kernel is new
 * to every cache.
 */
async function compileTimes(rounds: number): Promise<Overhead[]> {
  const memory = { maximum: 65536, shared: true };
  const load = await timed(() => Promise.all([import('../src/lang/compile.ts'), import('../src/ir/verify.ts')]));
  const once: number[] = [];
  for (const each of [library.saxpy, ...kernels.filter((kernel) => kernel !== (library.saxpy as Kernel))])
    once.push(await timed(() => each.with({}).verified()));
  const stages = ['source to IR', 'IR to WGSL', 'IR to WebAssembly'] as const;
  const all = stages.map((): number[] => []);
  const each = kernels.map(() => stages.map((): number[] => []));
  for (let round = 0; round < rounds; round++) {
    for (const [k, kernel] of kernels.entries()) {
      const fresh = kernel.with({});
      let verified: Verified | undefined;
      const front = await timed(async () => (verified = await fresh.verified()));
      const workgroup = verified!.program.workgroup ?? defaultWorkgroup;
      const wgsl = await timed(() => shaderOf(verified!, workgroup));
      const wasm = await timed(() => compileProgram(verified!, workgroup, memory));
      for (const [stage, time] of [front, wgsl, wasm].entries()) {
        all[stage]!.push(time);
        each[k]![stage]!.push(time);
      }
    }
  }
  return [
    overhead('load the front end', [load]),
    overhead('compile, source to IR, first kernel of the process', once.slice(0, 1)),
    overhead('compile, source to IR, the others once each', once.slice(1)),
    ...stages.map((stage, s) => overhead(`compile, ${stage}`, all[s]!)),
    ...kernels.flatMap(({ name }, k) => stages.map((stage, s) => overhead(`compile ${name}, ${stage}`, each[k]![s]!))),
  ];
}

/** One decision of the router among eight devices. */
async function decisionTimes(): Promise<Overhead> {
  const backend: Backend = await builtinBackend('null');
  const targets = [];
  for (let i = 0; i < 8; i++) {
    const [device] = await backend.discover({});
    const { rates } = device!.capabilities;
    const certificate = { exact: false, reason: '' } as const;
    targets.push({ id: `null-${i}`, device: device!, rates, certificate, load: new Load() });
  }
  const router = new Router<(typeof targets)[number]>();
  const verified = await library.saxpy.verified();
  const n = 2 ** 20;
  const launch = { args: [[1.5], [n], [n]], grid: [n, 1, 1], workgroup: defaultWorkgroup } as const;
  const request = {
    steps: [{ verified, launch }],
    inputs: [
      { bytes: 4 * n, onHost: true, holders: [] },
      { bytes: 4 * n, onHost: false, holders: targets.slice(0, 2) },
    ],
    memories: [4 * n, 4 * n],
    results: 0,
    policy: policyOf('least-finish'),
    targets,
    named: false,
    excluded: new Map(),
  };
  for (let i = 0; i < 1000; i++) router.place(request, performance.now());
  const times = await repeat(5000, () => router.place(request, performance.now()));
  await Promise.all(targets.map(({ device }) => device.close()));
  return overhead('router, one decision among 8 devices', times);
}

const touch = kernel({
  name: 'touch',
  params: { x: readWrite(f32) },
  body({ x }, k) {
    x[k.global.x] = 1;
  },
});

const idle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A launch of 4,096 invocations of one store, from submit to done: right behind another, and after two idle milliseconds.
 * And 100 of them as a graph, by the step. The host's compiler settles down before.
 */
async function launchTimes(rt: Runtime, device: string): Promise<Overhead[]> {
  using x = rt.buffer(f32, 4096);
  const launch = { device, strict: true } as const;
  const once = () => rt.submit(touch, { x }, launch).done;
  const steps = 100;
  const graph = rt.record((r) => {
    for (let i = 0; i < steps; i++) r.run(touch, { x });
  });
  const replay = () => graph.submit({}, launch).done;
  await repeat(4000, once);
  await repeat(50, replay);
  const launches = await repeat(2000, once);
  const later: number[] = [];
  for (let i = 0; i < 200; i++) {
    await idle(2);
    later.push(await timed(once));
  }
  const replays = await repeat(100, replay);
  const perStep = replays.map((ms) => ms / steps);
  return [
    overhead(`launch on ${device}`, launches),
    overhead(`launch on ${device}, after 2 ms idle`, later),
    overhead(`step of a graph of ${steps} on ${device}`, perStep),
  ];
}

export async function runOverhead(
  rt: Runtime,
  devices: readonly string[],
  onProgress: (what: string, done: number, total: number) => void,
): Promise<Overhead[]> {
  const total = devices.length + 2;
  onProgress('compiling the library', 0, total);
  const results = await compileTimes(20);
  onProgress('decisions', 1, total);
  results.push(await decisionTimes());
  for (const [i, device] of devices.entries()) {
    onProgress(`launches on ${device}`, i + 2, total);
    results.push(...(await launchTimes(rt, device)));
  }
  onProgress('done', total, total);
  return results;
}
