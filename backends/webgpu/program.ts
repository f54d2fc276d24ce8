/** Compiling: a verified program to a pipeline of one device, once for each workgroup size. */

import type { DeviceProgram, Triple } from '../../src/device/index.ts';
import { IsokernelError, messageOf } from '../../src/ir/error.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { computeStage } from './constants.ts';
import type { WebGpuMemory } from './memory-pool.ts';
import { type ExactForm, shaderOf } from './shader.ts';
import type { Shader } from './wgsl.ts';

/** Kept bind groups: a program that sees ever new buffers starts again. */
const mostBindGroups = 256;

export class WebGpuProgram implements DeviceProgram {
  readonly verified: Verified;
  readonly workgroup: Triple;
  readonly shader: Shader;
  readonly pipeline: GPUComputePipeline;
  /** Milliseconds that a workgroup took lately; undefined before the first run. */
  pace: number | undefined;
  readonly #layout: GPUBindGroupLayout;
  readonly #bindGroups = new Map<string, GPUBindGroup>();

  constructor(
    verified: Verified,
    workgroup: Triple,
    shader: Shader,
    pipeline: GPUComputePipeline,
    layout: GPUBindGroupLayout,
  ) {
    this.verified = verified;
    this.workgroup = workgroup;
    this.shader = shader;
    this.pipeline = pipeline;
    this.#layout = layout;
  }

  /** `uniforms` and `status` are the device's; `generation` changes with them. */
  bindGroup(
    device: GPUDevice,
    memories: readonly WebGpuMemory[],
    uniforms: GPUBuffer,
    status: GPUBuffer,
    generation: number,
  ): GPUBindGroup {
    const key = `${generation}:${memories.map((memory) => memory.id).join()}`;
    const known = this.#bindGroups.get(key);
    if (known !== undefined) return known;
    if (this.#bindGroups.size >= mostBindGroups) this.#bindGroups.clear();
    const buffers = [...memories.map((memory) => memory.buffer), ...(this.shader.hasStatus ? [status] : [])];
    const group = device.createBindGroup({
      layout: this.#layout,
      entries: [
        { binding: 0, resource: { buffer: uniforms, size: this.shader.uniformBytes } },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    });
    this.#bindGroups.set(key, group);
    return group;
  }
}

export async function compile(
  device: GPUDevice,
  verified: Verified,
  workgroup: Triple,
  exact: ExactForm | undefined,
): Promise<WebGpuProgram> {
  const shader = shaderOf(verified, workgroup, exact);
  const label = verified.program.name;
  const layout = device.createBindGroupLayout({
    label,
    entries: [
      { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
      ...[...shader.bindings, ...(shader.hasStatus ? (['storage'] as const) : [])].map((type, i) => ({
        binding: i + 1,
        visibility: computeStage,
        buffer: { type },
      })),
    ],
  });
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code: shader.code });
  const scope = device.popErrorScope();
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    return new WebGpuProgram(verified, workgroup, shader, pipeline, layout);
  } catch (thrown) {
    const refused = await scope.catch(() => null);
    throw new IsokernelError('compile-failed', `WebGPU refused "${label}": ${refused?.message ?? messageOf(thrown)}`, {
      kernel: label,
      hint: 'this is a fault of isokernel or of the driver; please report it with the kernel',
      cause: thrown,
    });
  }
}
