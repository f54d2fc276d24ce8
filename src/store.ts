/** Where a runtime keeps what it measured: files in Node, nothing elsewhere. */

import type { Store } from './router/store.ts';

/** A store in this folder, or in the user's cache folder; undefined where there is no file system. */
export function storeOf(folder?: string): Store | undefined {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return undefined;
  const files = async () => (await import('./file-store.ts')).fileStore(folder);
  return {
    load: async (name) => (await files()).load(name),
    save: async (name, text) => (await files()).save(name, text),
  };
}
