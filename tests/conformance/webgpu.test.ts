import { expect, test } from 'vitest';
import { conformance } from '../../backends/conformance/index.ts';
import { backend } from '../../backends/webgpu/index.ts';
import { describeAdapters } from '../support/adapters.ts';

describeAdapters('conformance', ({ id }) => {
  test('the adapter conforms', { timeout: 600_000 }, async () => {
    const devices = await backend.discover({});
    const report = await conformance(devices.find(({ capabilities }) => capabilities.id === id)!);
    for (const device of devices) await device.close();
    expect(report.cases.filter(({ status }) => status === 'failed')).toEqual([]);
    // without f16 a fifth of the cases has nothing to run
    expect(report.passed).toBeGreaterThan(450);
  });
});
