/** `isokernel explain FILE`: where a kernel would run on its example arguments, and why. */

import { Command, Option } from 'commander';
import { placementText } from '../index.ts';
import { loadExample } from './load.ts';
import { openRuntime, type RuntimeFlags, runtimeOptions } from './options.ts';

interface Flags extends RuntimeFlags {
  readonly device?: string;
  readonly strict?: boolean;
  readonly policy?: 'least-finish' | 'data-ready' | 'round-robin' | 'random';
  readonly run?: boolean;
  readonly json?: boolean;
}

export function explain(): Command {
  return runtimeOptions(new Command('explain'))
    .description(
      'says where a kernel would run, and why: FILE is a module, FILE#name one kernel of it; its export `example` holds the arguments',
    )
    .argument('<file>', 'module, or module#kernel')
    .option('--device <id>', 'as if this device had been asked for')
    .option('--strict', 'with --device: no other will do')
    .addOption(
      new Option('--policy <name>', 'how a device is chosen').choices([
        'least-finish',
        'data-ready',
        'round-robin',
        'random',
      ]),
    )
    .option('--run', 'run it too, and compare the prediction with what was measured')
    .option('--json', 'print JSON')
    .action(async (file: string, flags: Flags) => {
      const { kernel, example } = await loadExample(file);
      const { device, strict, policy } = flags;
      const launch = { device, strict, policy };
      const rt = await openRuntime(flags);
      try {
        let placement = await rt.explain(kernel, example as never, launch);
        if (flags.run) {
          const job = rt.submit(kernel, example as never, launch);
          await job.done;
          placement = await job.placement;
        }
        const text = flags.json ? JSON.stringify(placement, undefined, 2) : placementText(placement);
        process.stdout.write(`${text}\n`);
      } finally {
        await rt.close();
      }
    });
}
