/** `isokernel bench`: the suite on every device and through the router, every answer checked. */

import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Size, sizes } from '../../bench/case.ts';
import { auto } from '../../bench/isokernel.ts';
import { runOverhead } from '../../bench/overhead.ts';
import { type Missing, peerNames, startPeers } from '../../bench/peers/index.ts';
import { rawWgsl } from '../../bench/raw-wgsl.ts';
import { reportTable } from '../../bench/report.ts';
import { hostOf, type Peer, runSuite } from '../../bench/run.ts';
import { suites } from '../../bench/suite.ts';
import { type Backend, IsokernelError, messageOf, type NumericMode, type Runtime } from '../index.ts';
import { checkWritable, writeJson } from './json.ts';
import { deviceOption, openRuntime, type RuntimeFlags, runtimeOptions } from './options.ts';
import { progress } from './progress.ts';

interface Flags extends RuntimeFlags {
  readonly suite: string;
  readonly size: Size;
  readonly mode: NumericMode;
  readonly case?: readonly string[];
  readonly device?: readonly string[];
  readonly peers?: true | readonly string[];
  readonly json?: string;
}

const wgsl = 'raw-wgsl';
const allPeers: readonly string[] = [wgsl, ...peerNames];

/** The WebGPU backend and the peer that works on its very devices; none where there is no GPU. */
async function gpuPeer(missing: Missing): Promise<{ backend: Backend; peer: Peer } | undefined> {
  const { discover } = await import('../../backends/webgpu/discover.ts');
  try {
    const devices = await discover({});
    const byId = new Map(devices.map(({ capabilities, gpu }) => [capabilities.id, gpu]));
    return { backend: { name: 'webgpu', discover: async () => devices }, peer: rawWgsl(byId) };
  } catch (error) {
    missing(wgsl, messageOf(error));
    return undefined;
  }
}

function unknownName(kind: string, name: string, known: readonly string[]): IsokernelError {
  return new IsokernelError('usage', `the benchmark has no ${kind} "${name}"`, {
    hint: `There are ${known.join(', ')}.`,
  });
}

export function bench(): Command {
  return runtimeOptions(new Command('bench'))
    .description('runs the benchmark suite on every device and through the router; each answer is checked')
    .addOption(new Option('--suite <name>', 'suite').choices([...Object.keys(suites), 'overhead']).default('core'))
    .addOption(new Option('--size <size>', 'size of the problems').choices([...sizes]).default('small'))
    .addOption(new Option('--mode <mode>', 'numeric mode').choices(['fast', 'stable', 'exact']).default('stable'))
    .addOption(new Option('--case <name...>', 'only these cases'))
    .addOption(
      deviceOption("only these devices; `auto` is the router's choice. Default: auto and every device that computes"),
    )
    .option(
      '--peers [name...]',
      `also measure others in turns with the same cases: ${allPeers.join(', ')}; all that run here where none is named`,
    )
    .option('--json <file>', 'write the report as JSON')
    .action(async (flags: Flags) => {
      await checkWritable(flags.json);
      if (flags.suite === 'overhead') return overheadSuite(flags);
      const all = suites[flags.suite as keyof typeof suites];
      const names = flags.peers === true ? allPeers : (flags.peers ?? []);
      const noCase = flags.case?.find((name) => !all.some((one) => one.name === name));
      if (noCase !== undefined)
        throw unknownName(
          'case',
          noCase,
          all.map(({ name }) => name),
        );
      const noPeer = names.find((name) => !allPeers.includes(name));
      if (noPeer !== undefined) throw unknownName('peer', noPeer, allPeers);
      const cases = flags.case === undefined ? all : all.filter(({ name }) => flags.case!.includes(name));
      const missing: Missing = (name, reason) => {
        if (flags.peers !== true)
          throw new IsokernelError('peer-missing', `the peer ${name} does not run here: ${reason}`);
        process.stderr.write(`left out ${name}: ${reason}\n`);
      };
      const gpu = names.includes(wgsl) ? await gpuPeer(missing) : undefined;
      const rt = await openRuntime(flags, gpu && ['cpu', gpu.backend, 'interpreter']);
      const bar = progress();
      try {
        const threads = rt.devices.find(({ id }) => id === 'cpu')?.capabilities.threads ?? 1;
        const cpuPeers = await startPeers(names, threads, missing);
        const report = await runSuite(rt, {
          suite: flags.suite,
          cases,
          size: flags.size,
          mode: flags.mode,
          devices: flags.device ?? [auto, ...computing(rt)],
          peers: [...(gpu ? [gpu.peer] : []), ...cpuPeers],
          onProgress: bar.update,
        });
        bar.stop();
        process.stdout.write(`${reportTable(report)}\n`);
        await writeJson(flags.json, report);
        if (report.failures.length > 0) process.exitCode = 1;
      } finally {
        bar.stop();
        await rt.close();
      }
    });
}

/** What isokernel itself costs; nothing of it is checked against a reference, since nothing of it is an answer. */
async function overheadSuite(flags: Flags): Promise<void> {
  const rt = await openRuntime(flags);
  const bar = progress();
  try {
    const overhead = await runOverhead(rt, flags.device ?? computing(rt), bar.update);
    bar.stop();
    const table = new Table({ head: ['µs', 'p50', 'p99', 'worst'], style: { head: [], border: [] } });
    table.push(...overhead.map(({ name, us }) => [name, us.p50.toFixed(1), us.p99.toFixed(1), us.max.toFixed(1)]));
    process.stdout.write(`${table.toString()}\n`);
    await writeJson(flags.json, { schema: 1, host: hostOf(), overhead });
  } finally {
    bar.stop();
    await rt.close();
  }
}

function computing(rt: Runtime): string[] {
  return rt.devices.filter(({ capabilities }) => capabilities.kind !== 'virtual').map(({ id }) => id);
}
