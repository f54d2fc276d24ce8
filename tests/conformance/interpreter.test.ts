import { expect, test } from 'vitest';
import { conformance } from '../../backends/conformance/index.ts';
import { backend } from '../../backends/interpreter/index.ts';

test('the interpreter conforms', async () => {
  const [device] = await backend.discover({});
  const report = await conformance(device!);
  expect(report.cases.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(report.passed).toBeGreaterThan(500);
});
