/**
 * `npm run test:types`: what TypeScript accepts of kernels and launches, and what it refuses (surface.test-d.ts), against the
 * declarations as they are published: by TypeScript 7 and 5.9, with and without noUncheckedIndexedAccess and
 * exactOptionalPropertyTypes, as an ES module and as CommonJS, in a project that knows neither the DOM nor Node.
 *
 * TypeScript 5.9 is a package of its own here, installed at first use.
 */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const out = join(here, 'out');
const compilers = {
  'TypeScript 7': join(root, 'node_modules/typescript/bin/tsc'),
  'TypeScript 5.9': join(here, 'node_modules/typescript-5.9/bin/tsc'),
};

install();
rmSync(out, { recursive: true, force: true });
const installed = join(out, 'node_modules/isokernel');
mkdirSync(installed, { recursive: true });
copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
execFileSync(
  process.execPath,
  [compilers['TypeScript 7'], '-p', 'tsconfig.build.json', '--outDir', join(installed, 'dist')],
  { cwd: root, stdio: 'inherit' },
);

const surface = readFileSync(join(here, 'surface.test-d.ts'), 'utf8');
let failed = 0;
let runs = 0;
for (const [name, compiler] of Object.entries(compilers))
  for (const checked of [true, false])
    for (const exact of [true, false])
      for (const file of ['surface.mts', 'surface.cts']) {
        const settings = { noUncheckedIndexedAccess: checked, exactOptionalPropertyTypes: exact };
        const on = Object.entries(settings).flatMap(([setting, isOn]) => (isOn ? [setting] : []));
        const what = [name, file === 'surface.mts' ? 'ES module' : 'CommonJS', ...on].join(', ');
        const errors = await errorsOf(compiler, file, settings);
        console.log(`${errors === '' ? 'ok  ' : 'FAIL'} ${what}${errors === '' ? '' : `\n${errors.trimEnd()}`}`);
        runs++;
        if (errors !== '') failed++;
      }
console.log(`${runs} settings, ${failed === 0 ? 'all as they should be' : `${failed} with errors`}`);
if (failed > 0) process.exitCode = 1;

function install() {
  const [lock, done] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) => join(here, name));
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing TypeScript 5.9 (once) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--progress'], { cwd: here, stdio: 'inherit' });
}

/** The surface as a user's file of this kind, under these settings. */
function textFor(file, { noUncheckedIndexedAccess }) {
  let text = surface.replace("'../../src/index.ts'", "'isokernel'");
  // without the setting that line is right
  if (!noUncheckedIndexedAccess) text = text.replace(/^.*@ts-expect-error.*noUncheckedIndexedAccess\n/gm, '');
  const subpaths = ['ir', 'passes', 'device', 'kernels', 'conformance', 'backends/cpu', 'backends/webgpu'];
  const imported = (path, i) =>
    file.endsWith('.mts') ? `export * as m${i} from '${path}';` : `export import m${i} = require('${path}');`;
  text += subpaths.map((name, i) => imported(`isokernel/${name}`, i)).join('\n');
  if (file.endsWith('.mts')) return text;
  return text.replace(
    /^import (\{[^}]*\}) from 'isokernel';$/m,
    (_, names) => `import isokernel = require('isokernel');\nconst ${names} = isokernel;`,
  );
}

async function errorsOf(compiler, file, settings) {
  writeFileSync(join(out, file), textFor(file, settings));
  const compilerOptions = {
    ...settings,
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: [],
    module: 'nodenext',
    strict: true,
    noEmit: true,
  };
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', out], { cwd: out, maxBuffer: 2 ** 26 });
    return '';
  } catch (error) {
    return error.stdout || String(error);
  }
}
