/** Options that several commands share, and the runtime they open. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { builtinBackends, type OpenOptions, open, type Runtime } from '../index.ts';
import { loadBackend } from './load.ts';

export interface RuntimeFlags {
  readonly backend?: readonly string[];
  readonly threads?: number;
  readonly cacheDir?: string;
}

const collect = (value: string, all: readonly string[] = []) => [...all, value];

/** A whole number from 1. */
export function countArgument(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

/** Adds `--backend`, `--threads` and `--cache-dir`. */
export function runtimeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <module>', 'also load a backend from a module; may be repeated').argParser(collect),
    )
    .addOption(new Option('--threads <n>', 'CPU threads; all cores where not given').argParser(countArgument))
    .option('--cache-dir <dir>', 'where calibrations are kept');
}

/** `--device`, repeatable. */
export function deviceOption(description: string): Option {
  return new Option('--device <id...>', description).argParser(collect);
}

/** Opens a runtime as the flags say, on these built-in backends; warnings go to standard error. */
export async function openRuntime(
  { backend = [], threads, cacheDir }: RuntimeFlags,
  builtin: NonNullable<OpenOptions['backends']> = builtinBackends,
): Promise<Runtime> {
  const foreign = await Promise.all(backend.map(loadBackend));
  return open({
    backends: [...builtin, ...foreign],
    threads,
    cacheDir,
    onWarning: ({ message }) => process.stderr.write(`${message}\n`),
  });
}
