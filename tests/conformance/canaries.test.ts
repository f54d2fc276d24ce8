import { describe, expect, test } from 'vitest';
import { conformance } from '../../backends/conformance/index.ts';
import { backend as nothing } from '../../backends/null/index.ts';
import { canaries } from './canaries.ts';

describe('the conformance suite sees', () => {
  for (const { fault, only, device } of canaries)
    test(fault, async () => {
      const report = await conformance(await device(), { only });
      expect(report.failed).toBeGreaterThan(0);
    });

  test('a device that runs nothing', async () => {
    const [device] = await nothing.discover({});
    const report = await conformance(device!, { only: 'memory' });
    expect(report.failed).toBeGreaterThan(report.passed);
  });
});
