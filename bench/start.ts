/**
 * `npm start`: brings the software GPU that npm holds, where there is no other, and then runs the tour (tour.ts) in a process
 * of its own, since drivers are found through the environment that a process starts with. Installs nothing on the system.
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { softwareGpu } from '../scripts/software-gpu.ts';

async function start(): Promise<number> {
  const { env } = await softwareGpu({ install: 'npm-only' });
  const tour = fileURLToPath(new URL('tour.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', tour, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

start().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
