/**
 * Hand-written WGSL of three cases, the same algorithms as in kernels/, on the very GPUDevice that isokernel uses: what there
 * is to reach. As such code usually is, it has no bounds guards beyond what its sizes need.
 */

import type { TypedArray } from '../src/index.ts';
import type { Workload } from './case.ts';
import type { Running } from './measure.ts';
import type { Peer } from './run.ts';

/** Flags of WebGPU: Node has no globals for them. */
const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const;
const mapForReading = 0x1;

interface Source {
  readonly code: string;
  /** Buffers by binding number; scalars are in one uniform struct, the binding after the last, in the order given. */
  readonly buffers: readonly string[];
  readonly scalars: readonly (readonly [name: string, type: 'f32' | 'i32'])[];
  /** Workgroups, from the shape of the first output. */
  workgroups(shape: readonly number[]): [number, number];
}

const sources: Readonly<Record<string, Source>> = {
  saxpy: {
    code: /* wgsl */ `
      struct Scalars { a: f32 }
      @group(0) @binding(0) var<storage, read> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;
      @group(0) @binding(2) var<uniform> scalars: Scalars;
      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
        let i = id.y * groups.x * 64 + id.x;
        if (i < arrayLength(&y)) { y[i] = scalars.a * x[i] + y[i]; }
      }`,
    buffers: ['x', 'y'],
    scalars: [['a', 'f32']],
    workgroups([n = 0]) {
      const groups = Math.ceil(n / 64);
      const rows = Math.ceil(groups / 65535);
      return [Math.ceil(groups / rows), rows];
    },
  },
  mandelbrot: {
    code: /* wgsl */ `
      struct Scalars { left: f32, top: f32, step: f32, limit: i32, width: i32, height: i32 }
      @group(0) @binding(0) var<storage, read_write> iterations: array<i32>;
      @group(0) @binding(1) var<uniform> scalars: Scalars;
      @compute @workgroup_size(8, 8)
      fn main(@builtin(global_invocation_id) id: vec3u) {
        let cx = scalars.left + f32(id.x) * scalars.step;
        let cy = scalars.top + f32(id.y) * scalars.step;
        var x = 0.0;
        var y = 0.0;
        var n = 0;
        while (n < scalars.limit) {
          let xx = x * x;
          let yy = y * y;
          if (xx + yy > 4) { break; }
          y = 2 * x * y + cy;
          x = xx - yy + cx;
          n++;
        }
        iterations[i32(id.y) * scalars.width + i32(id.x)] = n;
      }`,
    buffers: ['iterations'],
    scalars: [
      ['left', 'f32'],
      ['top', 'f32'],
      ['step', 'f32'],
      ['limit', 'i32'],
      ['width', 'i32'],
      ['height', 'i32'],
    ],
    workgroups: ([height = 0, width = 0]) => [Math.ceil(width / 8), Math.ceil(height / 8)],
  },
  matmul: {
    code: /* wgsl */ `
      struct Scalars { n: i32 }
      @group(0) @binding(0) var<storage, read> a: array<f32>;
      @group(0) @binding(1) var<storage, read> b: array<f32>;
      @group(0) @binding(2) var<storage, read_write> c: array<f32>;
      @group(0) @binding(3) var<uniform> scalars: Scalars;
      var<workgroup> tileA: array<f32, 1024>;
      var<workgroup> tileB: array<f32, 1024>;
      @compute @workgroup_size(16, 8)
      fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
        let n = scalars.n;
        let x = i32(local.x);
        let top = i32(group.y) * 32;
        let left = i32(group.x) * 32 + x;
        let own = i32(local.y) * 4;
        var sums: array<vec2f, 4>;
        for (var first = 0; first < n; first += 32) {
          for (var row = i32(local.y); row < 32; row += 8) {
            tileA[row * 32 + x] = a[(top + row) * n + first + x];
            tileA[row * 32 + x + 16] = a[(top + row) * n + first + x + 16];
            tileB[row * 32 + x] = b[(first + row) * n + left];
            tileB[row * 32 + x + 16] = b[(first + row) * n + left + 16];
          }
          workgroupBarrier();
          for (var j = 0; j < 32; j++) {
            let factor = vec2f(tileB[j * 32 + x], tileB[j * 32 + x + 16]);
            sums[0] += tileA[own * 32 + j] * factor;
            sums[1] += tileA[(own + 1) * 32 + j] * factor;
            sums[2] += tileA[(own + 2) * 32 + j] * factor;
            sums[3] += tileA[(own + 3) * 32 + j] * factor;
          }
          workgroupBarrier();
        }
        for (var r = 0; r < 4; r++) {
          c[(top + own + r) * n + left] = sums[r].x;
          c[(top + own + r) * n + left + 16] = sums[r].y;
        }
      }`,
    buffers: ['a', 'b', 'c'],
    scalars: [['n', 'i32']],
    workgroups: ([rows = 0, columns = 0]) => [columns / 32, rows / 32],
  },
};

