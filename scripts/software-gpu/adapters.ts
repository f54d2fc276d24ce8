/** Which adapters Dawn finds in a given environment, asked in a process of its own, since drivers are looked up once a process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { slugOf } from '../../backends/webgpu/adapter.ts';

export interface Adapter {
  /** The device id that the WebGPU backend gives it. */
  readonly id: string;
  /** The driver's own name. */
  readonly name: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Dawn has no call that lists adapters, but the error for one that does not exist names them all. */
const ask = `
import('webgpu').then(async ({ create }) => {
  try { await create(['adapter=?']).requestAdapter(); } catch (error) { process.stdout.write(error.message); }
}, () => {});
`;

/** None where the package `webgpu` is not installed. */
export async function listAdapters(env: Readonly<Record<string, string>>): Promise<Adapter[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', ask], {
    cwd: root,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return [...stdout.matchAll(/name: '(.*)'$/gm)].map(([, name = '']) => ({ id: `webgpu:${slugOf(name)}`, name }));
}
