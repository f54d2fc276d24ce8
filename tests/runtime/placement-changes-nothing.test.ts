/**
 * Whatever is submitted, wherever it is placed, whoever is slow or fails and whatever is cancelled on the way: every answer is what
 * running the jobs one after the other gives.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IsokernelError } from '../../src/ir/error.ts';
import { randomPolicy } from '../../src/router/policies.ts';
import type { DeviceBuffer } from '../../src/runtime/index.ts';
import { fakeRuntime, i32, settle, used } from '../support/fake-runtime.ts';
import { advance, plus } from '../support/kernels.ts';

const buffers = 3;
const index = fc.nat(buffers - 1);
const number = fc.integer({ min: -9, max: 9 });
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), x: index, n: number, submit: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('plus' as const), x: index, y: index, n: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancelled' as const), x: index, n: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const), x: index, n: number, at: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), x: index, y: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), x: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('graph' as const), x: index, y: index, n: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), device: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stumble' as const) }) },
);

test('placement never changes an answer', async () => {
  const property = fc.asyncProperty(
    fc.array(action, { minLength: 10, maxLength: 40, size: 'max' }),
    fc.nat(),
    async (actions, seed) => {
      const { rt, devices } = await fakeRuntime([{ id: 'a' }, { id: 'b' }, { id: 'c' }], {
        policy: randomPolicy(seed),
      });
      const real: DeviceBuffer[] = [];
      const model: Int32Array[] = [];
      for (let i = 0; i < buffers; i++) {
        real.push(rt.buffer('i32', 2, i32(i, i + 1)));
        model.push(i32(i, i + 1));
      }
      const seen: [Promise<unknown>, Int32Array][] = [];
      for (const step of actions) {
        if (step.kind === 'pause') await settle();
        else if (step.kind === 'hold') devices[step.device]!.hold();
        else if (step.kind === 'stumble') devices[0]!.refuseNext(new IsokernelError('compile-failed', 'not now'));
        if (!('x' in step)) continue;
        const [x, held] = [real[step.x]!, model[step.x]!];
        if (step.kind === 'advance') {
          if (step.submit) rt.submit(advance, { x, n: step.n });
          else void rt.run(advance, { x, n: step.n });
          model[step.x] = held.map((value) => value * 3 + step.n);
        } else if (step.kind === 'cancelled') {
          const job = rt.submit(advance, { x, n: step.n });
          job.done.catch(() => {});
          job.cancel();
        } else if (step.kind === 'write') {
          x.write(i32(step.n), step.at);
          model[step.x] = held.with(step.at, step.n);
        } else if (step.kind === 'read') {
          seen.push([x.read(), held]);
        } else if (step.x !== step.y) {
          const y = real[step.y]!;
          if (step.kind === 'copy') y.copyFrom(x);
          else if (step.kind === 'plus') void rt.run(plus, { x, n: step.n, r: y });
          else void rt.record((r) => r.run(plus, { x, n: step.n, r: y })).run();
          model[step.y] = step.kind === 'copy' ? held : held.map((value) => value + step.n);
        }
      }
      for (const device of devices) device.open();
      for (const [reading, held] of seen) expect(await reading).toEqual(held);
      for (const [i, held] of model.entries()) expect(await real[i]!.read()).toEqual(held);
      for (const buffer of real) buffer.free();
      await settle();
      expect(devices.map((device) => used(rt, device))).toEqual([0, 0, 0]);
      await rt.close();
    },
  );
  await fc.assert(property, { numRuns: 50, seed: 20261121 });
});
