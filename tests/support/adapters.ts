/**
 * The adapters that WebGPU tests run on. What is there depends on the machine, so a test that needs one says so here: where
 * it is missing the test is skipped visibly, with a note that `npm test` repeats in its last lines.
 *
 * `npm test` brings the drivers. To run vitest by itself: `eval "$(node --import tsx scripts/software-gpu.ts --print-env)"`.
 */
import { existsSync } from 'node:fs';
import { describe, test } from 'vitest';
import { type Adapter, listAdapters } from '../../scripts/software-gpu/adapters.ts';
import { chromium } from './chromium.ts';

export type { Adapter };

/** Adapters that every full run of the tests has, by device id. */
const expected = ['webgpu:swiftshader', 'webgpu:llvmpipe'];

/** What is here, real GPUs included; `name` selects one in Dawn: `create(['adapter=NAME'])`. */
export const adapters: readonly Adapter[] = await listAdapters({});

/** A block of tests for each adapter that is here, and a skipped test for each expected one that is not. */
export function describeAdapters(title: string, block: (adapter: Adapter) => void): void {
  for (const adapter of adapters) describe(`${title} on ${adapter.id}`, () => block(adapter));
  for (const id of expected) {
    if (!adapters.some((adapter) => adapter.id === id)) skipFor(`${title} on ${id}`, id);
  }
}

/** A block of tests that drives a browser, or a skipped test. */
export function describeChromium(title: string, block: (executable: string) => void): void {
  if (existsSync(chromium)) describe(`${title} in Chromium`, () => block(chromium));
  else skipFor(`${title} in Chromium`, 'chromium');
}

function skipFor(title: string, needed: string): void {
  test(title, ({ skip }) => skip(`no ${needed}`));
}
