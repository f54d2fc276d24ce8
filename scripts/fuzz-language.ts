/**
 * `npm run fuzz:language -- --count 200000 --seed 1`: damaged kernel sources through the front end, the verifier, the interpreter and the CPU
 * (tests/lang/damage). `--only N` makes one of them again and prints its text.
 *
 * Mutants are tried by a process of their own, so that one that hangs or ends it is found and named, and the next ones go on in a new one.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { countArgument } from '../src/cli/options.ts';
import { progress } from '../src/cli/progress.ts';
import { mutant } from '../tests/lang/damage/mutants.ts';
import { type Ending, Fault, Trials } from '../tests/lang/damage/trial.ts';

/** What the process that tries mutants says: it begins with one; it was at fault; what became of those before `number`. */
type Said =
  | { readonly kind: 'fault'; readonly number: number; readonly message: string }
  | { readonly kind: 'done'; readonly number: number; readonly endings: Partial<Record<Ending, number>> };

/** Mutants between two signs of life, and how long these may take: most take a millisecond, but machines are busy. */
const batch = 50;
const patience = 600_000;
/** Faults are shown as they come, and after so many there is no point in going on. */
const mostFaults = 50;

interface Flags {
  readonly count: number;
  readonly seed: number;
  readonly from: number;
  readonly only?: number;
}

async function main({ count, seed, from, only }: Flags): Promise<void> {
  if (only !== undefined) return again(seed, only);
  const bar = progress();
  const total = from + count;
  const endings: Partial<Record<Ending, number>> = {};
  const began = performance.now();
  let faults = 0;
  let next = from;
  const fault = (message: string) => {
    faults++;
    process.stdout.write(`${message}\n\n`);
  };
  while (next < total && faults < mostFaults) {
    const child = fork(fileURLToPath(import.meta.url), ['--child', String(seed), String(next), String(total)]);
    const why = await watch(child, (said) => {
      if (said.kind === 'fault') fault(said.message);
      else {
        for (const [ending, n] of Object.entries(said.endings))
          endings[ending as Ending] = (endings[ending as Ending] ?? 0) + n;
        if (said.number % 1000 < batch) bar.update('mutants', said.number - from, count);
      }
      next = Math.max(next, said.number);
      if (faults >= mostFaults) child.kill('SIGKILL');
    });
    if (why === undefined || faults >= mostFaults) continue;
    fault(`one of the mutants ${next} to ${next + batch - 1} of seed ${seed}: ${why}; --only N shows which`);
    next += batch;
  }
  bar.stop();
  const tried = Object.entries(endings).map(([ending, n]) => `${n} ${ending}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(
    `mutants ${from} to ${next - 1} of seed ${seed}: ${tried.join(', ')}; ${faults} faults; ${seconds} s\n`,
  );
  if (faults > 0) process.exitCode = 1;
}

/** Why it ended before its time: with an exit code, or in silence. */
function watch(child: ChildProcess, hear: (said: Said) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    let silent = false;
    const give = () => {
      silent = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(give, patience);
    child.on('message', (said) => {
      clearTimeout(timer);
      timer = setTimeout(give, patience);
      hear(said as Said);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(
        silent
          ? `no sign of life for ${patience / 1000} s`
          : code === 0
            ? undefined
            : `the process ended with ${code ?? signal}`,
      );
    });
  });
}

/** The process that tries mutants. */
async function child(seed: number, from: number, to: number): Promise<void> {
  const say = (said: Said) => new Promise((resolve) => process.send!(said, resolve));
  const trials = new Trials(seed);
  for (let first = from; first < to; first += batch) {
    const endings: Partial<Record<Ending, number>> = {};
    for (let number = first; number < Math.min(to, first + batch); number++) {
      try {
        const ending = await trials.run(number);
        endings[ending] = (endings[ending] ?? 0) + 1;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await say({ kind: 'fault', number, message: error.message });
      }
    }
    await say({ kind: 'done', number: Math.min(to, first + batch), endings });
  }
  await trials.close();
  process.disconnect();
}

async function again(seed: number, number: number): Promise<void> {
  const { definition, text } = mutant(seed, number);
  const params = definition.params.map((it) =>
    it.kind === 'scalar' ? `${it.name}: ${it.type}` : `${it.name}: ${it.access} ${it.element} of rank ${it.rank}`,
  );
  process.stdout.write(`${params.join(', ')}\n${text}\n\n`);
  const trials = new Trials(seed);
  try {
    process.stdout.write(`${await trials.run(number)}\n`);
  } catch (error) {
    process.stdout.write(
      `${(error as Fault).cause instanceof Error ? ((error as Fault).cause as Error).stack : error}\n`,
    );
    process.exitCode = 1;
  } finally {
    await trials.close();
  }
}

const [mode, ...words] = process.argv.slice(2);
if (mode === '--child') await child(...(words.map(Number) as [number, number, number]));
else {
  const command = new Command('fuzz:language')
    .description(
      'damaged kernel sources: each is refused with a code, or means the same on the interpreter and the CPU',
    )
    .option('--count <n>', 'how many', countArgument, 2000)
    .option('--seed <n>', 'of the random changes', countArgument, 1)
    .option('--from <n>', 'number of the first', Number, 0)
    .option('--only <n>', 'make this one again, and show it', Number)
    .action(main);
  await command.parseAsync();
}
