/**
 * What the peers on the CPU have in common. A peer is a table of forms: a case as that library, or plain code, does it.
 *
 * A form keeps its data where the library wants it, so that a run is what a user of the library waits for.
 */

import type { ElementToken, TypedArray } from '../../src/index.ts';
import type { Workload } from '../case.ts';
import type { Running } from '../measure.ts';
import type { Peer } from '../run.ts';

export type Outputs = Readonly<Record<string, TypedArray>>;

/** A case with its data in place. */
export interface Form {
  /** One run, up to where the answer is there. */
  run(): unknown;
  /** The outputs of the last run, by the names of the workload's buffers. */
  read(): Outputs | Promise<Outputs>;
  close?(): void;
}
export type Forms = Readonly<Record<string, (workload: Workload) => Form | Promise<Form>>>;

/** The name of the isokernel device that peers on the CPU are compared with. */
const cpu = 'cpu';

/** A peer on the CPU; `threads` is how many it works with. */
export function cpuPeer(impl: string, threads: number, forms: Forms): Peer {
  return {
    impl,
    async start(caseName, workload, device): Promise<Running | undefined> {
      if (device !== cpu || !Object.hasOwn(forms, caseName)) return undefined;
      const started = performance.now();
      const form = await forms[caseName]!(workload);
      const phases = { compile: 0, upload: performance.now() - started };
      return {
        ranOn: cpu,
        threads,
        phases,
        async run() {
          await form.run();
        },
        read: async () => form.read(),
        close: () => form.close?.(),
      };
    },
  };
}

const arrays: { readonly [type: string]: new (length: number) => TypedArray } = {
  u8: Uint8Array,
  i32: Int32Array,
  u32: Uint32Array,
};

function components({ type }: ElementToken): number {
  return type.startsWith('vec') ? Number(type[3]) : 1;
}

/** Fresh arrays for all buffers of a workload, holding what they hold at first. */
export function arraysOf({ buffers }: Workload): Record<string, TypedArray> {
  return Object.fromEntries(
    Object.entries(buffers).map(([name, { type, shape, data }]) => {
      const make = arrays[type.type] ?? Float32Array;
      const length = shape.reduce((product, axis) => product * axis, components(type));
      const array = new make(length);
      if (data !== undefined) (array as Float32Array).set(data as Float32Array);
      return [name, array];
    }),
  );
}
/** The same where every buffer is one of floats. */
export const floatsOf = arraysOf as (workload: Workload) => Record<string, Float32Array>;

/** The scalar arguments of the case's first step. */
export function scalarsOf({ steps }: Workload): Record<string, number> {
  return Object.fromEntries(
    Object.entries(steps[0]!.args).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** The length of the square's side, for cases whose buffers are squares. */
export function sideOf({ buffers, outputs }: Workload): number {
  return buffers[outputs[0]!]!.shape[0]!;
}
