/** Random programs on every adapter, against the interpreter. */

import { expect, test } from 'vitest';
import { certify } from '../../src/device/certify/certify.ts';
import { verify } from '../../src/ir/verify.ts';
import { describeAdapters } from '../support/adapters.ts';
import { outcome } from '../support/outcome.ts';
import { randomProgram } from '../support/random-program.ts';
import { deviceOf, runOn } from './on-device.ts';

/** lavapipe compiles for up to a second. */
const seeds = Array.from({ length: 8 }, (_, i) => 100 + i);

describeAdapters('random programs', ({ id }) => {
  test('of integers give the same bits', async () => {
    const device = await deviceOf(id);
    for (const seed of seeds) {
      const { program, launch } = randomProgram(seed, { floats: 'none', packedStores: true });
      const actual = await runOn(device, verify(program), launch).then(
        (buffers) =>
          buffers.map((bytes) => (bytes === undefined ? '-' : Buffer.from(bytes).toString('hex'))).join('\n'),
        (error) => error.code,
      );
      expect(actual, `seed ${seed}`).toBe(outcome(program, launch));
    }
  });
  test('in exact mode give the same bits, as its certificate says', { timeout: 120_000 }, async () => {
    const device = await deviceOf(id);
    const certificate = await certify(device);
    if (!certificate.exact) throw new Error(certificate.reason);
    const { numeric } = certificate;
    for (const seed of seeds) {
      const { program, launch } = randomProgram(seed, { floats: 'exact', f16: numeric.halves, size: 15 });
      const buffers = await runOn(device, verify(program), launch, { numeric });
      const actual = buffers.map((bytes) => (bytes === undefined ? '-' : Buffer.from(bytes).toString('hex')));
      expect(actual.join('\n'), `seed ${seed}`).toBe(outcome(program, launch));
    }
  });
  test('of everything are accepted and run', async () => {
    const device = await deviceOf(id);
    for (const seed of seeds.slice(0, 4)) {
      const { program, launch } = randomProgram(seed, { floats: 'all', f16: device.capabilities.features.f16 });
      await expect(runOn(device, verify(program), launch), `seed ${seed}`).resolves.toHaveLength(program.params.length);
    }
  });
});
