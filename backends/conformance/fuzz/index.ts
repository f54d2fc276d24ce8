/**
 * Differential fuzzing: random valid programs, run in `exact` by the interpreter and by others, which must all give the same
 * bits. What differs is shrunk to a small program.
 *
 * A seed names a program for good, as long as this folder stays as it is: what failed once should be kept as text.
 */

import type { Certificate } from '../../../src/device/certify/certificate.ts';
import { certify } from '../../../src/device/certify/certify.ts';
import type { Device } from '../../../src/device/index.ts';
import {
  type BufferParam,
  interpret,
  messageOf,
  type NumericMode,
  type Program,
  print,
  type Verified,
  verify,
} from '../../../src/ir/index.ts';
import { execute } from '../trial.ts';
import { kernelSource } from './kernel-source.ts';
import { copyOf, type RandomLaunch } from './random-launch.ts';
import { randomProgram } from './random-program.ts';
import { shrink } from './shrink.ts';

export { kernelSource } from './kernel-source.ts';
export { randomProgram } from './random-program.ts';
export { shrink } from './shrink.ts';

/** Something that runs programs, to be compared with the interpreter. */
export interface FuzzSubject {
  readonly id: string;
  /** Why it cannot run this one; undefined where it can. */
  ineligible?(verified: Verified, launch: RandomLaunch): string | undefined;
  /** Runs it once; the bytes of its buffer parameters, in declaration order. */
  run(verified: Verified, launch: RandomLaunch): Promise<readonly Uint8Array[]>;
}

export interface FuzzOptions {
  /** Of the first program; each further one has the next. Default 1. */
  readonly seed?: number;
  readonly count: number;
  /** Default `exact`. In others only integers are promised the same bits, so programs have no floats. */
  readonly mode?: NumericMode;
  /** Told after each program: how many are done. */
  readonly onProgress?: (done: number) => void;
  /** Told at once of a difference, shrunk. */
  readonly onDifference?: (difference: FuzzDifference) => void;
}

export interface FuzzDifference {
  readonly seed: number;
  readonly subject: string;
  /** What differs first, or what it failed with. */
  readonly detail: string;
  /** The shrunk program as text of the IR, which `parse` reads, and as source of the kernel language where that can say it. */
  readonly text: string;
  readonly source: string | undefined;
  readonly program: Program;
  readonly launch: RandomLaunch;
}

export interface FuzzReport {
  readonly seed: number;
  readonly programs: number;
  readonly subjects: readonly {
    readonly id: string;
    /** Programs it ran, and programs it could not, by reason. */
    readonly ran: number;
    readonly skipped: Readonly<Record<string, number>>;
    readonly differences: number;
  }[];
  readonly differences: readonly FuzzDifference[];
}

/** A device as a subject. For `exact` it is certified first; where that fails, it can run nothing with floats. */
export async function deviceSubject(device: Device, mode: NumericMode = 'exact'): Promise<FuzzSubject> {
  const certificate = mode === 'exact' ? await certificateOf(device) : undefined;
  return {
    id: device.capabilities.id,
    ineligible(verified, { workgroup }) {
      if (certificate?.exact === false && verified.facts.usesFloat) return certificate.reason;
      return device.ineligible(verified, { args: verified.program.params.map(() => []), grid: [1, 1, 1], workgroup });
    },
    async run(verified, launch) {
      const numeric = certificate?.exact === true ? certificate.numeric : undefined;
      const program = await device.compile(verified, { workgroup: launch.workgroup, numeric, guarded: true });
      const contents = await execute(device, program, launch.args, launch.grid);
      return verified.program.params.flatMap(({ kind }, i) => (kind === 'buffer' ? [contents[i]!] : []));
    },
  };
}
async function certificateOf(device: Device): Promise<Certificate> {
  const { numeric } = device.capabilities;
  return numeric === undefined ? certify(device) : { exact: true, numeric };
}

