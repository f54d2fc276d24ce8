import { readFileSync } from 'node:fs';
import { chromium as driver } from 'playwright-core';
import { expect, test } from 'vitest';
import { bundle, entry } from '../../scripts/browser-bundle.ts';
import { describeChromium } from '../support/adapters.ts';
import { serve } from './server.ts';

/** Gzipped bytes that a job may load. Measured: 124,200, of which 34,000 are the parser. The aim, not reached, is 80,000. */
const limit = 127_000;

const chunks = await bundle();
const page = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url));

/** Gzipped bytes of the chunks among the paths that a server sent. */
function bytesOf(paths: readonly string[]): number {
  return chunks.filter(({ name }) => paths.includes(`/${name}`)).reduce((sum, { gzip }) => sum + gzip, 0);
}

describeChromium('the package', (executablePath) => {
  test('two kernels on WebGPU, and how much code a job loads', async () => {
    await using server = await serve(
      new Map([
        ['/index.html', page('index.html')],
        ['/main.js', page('main.js')],
        ...chunks.map(({ name, code }) => [`/${name}`, code] as const),
      ]),
    );
    const browser = await driver.launch({
      executablePath,
      args: [
        ...['--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update'],
        ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
      ],
    });
    try {
      const tab = await browser.newPage();
      const errors: string[] = [];
      tab.on('pageerror', (error) => errors.push(error.message));
      await tab.goto(`${server.origin}/index.html`);
      expect(errors).toEqual([]);
      expect(server.sent).toContain(`/${entry}`);

      const device = expect.stringMatching(/^webgpu/);
      expect(await tab.evaluate('steps.axpy()')).toEqual({ device, length: 1000, wrong: 0 });
      const bytes = bytesOf(server.sent);
      console.log(`code that loads for one WebGPU job: ${bytes} bytes, minified and gzipped`);
      expect(bytes).toBeLessThan(limit);
      expect(await tab.evaluate('steps.reverse()')).toEqual({ device, length: 1000, wrong: 0 });
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
