/** `isokernel conformance BACKEND`: the suite that every backend passes, on each device that the backend finds. */

import { Command } from 'commander';
import { conformance as suite } from '../../backends/conformance/index.ts';
import type { Backend } from '../device/contract.ts';
import { builtinBackend } from '../index.ts';
import { IsokernelError } from '../ir/error.ts';
import { checkWritable, writeJson } from './json.ts';
import { loadBackend } from './load.ts';
import { countArgument } from './options.ts';
import { progress } from './progress.ts';

interface Flags {
  readonly device?: string;
  readonly backend?: string;
  readonly threads?: number;
  readonly json?: string;
}

export function conformance(): Command {
  return new Command('conformance')
    .description('runs the suite that every backend must pass, on each of its devices')
    .argument('<backend>', 'cpu, webgpu, interpreter, …; or the name of a backend loaded by --backend')
    .option('--backend <module>', 'a module that exports a backend')
    .option('--device <id>', 'only devices whose id starts so')
    .option('--threads <n>', 'CPU threads', countArgument)
    .option('--json <file>', 'write the report as JSON')
    .action(async (name: string, flags: Flags) => {
      await checkWritable(flags.json);
      const backend = await backendOf(name, flags);
      const devices = await backend.discover({ threads: flags.threads });
      const chosen = devices.filter(({ capabilities }) => capabilities.id.startsWith(flags.device ?? ''));
      await Promise.all(devices.filter((device) => !chosen.includes(device)).map((device) => device.close()));
      if (chosen.length === 0) {
        throw new IsokernelError('no-device', `the backend ${name} has no ${flags.device ?? 'device'} here`, {
          hint: 'isokernel devices lists what there is, and what to install for more.',
        });
      }
      const reports = [];
      for (const device of chosen) {
        const { id } = device.capabilities;
        const bar = progress();
        const report = await suite(device, {
          onCase: ({ group, name: which }, done, total) => bar.update(`${id}: ${group} ${which}`, done, total),
        });
        bar.stop();
        const skipped = new Map<string, number>();
        for (const { group, name: which, status, detail } of report.cases) {
          if (status === 'failed') process.stdout.write(`failed   ${group}: ${which}  ${detail}\n`);
          if (status === 'skipped') skipped.set(detail, (skipped.get(detail) ?? 0) + 1);
        }
        for (const [reason, count] of skipped) process.stdout.write(`skipped  ${count}: ${reason}\n`);
        process.stdout.write(`${id}: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped\n`);
        if (report.failed > 0) process.exitCode = 1;
        reports.push(report);
      }
      await writeJson(flags.json, reports);
    });
}

async function backendOf(name: string, flags: Flags): Promise<Backend> {
  if (flags.backend === undefined) return builtinBackend(name);
  const backend = await loadBackend(flags.backend);
  if (backend.name === name) return backend;
  throw new IsokernelError('unknown-backend', `${flags.backend} is the backend "${backend.name}", not "${name}"`, {
    hint: `Write isokernel conformance ${backend.name} --backend ${flags.backend}.`,
  });
}
