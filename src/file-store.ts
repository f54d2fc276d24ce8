/** A store of small texts, one file each. Node only: loaded by store.ts, and replaced by nothing in browsers' bundles. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import type { Store } from './router/store.ts';

/** Names become file names: whatever might mean something to a file system is replaced. */
function fileName(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}

export function fileStore(folder: string = envPaths('isokernel', { suffix: '' }).cache): Store {
  return {
    async load(name) {
      try {
        return await readFile(join(folder, fileName(name)), 'utf8');
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(name, text) {
      await mkdir(folder, { recursive: true });
      // whole or not at all, also when several processes write at once
      const file = join(folder, fileName(name));
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, text);
      await rename(draft, file);
    },
  };
}
