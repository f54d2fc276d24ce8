import { readFileSync } from 'node:fs';
import { type Browser, chromium as driver } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, entry } from '../../scripts/browser-bundle.ts';
import { describeChromium } from '../support/adapters.ts';
import { isolated, type Server, serve } from './server.ts';

/** Gzipped bytes that a job may load. Measured: 155,500, of which 34,000 are the parser. The aim, not reached, is 80,000. */
const limit = 158_000;

const chunks = await bundle();
const page = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url));

/** Gzipped bytes of the chunks among the paths that a server sent. */
function bytesOf(paths: readonly string[]): number {
  return chunks.filter(({ name }) => paths.includes(`/${name}`)).reduce((sum, { gzip }) => sum + gzip, 0);
}

const files = new Map([
  ['/index.html', page('index.html')],
  ['/main.js', page('main.js')],
  ...chunks.map(({ name, code }) => [`/${name}`, code] as const),
]);
const args = [
  ...['--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
];

describeChromium('the package', (executablePath) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await driver.launch({ executablePath, args });
  });
  afterAll(() => browser?.close());

  /** A page of the server, and the errors that nobody catches there. */
  async function visit(server: Server) {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    await tab.goto(`${server.origin}/index.html`);
    return { tab, errors };
  }

  test('two kernels on WebGPU, and how much code a job loads', async () => {
    await using server = await serve(files);
    const { tab, errors } = await visit(server);
    expect(errors).toEqual([]);
    expect(server.sent).toContain(`/${entry}`);

    const device = expect.stringMatching(/^webgpu/);
    expect(await tab.evaluate('steps.axpy()')).toEqual({ device, length: 1000, wrong: 0 });
    const bytes = bytesOf(server.sent);
    console.log(`code that loads for one WebGPU job: ${bytes} bytes, minified and gzipped`);
    expect(bytes).toBeLessThan(limit);
    expect(await tab.evaluate('steps.reverse()')).toEqual({ device, length: 1000, wrong: 0 });
    expect(errors).toEqual([]);
  });

  const right = { wrong: [], ended: 'deadline', alive: true };
  test('the CPU with workers, where the page is isolated', { timeout: 60_000 }, async () => {
    await using server = await serve(files);
    const { tab, errors } = await visit(server);
    const threads = await tab.evaluate('navigator.hardwareConcurrency');
    const driver = expect.not.stringContaining('one thread');
    expect(await tab.evaluate('cpu()')).toEqual({ ...right, isolated: true, threads, driver });
    expect(server.sent.filter((path) => path.startsWith('/worker'))).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('the CPU with one thread, where it is not', { timeout: 60_000 }, async () => {
    await using server = await serve(files, {});
    const { tab, errors } = await visit(server);
    const driver = expect.stringContaining('one thread: the page is not cross-origin isolated');
    expect(await tab.evaluate('cpu()')).toEqual({ ...right, isolated: false, threads: 1, driver });
    expect(errors).toEqual([]);
  });

  test('the CPU with one thread, where the page forbids workers', { timeout: 60_000 }, async () => {
    const policy = { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" };
    await using server = await serve(files, { ...isolated, ...policy });
    const { tab, errors } = await visit(server);
    const driver = expect.stringMatching(/one thread: .*worker-src blob:/);
    expect(await tab.evaluate('cpu()')).toEqual({ ...right, isolated: true, threads: 1, driver });
    expect(errors).toEqual([]);
  });
});
