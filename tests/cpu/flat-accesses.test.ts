/** Accesses that go in steps with a loop: the same elements as by the definition, and an index that only adds. */

import { afterAll, expect, test } from 'vitest';
import { flattenAccesses } from '../../backends/cpu/flat-accesses.ts';
import type { Device } from '../../src/device/index.ts';
import { forEachInstruction, type Operation, type Program, parse, verify } from '../../src/ir/index.ts';
import { optimize } from '../../src/passes/index.ts';
import { Random } from '../support/random.ts';
import { type RandomLaunch, randomArguments } from '../support/random-launch.ts';
import { firstDifference, openCpu, openOnCaller, runByDefinition, runOnCpu } from './on-cpu.ts';

/** A loop over the middle axis of a volume: by `step`, from `start`, with a `continue` of its own for every third. */
const sumText = (start: number, step: number) => `
kernel "sum" stable workgroup 8 2 1

param v: read i32 [*, *, *]
param r: write i32 [*, *]

{
  %0: i32 = globalId x
  %1: i32 = globalId y
  %2: i32 = dimension 0 v
  %3: i32 = dimension 1 v
  %4: i32 = dimension 2 v
  %5: bool = lt %0, %4
  %6: bool = lt %1, %2
  %7: bool = and %5, %6
  if %7 {
    %8: i32 = constant 0
    %9: i32 = constant ${start}
    %10: i32 = constant ${step}
    %11: i32 = loop (%12: i32 = %9, %13: i32 = %8) {
      %14: bool = lt %12, %8
      %15: bool = ge %12, %3
      %16: bool = or %14, %15
      if %16 {
        break %13
      }
      %17: i32 = constant 3
      %18: i32 = rem %12, %17
      %19: bool = eq %18, %8
      %20: i32 = add %12, %10
      if %19 {
        %21: i32 = load v[%1, %12, %0]
        %22: i32 = constant 2
        %23: i32 = mul %21, %22
        %24: i32 = add %13, %23
        continue %20, %24
      }
      %25: i32 = load v[%1, %12, %0]
      %26: i32 = add %13, %25
      continue %20, %26
    }
    store r[%1, %0], %11
  }
  return
}
`;

const programs: readonly (readonly [string, Program])[] = [
  ['upwards', parse(sumText(0, 1))],
  ['in steps', parse(sumText(1, 2))],
  ['downwards', parse(sumText(4, -1))],
];

function launchOf(program: Program, shape: readonly [number, number, number]): RandomLaunch {
  const args = randomArguments(new Random(7), program.params, ({ name }) =>
    name === 'v' ? shape : [shape[0], shape[2]],
  );
  return { grid: [shape[2] + 3, shape[0] + 1, 1], workgroup: [8, 2, 1], args };
}

const devices: (() => Promise<Device>)[] = [async () => openCpu(), async () => openOnCaller(1)];
const opened: Device[] = [];
afterAll(() => Promise.all(opened.map((device) => device.close())));

test.each(programs)('%s', async (_, program) => {
  const flat: Operation[] = [];
  forEachInstruction(flattenAccesses(optimize(verify(program), { workgroup: [8, 2, 1] })).body, (one) => {
    if (one.kind === 'op' && one.op === 'load' && one.args.length === 1) flat.push(one);
  });
  expect(flat).toHaveLength(2);
  // both loads are of one element: the loop carries one index for them
  expect(new Set(flat.map(({ args }) => args[0])).size).toBe(1);
  for (const open of devices) {
    const device = await open();
    opened.push(device);
    for (const shape of [
      [3, 5, 9],
      [1, 1, 1],
      [2, 7, 33],
      [4, 0, 6],
    ] as const) {
      const launch = launchOf(program, shape);
      const difference = firstDifference(
        program,
        await runOnCpu(device, program, launch),
        runByDefinition(program, launch),
      );
      expect(difference, shape.join(' x ')).toBeUndefined();
    }
  }
});
