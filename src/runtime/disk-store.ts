/** Calibrations as files of a directory, in Node. Imported by name where there is a disk, and by nothing else. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../router/store.ts';

export function diskStore(directory: string): Store {
  return {
    async load(name) {
      try {
        return await readFile(join(directory, name), 'utf8');
      } catch (error) {
        if ((error as { code?: string }).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(name, text) {
      await mkdir(directory, { recursive: true });
      // another process may read it meanwhile: it sees the old file or the new one
      const temporary = join(directory, `${name}.${process.pid}`);
      await writeFile(temporary, text);
      await rename(temporary, join(directory, name));
    },
  };
}
