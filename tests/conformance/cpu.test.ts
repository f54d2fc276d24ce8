import { expect, test } from 'vitest';
import { conformance } from '../../backends/conformance/index.ts';
import { backend } from '../../backends/cpu/index.ts';

test('the CPU conforms', { timeout: 120_000 }, async () => {
  const [device] = await backend.discover({ threads: 2 });
  const report = await conformance(device!);
  expect(report.cases.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(report.passed).toBeGreaterThan(500);
});
