/**
 * The built package as a browser gets it: bundled, minified, a chunk for everything that loads later.
 *
 * Bundled the way a user would, with no help from options: an import that reaches a Node built-in is an error here. What only
 * Node needs is left out by the field `browser` of package.json. `node --import tsx scripts/browser-bundle.ts` prints sizes.
 */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface Chunk {
  readonly name: string;
  readonly code: Uint8Array;
  /** Bytes as sent, compressed. */
  readonly gzip: number;
  /** Chunks that load with this one. */
  readonly imports: readonly string[];
}

/** The file that a page imports. */
export const entry = 'isokernel.js';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function bundle(): Promise<Chunk[]> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  const result = await build({
    absWorkingDir: root,
    entryPoints: { isokernel: 'dist/src/index.js' },
    outdir: 'out/browser',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return result.outputFiles.map((file) => {
    const name = basename(file.path);
    const { imports } = result.metafile.outputs[`out/browser/${name}`]!;
    return {
      name,
      code: file.contents,
      gzip: gzipSync(file.contents, { level: 9 }).length,
      imports: imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path)),
    };
  });
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  for (const { name, code, gzip, imports } of await bundle()) {
    console.log(`${name}: ${code.length} bytes, ${gzip} gzipped; imports ${imports.join(', ') || 'nothing'}`);
  }
}
