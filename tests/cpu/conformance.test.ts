import { expect, it } from 'vitest';
import { conformance } from '../../backends/conformance/index.ts';
import { openCpu } from './on-cpu.ts';

it('conforms', async () => {
  const report = await conformance(await openCpu());
  expect(report.cases.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(report.passed).toBeGreaterThan(500);
});
