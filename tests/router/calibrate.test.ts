import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backend as nothing } from '../../backends/null/index.ts';
import type { Device, Rates } from '../../src/device/contract.ts';
import { fileStore } from '../../src/file-store.ts';
import { calibrate } from '../../src/router/calibrate.ts';
import type { Store } from '../../src/router/store.ts';
import { open } from '../../src/runtime/index.ts';
import { fails, i32 } from '../support/fake-runtime.ts';
import { plus } from '../support/kernels.ts';

/** A device whose every submission is done at once, so that nothing here takes time. */
async function device(id = 'x:y', driver = '1'): Promise<Device & { compiled: number }> {
  const [inner] = await nothing.discover({});
  const capabilities = { ...inner!.capabilities, id, driver, kind: 'cpu' as const };
  const compile: Device['compile'] = (verified, options) => {
    wrapped.compiled++;
    return inner!.compile(verified, options);
  };
  const wrapped = Object.assign(Object.create(inner!), { capabilities, compile, compiled: 0 }) as Device & {
    compiled: number;
  };
  for (const name of ['alloc', 'free', 'write', 'read', 'submit', 'record', 'ineligible', 'close'] as const) {
    Object.assign(wrapped, { [name]: (inner![name] as (...args: unknown[]) => unknown).bind(inner) });
  }
  Object.defineProperty(wrapped, 'memory', { get: () => inner!.memory });
  return wrapped;
}
function memoryStore(): Store & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, load: async (name) => kept.get(name), save: async (name, text) => void kept.set(name, text) };
}
const names: (keyof Rates)[] = ['f32', 'i32', 'bandwidth', 'upload', 'readback', 'launch'];

describe('calibration', () => {
  test('measures every rate and gives the memory back', async () => {
    const one = await device();
    const rates = await calibrate(one, undefined, () => {});
    for (const name of names) expect([name, rates[name] > 0 && Number.isFinite(rates[name])]).toEqual([name, true]);
    expect(one.memory.used).toBe(0);
  });

  test('is kept, and measured again for another driver', async () => {
    const store = memoryStore();
    const warnings: string[] = [];
    const warn = (code: string) => void warnings.push(code);
    const first = await device();
    const rates = await calibrate(first, store, warn);
    expect([...store.kept.keys()]).toEqual(['calibration-x:y']);
    const second = await device();
    expect(await calibrate(second, store, warn)).toEqual(rates);
    expect([first.compiled > 0, second.compiled]).toEqual([true, 0]);
    const updated = await device('x:y', '2');
    await calibrate(updated, store, warn);
    expect(updated.compiled).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  });

  const good = JSON.stringify({ rates: Object.fromEntries(names.map((name) => [name, 1])) });
  test.each([
    ['no JSON', 'garbage{'],
    ['cut short', good.slice(0, -9)],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['no rates', '{"rates":5}'],
    ['a rate missing', good.replace('"f32":1,', '')],
    ['a rate of zero', good.replace('"i32":1', '"i32":0')],
    ['a rate beyond all numbers', good.replace('"i32":1', '"i32":1e999')],
    ['a rate as text', good.replace('"i32":1', '"i32":"1"')],
  ])('a file with %s is reported, ignored and replaced', async (_, text) => {
    const store = memoryStore();
    store.kept.set('calibration-x:y', text);
    const warnings: string[] = [];
    const one = await device();
    const rates = await calibrate(one, store, (code) => void warnings.push(code));
    expect(warnings).toEqual(['calibration-unreadable']);
    expect(one.compiled).toBeGreaterThan(0);
    expect(JSON.parse(store.kept.get('calibration-x:y')!)).toMatchObject({ rates });
  });

  test('goes on without a store that works', async () => {
    const refuse = () => Promise.reject(new Error('disk full'));
    const warnings: string[] = [];
    await calibrate(await device(), { load: refuse, save: refuse }, (code) => void warnings.push(code));
    expect(warnings).toEqual(['calibration-unreadable', 'calibration-failed']);
  });

  test('a device that fails to be measured keeps its first guess, and says so', async () => {
    const broken = await device('broken');
    broken.compile = () => Promise.reject(new Error('no compiler'));
    const warnings: string[] = [];
    const backend = { name: 'b', discover: async () => [broken, await device('fine')] };
    const rt = await open({ backends: [backend], onWarning: ({ code }) => void warnings.push(code) });
    await rt.calibrate();
    expect(rt.devices.map(({ calibrated }) => calibrated)).toEqual([false, true]);
    expect(rt.devices[0]!.rates).toEqual(broken.capabilities.rates);
    expect(warnings).toEqual(['calibration-failed']);
    await rt.close();
  });

  test('happens when there is a choice to make, and not before', async () => {
    const [a, b] = [await device('a'), await device('b')];
    const rt = await open({ backends: [{ name: 'b', discover: async () => [a, b] }] });
    await rt.run(plus, { x: i32(1), n: 1 }, { device: 'a' });
    expect(rt.devices.map(({ calibrated }) => calibrated)).toEqual([false, false]);
    await rt.run(plus, { x: i32(1), n: 1 });
    expect(rt.devices.map(({ calibrated }) => calibrated)).toEqual([true, true]);
    await fails(() => rt.run(plus, { x: i32(1), n: 1 }, { device: 'c' }), 'unknown-device');
    await rt.close();
  });
});

test('files in a folder: whole, and none at first', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isokernel-'));
  try {
    const store = fileStore(join(folder, 'deep', 'cache'));
    expect(await store.load('a:b')).toBeUndefined();
    await store.save('a:b', 'one');
    await store.save('a:b', 'two');
    expect(await store.load('a:b')).toBe('two');
    expect(await readdir(join(folder, 'deep', 'cache'))).toHaveLength(1);
    await writeFile(join(folder, 'file'), '');
    await expect(fileStore(join(folder, 'file')).load('a')).rejects.toThrow();
  } finally {
    await rm(folder, { recursive: true });
  }
});
