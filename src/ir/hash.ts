/**
 * The identity of a kernel: the SHA-256 of what its verified, unoptimised program means.
 *
 * Names and positions are outside it. So is what the program cannot see: its workgroup, unless it is group-sensitive (then
 * the one it runs with where it declares none), and its fuel, unless a loop carries it.
 */

import { writeCore } from './core.ts';
import { sha256 } from './sha256.ts';
import { defaultWorkgroup, type Verified } from './verified.ts';

/** 64 hexadecimal digits. */
export async function hash({ program, facts }: Verified): Promise<string> {
  return sha256(
    writeCore({
      ...program,
      workgroup: facts.groupSensitive ? (program.workgroup ?? defaultWorkgroup) : undefined,
      fuel: facts.fuelled ? program.fuel : 0,
    }),
  );
}
