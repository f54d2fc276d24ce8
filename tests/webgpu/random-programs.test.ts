/** Random programs on every adapter, against the interpreter. */

import { expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.ts';
import { describeAdapters } from '../support/adapters.ts';
import { outcome } from '../support/outcome.ts';
import { randomProgram } from '../support/random-program.ts';
import { deviceOf, runOn } from './on-device.ts';

const seeds = Array.from(
  { length: Number(process.env['WEBGPU_SEEDS'] ?? 60) },
  (_, seed) => seed + Number(process.env['WEBGPU_FIRST'] ?? 0),
);

describeAdapters('random programs', ({ id }) => {
  test('give the same bits, integers only', async () => {
    const device = await deviceOf(id);
    const failures: string[] = [];
    for (const seed of seeds) {
      const { program, launch } = randomProgram(seed, { floats: 'none', packedStores: true });
      const verified = verify(program);
      if (device.ineligible(verified) !== undefined) continue;
      const expected = outcome(program, launch);
      const actual = await runOn(device, verified, launch).then(
        (buffers) => buffers.map((bytes) => (bytes ? Buffer.from(bytes).toString('hex') : '-')).join('\n'),
        (error) => error.code + error.message,
      );
      if (actual !== expected) failures.push(`${seed}: ${actual.length < 2000 ? actual : ''}`);
    }
    expect(failures).toEqual([]);
  }, 120_000);
});
