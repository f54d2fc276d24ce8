/**
 * README.md and ARCHITECTURE.md tell the truth: their commands exist, their programs run, their links lead somewhere. The
 * guide's kernels have the right types (guide.test.ts runs them).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifest, Project, root } from './support/installed.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project?.[Symbol.dispose]());

/** The code blocks in a language, in order. */
function blocks(language: string, page = readme): string[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!);
}

/** The blocks as one program: they read on from each other, so each may import anew what an earlier one did. */
function program(): string {
  const names = new Set<string>();
  const bodies = blocks('ts').map((code) =>
    code.replaceAll(/^import \{([^}]*)\} from 'isokernel';$/gm, (_, list: string) => {
      for (const name of list.split(',')) names.add(name.trim());
      return '';
    }),
  );
  return [`import { ${[...names].join(', ')} } from 'isokernel';`, ...bodies, 'export {};'].join('\n');
}

test('the scripts it names exist', () => {
  const named = [...`${readme}${architecture}`.matchAll(/(?:^|`|&& )npm (?:run (?:-s )?)?([a-z:]+)/gm)];
  const commands = named.map(([, name]) => name!).filter((name) => !['ci', 'install'].includes(name));
  expect(commands).toContain('start');
  for (const name of commands) expect(Object.keys(manifest.scripts)).toContain(name);
});

test('the subcommands it names exist', () => {
  const named = [...`${readme}${architecture}`.matchAll(/(?:npx isokernel|isokernel --) ([a-z]+)/g)].map(
    ([, name]) => name!,
  );
  expect(named).toContain('devices');
  for (const name of new Set(named)) {
    const main = join(root, 'src/cli/main.ts');
    const help = execFileSync(process.execPath, ['--import', 'tsx', main, name, '--help'], { encoding: 'utf8' });
    expect(help).toContain(`isokernel ${name}`);
  }
});

test('its programs have no type errors, but for what Node and browsers add', () => {
  const declared = 'declare global { const console: { log(...values: unknown[]): void } }\n';
  project.write('readme.ts', `${program()}\n${declared}`);
  expect(project.typeErrors('readme.ts')).toBe('');
});

test("the guide's kernels have no type errors", () => {
  project.write('guide.ts', blocks('ts', readFileSync(join(root, 'docs/guide.md'), 'utf8')).join('\n'));
  expect(project.typeErrors('guide.ts')).toBe('');
});

test('its programs run', () => {
  project.write('readme.mjs', program());
  expect(project.node('readme.mjs')).toContain('cpu');
});

test('its links lead to files', () => {
  const links = [...`${readme}${architecture}`.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
