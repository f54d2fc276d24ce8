/** Runs programs on the devices of the WebGPU backend, for comparing with the interpreter. */

import { backend } from '../../backends/webgpu/index.ts';
import type { Device } from '../../src/device/index.ts';
import type { NumericClass } from '../../src/ir/numeric-class.ts';
import type { Verified } from '../../src/ir/verified.ts';
import type { RandomLaunch } from '../support/random-launch.ts';

let devices: Promise<readonly Device[]> | undefined;

/** The device of an adapter; opened once for all tests of a process. */
export async function deviceOf(id: string): Promise<Device> {
  devices ??= backend.discover({});
  const device = (await devices).find(({ capabilities }) => capabilities.id === id);
  if (device === undefined) throw new Error(`no device ${id}`);
  return device;
}

export interface RunOptions {
  /** The class that an `exact` program is compiled for. */
  readonly numeric?: NumericClass;
  readonly base?: readonly [number, number, number];
  readonly count?: readonly [number, number, number];
}

/** The bytes of every buffer after a launch, by parameter; undefined for scalars. */
export async function runOn(
  device: Device,
  verified: Verified,
  { args, grid, workgroup }: RandomLaunch,
  { numeric, ...box }: RunOptions = {},
): Promise<(Uint8Array | undefined)[]> {
  const program = await device.compile(verified, { workgroup, numeric });
  const memories = args.map((arg) => ('bytes' in arg ? device.alloc(arg.bytes.length) : undefined));
  args.forEach((arg, i) => {
    if ('bytes' in arg) device.write(memories[i]!, 0, arg.bytes);
  });
  const buffers = args.flatMap((arg, i) => ('bytes' in arg ? [{ memory: memories[i]!, shape: arg.shape }] : []));
  const scalars = args.flatMap((arg) => ('bytes' in arg ? [] : [arg]));
  try {
    await device.submit([{ kind: 'dispatch', program, buffers, scalars, grid, ...box }]).done;
    return await Promise.all(
      args.map(async (arg, i) => {
        if (!('bytes' in arg)) return undefined;
        const bytes = new Uint8Array(arg.bytes.length);
        await device.read(memories[i]!, 0, bytes);
        return bytes;
      }),
    );
  } finally {
    for (const memory of memories) if (memory !== undefined) device.free(memory);
  }
}
