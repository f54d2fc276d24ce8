/** Why a WebGPU device cannot run a program, in words, beyond what every device's record says of it. */

import { type Capabilities, ruledOut } from '../../src/device/index.ts';
import { bufferParams, type LaunchShape, type Verified } from '../../src/ir/verified.ts';
import { sharedBytesOf, workgroupFor } from './shader.ts';

export function ineligible(
  capabilities: Capabilities,
  verified: Verified,
  launch: LaunchShape | undefined,
): string | undefined {
  const reason = ruledOut(capabilities, verified, launch);
  if (reason !== undefined) return reason;
  const { program, facts } = verified;
  const { limits } = capabilities;
  // the status word of a program with fuel is one buffer more
  const bindings = bufferParams(program.params).length + (facts.fuelled ? 1 : 0);
  if (bindings > limits.bindings) return `${bindings} storage buffers; it binds ${limits.bindings}`;
  if (!facts.hasBarrier && facts.workgroupBytes === 0) return undefined;
  // collectives bring arrays of their own, and WGSL pads
  const shared = sharedBytesOf(verified, workgroupFor(verified));
  return shared > limits.workgroupBytes
    ? `${shared} bytes of workgroup memory; it has ${limits.workgroupBytes}`
    : undefined;
}
