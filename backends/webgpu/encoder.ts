/** Turns slices, copies, writes and clears into submissions of WebGPU's queue, in the order of the calls. */

import type { Copy } from '../../src/device/contract.ts';
import { bufferUsage } from './constants.ts';
import { ByteCopier } from './copy-bytes.ts';
import { LaunchBlocks } from './launch-block.ts';
import type { MemoryPool, WebGpuMemory } from './memory-pool.ts';
import type { Step } from './schedule.ts';
import type { Stamp } from './stopwatch.ts';

const statusBytes = 4;

export class Encoder {
  readonly #device: GPUDevice;
  readonly #pool: MemoryPool;
  readonly #copier: ByteCopier;
  readonly #blocks: LaunchBlocks;
  readonly #status: GPUBuffer;
  #uniforms: GPUBuffer;
  /** Counts the uniform buffers: bind groups name the one they were made with. */
  #generation = 0;

  constructor(device: GPUDevice, pool: MemoryPool) {
    this.#device = device;
    this.#pool = pool;
    this.#copier = new ByteCopier(device);
    this.#blocks = new LaunchBlocks(device.limits.minUniformBufferOffsetAlignment);
    this.#status = this.#buffer(statusBytes, bufferUsage.storage | bufferUsage.copySource);
    this.#uniforms = this.#buffer(2 ** 14, bufferUsage.uniform);
  }

  /** `stamp` times the pass of steps that are all dispatches. */
  submit(steps: readonly Step[], stamp?: Stamp): void {
    this.#blocks.reset();
    const offsets = steps.map((step) => ('box' in step ? this.#blocks.add(step.command, step.box) : 0));
    this.#uploadBlocks();
    this.#encode((encoder) => {
      let pass: GPUComputePassEncoder | undefined;
      let pipeline: GPUComputePipeline | undefined;
      const endPass = () => {
        pass?.end();
        pass = undefined;
        pipeline = undefined;
      };
      steps.forEach((step, i) => {
        if (!('box' in step)) {
          endPass();
          if (step.command.kind === 'copy') this.#copy(encoder, step.command);
          else {
            const { memory, offset, bytes } = step.command;
            encoder.clearBuffer((memory as WebGpuMemory).buffer, offset, bytes);
          }
          return;
        }
        const { program, buffers } = step.command;
        const memories = buffers.map(({ memory }) => memory as WebGpuMemory);
        pass ??= encoder.beginComputePass(stamp && { timestampWrites: stamp.writes });
        if (pipeline !== program.pipeline) pass.setPipeline(program.pipeline);
        pipeline = program.pipeline;
        const group = program.bindGroup(this.#device, memories, this.#uniforms, this.#status, this.#generation);
        pass.setBindGroup(0, group, [offsets[i]!]);
        pass.dispatchWorkgroups(...step.box.count);
      });
      endPass();
      stamp?.resolve(encoder);
    });
  }

  clearStatus(): void {
    this.#encode((encoder) => encoder.clearBuffer(this.#status));
  }
  copyStatus(staging: GPUBuffer): void {
    this.#encode((encoder) => encoder.copyBufferToBuffer(this.#status, 0, staging, 0, statusBytes));
  }
  /** Offset and bytes are multiples of 4. */
  copyOut(source: WebGpuMemory, offset: number, staging: GPUBuffer, bytes: number): void {
    this.#encode((encoder) => encoder.copyBufferToBuffer(source.buffer, offset, staging, 0, bytes));
  }

  write(memory: WebGpuMemory, offset: number, data: Uint8Array): void {
    if (this.#pool.hasClears) this.#encode(() => {});
    const { queue } = this.#device;
    const isTail = offset + data.length === memory.bytes;
    if (offset % 4 === 0 && (data.length % 4 === 0 || isTail)) {
      const body = data.length & ~3;
      if (body > 0) queue.writeBuffer(memory.buffer, offset, data as GPUAllowSharedBufferSource, 0, body);
      if (body < data.length) queue.writeBuffer(memory.buffer, offset + body, padded(data.subarray(body)));
      return;
    }
    const temporary = this.#buffer(Math.ceil(data.length / 4) * 4, bufferUsage.storage);
    queue.writeBuffer(temporary, 0, padded(data));
    this.#encode((encoder) => this.#copier.encode(encoder, temporary, 0, memory.buffer, offset, data.length));
    temporary.destroy();
  }

  // ---- inside ----

  #buffer(size: number, usage: number): GPUBuffer {
    return this.#device.createBuffer({ size, usage: usage | bufferUsage.copyDestination });
  }

  /** Submits what `fill` encodes, after the clears that must come first. */
  #encode(fill: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.#device.createCommandEncoder();
    for (const buffer of this.#pool.takeClears()) encoder.clearBuffer(buffer);
    fill(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }

  #uploadBlocks(): void {
    const { filled } = this.#blocks;
    if (filled.length === 0) return;
    if (filled.length > this.#uniforms.size) {
      this.#uniforms.destroy();
      this.#uniforms = this.#buffer(2 * filled.length, bufferUsage.uniform);
      this.#generation++;
    }
    this.#device.queue.writeBuffer(this.#uniforms, 0, filled);
  }

  #copy(encoder: GPUCommandEncoder, { from, fromOffset, to, toOffset, bytes }: Copy): void {
    if (bytes === 0) return;
    const source = (from as WebGpuMemory).buffer;
    const target = (to as WebGpuMemory).buffer;
    const isTail = toOffset + bytes === to.bytes;
    if (fromOffset % 4 === 0 && toOffset % 4 === 0 && (bytes % 4 === 0 || isTail))
      encoder.copyBufferToBuffer(source, fromOffset, target, toOffset, Math.ceil(bytes / 4) * 4);
    else this.#copier.encode(encoder, source, fromOffset, target, toOffset, bytes);
  }
}

/** The bytes with zeros up to a multiple of four. */
function padded(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(Math.ceil(data.length / 4) * 4);
  whole.set(data);
  return whole;
}
