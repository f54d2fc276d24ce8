/**
 * The Vulkan drivers that Dawn can use on this machine: the ones installed, and software GPUs brought along.
 *
 * A driver is found through environment variables that are read when a process starts, so the answer is an environment:
 * give it to a child process, or set it before one is forked. Nothing is installed on the system; what is unpacked lies in
 * the user's cache directory. In a shell: `eval "$(node --import tsx scripts/software-gpu.ts --print-env)"`.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Adapter, listAdapters } from './software-gpu/adapters.ts';
import { type Driver, hasSystemLoader } from './software-gpu/driver.ts';
import { lavapipe } from './software-gpu/lavapipe.ts';
import { swiftshader } from './software-gpu/swiftshader.ts';

export interface SoftwareGpuOptions {
  /**
   * `npm-only`: what npm brought, what is installed, and what an earlier run unpacked. `system`: what a Debian mirror has,
   * too (12 to 60 MB, once).
   */
  readonly install: 'npm-only' | 'system';
}

export interface Missing {
  readonly id: string;
  /** Why it is not here, and how to get it. */
  readonly reason: string;
}

export interface SoftwareGpu {
  /** To be set before the process that uses WebGPU starts. */
  readonly env: Readonly<Record<string, string>>;
  /** What Dawn finds with it, real GPUs included. */
  readonly found: readonly Adapter[];
  readonly missing: readonly Missing[];
}

/** The software GPUs that tests know, by device id. */
const software = { 'webgpu:swiftshader': swiftshader, 'webgpu:llvmpipe': lavapipe };

export async function softwareGpu(options: SoftwareGpuOptions): Promise<SoftwareGpu> {
  const drivers: Driver[] = [];
  const missing: Missing[] = [];
  const installed = await listAdapters(environment([]));
  for (const [id, bring] of Object.entries(software)) {
    if (installed.some((adapter) => adapter.id === id)) continue;
    try {
      drivers.push(await bring(options.install === 'system'));
    } catch (error) {
      missing.push({ id, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const env = environment(drivers);
  const found = drivers.length === 0 ? installed : await listAdapters(env);
  for (const id of Object.keys(software)) {
    const there = [...found, ...missing].some((entry) => entry.id === id);
    if (!there) missing.push({ id, reason: 'its driver is here, but Dawn (the package webgpu) does not list it' });
  }
  return { env, found, missing };
}

function environment(drivers: readonly Driver[]): Record<string, string> {
  if (process.platform !== 'linux') return {};
  const icds = [...new Set([...drivers.map((driver) => driver.icd), ...installedIcds()])];
  const libraries = drivers.flatMap((driver) => driver.libraries);
  // A loader that is installed knows the machine's layers; the one that came with a driver stands in where there is none.
  if (!hasSystemLoader()) libraries.push(...drivers.flatMap((driver) => driver.loader ?? []));
  return {
    // One name for two ages of the loader; the newer one wins where both are set.
    ...(icds.length > 0 && { VK_DRIVER_FILES: icds.join(':'), VK_ICD_FILENAMES: icds.join(':') }),
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: withInherited(libraries, process.env['LD_LIBRARY_PATH']) }),
    // Mesa warns where it is not set.
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? privateTemp(),
  };
}

function withInherited(paths: readonly string[], inherited = ''): string {
  return [...new Set([...paths, ...inherited.split(':').filter((path) => path !== '')])].join(':');
}

/** The ICD files that the loader would read by itself; it stops looking once it is given a list. */
function installedIcds(): string[] {
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  if (named !== undefined) return named.split(':').filter((path) => existsSync(path));
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  return ['/etc', data, '/usr/local/share', '/usr/share'].flatMap((base) => {
    const folder = join(base, 'vulkan/icd.d');
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return files.map((name) => join(folder, name));
  });
}

function privateTemp(): string {
  const folder = join(tmpdir(), `isokernel-runtime-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The environment as lines for a shell to evaluate. */
function printEnv({ env, missing }: SoftwareGpu): void {
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  for (const { id, reason } of missing) console.error(`no ${id}: ${reason}`);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const allowed = process.env['ISOKERNEL_NO_INSTALL'] !== '1';
  printEnv(await softwareGpu({ install: allowed ? 'system' : 'npm-only' }));
}
