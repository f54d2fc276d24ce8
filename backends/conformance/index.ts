/**
 * The conformance suite: what every backend passes. It takes a device and reports, case by case, where it differs from the
 * contract (src/device/contract.ts) and from the meaning of programs (the interpreter). No test runner is needed:
 *
 *     const [device] = await backend.discover({});
 *     const report = await conformance(device);
 *     for (const { group, name, status, detail } of report.cases) …
 *
 * The last case closes the device.
 */

import type { Device } from '../../src/device/index.ts';
import { controlFlowCases } from './control-flow.ts';
import { closingCases, deviceCases } from './device.ts';
import { memoryCases } from './memory.ts';
import { operationCases } from './operations.ts';
import { type ConformanceOptions, type Report, runCases } from './suite.ts';
import { workgroupCases } from './workgroups.ts';

export type { CaseReport, ConformanceOptions, Report } from './suite.ts';

/** Runs the suite on a device, which belongs to it from then on. */
export function conformance(device: Device, options?: ConformanceOptions): Promise<Report> {
  const cases = [
    ...deviceCases(),
    ...memoryCases(),
    ...controlFlowCases(),
    ...operationCases(),
    ...workgroupCases(),
    ...closingCases,
  ];
  return runCases(device, cases, options);
}
