/**
 * The main job of a fresh checkout: finds the devices, runs the core suite on each and through the router, and works on real
 * input. Writes out/bench.json and out/mandelbrot.png. Every answer is checked; a wrong one makes the exit code 1.
 */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progress } from '../src/cli/progress.ts';
import { messageOf, open, type Runtime } from '../src/index.ts';
import { filesBelow, hashFiles } from './hash-files.ts';
import { mandelbrotPicture } from './picture.ts';
import { milliseconds, reportTable } from './report.ts';
import { runSuite } from './run.ts';
import { suites } from './suite.ts';

const out = fileURLToPath(new URL('../out/', import.meta.url));
const shown = (path: string) => relative(process.cwd(), path);

/** Folders of the installed TypeScript compiler: its package and those of its native parts. */
async function compilerPackages(): Promise<string[]> {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const scope = join(dirname(typescript), '@typescript');
  const native = await readdir(scope).catch(() => [] as string[]);
  return [typescript, ...native.map((name) => join(scope, name))];
}

/** Runs one part of the tour; a failure is said and counted, and the tour goes on. */
async function part(title: string, run: () => Promise<boolean>): Promise<boolean> {
  console.log(`\n${title}`);
  try {
    return await run();
  } catch (error) {
    console.log(`FAILED ${messageOf(error)}`);
    return false;
  }
}

async function tour(rt: Runtime): Promise<boolean> {
  const computing = rt.devices.filter(({ capabilities }) => capabilities.kind !== 'virtual');
  console.log('Devices');
  for (const { id, capabilities } of computing) console.log(`  ${id}  ${capabilities.name} (${capabilities.kind})`);
  for (const { backend, message } of rt.unavailable) console.log(`  no ${backend}: ${message}`);
  const ids = computing.map(({ id }) => id);

  const suite = await part('Core suite, small: median of a run and its rate', async () => {
    const bar = progress();
    const devices = ['auto', ...ids];
    const report = await runSuite(rt, {
      suite: 'core',
      cases: suites.core,
      size: 'small',
      mode: 'stable',
      devices,
      onProgress: bar.update,
    });
    bar.stop();
    console.log(reportTable(report));
    await writeFile(join(out, 'bench.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(`Every answer above was checked. Wrote ${shown(join(out, 'bench.json'))}`);
    return report.failures.length === 0;
  });

  const picture = await part('Mandelbrot set, 1280 x 960', async () => {
    const { png, device } = await mandelbrotPicture(rt, 1280, 960);
    await writeFile(join(out, 'mandelbrot.png'), png);
    console.log(`Computed on ${device}. Wrote ${shown(join(out, 'mandelbrot.png'))}`);
    return true;
  });

  const hashes = await part('SHA-256 of every file of the installed TypeScript compiler', async () => {
    const files = await filesBelow(await compilerPackages());
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    console.log(
      `  ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, the longest ${(files[0]!.bytes.length / 1e6).toFixed(1)} MB`,
    );
    for (const id of ids) {
      const bar = progress();
      const { launches, ms } = await hashFiles(rt, files, id, (done, total) =>
        bar.update(`launches on ${id}`, done, total),
      );
      bar.stop();
      console.log(`  ${id}: all equal to node:crypto; ${launches} launches, ${milliseconds(ms)}`);
    }
    return true;
  });
  return suite && picture && hashes;
}

async function main(): Promise<boolean> {
  await mkdir(out, { recursive: true });
  const rt = await open({ onWarning: ({ message }) => console.warn(message) });
  try {
    return await tour(rt);
  } finally {
    await rt.close();
  }
}

main().then(
  (fine) => {
    process.exitCode = fine ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
