/** `isokernel lint FILE`: what is legal and slow in kernels. Exit code 1 where there is any. */

import { Command, Option } from 'commander';
import { type WarningCode, warningCodes } from '../lint/codes.ts';
import { lint as warningsOf } from '../lint/lint.ts';
import { loadKernels } from './load.ts';

interface Flags {
  readonly allow?: readonly WarningCode[];
  readonly json?: boolean;
}

/** A warning as it is told, and as JSON has it. */
interface Told {
  readonly kernel: string;
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export function lint(): Command {
  return new Command('lint')
    .description('says what is legal and slow in kernels: FILE is a module, FILE#name one kernel of it')
    .argument('<file>', 'module, or module#kernel')
    .addOption(new Option('--allow <code...>', 'leave these out').choices(Object.keys(warningCodes)))
    .option('--json', 'print JSON')
    .action(async (file: string, { allow = [], json }: Flags) => {
      const all: Told[] = [];
      const texts: string[] = [];
      for (const { kernel } of await loadKernels(file)) {
        const lineOf = kernel.sourceLines();
        for (const { code, message, hint, place } of warningsOf(await kernel.verified())) {
          if (allow.includes(code)) continue;
          const at = place && lineOf(place);
          all.push({ kernel: kernel.name, code, message, hint, file: at?.file, line: at?.line, column: at?.column });
          const where = at?.file === undefined ? '' : `  (${at.file}:${at.line})`;
          texts.push(
            `warning [${code}]: kernel "${kernel.name}": ${message}${where}\n${at ? `${at.excerpt}\n` : ''}${hint}\n`,
          );
        }
      }
      process.stdout.write(json ? `${JSON.stringify(all, undefined, 2)}\n` : texts.join('\n'));
      if (all.length > 0) process.exitCode = 1;
    });
}
