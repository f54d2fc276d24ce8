/** Random programs on the CPU against the interpreter, bit for bit. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Device } from '../../src/device/index.ts';
import { randomProgram } from '../support/random-program.ts';
import { firstDifference, openCpu, openOnCaller, runByDefinition, runOnCpu } from './on-cpu.ts';

let device: Device;
beforeAll(async () => {
  device = await openCpu();
});
afterAll(() => device.close());

const families = [
  { what: 'integers', from: 0, options: { floats: 'none', packedStores: true } },
  { what: 'floats that round alike everywhere', from: 1000, options: { floats: 'basic' } },
  { what: 'halves', from: 2000, options: { floats: 'basic', f16: true, packedStores: true } },
  { what: 'large programs', from: 3000, options: { floats: 'basic', f16: true, size: 120 } },
  { what: 'no barriers', from: 4000, options: { floats: 'basic', barriers: false } },
] as const;

it.each(families)('$what', async ({ from, options }) => {
  for (let seed = from; seed < from + 30; seed++) {
    const { program, launch } = randomProgram(seed, options);
    const difference = firstDifference(
      program,
      await runOnCpu(device, program, launch),
      runByDefinition(program, launch),
    );
    expect(difference, `seed ${seed}`).toBeUndefined();
  }
});

it('without threads', async () => {
  const alone = openOnCaller();
  for (let seed = 5000; seed < 5030; seed++) {
    const { program, launch } = randomProgram(seed, { floats: 'basic' });
    const difference = firstDifference(
      program,
      await runOnCpu(alone, program, launch),
      runByDefinition(program, launch),
    );
    expect(difference, `seed ${seed}`).toBeUndefined();
  }
  await alone.close();
});
