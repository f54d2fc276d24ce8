/** From an adapter to a device: what to ask of it, and its capability record. */

import type { Capabilities, DeviceKind, Rates } from '../../src/device/contract.ts';
import { WebGpuDevice } from './device.ts';
import { emitterVersion } from './shader.ts';

export interface AdapterSettings {
  readonly id: string;
  /** The driver's own name, where the host knows one. */
  readonly name: string | undefined;
  /** What brings WebGPU, with its version: a browser, or the package `webgpu`. */
  readonly host: string;
  /** Budget in bytes; a guess by kind where not given. */
  readonly memory: number | undefined;
}

const usefulFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

/** Limits whose default is below what many adapters have. */
const usefulLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Guesses until calibration: what devices of the kind reach, in round numbers. */
const rates: Record<Exclude<DeviceKind, 'cpu' | 'virtual'>, Rates> = {
  'gpu-discrete': { f32: 5e12, i32: 2e12, bandwidth: 3e11, upload: 6e9, readback: 3e9, launch: 1e-4 },
  'gpu-integrated': { f32: 5e11, i32: 2e11, bandwidth: 4e10, upload: 6e9, readback: 4e9, launch: 1e-4 },
  'gpu-software': { f32: 4e9, i32: 4e9, bandwidth: 5e9, upload: 3e9, readback: 3e9, launch: 2e-4 },
};
const memoryGuess: Record<keyof typeof rates, number> = {
  'gpu-discrete': 2 ** 34,
  'gpu-integrated': 2 ** 32,
  'gpu-software': 2 ** 32,
};

export async function openAdapter(adapter: GPUAdapter, settings: AdapterSettings): Promise<WebGpuDevice> {
  const features = usefulFeatures.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({
    label: settings.id,
    requiredFeatures: features,
    requiredLimits: Object.fromEntries(usefulLimits.map((limit) => [limit, adapter.limits[limit]])),
  });
  const { info } = adapter;
  const name = settings.name ?? (info.description || [info.vendor, info.architecture].filter(Boolean).join(' '));
  const kind = kindOf(name, info);
  const memory = settings.memory ?? memoryGuess[kind];
  const { limits } = device;
  const capabilities: Capabilities = {
    id: settings.id,
    backend: 'webgpu',
    name,
    kind,
    driver: [info.vendor, info.architecture, info.description, settings.host, `wgsl ${emitterVersion}`]
      .filter(Boolean)
      .join(', '),
    features: {
      f16: device.features.has('shader-f16'),
      subgroups: device.features.has('subgroups'),
      sharedMemory: false,
      timestamps: device.features.has('timestamp-query'),
      relaxedMadd: false,
    },
    limits: {
      buffer: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
      memory,
      workgroup: limits.maxComputeInvocationsPerWorkgroup,
      workgroupAxes: [
        limits.maxComputeWorkgroupSizeX,
        limits.maxComputeWorkgroupSizeY,
        limits.maxComputeWorkgroupSizeZ,
      ],
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      bindings: limits.maxStorageBuffersPerShaderStage,
    },
    threads: 1,
    rates: rates[kind],
    numeric: undefined,
  };
  return new WebGpuDevice(device, capabilities);
}

function kindOf(name: string, info: GPUAdapterInfo): keyof typeof rates {
  if (info.isFallbackAdapter || isSoftware(name)) return 'gpu-software';
  return /\b(intel|iris|uhd|apple|adreno|mali|radeon\(tm\) graphics)\b/i.test(`${name} ${info.vendor}`)
    ? 'gpu-integrated'
    : 'gpu-discrete';
}
const isSoftware = (name: string) => /swiftshader|llvmpipe|lavapipe|warp|microsoft basic render/i.test(name);

/** The part of a device's id that says which adapter it is. */
export function slugOf(name: string): string {
  const known = /swiftshader|llvmpipe/i.exec(name);
  if (known !== null) return known[0].toLowerCase();
  return (
    name
      .toLowerCase()
      .replace(/\(.*?\)/g, ' ')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'gpu'
  );
}
