/** `--json FILE`: checked before the work whose report it is to hold, written after it. */

import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IsokernelError, messageOf } from '../ir/error.ts';

/** Makes sure that the file can be written, so that no long run is for nothing. */
export async function checkWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await mkdir(dirname(file), { recursive: true });
    await (await open(file, 'a')).close();
  } catch (cause) {
    throw new IsokernelError('invalid-file', `cannot write ${file}: ${messageOf(cause)}`, {
      hint: 'Name a file in a folder that you may write to.',
      cause,
    });
  }
}

export async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
