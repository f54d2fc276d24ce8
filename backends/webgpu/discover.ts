/** The WebGPU devices of this machine: every adapter in Node, the one that navigator.gpu gives in a browser. */

import type { DiscoverOptions } from '../../src/device/contract.ts';
import { openAdapter, slugOf } from './adapter.ts';
import type { WebGpuDevice } from './device.ts';

export async function discover(options: DiscoverOptions): Promise<readonly WebGpuDevice[]> {
  const { gpu, userAgent = '' } = (globalThis as { navigator?: { gpu?: GPU; userAgent?: string } }).navigator ?? {};
  if (gpu !== undefined) return discoverInBrowser(gpu, userAgent, options);
  if (globalThis.process?.versions?.node === undefined) return [];
  const { discoverInNode } = await import('./node.ts');
  return discoverInNode(options);
}

/** Browsers do not list adapters: the preferred one is the device. */
async function discoverInBrowser(gpu: GPU, host: string, { memory }: DiscoverOptions): Promise<WebGpuDevice[]> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return [];
  const { info } = adapter;
  const slug = slugOf(info.architecture || info.vendor || info.description);
  return [await openAdapter(adapter, { id: `webgpu:${slug}`, name: undefined, host, memory })];
}
