/** Runs subjects on the interpreter and gives the bits of all that they wrote. */

import { type Kernel, open } from '../../src/index.ts';
import type { Subject } from './subjects.ts';

/** One line for each subject: the bytes of its outputs and arguments in hex, or its error. */
export async function answers(subjects: readonly Subject[]): Promise<string[]> {
  await using rt = await open({ backends: ['interpreter'], calibrate: false });
  const lines: string[] = [];
  for (const { kernel, args } of subjects) lines.push(`${kernel.name}: ${await bits(kernel as Kernel, args())}`);
  return lines;

  async function bits(kernel: Kernel, given: Readonly<Record<string, unknown>>): Promise<string> {
    try {
      const outputs = await rt.run(kernel, given as never);
      return Object.entries({ ...given, ...(outputs as object) })
        .map(hex)
        .join(' ');
    } catch (error) {
      return `error ${String(error).split('\n')[0]}`;
    }
  }
}

function hex([name, value]: [string, unknown]): string {
  const data = (value as { data?: unknown }).data ?? value;
  if (!ArrayBuffer.isView(data)) return '';
  return `${name}=${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`;
}
