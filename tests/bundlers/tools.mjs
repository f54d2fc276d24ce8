/**
 * What people's build tools make of a module of kernels. A tool takes the sources in `stage` (TypeScript, importing the
 * package `isokernel`, which stays outside) and gives the file to import, or the arguments of a Node that prints the answers.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const node = (args, options) => promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26, ...options });
const bin = (name, file) => join(dirname(require.resolve(`${name}/package.json`)), file);

const entry = 'tests/bundlers/subjects';

/** TypeScript of one version, to JavaScript of one edition, file by file. */
async function typescript(name, target, { stage, out }) {
  const project = join(out, 'tsconfig.json');
  const compilerOptions = {
    target,
    module: 'esnext',
    moduleResolution: 'bundler',
    rootDir: stage,
    outDir: out,
    types: [],
    noCheck: true,
    ...(target === 'es5' ? { downlevelIteration: true } : {}),
  };
  await mkdir(out, { recursive: true });
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [join(stage, `${entry}.ts`)] }));
  await node([bin(name, 'bin/tsc'), '-p', project]);
  return { file: join(out, `${entry}.js`) };
}

async function esbuild(options, { stage, out }) {
  const file = join(out, 'subjects.js');
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(stage, `${entry}.ts`)],
    bundle: true,
    format: 'esm',
    outfile: file,
    packages: 'external',
    logLevel: 'error',
    ...options,
  });
  return { file };
}

async function vite(options, { stage, out }) {
  const { build } = await import('vite');
  await build({
    root: stage,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: out,
      lib: { entry: join(stage, `${entry}.ts`), formats: ['es'], fileName: 'subjects' },
      rollupOptions: { external: ['isokernel'] },
      ...options,
    },
  });
  return { file: join(out, 'subjects.js') };
}

async function rollup({ stage, out }) {
  const { file: input } = await typescript('typescript', 'es2022', { stage, out: join(out, 'typescript') });
  const { rollup } = await import('rollup');
  const { minify } = await import('terser');
  const bundle = await rollup({ input, external: ['isokernel'] });
  const { output } = await bundle.generate({ format: 'es' });
  const { code } = await minify(output[0].code, { module: true });
  const file = join(out, 'subjects.js');
  writeFileSync(file, code);
  return { file };
}

async function webpack({ stage, out }) {
  const { file } = await typescript('typescript', 'es2022', { stage, out: join(out, 'typescript') });
  const { default: webpack } = await import('webpack');
  const compiler = webpack({
    mode: 'production', // which is minified by terser
    entry: file,
    externals: { isokernel: 'module isokernel' },
    experiments: { outputModule: true },
    output: { path: out, filename: 'subjects.js', module: true, library: { type: 'module' } },
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
  return { file: join(out, 'subjects.js') };
}

/** File by file, as swc is used below other tools. */
async function swc(jsc, { stage, out }) {
  const { transformFile } = await import('@swc/core');
  for (const path of readdirSync(stage, { recursive: true }).filter((path) => path.endsWith('.ts'))) {
    const { code } = await transformFile(join(stage, path), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, ...jsc },
      minify: jsc.minify !== undefined,
      module: { type: 'es6' },
    });
    const file = join(out, path.replace(/ts$/, 'js'));
    await mkdir(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return { file: join(out, `${entry}.js`) };
}

/** The bodies as vitest loads them, with or without the counters of a coverage tool. */
async function vitest(coverage, { stage, out }) {
  const answers = join(out, 'answers.json');
  const args = [bin('vitest', 'vitest.mjs'), 'run', '--root', stage, '--reporter', 'dot'];
  const counted = ['--coverage.enabled', `--coverage.provider=${coverage}`, '--coverage.reporter=json'];
  const folder = ['--coverage.include=**/*.ts', `--coverage.reportsDirectory=${join(out, 'coverage')}`];
  await node([...args, ...(coverage === 'none' ? [] : [...counted, ...folder])], {
    cwd: stage,
    env: { ...process.env, ANSWERS: answers },
  });
  if (coverage !== 'none' && !existsSync(join(out, 'coverage/coverage-final.json'))) throw new Error('nothing counted');
  return { answers: JSON.parse(readFileSync(answers, 'utf8')) };
}

const minified = { compress: true, mangle: true };

/** The first is what the others are compared with. */
export const tools = {
  tsx: ({ stage }) => ({ file: join(stage, `${entry}.ts`), loader: 'tsx' }),
  vitest: (at) => vitest('none', at),
  'vitest, v8 coverage': (at) => vitest('v8', at),
  'vitest, istanbul coverage': (at) => vitest('istanbul', at),
  esbuild: (at) => esbuild({}, at),
  'esbuild, minify': (at) => esbuild({ minify: true }, at),
  'esbuild, keepNames': (at) => esbuild({ keepNames: true }, at),
  'esbuild, minify and keepNames': (at) => esbuild({ minify: true, keepNames: true }, at),
  'esbuild, es2017': (at) => esbuild({ minify: true, target: 'es2017' }, at),
  vite: (at) => vite({}, at),
  'vite, not minified': (at) => vite({ minify: false }, at),
  'rollup and terser': rollup,
  'webpack and terser': webpack,
  swc: (at) => swc({ target: 'es2022' }, at),
  'swc, minify': (at) => swc({ target: 'es2022', minify: minified }, at),
  'swc, es5': (at) => swc({ target: 'es5' }, at),
  'swc, es5 and minify': (at) => swc({ target: 'es5', minify: minified }, at),
  'TypeScript 7, ES2022': (at) => typescript('typescript', 'es2022', at),
  'TypeScript 7, ES2017': (at) => typescript('typescript', 'es2017', at),
  'TypeScript 7, ES2015': (at) => typescript('typescript', 'es2015', at),
  'TypeScript 5.9, ES2022': (at) => typescript('typescript-5.9', 'es2022', at),
  'TypeScript 5.9, ES5': (at) => typescript('typescript-5.9', 'es5', at),
};
