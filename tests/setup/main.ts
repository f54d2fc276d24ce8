/**
 * `npm test`: brings the software GPUs and the browser that the tests need, runs vitest, and ends with what was missing.
 *
 * Arguments go to vitest: `npm test -- tests/ir`. ISOKERNEL_NO_INSTALL=1 downloads and installs nothing.
 * ISOKERNEL_REQUIRE=swiftshader,lavapipe,chromium (any of them) makes a missing one an error instead of skipped tests.
 */
import { parseCLI, startVitest } from 'vitest/node';
import { softwareGpu } from '../../scripts/software-gpu.ts';
import { bringChromium } from './chromium.ts';
import { Tally } from './reporter.ts';

/** What ISOKERNEL_REQUIRE may name, and what tests call it. */
const needs = { swiftshader: 'webgpu:swiftshader', lavapipe: 'webgpu:llvmpipe', chromium: 'chromium' };

const required = (process.env['ISOKERNEL_REQUIRE'] ?? '').split(',').filter((name) => name !== '');
const unknown = required.filter((name) => !Object.hasOwn(needs, name));
if (unknown.length > 0) {
  console.error(`ISOKERNEL_REQUIRE knows ${Object.keys(needs).join(', ')}, not ${unknown.join(', ')}`);
  process.exit(2);
}

const install = process.env['ISOKERNEL_NO_INSTALL'] !== '1';
const gpu = await softwareGpu({ install: install ? 'system' : 'npm-only' });
const chromium = bringChromium(install);
const missing = [...gpu.missing, ...('missing' in chromium ? [{ id: 'chromium', reason: chromium.missing }] : [])];

// Tests run in processes that vitest forks from this one, which is where the drivers' environment takes effect.
Object.assign(process.env, gpu.env);
const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const tally = new Tally();
await startVitest('test', filter, { ...options, watch: false, reporters: ['default', tally] });

console.log(`WebGPU adapters: ${gpu.found.map(({ id, name }) => `${id} (${name})`).join(', ') || 'none'}`);
console.log(`Browser: ${'path' in chromium ? chromium.path : 'none'}`);
for (const { id, reason } of missing) {
  const lost = tally.skippedFor(id);
  console.log(`Missing: ${id}${lost > 0 ? `, ${lost} skipped for it` : ''}. ${reason}`);
}
const lacking = required.filter((name) => missing.some(({ id }) => id === needs[name as keyof typeof needs]));
if (lacking.length > 0) console.log(`Required, so a failure: ${lacking.join(', ')}`);
const failed = tally.failed + lacking.length;
if (failed > 0) process.exitCode = 1;
console.log(`${tally.passed} passed, ${failed} failed, ${tally.skipped} skipped`);
