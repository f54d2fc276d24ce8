/**
 * Copies at any byte offset. WebGPU's own copies and writes take multiples of four only; the rest goes through a small
 * shader that merges bytes into whole words, each word by one invocation.
 */

import { bufferUsage } from './constants.ts';

const code = `struct Copy {
  source_start: u32,
  target_start: u32,
  bytes: u32,
}

@group(0) @binding(0) var<uniform> copy: Copy;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> target_words: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) invocation: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let end = copy.target_start + copy.bytes;
  for (var word = copy.target_start / 4u + invocation.x; word * 4u < end; word += groups.x * 64u) {
    var merged = target_words[word];
    for (var lane = 0u; lane < 4u; lane++) {
      let at = word * 4u + lane;
      if (at >= copy.target_start && at < end) {
        let from_byte = at - copy.target_start + copy.source_start;
        let byte = extractBits(source[from_byte / 4u], from_byte % 4u * 8u, 8u);
        merged = insertBits(merged, byte, lane * 8u, 8u);
      }
    }
    target_words[word] = merged;
  }
}
`;

const mostGroups = 1024;

export class ByteCopier {
  readonly #device: GPUDevice;
  #pipeline: GPUComputePipeline | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Encodes a copy between two different buffers. */
  encode(
    encoder: GPUCommandEncoder,
    source: GPUBuffer,
    sourceStart: number,
    target: GPUBuffer,
    targetStart: number,
    bytes: number,
  ): void {
    this.#pipeline ??= this.#device.createComputePipeline({
      layout: 'auto',
      compute: { module: this.#device.createShaderModule({ label: 'copy bytes', code }), entryPoint: 'main' },
    });
    const uniform = this.#device.createBuffer({ size: 16, usage: bufferUsage.uniform, mappedAtCreation: true });
    new Uint32Array(uniform.getMappedRange()).set([sourceStart, targetStart, bytes]);
    uniform.unmap();
    const resources = [uniform, source, target];
    const group = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: resources.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(Math.min(mostGroups, Math.ceil((bytes / 4 + 2) / 64)));
    pass.end();
  }
}
