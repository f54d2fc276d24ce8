/** Which launches of exact kernels run without guards, and that their bits do not depend on it. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { backend as interpreter } from '../../backends/interpreter/index.ts';
import type { CompileOptions, Device, DeviceProgram } from '../../src/device/index.ts';
import { f32, kernel, open, type Runtime, read, readWrite, write } from '../../src/index.ts';
import type { Verified } from '../../src/ir/verified.ts';

/** Of each dispatch: the kernel, and whether with guards. */
const ran: string[] = [];
const labels = new WeakMap<DeviceProgram, string>();
let rt: Runtime;
beforeAll(async () => {
  const watched = {
    name: 'watched',
    async discover() {
      const [device] = await interpreter.discover({});
      return [
        new Proxy(device!, {
          get(target: Device, property: keyof Device) {
            if (property === 'compile')
              return async (verified: Verified, options?: CompileOptions) => {
                const program = { ...(await target.compile(verified, options)) };
                labels.set(program, `${verified.program.name} ${options?.guarded === false ? 'bare' : 'guarded'}`);
                return program;
              };
            if (property === 'submit')
              return (...[work, slots]: Parameters<Device['submit']>) => {
                for (const command of 'commands' in work ? work.commands : work)
                  if (command.kind === 'dispatch') ran.push(labels.get(command.program)!);
                return target.submit(work, slots);
              };
            const member = target[property];
            return typeof member === 'function' ? member.bind(target) : member;
          },
        }),
      ];
    },
  };
  rt = await open({ backends: [watched] });
});
beforeEach(() => {
  ran.length = 0;
});
afterAll(() => rt.close());

const scale = kernel({
  name: 'scale',
  mode: 'exact',
  params: { factor: f32, x: read(f32), r: write(f32) },
  shapes: { r: ({ x }) => x.length },
  body({ factor, x, r }, k) {
    r[k.global.x] = factor * x.at(k.global.x);
  },
});
const accumulate = kernel({
  name: 'accumulate',
  mode: 'exact',
  params: { x: read(f32), sum: readWrite(f32) },
  body({ x, sum }, k) {
    const i = k.global.x;
    sum[i] = sum.at(i) + x.at(i);
  },
});

test('guards stay away from values that keep clear of 2^-126', async () => {
  const x = rt.buffer(f32, 3, Float32Array.of(1, -3e-5, 0));
  const r = rt.buffer(f32, 3);
  await rt.run(scale, { factor: 0.25, x, r });
  expect(ran).toEqual(['scale bare']);
  await rt.run(scale, { factor: 1e-35, x, r });
  expect(ran.slice(1)).toEqual(['scale guarded']);
});

test('and come back with the values that need them', async () => {
  const x = rt.buffer(f32, 2, Float32Array.of(1, 2));
  const r = rt.buffer(f32, 2);
  await rt.run(scale, { factor: 1, x, r });
  x.write(Float32Array.of(2 ** -130, 1));
  await rt.run(scale, { factor: 1, x, r });
  expect(ran).toEqual(['scale bare', 'scale guarded']);
  expect(await r.read()).toEqual(Float32Array.of(0, 1));
  // of a part that was written only, nothing is known
  x.write(Float32Array.of(1), 0);
  await rt.run(scale, { factor: 1, x, r });
  expect(ran.slice(2)).toEqual(['scale guarded']);
});

test('what a bare step gives is known, and may go on bare', async () => {
  const x = rt.buffer(f32, 2, Float32Array.of(0.1, 7));
  const sum = rt.buffer(f32, 2);
  for (let n = 0; n < 3; n++) await rt.run(accumulate, { x, sum });
  expect(ran).toEqual(['accumulate bare', 'accumulate bare', 'accumulate bare']);
  // two such factors lead below 2^-126
  const r = rt.buffer(f32, 2);
  await rt.run(scale, { factor: 2 ** -60, x: sum, r });
  await rt.run(scale, { factor: 2 ** -60, x: r, r: sum });
  await rt.run(accumulate, { x: r, sum });
  expect(ran.slice(3)).toEqual(['scale bare', 'scale guarded', 'accumulate guarded']);
});

test('in a graph step by step', async () => {
  const x = rt.buffer(f32, 2, Float32Array.of(0.1, 7));
  const y = rt.buffer(f32, 2);
  const z = rt.buffer(f32, 2);
  const graph = rt.record(
    (r) => {
      r.run(scale, { factor: r.slots.factor, x, r: y });
      r.run(scale, { factor: r.slots.factor, x: y, r: z });
    },
    { slots: { factor: f32 } },
  );
  const run = async (factor: number) => {
    ran.length = 0;
    await graph.run({ factor });
    return [[...ran], await z.read()];
  };
  expect(await run(2)).toEqual([['scale bare', 'scale bare'], Float32Array.from([0.1, 7], (v) => 4 * Math.fround(v))]);
  expect(await run(2 ** -70)).toEqual([['scale bare', 'scale guarded'], Float32Array.of(0, 0)]);
  expect(await run(2)).toEqual([['scale bare', 'scale bare'], Float32Array.from([0.1, 7], (v) => 4 * Math.fround(v))]);
});

test('arrays passed to one job are looked at where a loop reads them again and again', async () => {
  const x = Float32Array.of(1, 2);
  await rt.run(scale, { factor: 2, x });
  expect(ran).toEqual(['scale guarded']);
  const powers = kernel({
    name: 'powers',
    mode: 'exact',
    params: { x: read(f32), r: write(f32) },
    shapes: { r: ({ x }) => x.length },
    body({ x, r }, k) {
      let sum = k.f32(0);
      for (let n = 0; n < 9; n++) sum += x.at(k.global.x) * x.at(n);
      r[k.global.x] = sum;
    },
  });
  await rt.run(powers, { x });
  expect(ran.slice(1)).toEqual(['powers bare']);
});
