/** Leaves the answers of the subjects, as vitest loads them, in the file ANSWERS. */
import { writeFileSync } from 'node:fs';
import { answers } from 'isokernel/answers';
import { expect, test } from 'vitest';
import { subjects } from './tests/bundlers/subjects.ts';

test('the subjects', { timeout: 120_000 }, async () => {
  const lines = await answers(subjects);
  writeFileSync(process.env.ANSWERS, JSON.stringify(lines));
  expect(lines).toHaveLength(subjects.length);
});