/** The values of the uniform struct: the case's own scalars, and for matmul its order. */
function scalarValue(workload: Workload, name: string): number {
  const value = workload.steps[0]!.args[name];
  return typeof value === 'number' ? value : Number(workload.label);
}

async function start(
  gpu: GPUDevice,
  { code, buffers, scalars, workgroups }: Source,
  workload: Workload,
  ranOn: string,
): Promise<Running> {
  const started = performance.now();
  const module = gpu.createShaderModule({ code });
  const pipeline = await gpu.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const compiled = performance.now();
  const made = new Map<string, GPUBuffer>();
  for (const name of buffers) {
    const { shape, data } = workload.buffers[name]!;
    const size = shape.reduce((product, length) => product * length, 4);
    const buffer = gpu.createBuffer({
      size,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
    if (data !== undefined) gpu.queue.writeBuffer(buffer, 0, data);
    made.set(name, buffer);
  }
  const view = new DataView(new ArrayBuffer(Math.ceil(scalars.length / 4) * 16));
  for (const [i, [name, type]] of scalars.entries()) {
    const value = scalarValue(workload, name);
    if (type === 'f32') view.setFloat32(4 * i, value, true);
    else view.setInt32(4 * i, value, true);
  }
  const uniform = gpu.createBuffer({ size: view.byteLength, usage: usage.uniform | usage.copyTarget });
  gpu.queue.writeBuffer(uniform, 0, view.buffer);
  await gpu.queue.onSubmittedWorkDone();
  const uploaded = performance.now();
  const bindGroup = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...made.values(), uniform].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const [x, y] = workgroups(workload.buffers[workload.outputs[0]!]!.shape);
  return {
    ranOn,
    phases: { compile: compiled - started, upload: uploaded - compiled },
    run() {
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(x, y);
      pass.end();
      gpu.queue.submit([encoder.finish()]);
      return gpu.queue.onSubmittedWorkDone();
    },
    async read() {
      const entries = workload.outputs.map(async (name) => {
        const source = made.get(name)!;
        const staging = gpu.createBuffer({
          size: source.size,
          usage: usage.mapRead | usage.copyTarget,
        });
        const encoder = gpu.createCommandEncoder();
        encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
        gpu.queue.submit([encoder.finish()]);
        await staging.mapAsync(mapForReading);
        const bytes = staging.getMappedRange().slice(0);
        staging.destroy();
        const array: TypedArray =
          workload.buffers[name]!.type.type === 'i32' ? new Int32Array(bytes) : new Float32Array(bytes);
        return [name, array] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    },
    close() {
      for (const buffer of [...made.values(), uniform]) buffer.destroy();
    },
  };
}

/** The peer `raw-wgsl`, on the GPU devices given by their ids. */
export function rawWgsl(devices: ReadonlyMap<string, GPUDevice>): Peer {
  return {
    impl: 'raw-wgsl',
    async start(caseName, workload, device) {
      const gpu = devices.get(device);
      const source = sources[caseName];
      return gpu === undefined || source === undefined ? undefined : start(gpu, source, workload, device);
    },
  };
}
