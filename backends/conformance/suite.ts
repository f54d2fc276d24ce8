/** What a conformance case is, how it is run, and what is reported of it. */

import type { Device } from '../../src/device/index.ts';
import { type ErrorCode, IsokernelError, messageOf } from '../../src/ir/index.ts';

export interface Case {
  readonly group: string;
  readonly name: string;
  /** Throws `Failure` where the device is wrong and `Skip` where the case is not about it. */
  readonly run: (device: Device) => Promise<void>;
}

export class Failure extends Error {}
export class Skip extends Error {}

export interface CaseReport {
  readonly group: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly detail: string;
}

export interface Report {
  readonly device: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cases: readonly CaseReport[];
}

export interface ConformanceOptions {
  /** Cases whose `group: name` contains this; all where not given. */
  readonly only?: string | undefined;
  /** Called as each case ends: its report, how many have ended, of how many. */
  readonly onCase?: ((report: CaseReport, done: number, total: number) => void) | undefined;
}

/** Runs cases in order, one at a time. What a case throws is its failure, never the suite's. */
export async function runCases(
  device: Device,
  cases: readonly Case[],
  { only = '', onCase }: ConformanceOptions = {},
): Promise<Report> {
  const reports: CaseReport[] = [];
  const chosen = cases.filter(({ group, name }) => `${group}: ${name}`.includes(only));
  for (const { group, name, run } of chosen) {
    let status: CaseReport['status'] = 'passed';
    let detail = '';
    try {
      await run(device);
    } catch (thrown) {
      status = thrown instanceof Skip ? 'skipped' : 'failed';
      detail = messageOf(thrown);
    }
    const report: CaseReport = { group, name, status, detail };
    reports.push(report);
    onCase?.(report, reports.length, chosen.length);
  }
  const count = (status: CaseReport['status']) => reports.filter((report) => report.status === status).length;
  return {
    device: device.capabilities.id,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    cases: reports,
  };
}

/** A failure unless the condition holds. */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Failure(message);
}

/** A failure unless the call throws, or its promise rejects with, an error of that code. */
export async function checkCode(code: ErrorCode, what: string, call: () => unknown): Promise<void> {
  let thrown: unknown;
  try {
    await call();
  } catch (error) {
    thrown = error;
  }
  const outcome = thrown === undefined ? 'no error' : messageOf(thrown);
  check(thrown instanceof IsokernelError && thrown.code === code, `${what} is refused with ${code}, not ${outcome}`);
}
