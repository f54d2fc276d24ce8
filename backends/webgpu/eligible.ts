/** Why a WebGPU device cannot run a program, in words; undefined where it can. */

import type { Capabilities } from '../../src/device/contract.ts';
import { isBuffer } from '../../src/ir/program.ts';
import { elementBytes } from '../../src/ir/types.ts';
import type { LaunchShape, Verified } from '../../src/ir/verified.ts';
import { chooseWorkgroup, shaderOf } from './program.ts';

export function ineligible(
  { features, limits, numeric }: Capabilities,
  verified: Verified,
  launch: LaunchShape | undefined,
): string | undefined {
  const { program, facts } = verified;
  if (program.mode === 'exact' && facts.usesFloat) return numeric.reason;
  if (facts.usesF16 && !features.f16) return 'the adapter has no shader-f16';
  const buffers = program.params.filter(isBuffer);
  // the status word of programs with fuel is one more
  const bindings = buffers.length + (facts.fuelled ? 1 : 0);
  if (bindings > limits.bindings) return `it needs ${bindings} storage buffers and the adapter has ${limits.bindings}`;

  const workgroup = chooseWorkgroup(verified, undefined);
  const invocations = workgroup[0] * workgroup[1] * workgroup[2];
  if (invocations > limits.workgroup)
    return `a workgroup of ${workgroup.join(' x ')} is more than the adapter's ${limits.workgroup} invocations`;
  if (workgroup.some((n, axis) => n > limits.workgroupAxes[axis]!))
    return `a workgroup of ${workgroup.join(' x ')} is longer than the adapter's ${limits.workgroupAxes.join(' x ')}`;
  const usesShared = facts.hasBarrier || facts.workgroupBytes > 0;
  const shared = usesShared ? shaderOf(verified, workgroup).workgroupBytes : 0;
  if (shared > limits.workgroupBytes)
    return `it needs ${shared} bytes of workgroup memory and the adapter has ${limits.workgroupBytes}`;

  for (const [i, param] of program.params.entries()) {
    const shape = launch?.args[i];
    if (!isBuffer(param) || shape === undefined) continue;
    const bytes = shape.reduce((product, length) => product * length, elementBytes(param.element));
    if (bytes > limits.buffer)
      return `"${param.name}" has ${bytes} bytes and the adapter's buffers have at most ${limits.buffer}`;
  }
  return undefined;
}
