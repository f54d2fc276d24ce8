/** A few damaged kernels of the many that `npm run fuzz:language` tries. */
import { afterAll, expect, test } from 'vitest';
import { type Ending, Trials } from './damage/trial.ts';

/** Changed by hand, or by the command, to look further. */
const count = 500;

const trials = new Trials(7);
afterAll(() => trials.close());

test(`${count} damaged kernels are refused with a code, or give equal bits on the interpreter and the CPU`, async () => {
  const endings: Partial<Record<Ending, number>> = {};
  for (let number = 0; number < count; number++) {
    const ending = await trials.run(number);
    endings[ending] = (endings[ending] ?? 0) + 1;
  }
  expect(endings.refused).toBeGreaterThan(count / 4);
  expect(endings.equal).toBeGreaterThan(count / 20);
});
