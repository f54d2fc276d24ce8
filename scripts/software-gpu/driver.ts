/** A Vulkan driver that was brought along, and the folder that such things are unpacked into. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

export interface Driver {
  /** Its ICD file, absolute. */
  readonly icd: string;
  /** Folders of libraries that it needs. */
  readonly libraries: readonly string[];
  /** A folder with a Vulkan loader (libvulkan.so.1) to fall back on. */
  readonly loader?: string;
}

/** Whether the dynamic linker finds a Vulkan loader by itself. */
export function hasSystemLoader(): boolean {
  return spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes('libvulkan.so.1') ?? false;
}

/**
 * The folder `name` in the cache, filled by `fill` where it is not there yet. It appears whole or not at all: `fill` works
 * in a folder beside it, which is renamed, so its files must not name their own path.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const cache = envPaths('isokernel', { suffix: '' }).cache;
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, `.${name}-`));
  try {
    await fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process was quicker.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
