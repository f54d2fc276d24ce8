/** Running programs on the CPU device, and the same on the interpreter. */

import { openCpu as openDevice } from '../../backends/cpu/device.ts';
import type { LaneCount } from '../../backends/cpu/emit.ts';
import { backend } from '../../backends/cpu/index.ts';
import { host } from '../../backends/cpu/page.ts';
import type { BufferArgument, Device, Submission } from '../../src/device/index.ts';
import { numberOf } from '../../src/ir/bits.ts';
import { interpret } from '../../src/ir/interpreter.ts';
import type { Program } from '../../src/ir/program.ts';
import { componentBytes, componentType, type ElementType, isFloat, isPacked } from '../../src/ir/types.ts';
import { verify } from '../../src/ir/verify.ts';
import { copyOf, type RandomLaunch } from '../support/random-launch.ts';

export async function openCpu(threads = 2): Promise<Device> {
  const [device] = await backend.discover({ threads });
  return device!;
}

/** The CPU as a page without threads has it; with one lane, kernels have no vector form. */
export function openOnCaller(lanes?: LaneCount): Device {
  return openDevice({ ...host, threads: 1, ...(lanes !== undefined && { lanes }) });
}

/** Submits one dispatch; what it leaves in each buffer. */
export async function runOnCpu(
  device: Device,
  program: Program,
  { grid, workgroup, args }: RandomLaunch,
  during: (submission: Submission) => void = () => {},
): Promise<Uint8Array[]> {
  const compiled = await device.compile(verify(program), { workgroup });
  const given = args.filter((arg) => 'bytes' in arg);
  const buffers = given.map(({ shape, bytes }): BufferArgument => {
    const memory = device.alloc(bytes.length);
    device.write(memory, 0, bytes);
    return { memory, shape };
  });
  const scalars = args.flatMap((arg) => ('bytes' in arg ? [] : [arg]));
  try {
    const submission = device.submit([{ kind: 'dispatch', program: compiled, buffers, scalars, grid }]);
    during(submission);
    await submission.done;
    return await Promise.all(
      buffers.map(async ({ memory }) => {
        const bytes = new Uint8Array(memory.bytes);
        await device.read(memory, 0, bytes);
        return bytes;
      }),
    );
  } finally {
    for (const { memory } of buffers) device.free(memory);
  }
}

/** The same by the definition. */
export function runByDefinition(program: Program, launch: RandomLaunch): Uint8Array[] {
  const { args } = copyOf(launch);
  interpret(verify(program), { ...launch, args });
  return args.flatMap((arg) => ('bytes' in arg ? [arg.bytes] : []));
}

/** Equal contents of all buffers, bit for bit; but any two NaNs of a float buffer are equal, as their bits are open. */
export function firstDifference(
  program: Program,
  got: readonly Uint8Array[],
  wanted: readonly Uint8Array[],
): string | undefined {
  const buffers = program.params.filter((param) => param.kind === 'buffer');
  for (const [i, { name, element }] of buffers.entries()) {
    const size = componentBytes(element);
    const nan = isNaNOf(element);
    for (let offset = 0; offset < wanted[i]!.length; offset += size) {
      const bits = [got, wanted].map((all) => readBits(all[i]!, offset, size)) as [number, number];
      if (bits[0] !== bits[1] && !bits.every(nan))
        return `${name}, byte ${offset}: 0x${bits[0].toString(16)}, not 0x${bits[1].toString(16)}`;
    }
  }
  return undefined;
}
function readBits(bytes: Uint8Array, offset: number, size: number): number {
  let bits = 0;
  for (let i = size - 1; i >= 0; i--) bits = bits * 256 + bytes[offset + i]!;
  return bits;
}
function isNaNOf(element: ElementType): (bits: number) => boolean {
  const type = isPacked(element) ? 'u32' : componentType(element);
  return (bits) => isFloat(type) && Number.isNaN(numberOf(type, bits));
}
