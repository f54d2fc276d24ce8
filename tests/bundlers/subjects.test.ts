/** That the bundler matrix has all it should; what goes through the tools is tested by `npm run test:bundlers`. */

import { expect, test } from 'vitest';
import { corpus } from '../lang/corpus.ts';
import { bodies } from './bodies.ts';
import { forgotten, subjects } from './subjects.ts';

test('every library kernel and every body is a subject, under a name of its own', () => {
  expect(forgotten).toEqual([]);
  const names = new Set(subjects.map(({ kernel }) => kernel.name));
  const kernels = new Set(subjects.map(({ kernel }) => kernel));
  expect(names.size).toBe(kernels.size);
  for (const name of [...Object.keys(corpus), ...bodies.map(({ kernel }) => kernel.name)])
    expect(names).toContain(name);
});
