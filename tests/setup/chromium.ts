/** Debian's Chromium, for the tests that drive a browser. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium as path } from '../support/chromium.ts';

export function bringChromium(install: boolean): { path: string } | { missing: string } {
  const remedy = 'As root on Debian: apt-get install chromium';
  if (existsSync(path)) return { path };
  if (!install || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return { missing: remedy };
  for (const step of [
    ['-q', 'update'],
    ['-qy', '--no-install-recommends', 'install', 'chromium'],
  ]) {
    const { status } = spawnSync('apt-get', step, {
      // Standard output is for the tests.
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) return { missing: `apt-get ${step.join(' ')} failed. ${remedy}` };
  }
  return existsSync(path) ? { path } : { missing: remedy };
}
