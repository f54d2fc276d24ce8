/** Random programs in mode `exact`: the same bits from the definition, from every lowering, and from the CPU in each of its forms. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/device/index.ts';
import { ieeeClass, type NumericClass, openClass } from '../../src/ir/numeric-class.ts';
import { verify } from '../../src/ir/verify.ts';
import { lowerExact } from '../../src/passes/exact/lower.ts';
import { optimize } from '../../src/passes/index.ts';
import { openCpu, openOnCaller, runByDefinition, runOnCpu } from '../cpu/on-cpu.ts';
import { outcome } from '../support/outcome.ts';
import { randomProgram } from '../support/random-program.ts';

const families = [
  { what: 'f32', from: 0, options: { floats: 'exact' } },
  { what: 'f16 too', from: 1000, options: { floats: 'exact', f16: true, packedStores: true } },
  { what: 'large programs', from: 2000, options: { floats: 'exact', f16: true, size: 100 } },
  { what: 'no barriers', from: 3000, options: { floats: 'exact', barriers: false } },
] as const;
const perFamily = 8;
const programs = families.flatMap(({ what, from, options }) =>
  Array.from({ length: perFamily }, (_, i) => ({
    what: `${what}, seed ${from + i}`,
    ...randomProgram(from + i, options),
  })),
);

describe('a lowered program, which means what IEEE 754 says, gives what the exact one means', () => {
  const classes: Readonly<Record<string, NumericClass>> = {
    'with all operations of its own': ieeeClass,
    'with + - * of its own': openClass,
    'of which the compiler reassociates': { ...ieeeClass, algebra: 'reassociates' },
  };
  it.each(Object.entries(classes))('for a device %s', (_, numeric) => {
    for (const { what, program, launch } of programs) {
      const lowered = lowerExact(verify(program).program, numeric, { guarded: true });
      expect(lowered.mode).toBe('stable');
      expect(outcome(verify(lowered).program, launch), what).toBe(outcome(program, launch));
    }
  });
  it('after the other passes, too', () => {
    const exact = (program: (typeof programs)[0]['program']) => lowerExact(program, ieeeClass, { guarded: true });
    for (const { what, program, launch } of programs)
      expect(outcome(optimize(verify(program), { ...launch, exact }), launch), what).toBe(outcome(program, launch));
  });
});

describe('the CPU gives what the definition does, to the bit', () => {
  let vector: Device;
  let scalar: Device;
  beforeAll(async () => {
    vector = await openCpu();
    scalar = openOnCaller(1);
  });
  afterAll(async () => {
    await vector.close();
    await scalar.close();
  });
  const hex = (buffers: readonly Uint8Array[]) => buffers.map((bytes) => Buffer.from(bytes).toString('hex'));

  it('in lanes, on threads', async () => {
    for (const { what, program, launch } of programs)
      expect(hex(await runOnCpu(vector, program, launch)), what).toEqual(hex(runByDefinition(program, launch)));
  });
  it('one invocation at a time', async () => {
    for (const { what, program, launch } of programs)
      expect(hex(await runOnCpu(scalar, program, launch)), what).toEqual(hex(runByDefinition(program, launch)));
  });
});
