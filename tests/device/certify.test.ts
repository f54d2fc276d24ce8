/**
 * Certification: of the adapters of this machine, of simulated drivers that take the liberties of WGSL, and of devices that
 * compute wrongly.
 */

import { describe, expect, test } from 'vitest';
import { backend as cpu } from '../../backends/cpu/index.ts';
import { backend as interpreter } from '../../backends/interpreter/index.ts';
import { backend as nothing } from '../../backends/null/index.ts';
import { ask } from '../../src/device/certify/ask.ts';
import { certify } from '../../src/device/certify/certify.ts';
import { plainOperands } from '../../src/device/certify/corpus.ts';
import { hazards } from '../../src/device/certify/lines.ts';
import type { Backend, Device } from '../../src/device/contract.ts';
import { ieeeClass, type NumericClass, nativeOps } from '../../src/ir/numeric-class.ts';
import { describeAdapters } from '../support/adapters.ts';
import { assumesNumbers, flushes, fuses, reassociates, simulatedGpu, sloppy } from '../support/simulated-gpu.ts';
import { deviceOf } from '../webgpu/on-device.ts';

const known: Readonly<Record<string, Partial<NumericClass>>> = {
  'webgpu:swiftshader': { algebra: 'reassociates', subnormals: 'flushed' },
  'webgpu:llvmpipe': { algebra: 'reassociates', subnormals: 'kept', halves: true },
};

const withoutFma: NumericClass = { ...ieeeClass, native: nativeOps.filter((op) => op !== 'fma') };

describeAdapters('certification', ({ id }) => {
  test('finds the class, and exact answers', { timeout: 60_000 }, async () => {
    const certificate = await certify(await deviceOf(id));
    expect(certificate).toMatchObject({ exact: true, numeric: known[id] ?? {} });
  });

  test('would not have found them without fences', { timeout: 60_000 }, async ({ skip }) => {
    if (known[id]?.algebra !== 'reassociates') skip('it leaves floats alone');
    const device = await deviceOf(id);
    const numeric = withoutFma;
    const asked = { name: 'unfenced', lines: hazards, operands: plainOperands, mode: 'exact', numeric } as const;
    const answers = await ask(device, asked);
    expect(answers.flat().filter(({ given, expected }) => given !== expected).length).toBeGreaterThan(50);
  });

  test('believes no backend that claims too much', { timeout: 60_000 }, async ({ skip }) => {
    if (known[id]?.algebra !== 'reassociates') skip('it leaves floats alone');
    const device = await deviceOf(id);
    const capabilities = { ...device.capabilities, numeric: withoutFma };
    const boastful = new Proxy(device, {
      get: (target, name) => {
        if (name === 'capabilities') return capabilities;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    expect(await certify(boastful)).toMatchObject({ exact: true, numeric: { algebra: 'reassociates' } });
  });
});

describe('a simulated driver', () => {
  test.each([
    ['that leaves programs alone', [], { algebra: 'none', subnormals: 'kept' }],
    ['that fuses', [fuses], { algebra: 'contracts', subnormals: 'kept' }],
    ['that reassociates', [reassociates], { algebra: 'reassociates', subnormals: 'kept' }],
    ['that flushes', [flushes], { algebra: 'none', subnormals: 'flushed' }],
    ['that knows no NaN', [assumesNumbers], { algebra: 'none' }],
    ['that does it all', [reassociates, fuses, flushes], { algebra: 'reassociates', subnormals: 'flushed' }],
  ] as const)('%s is known for what it is, and certified', { timeout: 30_000 }, async (_, liberties, numeric) => {
    expect(await certify(await simulatedGpu(...liberties))).toMatchObject({ exact: true, numeric });
  });

  test('whose division is not rounded correctly divides in integers', { timeout: 60_000 }, async () => {
    const byReciprocal = sloppy('div', (b, x, y) => b.op('mul', x, b.op('div', b.f32(1), y)));
    const certificate = await certify(await simulatedGpu(byReciprocal));
    expect(certificate.exact && !certificate.numeric.native.includes('div')).toBe(true);
  });

  test('that cannot multiply is refused, and so is one that computes nothing', { timeout: 30_000 }, async () => {
    const truncating = sloppy('mul', (b, x, y) =>
      b.bitcast(b.op('and', b.bitcast(b.op('mul', x, y), 'u32'), b.u32(0xfffffffe)), 'f32'),
    );
    expect(await certify(await simulatedGpu(truncating))).toEqual({
      exact: false,
      reason: 'its own mul of floats are not those of IEEE 754',
    });
    expect(await certify(await first(nothing))).toMatchObject({ exact: false });
  });
});

test('devices whose class is known by construction give exact answers', { timeout: 60_000 }, async () => {
  for (const device of [await first(interpreter), await first(cpu)])
    expect(await certify(device)).toEqual({ exact: true, numeric: device.capabilities.numeric });
});

async function first(backend: Backend): Promise<Device> {
  const [device] = await backend.discover({ threads: 1 });
  return device!;
}
