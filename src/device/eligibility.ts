/** Questions about a program that every device answers from its capability record alone. */

import { elementBytes } from '../ir/types.ts';
import { defaultWorkgroup, type LaunchShape, type Verified } from '../ir/verified.ts';
import type { Capabilities, CompileOptions } from './contract.ts';

export type Workgroup = readonly [number, number, number];

/**
 * The workgroup a program runs with: its own; or the one that all devices use where the program can see it; or what the
 * caller or else the backend prefers.
 */
export function chooseWorkgroup(verified: Verified, options: CompileOptions = {}, preferred: Workgroup): Workgroup {
  if (verified.program.workgroup !== undefined) return verified.program.workgroup;
  return verified.facts.groupSensitive ? defaultWorkgroup : (options.workgroup ?? preferred);
}

/**
 * Why the record rules a program out, or a launch of it; undefined where it does not. Whether the device is certified for
 * `exact` is not in it.
 */
export function ruledOut(
  { limits, features }: Capabilities,
  { program, facts }: Verified,
  launch?: LaunchShape,
): string | undefined {
  const buffers = facts.buffers.filter((buffer) => buffer !== undefined);
  if (facts.usesF16 && !features.f16) return 'it has no f16';
  if (facts.workgroupBytes > limits.workgroupBytes)
    return `${facts.workgroupBytes} bytes of workgroup memory; it has ${limits.workgroupBytes}`;
  if (buffers.length > limits.bindings) return `${buffers.length} buffers; it binds ${limits.bindings}`;

  const workgroup = program.workgroup ?? launch?.workgroup;
  if (workgroup !== undefined) {
    const invocations = workgroup[0] * workgroup[1] * workgroup[2];
    const tooLong = workgroup.some((size, axis) => size > limits.workgroupAxes[axis]!);
    if (invocations > limits.workgroup || tooLong)
      return `a workgroup of ${workgroup.join(' x ')}; its largest is ${limits.workgroup}, ${limits.workgroupAxes.join(' x ')}`;
  }

  if (launch === undefined) return undefined;
  for (const [i, buffer] of facts.buffers.entries()) {
    if (buffer === undefined) continue;
    const bytes = launch.args[i]!.reduce((a, b) => a * b, elementBytes(buffer.param.element));
    if (bytes > limits.buffer)
      return `${buffer.param.name} has ${bytes} bytes; its largest buffer has ${limits.buffer}`;
  }
  return undefined;
}
