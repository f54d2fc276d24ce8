import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coefficients } from '../../scripts/coefficients.ts';

test('src/ir/software/coefficients.ts is what `npm run coefficients` writes', () => {
  const file = new URL('../../src/ir/software/coefficients.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(coefficients());
});
