import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Spares } from '../../src/runtime/spares.ts';
import { fakes } from '../support/fake-device.ts';
import { fakeRuntime, i32 } from '../support/fake-runtime.ts';
import { advance, plus } from '../support/kernels.ts';

async function device(memory?: number) {
  const { devices } = await fakes(memory === undefined ? {} : { memory });
  return devices[0]!;
}

describe('spares', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('give memory of the same size again, the last first', async () => {
    const one = await device();
    const spares = new Spares(one);
    const [a, b, c] = [one.alloc(8), one.alloc(8), one.alloc(16)];
    for (const memory of [a, b, c]) spares.give(memory);
    expect([spares.take(8), spares.take(12), spares.take(8), spares.take(8)]).toEqual([b, undefined, a, undefined]);
    expect(spares.take(16)).toBe(c);
  });

  test('go back to the device a moment after the last was given', async () => {
    const one = await device();
    const spares = new Spares(one);
    spares.give(one.alloc(8));
    vi.advanceTimersByTime(200);
    spares.give(one.alloc(16));
    vi.advanceTimersByTime(200);
    expect(one.memory.used).toBe(24);
    vi.advanceTimersByTime(100);
    expect(one.memory.used).toBe(0);
    expect(spares.take(8)).toBeUndefined();
  });

  test('are a part of the memory only, the oldest leave first', async () => {
    const one = await device(400);
    const spares = new Spares(one);
    const memories = [40, 44, 48].map((bytes) => one.alloc(bytes));
    for (const memory of memories) spares.give(memory);
    expect(one.memory.used).toBe(92);
    spares.give(one.alloc(104));
    expect(one.memory.used).toBe(92);
    spares.clear();
    expect(one.memory.used).toBe(0);
  });
});

test('what a spare held is never seen', async () => {
  const { rt, device } = await fakeRuntime();
  const full = { x: new Int32Array(8).fill(77) };
  for (let i = 0; i < 3; i++) await rt.run(plus, { ...full, n: 1 });
  expect(await rt.run(plus, { ...full, n: 1 }, { invocations: 2 })).toEqual({ r: i32(78, 78, 0, 0, 0, 0, 0, 0) });
  const zeros = rt.buffer('i32', 8);
  await rt.run(advance, { x: zeros, n: 1 });
  expect(await zeros.read()).toEqual(new Int32Array(8).fill(1));
  expect(device.count('fill')).toBeGreaterThan(0);
  await rt.close();
});

test('spares make room where memory is short', async () => {
  const { rt } = await fakeRuntime([{ memory: 1024 }]);
  for (const elements of [20, 30, 50, 60, 120]) {
    expect(await rt.run(plus, { x: new Int32Array(elements), n: 1 })).toEqual({ r: new Int32Array(elements).fill(1) });
  }
  await rt.close();
});
