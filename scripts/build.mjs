/**
 * Builds dist/ from the TypeScript sources: a module for each that package.json names, chunks for what these share, and the
 * declarations. Chunks, because Node takes most of a millisecond for every file that it imports.
 *
 * npm runs it as `prepare`, in a checkout and before packing; where an install left the compilers out, there is nothing to
 * build with and nothing is built.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
// The compilers proper are packages of their own for each platform, which `--omit=optional` leaves out.
const platform = `${process.platform}-${process.arch}`;
const natives = [`@typescript/typescript-${platform}`, `@esbuild/${platform}`];
if (!natives.every((name) => existsSync(join(root, 'node_modules', name)))) {
  console.error(
    'isokernel: dist/ is not built, since its compilers are not installed; npm ci without --omit installs them',
  );
  process.exit(0);
}
rmSync(dist, { recursive: true, force: true });

const compiler = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);

/** Sources of what package.json names in dist/; a `*` there is the name of a backend. */
const { bin, browser, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const backends = join(root, 'backends');
const entryPoints = [...Object.values(exports), ...Object.values(bin), ...Object.keys(browser)]
  .filter((path) => path.startsWith('./dist/'))
  .flatMap((path) => (path.includes('*') ? readdirSync(backends).map((name) => path.replace('*', name)) : [path]))
  .map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));

const { build } = await import('esbuild');
await build({
  absWorkingDir: root,
  entryPoints,
  outbase: '.',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  logLevel: 'warning',
});

// CommonJS stays as it is (backends/cpu/worker.cjs says why there is some), and where it is.
for (const path of readdirSync(backends, { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.cjs')) copyFileSync(join(backends, path), join(dist, 'backends', path));
}
