/** `isokernel bench`: the suite on every device and through the router, every answer checked. */

import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Size, sizes } from '../../bench/case.ts';
import { auto } from '../../bench/isokernel.ts';
import { runOverhead } from '../../bench/overhead.ts';
import { rawWgsl } from '../../bench/raw-wgsl.ts';
import { reportTable } from '../../bench/report.ts';
import { hostOf, type Peer, runSuite } from '../../bench/run.ts';
import { suites } from '../../bench/suite.ts';
import { type Backend, IsokernelError, type NumericMode, type Runtime } from '../index.ts';
import { checkWritable, writeJson } from './json.ts';
import { deviceOption, openRuntime, type RuntimeFlags, runtimeOptions } from './options.ts';
import { progress } from './progress.ts';

interface Flags extends RuntimeFlags {
  readonly suite: string;
  readonly size: Size;
  readonly mode: NumericMode;
  readonly case?: readonly string[];
  readonly device?: readonly string[];
  readonly peers?: boolean;
  readonly json?: string;
}

/** The WebGPU backend and the peer that works on its very devices. */
async function gpuPeers(): Promise<{ backend: Backend; rawWgsl: Peer }> {
  const { discover } = await import('../../backends/webgpu/discover.ts');
  const devices = await discover({});
  const byId = new Map(devices.map(({ capabilities, gpu }) => [capabilities.id, gpu]));
  return { backend: { name: 'webgpu', discover: async () => devices }, rawWgsl: rawWgsl(byId) };
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
    .option('--peers', 'measure hand-written WGSL in turns with the same cases, where there is any')
    .option('--json <file>', 'write the report as JSON')
    .action(async (flags: Flags) => {
      await checkWritable(flags.json);
      if (flags.suite === 'overhead') return overheadSuite(flags);
      const all = suites[flags.suite as keyof typeof suites];
      const unknown = flags.case?.find((name) => !all.some((one) => one.name === name));
      if (unknown !== undefined) {
        throw new IsokernelError('usage', `the suite ${flags.suite} has no case "${unknown}"`, {
          hint: `Its cases: ${all.map(({ name }) => name).join(', ')}.`,
        });
      }
      const cases = flags.case === undefined ? all : all.filter(({ name }) => flags.case!.includes(name));
      const peers = flags.peers ? await gpuPeers() : undefined;
      const rt = await openRuntime(flags, peers && ['cpu', peers.backend, 'interpreter']);
      const bar = progress();
      try {
        const report = await runSuite(rt, {
          suite: flags.suite,
          cases,
          size: flags.size,
          mode: flags.mode,
          devices: flags.device ?? [auto, ...computing(rt)],
          peers: peers ? [peers.rawWgsl] : [],
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
