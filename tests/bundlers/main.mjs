/**
 * `npm run test:bundlers`: every library kernel and every body of the corpus goes through every tool of tools.mjs and is run
 * on the interpreter; each must give the bits that it gives under tsx, and none an error.
 *
 * Arguments are names of tools to try, or parts of them. The tools are a package of their own here, installed at first use.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const out = join(here, 'out');
const stage = join(out, 'stage');

install();
rmSync(out, { recursive: true, force: true });
await makeLibrary();
makeStage();

const { tools } = await import('./tools.mjs');
const [reference, ...others] = Object.keys(tools);
const wanted = process.argv.slice(2);
const chosen = others.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`No tool is called ${wanted.join(', ')}. There are: ${others.join('; ')}`);
const expected = await answersOf(reference);
if (expected instanceof Error) throw expected;
let failed = report(reference, expected);
for (const name of chosen) failed += report(name, await answersOf(name));

const bodies = new Set(expected.map((line) => line.split(':')[0])).size;
console.log(
  `${bodies} bodies through ${chosen.length + 1} tools, ${failed === 0 ? 'all' : `${failed} failures; else`} with equal bits`,
);
if (failed > 0) process.exitCode = 1;

function install() {
  const [lock, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) => join(here, name));
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing the tools (once) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--progress'], { cwd: here, stdio: 'inherit' });
}

/** The library as the package that kernels import. */
async function makeLibrary() {
  const { build } = await import('esbuild');
  const outdir = join(out, 'node_modules/isokernel');
  await build({
    entryPoints: { index: join(root, 'src/index.ts'), answers: join(here, 'answers.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outdir,
    logLevel: 'error',
  });
  const exports = { '.': './index.js', './answers': './answers.js' };
  writeFileSync(join(outdir, 'package.json'), JSON.stringify({ name: 'isokernel', type: 'module', exports }));
}

/** The kernels and bodies as a user of the package would have them. */
function makeStage() {
  const kernels = readdirSync(join(root, 'kernels')).map((name) => `kernels/${name}`);
  for (const path of [...kernels, 'tests/lang/corpus.ts', 'tests/bundlers/bodies.ts', 'tests/bundlers/subjects.ts']) {
    const text = readFileSync(join(root, path), 'utf8')
      .replace(/from '[./]*\/src\/index\.ts'/g, "from 'isokernel'")
      .replace(/from '(\.[^']*)\.ts'/g, "from '$1.js'");
    mkdirSync(dirname(join(stage, path)), { recursive: true });
    writeFileSync(join(stage, path), text);
  }
  for (const name of ['in-vitest.mjs', 'print-answers.mjs']) copyFileSync(join(here, name), join(stage, name));
  writeFileSync(join(stage, 'vitest.config.mjs'), "export default { test: { include: ['in-vitest.mjs'] } };");
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
}

/** What each subject gave, one line each, or why there is nothing. */
async function answersOf(name) {
  const folder = join(out, name.replace(/[^\w.]+/g, '-'));
  mkdirSync(folder);
  try {
    const { answers, file, loader } = await tools[name]({ stage, out: folder });
    if (answers !== undefined) return answers;
    const args = [...(loader === undefined ? [] : ['--import', loader]), join(stage, 'print-answers.mjs'), file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
  } catch (error) {
    return error;
  }
}

function report(name, answers) {
  const wrong =
    answers instanceof Error
      ? [[answers.stdout, answers.message].join('\n').slice(-4000)]
      : expected.flatMap((line, i) =>
          line === answers[i] && !line.includes(': error') ? [] : [[line, answers[i]].join('\n    ')],
        );
  console.log(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const each of wrong) console.log(`    ${each.replace(/(.{300}).*/g, '$1 …')}`);
  return wrong.length;
}
