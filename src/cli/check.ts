/** `isokernel check FILE`: what a kernel does wrong on its example arguments. Exit code 1 where there is any. */

import { Command, Option } from 'commander';
import { type Finding, type FindingCode, open } from '../index.ts';
import { findingCodes } from '../runtime/check.ts';
import { loadExample } from './load.ts';

interface Flags {
  readonly allow?: readonly FindingCode[];
  readonly json?: boolean;
}

export function check(): Command {
  return new Command('check')
    .description(
      'finds races, indices out of bounds and the like: FILE is a module, FILE#name one kernel of it; its export `example` holds the arguments, small ones, as this runs on the interpreter',
    )
    .argument('<file>', 'module, or module#kernel')
    .addOption(new Option('--allow <code...>', 'leave these out').choices(findingCodes))
    .option('--json', 'print JSON')
    .action(async (file: string, { allow = [], json }: Flags) => {
      const { kernel, example } = await loadExample(file);
      // it takes no device
      const rt = await open({ backends: [] });
      try {
        const all = await rt.check(kernel, example as never);
        const findings = all.filter(({ code }) => !allow.includes(code));
        const texts = findings.map(({ code, text }) => `[${code}] ${text}\n`);
        const lines = findings.length > 0 ? texts.join('\n') : `kernel "${kernel.name}": nothing found\n`;
        process.stdout.write(json ? `${JSON.stringify(findings.map(flat), undefined, 2)}\n` : lines);
        if (findings.length > 0) process.exitCode = 1;
      } finally {
        await rt.close();
      }
    });
}

/** A finding as JSON has it, like a warning of `lint`. */
function flat({ kernel, code, message, hint, place }: Finding) {
  return { kernel, code, message, hint, ...place };
}
