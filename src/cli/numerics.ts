/** `isokernel numerics`: how far the functions of mode `exact` are from the true values, tried on every f32. */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { Argument, Command, Option } from 'commander';
import { type BuiltinBackend, builtinBackends } from '../index.ts';
import type { Runtime as Core } from '../runtime/runtime.ts';
import { checkWritable, writeJson } from './json.ts';
import { type Findings, nothing, together } from './numerics/compare.ts';
import { Helpers, serve } from './numerics/helpers.ts';
import { batchCount, inputCount } from './numerics/inputs.ts';
import { arityOf, type FunctionName, functionNames } from './numerics/reference.ts';
import { algorithmOf } from './numerics/sweep.ts';
import { countArgument, openRuntime, type RuntimeFlags, runtimeOptions } from './options.ts';
import { type Progress, progress } from './progress.ts';

interface Flags extends RuntimeFlags {
  readonly device: string;
  readonly sample?: number;
  readonly json?: string;
  readonly serve?: true;
}

/** What is reported of a function. */
export interface Entry extends Findings {
  readonly function: FunctionName;
  /** The algorithm, by a hash of it. */
  readonly algorithm: string;
  readonly device: string;
  readonly inputs: number;
  readonly seconds: number;
}

export function numerics(): Command {
  return runtimeOptions(new Command('numerics'))
    .description(
      'tries the functions of mode exact on every f32 (those of more operands: on hard cases and 10^9 random ones) and compares the results with the true values',
    )
    .addArgument(new Argument('[functions...]', 'which functions; all where none is named').choices(functionNames))
    .addOption(new Option('--device <id>', 'where they run').default('cpu'))
    .addOption(
      new Option('--sample <n>', 'try only so many inputs of each, beside the special ones').argParser(countArgument),
    )
    .option('--json <file>', 'write the report as JSON after each function; what it says of other functions stays')
    .addOption(new Option('--serve', 'be one of the processes of another').hideHelp())
    .action(async (names: readonly FunctionName[], flags: Flags) => {
      if (flags.serve) return serveOn(flags);
      await checkWritable(flags.json);
      const report = new Map((await reported(flags.json)).map((entry) => [entry.function, entry]));
      const bar = progress();
      try {
        for (const name of names.length === 0 ? functionNames : names) {
          report.set(name, await tried(name, flags, bar));
          await writeJson(flags.json, [...report.values()]);
        }
      } finally {
        bar.stop();
      }
      process.stdout.write(`${tableOf([...report.values()])}\n`);
    });
}

async function tried(name: FunctionName, flags: Flags, bar: Progress): Promise<Entry> {
  const { device, sample, threads = availableParallelism(), backend = [] } = flags;
  const extent = { arity: arityOf(name), sample };
  const tasks = Array.from({ length: batchCount(extent) }, (_, index) => ({ function: name, sample, index, device }));
  const started = performance.now();
  // processes that only ever see one function, so that V8 writes it into the loop that compares
  const modules = backend.flatMap((module) => ['--backend', module]);
  const helpers = new Helpers(Math.min(threads, tasks.length), ['numerics', '--serve', '--device', device, ...modules]);
  try {
    let findings = nothing;
    let done = 0;
    await helpers.all(tasks, (found) => {
      findings = together(findings, found);
      // where it is no terminal, sixteen lines
      if (done % Math.ceil(tasks.length / 16) === 0) bar.update(name, done, tasks.length);
      done++;
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    const algorithm = await algorithmOf(name);
    return { function: name, algorithm, device, inputs: inputCount(extent), ...findings, seconds };
  } finally {
    helpers.close();
  }
}

async function serveOn(flags: Flags): Promise<void> {
  const [backend] = flags.device.split(':') as [BuiltinBackend];
  const rt = await openRuntime(
    { ...flags, threads: 1 },
    builtinBackends.filter((name) => name === backend),
  );
  try {
    // kernels that no function's text is behind are none of the public types
    await serve(rt as unknown as Core);
  } finally {
    await rt.close();
  }
}

/** What a report holds already. */
async function reported(file: string | undefined): Promise<Entry[]> {
  const text = file === undefined ? '' : await readFile(file, 'utf8');
  return text === '' ? [] : (JSON.parse(text) as Entry[]);
}

function tableOf(entries: readonly Entry[]): string {
  const table = new Table({
    head: ['function', 'inputs', 'not nearest', 'worst, ulp', 'at', 'gives', 'seconds'],
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left', 'right'],
    style: { head: [], border: [] },
  });
  for (const { function: name, inputs, incorrect, worst, at, got, seconds } of entries)
    table.push([
      name,
      inputs === 2 ** 32 ? 'all' : inputs.toLocaleString('en'),
      incorrect.toLocaleString('en'),
      incorrect === 0 ? '0.5' : worst.toFixed(4),
      at.join(', '),
      incorrect === 0 ? '' : got,
      seconds.toFixed(0),
    ]);
  return table.toString();
}
