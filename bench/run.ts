/** Runs a suite over devices and gathers the report. Knows nothing of terminals: progress is a callback. */

import { cpus, release, type } from 'node:os';
import { IsokernelError, messageOf, type NumericMode, type Runtime } from '../src/index.ts';
import type { Case, Size, Workload } from './case.ts';
import { isokernel } from './isokernel.ts';
import { measure, type Running } from './measure.ts';
import { type Failure, type Report, type Result, ratiosOf } from './report.ts';

/** Another implementation of some cases on some devices, measured in turns with isokernel. */
export interface Peer {
  readonly impl: string;
  /** The case on the device, with its data in place; undefined where the peer has it not. */
  start(caseName: string, workload: Workload, device: string): Promise<Running | undefined>;
}

export interface BenchOptions {
  readonly suite: string;
  readonly cases: readonly Case[];
  readonly size: Size;
  readonly mode: NumericMode;
  /** Device ids; `auto` is the router's choice. */
  readonly devices: readonly string[];
  readonly peers?: readonly Peer[];
  /** Told before each measurement: what is next, how many are done, of how many. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

export function hostOf(): Report['host'] {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    node: process.version,
    os: `${type()} ${release()}`,
  };
}

export async function runSuite(rt: Runtime, options: BenchOptions): Promise<Report> {
  const { suite, cases, size, mode, devices, peers = [], onProgress = () => {} } = options;
  const results: Result[] = [];
  const failures: Failure[] = [];
  const total = cases.length * devices.length;
  for (const [c, bench] of cases.entries()) {
    const workload = bench.prepare(size);
    for (const [d, device] of devices.entries()) {
      onProgress(`${bench.name} on ${device}`, c * devices.length + d, total);
      const subject = { case: bench.name, size: workload.label, device };
      const running: { impl: string; it: Running }[] = [];
      let impl = 'isokernel';
      const fail = (error: unknown) => {
        const code = error instanceof IsokernelError ? error.code : 'unknown';
        failures.push({ ...subject, impl, code, message: messageOf(error) });
      };
      try {
        running.push({ impl, it: isokernel(rt, workload, device, mode) });
        for (const peer of peers) {
          impl = peer.impl;
          const it = await peer.start(bench.name, workload, device).catch(fail);
          if (it !== undefined) running.push({ impl, it });
        }
        impl = running.map((one) => one.impl).join(', ');
        const measured = await measure(
          workload,
          running.map(({ it }) => it),
        );
        for (const [i, one] of measured.entries()) {
          const threads = rt.devices.find(({ id }) => id === one.ranOn)?.capabilities.threads ?? 1;
          results.push({ ...subject, mode, impl: running[i]!.impl, checked: true, threads, ...one });
        }
      } catch (error) {
        fail(error);
      } finally {
        for (const { it } of running) it.close();
      }
    }
  }
  onProgress('done', total, total);
  return {
    schema: 1,
    host: hostOf(),
    suite,
    sizeClass: size,
    devices: rt.devices.map(({ id, capabilities: { backend, name, kind } }) => ({ id, backend, name, kind })),
    results,
    ratios: ratiosOf(results),
    failures,
  };
}
