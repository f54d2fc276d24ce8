/** `fast` on the CPU: products and sums that may be one operation, also where V8 has to be told to have it. */

import { expect, it } from 'vitest';
import { contract } from '../../backends/cpu/contract.ts';
import { backend } from '../../backends/cpu/index.ts';
import { hasRelaxedSimd } from '../../backends/cpu/relaxed-simd.ts';
import { Builder } from '../../src/ir/builder.ts';
import { forEachInstruction, type Program } from '../../src/ir/program.ts';
import type { NumericMode } from '../../src/ir/types.ts';
import { runByDefinition, runOnCpu } from './on-cpu.ts';

const length = 13;
/** r = x y + z, x y - z, z - x y, and x y + x y with the product used twice. */
function sums(mode: NumericMode): Program {
  const b = new Builder({ name: 'sums', mode, workgroup: [8, 1, 1] });
  const inputs = ['x', 'y', 'z'].map((name) => b.buffer(name, 'read', 'f32'));
  const r = b.buffer('r', 'write', 'f32', 2);
  const i = b.id('globalId', 0);
  const [x, y, z] = inputs.map((input) => b.load(input, [i])) as [never, never, never];
  const twice = b.op('mul', y, z);
  const results = [
    b.op('add', b.op('mul', x, y), z),
    b.op('sub', b.op('mul', x, y), z),
    b.op('sub', z, b.op('mul', x, y)),
    b.op('add', twice, b.op('sub', twice, x)),
  ];
  results.forEach((value, row) => {
    b.store(r, [b.i32(row), i], value);
  });
  return b.finish();
}
function launch(x: (i: number) => number, y: (i: number) => number, z: (i: number) => number) {
  const bytes = (f: (i: number) => number) => new Uint8Array(Float32Array.from({ length }, (_, i) => f(i)).buffer);
  const inputs = [x, y, z].map((f) => ({ shape: [length], bytes: bytes(f) }));
  const args = [...inputs, { shape: [4, length], bytes: new Uint8Array(16 * length) }];
  return { args, grid: [length, 1, 1], workgroup: [8, 1, 1] } as const;
}
const floats = (all: readonly Uint8Array[]) => [...new Float32Array(all.at(-1)!.slice().buffer)];

it('contracts what goes into one sum or difference, and what it gives is the same where nothing is rounded', () => {
  const program = sums('fast');
  const contracted = contract(program);
  const count = (op: string) => {
    let found = 0;
    forEachInstruction(contracted.body, (instruction) => {
      if (instruction.kind === 'op' && instruction.op === op) found++;
    });
    return found;
  };
  expect(['fma', 'neg', 'mul', 'add', 'sub'].map(count)).toEqual([2, 1, 2, 1, 2]);
  const small = launch(
    (i) => i - 5,
    (i) => 3 - i,
    (i) => i * i,
  );
  expect(floats(runByDefinition(contracted, small))).toEqual(floats(runByDefinition(program, small)));
});

it('is fused or not in fast, and never in stable; flags are left alone where that is wanted', async () => {
  const before = hasRelaxedSimd();
  const [left] = await backend.discover({ threads: 2, flags: false });
  const [free] = await backend.discover({ threads: 2 });
  expect(left!.capabilities.features.relaxedMadd).toBe(before);
  expect(free!.capabilities.features.relaxedMadd).toBe(true);
  // x y is 1 + 2^-11 + 2^-24, of which a product of its own loses the last
  const close = launch(
    () => 1 + 2 ** -12,
    () => 1 + 2 ** -12,
    () => -(1 + 2 ** -11),
  );
  const sumsOn = async (device: typeof free, mode: NumericMode) => {
    return floats(await runOnCpu(device!, sums(mode), close)).slice(0, length);
  };
  try {
    for (const mode of ['stable', 'fast'] as const) {
      await sumsOn(left, mode);
      expect(hasRelaxedSimd()).toBe(before);
    }
    for (const device of [left, free]) expect(await sumsOn(device, 'stable')).toEqual(Array(length).fill(0));
    const fast = await sumsOn(free, 'fast');
    expect(hasRelaxedSimd()).toBe(true);
    // in lanes, if the processor fuses; the rest of the row, of one invocation at a time, is never fused
    expect([0, 2 ** -24]).toContain(fast[0]);
    expect(fast.slice(0, 12)).toEqual(Array(12).fill(fast[0]));
    expect(fast[12]).toBe(0);
  } finally {
    await Promise.all([left!.close(), free!.close()]);
  }
});
