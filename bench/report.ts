/** What a benchmark run writes (schema 1): as JSON for programs, as a table for people. */

import Table from 'cli-table3';
import type { ErrorCode, NumericMode } from '../src/index.ts';
import type { Size } from './case.ts';

export interface Spread {
  readonly p50: number;
  readonly min: number;
  readonly max: number;
  /** Runs counted. */
  readonly n: number;
}

export interface Result {
  readonly case: string;
  readonly size: string;
  readonly mode: NumericMode;
  /** The device asked for; `auto` is the router's choice. */
  readonly device: string;
  /** `isokernel`, or the name of a peer. */
  readonly impl: string;
  readonly ranOn: string;
  readonly threads: number;
  /** Always true: a result whose answer was not checked is not reported. */
  readonly checked: true;
  readonly maxUlp: number;
  /** SHA-256 of all output bytes after the first run, in parameter order. */
  readonly hash: string;
  /** Milliseconds. `run`: from submit to done with buffers resident. */
  readonly ms: {
    readonly compile: number;
    readonly upload: number;
    readonly run: Spread;
    readonly readback: number;
    /** Of the first run, all phases together. */
    readonly total: number;
  };
  readonly gflops: number;
  readonly gbps: number;
}

export interface Ratio {
  readonly case: string;
  readonly size: string;
  readonly device: string;
  readonly vs: string;
  /** p50 run over p50 run; above 1, isokernel is faster. */
  readonly speedup: number;
}

export interface Failure {
  readonly case: string;
  readonly size: string;
  readonly device: string;
  readonly impl: string;
  readonly code: ErrorCode | 'unknown';
  readonly message: string;
}

export interface Report {
  readonly schema: 1;
  readonly host: { readonly cpu: string; readonly cores: number; readonly node: string; readonly os: string };
  readonly suite: string;
  readonly sizeClass: Size;
  readonly devices: readonly {
    readonly id: string;
    readonly backend: string;
    readonly name: string;
    readonly kind: string;
  }[];
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
  readonly failures: readonly Failure[];
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const p50 = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { p50, min: sorted[0]!, max: sorted.at(-1)!, n: sorted.length };
}

/** Ratios of every implementation other than isokernel to isokernel on the same device. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results.flatMap((peer): Ratio[] => {
    if (peer.impl === 'isokernel') return [];
    const own = results.find(
      (one) =>
        one.impl === 'isokernel' && one.case === peer.case && one.size === peer.size && one.device === peer.device,
    );
    if (own === undefined) return [];
    const { case: name, size, device } = peer;
    return [{ case: name, size, device, vs: peer.impl, speedup: peer.ms.run.p50 / own.ms.run.p50 }];
  });
}

/** The report as text: the median run and its rate by case and device; then how much faster isokernel is than its peers. */
export function reportTable(report: Report): string {
  const own = report.results.filter(({ impl }) => impl === 'isokernel');
  const parts = [
    tableOf(own, ({ device }) => device, cellOf),
    ...[...new Set(report.ratios.map(({ device }) => device))].map((device) => ratioTable(device, report.ratios)),
    ...report.failures.map(
      ({ case: name, device, impl, code, message }) => `FAILED ${name} on ${device} (${impl}): [${code}] ${message}`,
    ),
  ];
  return parts.join('\n');
}

/** On one device: peers in columns, each cell the speed of isokernel over theirs; below, the geometric means. */
function ratioTable(device: string, all: readonly Ratio[]): string {
  const ratios = all.filter((ratio) => ratio.device === device);
  const means = [...new Set(ratios.map(({ vs }) => vs))].map((vs): Ratio => {
    const logs = ratios.filter((ratio) => ratio.vs === vs).map(({ speedup }) => Math.log(speedup));
    const mean = Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
    return { case: 'geometric', size: 'mean', device, vs, speedup: mean };
  });
  const table = tableOf(
    [...ratios, ...means],
    ({ vs }) => vs,
    ({ speedup }) => speedup.toPrecision(3),
  );
  return `Times the speed of peers, on ${device}:\n${table}`;
}

/** One row a case, one column a name. */
function tableOf<T extends { readonly case: string; readonly size: string }>(
  all: readonly T[],
  columnOf: (one: T) => string,
  cell: (one: T) => string,
): string {
  const rowOf = (one: T) => `${one.case} ${one.size}`;
  const columns = [...new Set(all.map(columnOf))];
  const table = new Table({
    head: ['case', ...columns],
    style: { head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  for (const row of new Set(all.map(rowOf))) {
    const cells = columns.map((column) => all.find((one) => rowOf(one) === row && columnOf(one) === column));
    table.push([row, ...cells.map((one) => (one === undefined ? '' : cell(one)))]);
  }
  return table.toString();
}
function cellOf({ device, ranOn, ms, gflops, gbps }: Result): string {
  const rate = gflops >= gbps ? `${gflops.toPrecision(3)} Gop/s` : `${gbps.toPrecision(3)} GB/s`;
  const where = device === 'auto' ? `\n→ ${ranOn}` : '';
  return `${milliseconds(ms.run.p50)}\n${rate}${where}`;
}
export function milliseconds(ms: number): string {
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return ms >= 1 ? `${ms.toPrecision(3)} ms` : `${(ms * 1000).toFixed(0)} µs`;
}
