/** SHA-256 of many files on one device: real input of very uneven lengths. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, sha256Constants, sha256Hex, sha256Input } from '../kernels/index.ts';
import { IsokernelError, type Runtime, u32 } from '../src/index.ts';

/** Blocks of 64 bytes that one launch takes of a message: 128 KiB, so that no launch is long. */
const blocksPerLaunch = 2048;
/** Launches that are submitted before waiting: enough to keep a device busy. */
const launchesAhead = 16;

export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Every file below some folders, the longest first: the invocations of the later launches are then the first ones. */
export async function filesBelow(folders: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.push({ path, bytes: await readFile(path) });
    }
  }
  return files.sort((a, b) => b.bytes.length - a.bytes.length);
}

/**
 * Hashes the files on a device and compares each hash with the one of node:crypto. Throws `check-failed`, naming the file.
 * Gives the launches that it took and the milliseconds from the first to the hashes. `onProgress` counts launches.
 */
export async function hashFiles(
  rt: Runtime,
  files: readonly SourceFile[],
  device: string,
  onProgress: (done: number, total: number) => void,
): Promise<{ launches: number; ms: number }> {
  const input = sha256Input(files.map(({ bytes }) => bytes));
  const count = files.length;
  using words = rt.buffer(u32, input.words.length, input.words);
  using starts = rt.buffer(u32, count, input.starts);
  using blocks = rt.buffer(u32, count, input.blocks);
  using constants = rt.buffer(u32, 64, sha256Constants);
  using state = rt.buffer(u32, [count, 8], input.state);
  const started = performance.now();
  const total = Math.ceil(input.blocks[0]! / blocksPerLaunch);
  let launches = 0;
  for (let from = 0; from < input.blocks[0]!; from += blocksPerLaunch) {
    const longer = input.blocks.findLastIndex((length) => length > from) + 1;
    const args = { words, starts, blocks, from, count: blocksPerLaunch, constants, state };
    const job = rt.submit(sha256, args, { device, strict: true, invocations: longer });
    launches++;
    if (launches % launchesAhead !== 0) continue;
    await job.done;
    onProgress(launches, total);
  }
  const hashes = await state.read();
  const ms = performance.now() - started;
  for (const [m, { path, bytes }] of files.entries()) {
    const expected = createHash('sha256').update(bytes).digest('hex');
    const got = sha256Hex(hashes, m);
    if (got !== expected)
      throw new IsokernelError('check-failed', `${path} has SHA-256 ${got} on ${device}, not ${expected}`);
  }
  return { launches, ms };
}
