/** `isokernel fuzz`: random programs on every device, which must give the interpreter's bits. */

import { Command, Option } from 'commander';
import {
  deviceSubject,
  type FuzzDifference,
  type FuzzSubject,
  fuzz as run,
} from '../../backends/conformance/fuzz/index.ts';
import { openCpu } from '../../backends/cpu/device.ts';
import type { Backend, Device } from '../device/contract.ts';
import { builtinBackend, IsokernelError, messageOf, type NumericMode } from '../index.ts';
import { interpretProgram } from '../ir/interpreter.ts';
import { ieeeClass } from '../ir/numeric-class.ts';
import type { Program } from '../ir/program.ts';
import { lowerExact } from '../passes/exact/lower.ts';
import { optimize } from '../passes/pipeline.ts';
import { checkWritable, writeJson } from './json.ts';
import { loadBackend } from './load.ts';
import { countArgument, deviceOption } from './options.ts';
import { progress } from './progress.ts';

interface Flags {
  readonly seed: number;
  readonly count: number;
  readonly mode: NumericMode;
  readonly device?: readonly string[];
  readonly backend?: string;
  readonly json?: string;
}

export function fuzz(): Command {
  return new Command('fuzz')
    .description(
      'runs random programs on every device and through every pass: all must give the bits of the interpreter. What differs is made small, and printed',
    )
    .addOption(
      new Option('--seed <n>', 'of the first program; each further one has the next')
        .argParser(countArgument)
        .default(1),
    )
    .addOption(new Option('--count <n>', 'programs').argParser(countArgument).default(200))
    .addOption(
      new Option('--mode <mode>', 'numeric mode; other than exact, programs have no floats')
        .choices(['exact', 'stable', 'fast'])
        .default('exact'),
    )
    .addOption(deviceOption('only what has an id that starts so. Default: passes, cpu, cpu:scalar and every GPU'))
    .option('--backend <module>', 'also the devices of a backend from a module')
    .option('--json <file>', 'write the report as JSON')
    .action(async (flags: Flags) => {
      await checkWritable(flags.json);
      const { subjects, close } = await openSubjects(flags);
      const bar = progress();
      try {
        const report = await run(subjects, {
          seed: flags.seed,
          count: flags.count,
          mode: flags.mode,
          onProgress: (done) => bar.update(`seed ${flags.seed + done - 1}`, done, flags.count),
          onDifference: (difference) => process.stdout.write(`${textOf(difference)}\n`),
        });
        bar.stop();
        await writeJson(flags.json, { schema: 1, ...report, differences: report.differences.map(plain) });
        const lines = report.subjects.map(({ id, ran, skipped, differences }) => {
          const reasons = Object.entries(skipped).map(([reason, count]) => `; ${count} skipped: ${reason}`);
          return `${id}: ${ran} ran, ${differences} differ${reasons.join('')}`;
        });
        const total = report.differences.length;
        lines.push(`${report.programs} programs from seed ${report.seed}, ${total} differences`);
        process.stdout.write(`${lines.join('\n')}\n`);
        if (total > 0) process.exitCode = 1;
      } finally {
        bar.stop();
        await close();
      }
    });
}

/** The optimizer as a subject: the interpreter runs what it makes of a program. */
const passes: FuzzSubject = {
  id: 'passes',
  async run(verified, launch) {
    const exact = (program: Program) => lowerExact(program, ieeeClass, { guarded: true });
    interpretProgram(optimize(verified, { workgroup: launch.workgroup, exact }), launch);
    return launch.args.flatMap((arg) => ('bytes' in arg ? [arg.bytes] : []));
  },
};

/** What is to be compared, and how to end it. */
async function openSubjects({
  device: wanted,
  mode,
  backend,
}: Flags): Promise<{ subjects: FuzzSubject[]; close(): Promise<void> }> {
  const backends: (() => Promise<Backend>)[] = ['cpu', 'webgpu'].map((name) => () => builtinBackend(name));
  if (backend !== undefined) backends.push(() => loadBackend(backend));
  const devices: Device[] = [];
  const missing: string[] = [];
  for (const load of backends) {
    try {
      devices.push(...(await (await load()).discover({})));
    } catch (error) {
      missing.push(messageOf(error));
    }
  }
  const { host } = await import('../../backends/cpu/node.ts');
  const scalar = openCpu({ ...host, threads: 1, lanes: 1 });
  devices.push(scalar);
  const all = [
    passes,
    ...(await Promise.all(
      devices.map(async (device) => ({
        ...(await deviceSubject(device, mode)),
        ...(device === scalar ? { id: 'cpu:scalar' } : {}),
      })),
    )),
  ];
  const subjects = all.filter(({ id }) => wanted?.some((prefix) => id.startsWith(prefix)) ?? true);
  const close = async (): Promise<void> => {
    await Promise.all(devices.map((device) => device.close()));
  };
  if (subjects.length > 0) return { subjects, close };
  await close();
  throw new IsokernelError('unknown-device', `nothing here has an id that starts with ${wanted!.join(' or ')}`, {
    hint: [`There are ${all.map(({ id }) => id).join(', ')}.`, ...missing].join('\n'),
  });
}

/** A difference as data: arrays of a launch as hexadecimal text. */
function plain({ seed, subject, detail, text, source, launch }: FuzzDifference): object {
  const { grid, workgroup, args } = launch;
  const shown = args.map((arg) =>
    'bytes' in arg ? { shape: arg.shape, bytes: Buffer.from(arg.bytes).toString('hex') } : arg,
  );
  return { seed, subject, detail, text, source, launch: { grid, workgroup, args: shown } };
}

function textOf(difference: FuzzDifference): string {
  const { seed, subject, detail, text, source, launch } = difference;
  const args = (plain(difference) as { launch: { args: unknown[] } }).launch.args.map((arg) => JSON.stringify(arg));
  return [
    `seed ${seed} on ${subject}: ${detail}`,
    `grid ${launch.grid.join(' x ')}, workgroup ${launch.workgroup.join(' x ')}, arguments ${args.join(', ')}`,
    text,
    source ?? '(the kernel language has no words for this program)',
  ].join('\n');
}
