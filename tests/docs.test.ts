/** The pages of docs/ are current, and their links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pages } from '../scripts/docs.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const read = (name: string) => readFileSync(join(docs, name), 'utf8');

test.each(Object.entries(pages))('docs/%s is what `npm run docs` writes', async (name, text) => {
  expect(read(name)).toBe(await text());
});

test('every code of the kernel language has an example', () => {
  const [, language = ''] = read('errors.md').split(/^## /m);
  const sections = language.split(/^### /m).slice(1);
  expect(sections.length).toBeGreaterThan(10);
  expect(sections.filter((section) => !section.includes('\nRight:\n'))).toEqual([]);
});

test('every member of k says what it is', () => {
  const declared = readFileSync(join(docs, '../src/lang/k.ts'), 'utf8').split('export interface K {')[1]!.split('\n');
  const told = new Set<string>();
  const silent: string[] = [];
  declared.forEach((line, i) => {
    const name = /^ {2}(?:readonly )?(\w+)[:(<]/.exec(line)?.[1];
    if (name === undefined || told.has(name)) return;
    told.add(name);
    if (!declared[i - 1]!.trimEnd().endsWith('*/')) silent.push(name);
  });
  expect(told.size).toBeGreaterThan(120);
  expect(silent).toEqual([]);
});

test('what pages say of k is there', () => {
  const declared = readFileSync(join(docs, '../src/lang/k.ts'), 'utf8').split('export interface K {')[1]!;
  const members = new Set([...declared.matchAll(/^ {2}(?:readonly )?(\w+)[:(<]/gm)].map(([, name]) => name!));
  for (const page of ['guide.md', 'coming-from.md']) {
    const named = [...read(page).matchAll(/\bk\.(\w+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(20);
    expect(
      named.filter((name) => !members.has(name)),
      page,
    ).toEqual([]);
  }
});

test('links lead to files', () => {
  for (const name of readdirSync(docs)) {
    const links = [...read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
    expect(
      links.filter((path) => !existsSync(join(docs, path))),
      name,
    ).toEqual([]);
  }
});
