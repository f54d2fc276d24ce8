/** `isokernel devices`: what is here, how fast, what it may do, and what to install for more. */

import Table from 'cli-table3';
import { Command } from 'commander';
import type { DeviceInfo } from '../index.ts';
import type { NumericClass } from '../ir/numeric-class.ts';
import { openRuntime, type RuntimeFlags, runtimeOptions } from './options.ts';

function scaled(value: number, unit: string): string {
  const step = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
  ].find(([factor]) => value >= (factor as number)) as [number, string] | undefined;
  return step === undefined
    ? `${value.toPrecision(3)} ${unit}`
    : `${(value / step[0]).toPrecision(3)} ${step[1]}${unit}`;
}

/** What of IEEE 754 a device leaves to guards. */
function numericText({ algebra, subnormals }: NumericClass): string {
  const departures = [algebra !== 'none' && algebra, subnormals !== 'kept' && 'flushes'].filter((it) => it !== false);
  return ['exact', ...departures].join(', ');
}

function row({ id, capabilities, rates, calibrated, certificate }: DeviceInfo): string[] {
  const { name, kind, threads, features } = capabilities;
  const has = Object.entries(features).flatMap(([feature, present]) => (present ? [feature] : []));
  return [
    id,
    `${name}${threads > 1 ? `, ${threads} threads` : ''}`,
    kind,
    `${calibrated ? '' : '~'}${scaled(rates.f32, 'op/s')}`,
    `${calibrated ? '' : '~'}${scaled(rates.bandwidth, 'B/s')}`,
    `${(rates.launch * 1e6).toFixed(0)} µs`,
    has.join(', '),
    certificate.exact ? numericText(certificate.numeric) : 'no exact floats',
  ];
}

export function devices(): Command {
  return runtimeOptions(new Command('devices'))
    .description('lists the devices of this machine and what to install for more')
    .option('--json', 'print JSON')
    .action(async (flags: RuntimeFlags & { json?: boolean }) => {
      const rt = await openRuntime(flags);
      try {
        await rt.calibrate();
        await rt.certify();
        if (flags.json) {
          process.stdout.write(
            `${JSON.stringify({ devices: rt.devices, unavailable: rt.unavailable }, undefined, 2)}\n`,
          );
          return;
        }
        const table = new Table({
          head: ['id', 'name', 'kind', 'f32', 'bandwidth', 'launch', 'features', 'numbers'],
          style: { head: [], border: [] },
        });
        table.push(...rt.devices.map(row));
        process.stdout.write(`${table.toString()}\n`);
        if (rt.devices.some(({ calibrated }) => !calibrated))
          process.stdout.write("~ not measured: the backend's guess\n");
        for (const { id, certificate } of rt.devices)
          if (!certificate.exact)
            process.stdout.write(`${id}: not certified for exact floats: ${certificate.reason}\n`);
        for (const { backend, message, hint } of rt.unavailable) {
          process.stdout.write(`${backend}: ${hint === undefined ? message : message.replace(`\n${hint}`, '')}\n`);
          if (hint !== undefined) process.stdout.write(`  ${hint.replaceAll('\n', '\n  ')}\n`);
        }
      } finally {
        await rt.close();
      }
    });
}
