/**
 * WebGPU in Node: the package `webgpu`, which is Dawn. Loaded only where there is no navigator.gpu.
 *
 * Dawn has no call that lists adapters, but the error for one that does not exist names them all.
 */

import type { DiscoverOptions } from '../../src/device/contract.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import { openAdapter, slugOf } from './adapter.ts';
import type { WebGpuDevice } from './device.ts';

/** The generated guards keep every access inside its array, so Dawn need not check each once more. */
const toggles = 'enable-dawn-features=disable_robustness';

const noDriver =
  process.platform === 'linux'
    ? 'Install libvulkan1 and a Vulkan driver: that of the GPU, or for a software GPU mesa-vulkan-drivers (Mesa 25; 22 is too old). VK_DRIVER_FILES can name the file of a driver.'
    : 'Install the driver of the GPU.';

export async function discoverInNode({ memory }: DiscoverOptions): Promise<WebGpuDevice[]> {
  const { create } = await load();
  return withRuntimeDirectory(async () => {
    const devices: WebGpuDevice[] = [];
    const seen = new Map<string, number>();
    const names = await namesOf(create);
    const host = await hostVersion();
    if (names.length === 0) {
      throw new IsokernelError('backend-unavailable', 'WebGPU found no GPU and no driver of a software one', {
        hint: noDriver,
      });
    }
    for (const name of names) {
      const adapter = await instanceOf(name, create).requestAdapter();
      if (adapter === null) continue;
      const slug = slugOf(name);
      const count = (seen.get(slug) ?? 0) + 1;
      seen.set(slug, count);
      const id = `webgpu:${slug}${count > 1 ? `-${count}` : ''}`;
      devices.push(await openAdapter(adapter, { id, name, host, memory }));
    }
    return devices;
  });
}

/** By adapter name. Dawn crashes when one of these is collected before its devices, so they stay. */
const instances = new Map<string, GPU>();

function instanceOf(name: string, create: Create): GPU {
  const known = instances.get(name) ?? create([`adapter=${name}`, toggles]);
  instances.set(name, known);
  return known;
}

type Create = typeof import('webgpu').create;

async function load(): Promise<{ create: Create }> {
  try {
    return await import('webgpu');
  } catch (cause) {
    throw new IsokernelError('backend-unavailable', `WebGPU is not available: ${messageOf(cause)}`, {
      hint: 'npm install webgpu',
      cause,
    });
  }
}

/** Dawn has no version of its own to ask for; its package has. */
async function hostVersion(): Promise<string> {
  const { createRequire } = await import('node:module');
  const { version } = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
  return `webgpu ${version}`;
}

async function namesOf(create: Create): Promise<string[]> {
  try {
    await create(['adapter=no such adapter']).requestAdapter();
    return [];
  } catch (thrown) {
    return [...messageOf(thrown).matchAll(/name: '(.*)'$/gm)].map(([, name]) => name!);
  }
}

/** Drivers print a warning where XDG_RUNTIME_DIR is not set; they read it while they start. */
async function withRuntimeDirectory<T>(discover: () => Promise<T>): Promise<T> {
  const { env } = process;
  if (env.XDG_RUNTIME_DIR !== undefined) return discover();
  env.XDG_RUNTIME_DIR = env.TMPDIR ?? '/tmp';
  try {
    return await discover();
  } finally {
    delete env.XDG_RUNTIME_DIR;
  }
}