/** Runs `count` programs everywhere. Rejects with nothing: a subject's failures are differences. */
export async function fuzz(subjects: readonly FuzzSubject[], options: FuzzOptions): Promise<FuzzReport> {
  const { seed: first = 1, count, mode = 'exact', onProgress, onDifference } = options;
  const tallies = subjects.map(({ id }) => ({ id, ran: 0, skipped: {} as Record<string, number>, differences: 0 }));
  const differences: FuzzDifference[] = [];
  for (let done = 0; done < count; done++) {
    const seed = first + done;
    const { program, launch } = randomProgramOf(seed, mode);
    const verified = verify(program);
    const expected = byDefinition(verified, launch);
    for (const [i, subject] of subjects.entries()) {
      const tally = tallies[i]!;
      const reason = subject.ineligible?.(verified, launch);
      if (reason !== undefined) {
        tally.skipped[reason] = (tally.skipped[reason] ?? 0) + 1;
        continue;
      }
      tally.ran++;
      const detail = await differenceOf(subject, verified, launch, expected);
      if (detail === undefined) continue;
      tally.differences++;
      const difference = await explain(seed, subject, verified.program, launch, detail);
      differences.push(difference);
      onDifference?.(difference);
    }
    onProgress?.(done + 1);
  }
  return { seed: first, programs: count, subjects: tallies, differences };
}

/** Every fourth program has neither barriers nor workgroup memory, and every third is long. */
export function randomProgramOf(seed: number, mode: NumericMode): { program: Program; launch: RandomLaunch } {
  const floats = mode === 'exact' ? 'all' : 'none';
  const { program, launch } = randomProgram(seed, {
    floats,
    f16: floats === 'all' && seed % 2 === 0,
    packedStores: true,
    barriers: seed % 4 !== 0,
    size: seed % 3 === 0 ? 50 : 20,
  });
  return { program: { ...program, mode }, launch };
}

function byDefinition(verified: Verified, launch: RandomLaunch): Uint8Array[] {
  const { args } = copyOf(launch);
  interpret(verified, { ...launch, args });
  return args.flatMap((arg) => ('bytes' in arg ? [arg.bytes] : []));
}

/** What is wrong, in a few words; undefined where nothing is. */
async function differenceOf(
  subject: FuzzSubject,
  verified: Verified,
  launch: RandomLaunch,
  expected: readonly Uint8Array[],
): Promise<string | undefined> {
  let actual: readonly Uint8Array[];
  try {
    actual = await subject.run(verified, copyOf(launch));
  } catch (error) {
    return `failed: ${messageOf(error)}`;
  }
  const buffers = verified.program.params.filter((param): param is BufferParam => param.kind === 'buffer');
  for (const [i, { name }] of buffers.entries()) {
    const at = expected[i]!.findIndex((byte, offset) => byte !== actual[i]![offset]);
    if (at >= 0) return `${name}: byte ${at} is ${hex(actual[i]![at])}, not ${hex(expected[i]![at])}`;
  }
  return undefined;
}
const hex = (byte: number | undefined) => `0x${(byte ?? 0).toString(16).padStart(2, '0')}`;

/** Shrinks what differs, keeping the kind of difference: other bits, or a failure. */
async function explain(
  seed: number,
  subject: FuzzSubject,
  program: Program,
  launch: RandomLaunch,
  detail: string,
): Promise<FuzzDifference> {
  const fails = detail.startsWith('failed');
  let latest = detail;
  const small = await shrink({ program, launch }, async (smaller) => {
    const verified = verify(smaller.program);
    if (subject.ineligible?.(verified, smaller.launch) !== undefined) return false;
    const found = await differenceOf(subject, verified, smaller.launch, byDefinition(verified, smaller.launch));
    if (found === undefined || found.startsWith('failed') !== fails) return false;
    latest = found;
    return true;
  });
  return {
    seed,
    subject: subject.id,
    detail: latest,
    text: print(small.program, { places: false }),
    source: kernelSource(small.program),
    ...small,
  };
}
