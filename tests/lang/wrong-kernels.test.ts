/**
 * Wrong kernels as people have them: in files of their own, run by Node as they are and by tsx as TypeScript, each in a fresh process.
 * Every one has one mistake, and must get the code that is meant and point at the author's own line.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as acorn from 'acorn';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, rows, standard } from './refusals.ts';

interface Wrong {
  readonly statements: readonly string[];
  readonly words: string;
  readonly code: string;
}
/** The wrong kernels, but those that no file can hold: JavaScript that does not parse. */
const wrong: readonly Wrong[] = Object.values(rows)
  .flat()
  .flatMap(([body, words, code]) => (code === 'syntax' ? [] : [{ statements: statementsOf(body), words, code }]));

function statementsOf(body: string): string[] {
  const text = `({ ${bodyOf(body)} })`;
  const start = text.indexOf(body);
  const program = acorn.parse(text, { ecmaVersion: 'latest' }) as unknown as {
    body: [{ expression: { properties: [{ value: { body: { body: acorn.Node[] } } }] } }];
  };
  const { body: nodes } = program.body[0].expression.properties[0].value.body;
  return nodes.filter((node) => node.start >= start).map((node) => text.slice(node.start, node.end));
}

const declared = Object.entries(standard).map(([name, type]) => {
  const [access, ...of] = type.replace(/vec(\d)<(\w).*>/, 'vec$1$2').split(' ');
  return `${name}: ${of.length === 0 ? type : `${access}(${of.join(', ')})`}`;
});
const head = bodyOf('')
  .replace(/\{\s*\}$/, '{')
  .trim();

/** A module with all of them, and the lines that each may be told to be wrong at. */
function moduleOf(typescript: boolean, from: string): { text: string; lines: number[][] } {
  const out = [
    `import { atomic, bool, f32, i32, kernel, read, readWrite, u32, vec3f } from '${from}';`,
    typescript ? 'interface Unused { readonly nothing: number }' : '// nothing here',
    'export const kernels = [];',
  ];
  const lines = wrong.map(({ statements, words }, n) => {
    out.push(
      'kernels.push(',
      '  kernel({',
      `    name: 'wrong${n}',`,
      `    params: { ${declared.join(', ')} },`,
      `    ${head}`,
    );
    out.push(
      typescript
        ? '      const before: number = k.global.x; // as it should be'
        : '      const before = k.global.x; /* fine */',
    );
    out.push('      // a comment', '      y[before] = 1;', '');
    const at: number[] = [];
    for (const statement of statements) {
      out.push(`      ${statement}`);
      if (statement.includes(words)) at.push(out.length);
    }
    out.push(
      '',
      typescript ? '      y[(before as number) + 1] = 2;' : '      y[before + 1] = 2;',
      '    },',
      '  }),',
      ');',
    );
    return at;
  });
  out.push(
    'const told = [];',
    'for (const one of kernels) told.push(await one.verified().then(() => ({}), ({ code, place }) => ({ code, place })));',
    'console.log(JSON.stringify(told));',
  );
  return { text: `${out.join('\n')}\n`, lines };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isokernel-wrong-'));
  // what Node without TypeScript can import
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    outdir: join(folder, 'isokernel'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: ['webgpu', 'piscina', 'env-paths'],
    outExtension: { '.js': '.mjs' },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ways = {
  'JavaScript in Node': { file: 'wrong.mjs', from: './isokernel/index.mjs', flags: [] },
  'TypeScript by tsx': {
    file: 'wrong.mts',
    from: fileURLToPath(new URL('../../src/index.ts', import.meta.url)),
    flags: ['--import', import.meta.resolve('tsx')],
  },
} as const;

describe.each(Object.entries(ways))('%s', (way, { file, from, flags }) => {
  test(`${wrong.length} wrong kernels: the intended code, and the right line`, () => {
    const path = join(folder, file);
    const { text, lines } = moduleOf(file.endsWith('.mts'), from);
    writeFileSync(path, text);
    const told = JSON.parse(execFileSync(process.execPath, [...flags, path], { encoding: 'utf8' })) as {
      code?: string;
      place?: { file?: string; line: number };
    }[];
    expect(wrong.length).toBeGreaterThanOrEqual(100);
    const missed = wrong.flatMap(({ statements, words, code }, n) => {
      const { code: given, place } = told[n]!;
      const right = given === code && place?.file === path && lines[n]!.includes(place.line);
      return right ? [] : [{ statements, words, code, given, place, lines: lines[n] }];
    });
    const share = (1 - missed.length / wrong.length) * 100;
    console.log(`${way}: ${wrong.length - missed.length} of ${wrong.length} wrong kernels, ${share.toFixed(1)} %`);
    expect(missed.length / wrong.length, JSON.stringify(missed, undefined, 1)).toBeLessThanOrEqual(0.02);
  });
});
