/** Every line of the page on the functions of `exact` is what they give. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { softwareFunction } from '../../src/ir/interpreter/software.ts';
import type { SoftwareOp } from '../../src/ir/ops.ts';

const page = readFileSync(new URL('../../docs/functions.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (.*→.*) \|$/gm)].map(
  ([, op, lines]) => [op as SoftwareOp, lines!.split('; ')] as const,
);

test('the page has every function of angles, hyperbolic ones, roots and erf', () => {
  expect(rows.map(([op]) => op).join(' ')).toBe(
    'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot erf',
  );
});

test.each(rows)('%s', (op, lines) => {
  for (const line of lines) {
    const [given, result] = line.split(' → ') as [string, string];
    const [x, y = 0] = given.split(', ').map((operand) => Math.fround(Number(operand)));
    // and zeros have no sign
    expect(softwareFunction(op)!(x!, y, 0), `${op} of ${given}`).toBe(Number(result));
  }
});
