/**
 * Who may import whom (ARCHITECTURE.md): the arrows between the parts, the packages that each part may load, and that the
 * package's entry points exist.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Import {
  /** Path of the importing file from the root. */
  readonly from: string;
  /** Path from the root, or the name of a package. */
  readonly to: string;
  readonly kind: 'static' | 'type' | 'dynamic';
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules') && !file.startsWith(join('bench', 'peers')));
}

/** Imports as the formatter leaves them: at the start of a line, single quotes; dynamic ones anywhere in code. */
const patterns: readonly (readonly [Import['kind'], RegExp])[] = [
  ['type', /^(?:import|export) type [\w*{][^;'"]*? from '([^']+)'/gm],
  ['static', /^(?:import|export) (?!type )[\w*{][^;'"]*? from '([^']+)'/gm],
  ['static', /^import '([^']+)'/gm],
  ['type', /\btypeof import\('([^']+)'\)/g],
  ['dynamic', /(?<!typeof )\bimport\(\s*'([^']+)'/g],
];
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return patterns.flatMap(([kind, pattern]) =>
    Array.from(text.matchAll(pattern), ([, specifier]): Import => {
      const to = specifier!.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier!)) : specifier!;
      return { from: file, to, kind };
    }),
  );
}

const imports = ['src', 'backends', 'kernels', 'bench'].flatMap(filesBelow).flatMap(importsOf);

/** The part of the house that a file belongs to. */
function partOf(file: string): string {
  const [first, second, third] = file.split('/');
  if (first === 'src') return third === undefined ? 'index' : second!;
  if (first === 'backends') return second === 'conformance' ? 'conformance' : `backends/${second}`;
  return first!;
}

/** What each part may import besides itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  ir: [],
  lang: ['ir'],
  passes: ['ir'],
  lint: ['ir'],
  device: ['ir'],
  // the router prices programs by the operation table
  router: ['ir', 'device'],
  runtime: ['ir', 'device', 'router'],
  index: ['lang', 'ir', 'passes', 'device', 'router', 'runtime'],
  backend: ['ir', 'passes', 'device'],
  conformance: ['index', 'ir', 'device'],
  kernels: ['index'],
};
/** They may import anything. */
const free = ['cli', 'bench'];

function mayImport(from: string, to: string): boolean {
  if (from === to || free.includes(from)) return true;
  const allowed = arrows[from.startsWith('backends/') ? 'backend' : from];
  if (allowed === undefined) throw new Error(`${from} is in no part of the house`);
  return allowed.includes(to);
}

const isFile = ({ to }: Import) => existsSync(join(root, to));
const text = ({ from, to, kind }: Import) => `${from} -> ${to}${kind === 'static' ? '' : ` (${kind})`}`;

test('the imports are found', () => {
  const ofVerify = importsOf('src/ir/verify.ts');
  expect(ofVerify).toContainEqual({ from: 'src/ir/verify.ts', to: 'src/ir/wellformed.ts', kind: 'static' });
  expect(ofVerify).toContainEqual({ from: 'src/ir/verify.ts', to: 'src/ir/program.ts', kind: 'type' });
  expect(imports.some(({ kind, to }) => kind === 'dynamic' && to === 'webgpu')).toBe(true);
  expect(imports.length).toBeGreaterThan(200);
});

test('every part imports only what it may', () => {
  const wrong = imports
    .filter(isFile)
    // the face of the package names the built-in backends, and loads them when they are wanted
    .filter(({ from, kind }) => !(kind === 'dynamic' && partOf(from) === 'index'))
    // `kernel.simulate` takes arguments as the runtime does; what does it is loaded when it is called
    .filter(({ from, to, kind }) => !(kind !== 'static' && from === 'src/lang/kernel.ts' && to === 'src/simulate.ts'))
    .filter(({ from, to }) => !mayImport(partOf(from), partOf(to)));
  expect(wrong.map(text)).toEqual([]);
});

test('nothing in src loads a backend before it is wanted', () => {
  const wrong = imports.filter(({ from, to, kind }) => {
    return from.startsWith('src/') && !from.startsWith('src/cli/') && to.startsWith('backends/') && kind === 'static';
  });
  expect(wrong.map(text)).toEqual([]);
});

test('the lowering of exact programs is loaded where one comes', () => {
  const lowering = ['src/passes/index.ts', 'src/passes/exact/lower.ts'];
  const wrong = imports.filter(({ from, to, kind }) => {
    return from.startsWith('backends/cpu/') && kind === 'static' && lowering.includes(to);
  });
  expect(wrong.map(text)).toEqual([]);
});

/** Packages that parts load, each where it belongs. */
const packages: Readonly<Record<string, readonly string[]>> = {
  acorn: ['lang'],
  piscina: ['backends/cpu'],
  webgpu: ['backends/webgpu'],
  'env-paths': ['index'],
};

describe('packages', () => {
  const foreign = imports.filter(
    (it) => !isFile(it) && !it.from.startsWith('bench/') && !it.from.startsWith('src/cli/'),
  );

  test('stand where they belong', () => {
    const wrong = foreign
      .filter(({ to }) => !to.startsWith('node:') && !to.startsWith('.'))
      .filter(({ from, to }) => !packages[to]?.includes(partOf(from)));
    expect(wrong.map(text)).toEqual([]);
  });
  test('what a browser loads needs nothing of Node', () => {
    /** Reached only through a dynamic import, in Node. */
    const forNode = ['src/file-store.ts', 'backends/cpu/node.ts', 'backends/cpu/threads.ts', 'backends/webgpu/node.ts'];
    const wrong = foreign
      .filter(({ to, kind }) => to.startsWith('node:') && kind === 'static')
      .filter(({ from }) => !forNode.includes(from));
    expect(wrong.map(text)).toEqual([]);
    const loaded = imports.filter(({ from, to, kind }) => {
      return forNode.includes(to) && kind === 'static' && !forNode.includes(from);
    });
    expect(loaded.map(text)).toEqual([]);
  });
  test('the ones that are loaded are declared', () => {
    const declared = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
    const names = Object.keys({ ...declared['dependencies'], ...declared['optionalDependencies'] });
    const wrong = foreign.filter(({ to, kind }) => kind !== 'type' && !to.startsWith('node:') && !names.includes(to));
    expect(wrong.map(text)).toEqual([]);
  });
  test('every file that is imported exists', () => {
    const missing = imports.filter((it) => /^(src|backends|kernels|bench|tests)\//.test(it.to) && !isFile(it));
    expect(missing.map(text)).toEqual([]);
  });
});

test('the entry points of the package exist', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const sources = Object.values(exports)
    .filter((path) => path.startsWith('./dist/'))
    .map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'))
    .flatMap((path) => {
      if (!path.includes('*')) return [path];
      const [before, after] = path.split('*') as [string, string];
      return readdirSync(join(root, before)).map((name) => `${before}${name}${after}`);
    });
  expect(sources).toContain('src/ir/index.ts');
  expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
