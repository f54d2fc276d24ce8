/** Hover texts: every public export has one, and so has every member of what people hold in their hands. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, new URL('../src/', import.meta.url)), 'utf8').split('\n');

/** Whether the lines above one end a docstring, which several overloads or declarations that belong together may share. */
function isDocumented(lines: readonly string[], at: number): boolean {
  return lines[at - 1]?.trimEnd().endsWith('*/') ?? false;
}
const declaration = /^export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type) (\w+)/;

/** The names that index.ts gives away, with the files that declare them. */
function exportsOfIndex(): [name: string, file: string][] {
  const text = read('index.ts').join('\n');
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(.*)';$/gm)].flatMap(([, names, file]) =>
    names!
      .split(',')
      .map((each) =>
        each
          .replace(/^\s*(?:type )?/, '')
          .split(' as ')[0]!
          .trim(),
      )
      .filter((name) => name !== '')
      .map((name): [string, string] => [name, file!]),
  );
  const whole = [...text.matchAll(/^export \* from '\.\/(.*)';$/gm)].flatMap(([, file]) =>
    read(file!).flatMap((line): [string, string][] => {
      const name = declaration.exec(line)?.[1];
      return name === undefined ? [] : [[name, file!]];
    }),
  );
  const own = read('index.ts').flatMap((line): [string, string][] => {
    const name = declaration.exec(line)?.[1];
    return name === undefined ? [] : [[name, 'index.ts']];
  });
  return [...listed, ...whole, ...own];
}

test('every public export', () => {
  const all = exportsOfIndex();
  expect(all.length).toBeGreaterThan(60);
  const bare = all.filter(([name, file]) => {
    const lines = read(file);
    const at = lines.findIndex((line) => declaration.exec(line)?.[1] === name);
    if (at < 0) throw new Error(`${name} is not declared in ${file}`);
    return !isDocumented(lines, at);
  });
  expect(bare.map(([name, file]) => `${file}: ${name}`)).toEqual([]);
});

test.each([
  ['lang/k.ts', 'K'],
  ['lang/vectors.ts', 'VectorOps'],
  ['lang/params.ts', 'Readable'],
  ['lang/params.ts', 'Writable'],
  ['lang/kernel.ts', 'KernelOptions'],
  ['lang/kernel.ts', 'Kernel'],
  ['api.ts', 'Buffer'],
  ['api.ts', 'Job'],
  ['api.ts', 'Recorder'],
  ['api.ts', 'Graph'],
  ['api.ts', 'Runtime'],
  ['runtime/api.ts', 'OpenOptions'],
  ['runtime/api.ts', 'LaunchOptions'],
  ['runtime/api.ts', 'DeviceInfo'],
  ['runtime/api.ts', 'JobTiming'],
])('%s: every member of %s', (file, name) => {
  const lines = read(file);
  const start = lines.findIndex((line) => new RegExp(`^(?:export )?(?:interface|class) ${name}\\b`).test(line));
  const end = lines.indexOf('}', start);
  expect(start).toBeGreaterThanOrEqual(0);
  const members = lines.slice(start + 1, end).flatMap((line, i) => {
    const member = /^ {2}(?:readonly |get |static |async )*(\w+)\??[(:<]/.exec(line)?.[1];
    return member === undefined || member === 'constructor' ? [] : [{ member, at: start + 1 + i }];
  });
  expect(members.length).toBeGreaterThan(0);
  const documented = new Set(members.filter(({ at }) => isDocumented(lines, at)).map(({ member }) => member));
  expect([...new Set(members.map(({ member }) => member))].filter((member) => !documented.has(member))).toEqual([]);
});
