/** Who may import whom (DESIGN section 2, ARCHITECTURE.md): the parts stay parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Rule {
  /** Parts of this package, besides itself. */
  readonly parts: readonly string[] | 'any';
  /** Packages from npm. */
  readonly packages?: readonly string[] | 'any';
}

/** `src` is what lies in src itself: the public face. It names backends, but loads them when they are used. */
const rules: Readonly<Record<string, Rule>> = {
  'src/ir': { parts: [] },
  'src/lang': { parts: ['src/ir'], packages: ['acorn'] },
  'src/passes': { parts: ['src/ir'] },
  'src/device': { parts: ['src/ir'] },
  'src/router': { parts: ['src/ir', 'src/device'] },
  'src/runtime': { parts: ['src/ir', 'src/device', 'src/router'] },
  src: {
    parts: ['src/ir', 'src/lang', 'src/passes', 'src/device', 'src/router', 'src/runtime', 'lazily backends'],
    packages: ['env-paths'],
  },
  'src/cli': { parts: 'any', packages: 'any' },
  'backends/conformance': { parts: ['src', 'src/ir', 'src/device'] },
  'backends/cpu': { parts: ['src/ir', 'src/passes', 'src/device'], packages: ['piscina'] },
  'backends/webgpu': { parts: ['src/ir', 'src/passes', 'src/device'], packages: ['webgpu'] },
  'backends/interpreter': { parts: ['src/ir', 'src/passes', 'src/device'] },
  'backends/null': { parts: ['src/ir', 'src/passes', 'src/device'] },
  kernels: { parts: ['src'] },
  bench: { parts: 'any', packages: 'any' },
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly lazy: boolean;
}

/** The part that a file belongs to: the longest rule that its path starts with. */
function partOf(path: string): string {
  const folders = dirname(path).split('/');
  for (let depth = folders.length; depth > 0; depth--) {
    const part = folders.slice(0, depth).join('/');
    if (Object.hasOwn(rules, part)) return part;
  }
  throw new Error(`${path} belongs to no part that has a rule`);
}

function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
  const found = text.matchAll(/(?:\b(?:from|import)\s+|\brequire\()'([^']+)'|\bimport\('([^']+)'\)(\.[A-Z])?/g);
  return [...found].map(([, fixed, called, type]) => {
    const name = fixed ?? called ?? '';
    const to = name.startsWith('.') ? relative(root, join(root, dirname(path), name)) : name;
    // import('x').Type is a type: no code loads, but it is an arrow like any other.
    return { from: path, to, lazy: called !== undefined && type === undefined };
  });
}

function allowed({ from, to, lazy }: Import): boolean {
  const part = partOf(from);
  const { parts, packages = [] } = rules[part]!;
  if (to.startsWith('node:')) return true;
  if (!/^(src|backends|kernels|bench)\//.test(to)) return packages === 'any' || packages.includes(to);
  const target = partOf(to);
  if (target === part || parts === 'any') return true;
  if (target.startsWith('backends/')) return lazy && parts.includes('lazily backends');
  return parts.includes(target);
}

const files = ['src', 'backends', 'kernels', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|cjs)$/.test(path) && !path.startsWith('peers/'))
    .map((path) => join(folder, path)),
);
const imports = files.flatMap(importsOf);

test('imports are found', () => {
  expect(imports.length).toBeGreaterThan(files.length / 2);
  expect(imports.some(({ to }) => to.startsWith('src/ir/'))).toBe(true);
});

test('no part imports what it must not know', () => {
  expect(imports.filter((it) => !allowed(it)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('a forbidden arrow is seen', () => {
  expect(allowed({ from: 'src/ir/verify.ts', to: 'src/lang/k.ts', lazy: false })).toBe(false);
  expect(allowed({ from: 'src/index.ts', to: 'backends/cpu/index.ts', lazy: false })).toBe(false);
  expect(allowed({ from: 'backends/cpu/index.ts', to: 'backends/webgpu/index.ts', lazy: true })).toBe(false);
  expect(allowed({ from: 'kernels/saxpy.ts', to: 'src/index.ts', lazy: false })).toBe(true);
});
