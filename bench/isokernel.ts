/** A workload run by isokernel, on one device or where the router puts it. */

import type { Buffer, ElementToken, Job, NumericMode, Runtime, TypedArray } from '../src/index.ts';
import type { Workload } from './case.ts';
import type { Running } from './measure.ts';

/** The device that stands for the router's choice. */
export const auto = 'auto';

export function isokernel(rt: Runtime, workload: Workload, device: string, mode: NumericMode): Running {
  const launch = device === auto ? {} : { device, strict: true };
  const buffers = new Map<string, Buffer<ElementToken>>(
    Object.entries(workload.buffers).map(([name, { type, shape, data }]) => [name, rt.buffer(type, shape, data)]),
  );
  const steps = workload.steps.map(({ kernel, args }) => ({
    kernel: kernel.mode === mode ? kernel : kernel.as(mode),
    args: Object.fromEntries(
      Object.entries(args).map(([name, value]) => [name, typeof value === 'string' ? buffers.get(value)! : value]),
    ),
  }));
  const [first] = steps;
  const graph =
    steps.length === 1
      ? undefined
      : rt.record((r) => {
          for (const { kernel, args } of steps) r.run(kernel, args);
        });
  const submit = (): Job<unknown> =>
    graph === undefined ? rt.submit(first!.kernel, first!.args as never, launch) : graph.submit({}, launch);
  let ranOn = '';
  let phases = { compile: 0, upload: 0 };
  return {
    get ranOn() {
      return ranOn;
    },
    get phases() {
      return phases;
    },
    async run() {
      const job = submit();
      await job.done;
      const first = ranOn === '';
      // the router learns: what counts is where it went in the end
      if (first || device === auto) ranOn = (await job.placement).device;
      if (!first) return;
      const { compile, upload } = await job.timing;
      phases = { compile, upload };
    },
    async read() {
      const read = async (name: string) => [name, (await buffers.get(name)!.read()) as TypedArray] as const;
      return Object.fromEntries(await Promise.all(workload.outputs.map(read)));
    },
    close() {
      for (const buffer of buffers.values()) buffer.free();
    },
  };
}
