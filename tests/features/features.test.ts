import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, type Runtime } from '../../src/index.ts';
import { gpujs } from './gpujs.ts';
import { results } from './harness.ts';
import { wgsl } from './wgsl.ts';

let rt: Runtime;
beforeAll(async () => {
  rt = await open({ backends: ['interpreter'], calibrate: false });
});
afterAll(() => rt.close());

/** Equal, or as near as functions of f32 come. */
function near(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') {
    return Object.is(actual + 0, expected + 0) || Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected));
  }
  if (typeof actual !== 'object' || typeof expected !== 'object') return actual === expected;
  const [ours, theirs] = [Object.entries(actual ?? {}), Object.entries(expected ?? {})];
  return (
    ours.length === theirs.length && theirs.every(([key, value], i) => ours[i]![0] === key && near(ours[i]![1], value))
  );
}

describe.each(Object.entries({ wgsl, gpujs }))('%s', (_, sections) => {
  for (const [section, features] of Object.entries(sections))
    for (const feature of features) {
      if (feature.ours === '') continue;
      test(`${section}: ${feature.theirs}`, async () => {
        const { actual, expected } = await results(rt, feature);
        if (!near(actual, expected)) expect(actual).toEqual(expected);
      });
    }
});

test('where something is not here, it says why', () => {
  for (const features of [wgsl, gpujs].flatMap((sections) => Object.values(sections)).flat())
    expect(features.ours === '' ? features.note : 'ours', features.theirs).toBeTruthy();
});
