/** Opening a runtime on what is not there, is no backend, lies or is corrupt. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type ErrorCode, type OpenOptions, open, type Warning } from '../../src/index.ts';
import { fakes } from '../support/fake-device.ts';
import { double, refused, type Unchecked, works } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'isokernel-'));
afterAll(() => rmSync(folder, { recursive: true }));

const x = new Float32Array([1]);
const opened = (options: Unchecked) => () => open(options);

describe('refused', () => {
  const rows: [what: string, code: ErrorCode, names: RegExp | string, action: () => unknown][] = [
    ['null for the options', 'invalid-option', 'null', opened(null)],
    ['a name for the options', 'invalid-option', 'cpu', opened('cpu')],
    ['a misspelt option', 'invalid-option', 'polici', opened({ polici: 'random' })],
    ['one backend for a list', 'invalid-option', 'backends', opened({ backends: 'cpu' })],
    ['an unknown backend', 'unknown-backend', '"cuda"', opened({ backends: ['cuda'] })],
    ['a name that objects have', 'unknown-backend', '"toString"', opened({ backends: ['toString'] })],
    ['an object that is no backend', 'unknown-backend', 'Object', opened({ backends: [{}] })],
    ['undefined for a backend', 'unknown-backend', 'undefined', opened({ backends: [undefined] })],
    ['one device for a list', 'invalid-option', 'devices', opened({ backends: ['null'], devices: 'cpu' })],
    ['an unknown device', 'unknown-device', '"gpu"', opened({ backends: ['null'], devices: ['gpu'] })],
    ['half a thread', 'invalid-option', 'threads is 0.5', opened({ backends: ['null'], threads: 0.5 })],
    ['no memory', 'invalid-option', 'memory is 0', opened({ backends: ['null'], memory: 0 })],
    ['an unknown policy', 'invalid-option', '"best"', opened({ backends: ['null'], policy: 'best' })],
    ['a listener that is none', 'invalid-option', 'onWarning', opened({ backends: ['null'], onWarning: 'log' })],
    ['a folder that is no path', 'invalid-option', 'cacheDir is 5', opened({ backends: ['null'], cacheDir: 5 })],
  ];
  for (const [what, code, names, action] of rows) test(what, () => refused(action, code, names));
});

describe('without a device', () => {
  for (const [what, options] of Object.entries<OpenOptions>({
    'no backends': { backends: [] },
    'no devices': { backends: ['interpreter'], devices: [] },
    'a backend that finds none': { backends: [{ name: 'empty', discover: async () => [] }] },
  }))
    test(`${what}: work fails, nothing else does`, async () => {
      const rt = await open(options);
      expect(rt.devices).toEqual([]);
      const buffer = rt.buffer({ type: 'f32' } as Unchecked, 1, x);
      await refused(() => rt.run(double, { x }), 'no-device', 'no device');
      await refused(() => rt.run(double, { x }, { device: 'cpu' }), 'unknown-device', '"cpu"');
      expect(await buffer.read()).toEqual(x);
      await rt.close();
    });

  test('a device that computes nothing still takes jobs', async () => {
    const rt = await open({ backends: ['null'] });
    expect(await rt.run(double, { x })).toEqual({ r: new Float32Array(1) });
    await rt.close();
  });
});

describe('a backend that is broken is listed, and stops no other', () => {
  const device = { capabilities: { id: 'liar' } };
  const rows: [what: string, discover: () => unknown, names: string][] = [
    ['finds a number', async () => 5, 'no list'],
    ['finds undefined', async () => [undefined], 'capabilities'],
    ['finds half a device', async () => [device], 'lost'],
    ['throws', () => JSON.parse('{'), 'JSON'],
    ['throws nothing', () => Promise.reject(undefined), 'undefined'],
  ];
  for (const [what, discover, names] of rows)
    test(what, async () => {
      const broken = { name: 'broken', discover } as Unchecked;
      const rt = await open({ backends: [broken, 'interpreter'] });
      expect(rt.unavailable).toMatchObject([{ backend: 'broken', message: expect.stringContaining(names) }]);
      await works(rt, 'interpreter');
      await rt.close();
    });
});

describe('a policy that lies', () => {
  const rows: [what: string, choose: (candidates: Unchecked) => unknown, names: string][] = [
    ['names a device that is not there', () => ({ device: 'gpu' }), 'no candidate'],
    ['names one that cannot', () => ({ device: 'c' }), 'no candidate'],
    ['says nothing', () => undefined, 'no candidate'],
    ['makes promises', async ([first]) => first, 'no candidate'],
    ['throws', () => JSON.parse('{'), 'JSON'],
  ];
  for (const [what, choose, names] of rows)
    test(what, async () => {
      const { backend } = await fakes({ id: 'a' }, { id: 'b' }, { id: 'c', ineligible: () => 'it cannot' });
      const rt = await open({ backends: [backend], calibrate: false });
      const policy = { name: 'liar', choose } as Unchecked;
      const error = await refused(() => rt.run(double, { x }, { policy }), 'invalid-option', names);
      expect(error.message).toContain('liar');
      await works(rt, 'a');
      await rt.close();
    });
});

describe('what is kept on disk', () => {
  async function measured(cacheDir: string, onWarning: (warning: Warning) => void): Promise<void> {
    // a job with a choice between two devices makes the runtime measure them
    const rt = await open({ backends: ['cpu', { name: 'second', discover: second }], threads: 1, cacheDir, onWarning });
    expect(await rt.run(double, { x })).toEqual({ r: new Float32Array([2]) });
    expect(rt.devices.find(({ id }) => id === 'cpu')!.calibrated).toBe(true);
    await rt.close();
  }
  const second = async () => {
    const [device] = await (await import('../../backends/cpu/index.ts')).backend.discover({ threads: 1 });
    return [device!];
  };

  test('a corrupt calibration is reported, ignored and replaced', async () => {
    const warnings: Warning[] = [];
    const listen = (warning: Warning) => warnings.push(warning);
    await measured(folder, listen);
    expect(warnings).toEqual([]);
    const [file] = readdirSync(folder);
    for (const corrupt of ['', '{"rates": {"f32": -1', '{"rates": {"f32": "fast"}}', '[]', '\0\xff']) {
      writeFileSync(join(folder, file!), corrupt);
      await measured(folder, listen);
      expect(warnings.splice(0)).toMatchObject([
        { code: 'calibration-unreadable', message: expect.stringContaining('calibration-cpu') },
      ]);
    }
    await measured(folder, listen);
    expect(warnings).toEqual([]);
  });

  test('a folder that is a file is reported, and nothing else', async () => {
    const file = join(folder, readdirSync(folder)[0]!);
    const codes = new Set<string>();
    await measured(file, ({ code }) => codes.add(code));
    expect([...codes].sort()).toEqual(['calibration-failed', 'calibration-unreadable']);
  });
});
