/** Where a runtime keeps what it measured: files in Node, nothing elsewhere. */

import type { Store } from './router/store.ts';

/** A store in this folder, or in the user's cache folder; undefined where there is no file system. */
export async function storeOf(folder?: string): Promise<Store | undefined> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return undefined;
  const { fileStore } = await import('./file-store.ts');
  return fileStore(folder);
}
