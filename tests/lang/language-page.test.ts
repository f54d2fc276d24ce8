/** The lines of docs/language.md: the accepted ones compile and verify, the refused ones give the error beside them. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.ts';
import { bodyOf, standard } from './refusals.ts';
import { build, refused } from './support.ts';

const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const [, accepted = '', rejected = ''] = page.split(/^## /m);
/** The rows of a section's table, as cells; `\|` is how a table writes `|`. */
const rowsOf = (section: string) =>
  section
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
    .slice(1)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
const code = (cell: string) => cell.replace(/^`|`$/g, '');

describe('accepted', () => {
  const rows = rowsOf(accepted);
  test('there are many', () => {
    expect(rows.length).toBeGreaterThan(15);
  });
  test.each(rows)('%s', (_, example) => {
    verify(build(standard, bodyOf(code(example!))));
  });
});
describe('refused', () => {
  const rows = rowsOf(rejected);
  test('there are many', () => {
    expect(rows.length).toBeGreaterThan(10);
  });
  test.each(rows)('%s: %s', (example, error) => {
    expect(refused(standard, bodyOf(code(example!))).code).toBe(code(error!));
  });
});
