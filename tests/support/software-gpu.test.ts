/** What scripts/software-gpu.ts brings without installing anything, starting from an empty cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { listAdapters } from '../../scripts/software-gpu/adapters.ts';
import { root } from './installed.ts';

const cache = mkdtempSync(join(tmpdir(), 'isokernel-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** The environment that it prints, in a process that sees no driver of ours yet. */
async function bring(): Promise<{ env: Record<string, string>; said: string }> {
  const { VK_DRIVER_FILES: _, VK_ICD_FILENAMES: __, LD_LIBRARY_PATH: ___, ...clean } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(root, 'scripts/software-gpu.ts'), '--print-env'],
    { env: { ...clean, XDG_CACHE_HOME: cache, ISOKERNEL_NO_INSTALL: '1' } },
  );
  const lines = [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)];
  return { env: Object.fromEntries(lines.map(([, name, value]) => [name, value])), said: stderr };
}

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'SwiftShader comes from npm alone, also for two processes at once',
  async () => {
    const [one, other] = await Promise.all([bring(), bring()]);
    expect(one).toEqual(other);
    const adapters = await listAdapters(one.env);
    expect(adapters.map(({ id }) => id)).toContain('webgpu:swiftshader');
    // No draft is left, and no lavapipe was fetched.
    expect(readdirSync(join(cache, 'isokernel'))).toEqual([expect.stringMatching(/^swiftshader-[\d.]+$/)]);
    if (!adapters.some(({ id }) => id === 'webgpu:llvmpipe')) expect(one.said).toContain('no webgpu:llvmpipe');

    const [icd = ''] = one.env['VK_DRIVER_FILES']!.split(':');
    expect(icd.startsWith(cache)).toBe(true);
    const { ICD } = JSON.parse(readFileSync(icd, 'utf8')) as { ICD: { library_path: string } };
    expect(existsSync(join(icd, '..', ICD.library_path))).toBe(true);
  },
);
