/**
 * Builds dist/, which package.json's exports point at, from the TypeScript sources. npm runs it as `prepare`, in a checkout
 * and before packing; where an install left the compiler out, there is nothing to build with and nothing is built.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
// The compiler proper is a package of its own for each platform, which `--omit=optional` leaves out.
const native = join(root, `node_modules/@typescript/typescript-${process.platform}-${process.arch}`);
if (!existsSync(compiler) || !existsSync(native)) {
  console.error('isokernel: dist/ is not built, since TypeScript is not installed; npm ci without --omit installs it');
  process.exit(0);
}
rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
// The compiler leaves CommonJS as it is (backends/cpu/worker.cjs says why there is some), and where it is.
const backends = join(root, 'backends');
for (const path of existsSync(backends) ? readdirSync(backends, { recursive: true, encoding: 'utf8' }) : []) {
  if (path.endsWith('.cjs')) copyFileSync(join(backends, path), join(dist, 'backends', path));
}
