#!/usr/bin/env node
/**
 * The command `isokernel`. Exit codes: 0 done, 1 it failed, 2 the words were wrong.
 *
 * Each subcommand is a file of its own that exports a commander `Command`.
 */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type ErrorCode, IsokernelError, messageOf } from '../ir/error.ts';
import { bench } from './bench.ts';
import { check } from './check.ts';
import { conformance } from './conformance.ts';
import { devices } from './devices.ts';
import { explain } from './explain.ts';
import { fuzz } from './fuzz.ts';
import { lint } from './lint.ts';
import { numerics } from './numerics.ts';
import { show } from './show.ts';

/** The version in the nearest package.json above this file: the same for the sources and for what is built of them. */
function version(): string {
  for (const up of ['../../', '../../../']) {
    try {
      return (JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as { version: string })
        .version;
    } catch {
      // one level further up
    }
  }
  return 'unknown';
}

/** Errors about what the words of the command name. */
const aboutWords: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'unknown-device',
  'ambiguous-device',
  'unknown-backend',
  'invalid-option',
]);

async function main(): Promise<number> {
  const program = new Command('isokernel')
    .description('Runs compute kernels on every device of this machine, and says why where.')
    .version(version())
    .showHelpAfterError('(--help lists what there is)')
    .exitOverride();
  for (const command of [devices, bench, explain, check, lint, show, conformance, fuzz, numerics])
    program.addCommand(command().copyInheritedSettings(program));
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof IsokernelError) {
      process.stderr.write(`isokernel: [${error.code}] ${error.message}\n`);
      return aboutWords.has(error.code) ? 2 : 1;
    }
    process.stderr.write(`isokernel: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    return 1;
  }
}

// whoever reads the output may stop reading: `isokernel devices | head -1`
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

main().then((code) => {
  process.exitCode = code;
});
