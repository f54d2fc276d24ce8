/**
 * The script of the CPU's workers as a module: in a page it is started from text (backends/cpu/web-workers.ts says why).
 * `node --import tsx scripts/worker-text.ts` writes it anew after a change of worker.cjs; a test says when that was forgotten.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const source = fileURLToPath(new URL('../backends/cpu/worker.cjs', import.meta.url));
export const target = fileURLToPath(new URL('../backends/cpu/worker-text.ts', import.meta.url));

/** What `target` is to hold. */
export async function workerText(): Promise<string> {
  // what is for Node only goes
  const define = { module: 'undefined' };
  const { code } = await transform(`(() => {${readFileSync(source, 'utf8')}})();`, { minify: true, define });
  const quoted = JSON.stringify(code.trim()).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `/** worker.cjs, shortened by scripts/worker-text.ts. */\nexport const workerText =\n  // biome-ignore format: generated\n  '${quoted}';\n`;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  writeFileSync(target, await workerText());
}
