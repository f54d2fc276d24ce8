// Builds dist/ from the TypeScript sources: what package.json's exports point at. `npm ci` runs it in a checkout (script `prepare`).
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`], {
  stdio: 'inherit',
});
// Worker files are CommonJS and travel as they are (see backends/cpu/worker.cjs).
cpSync(`${root}backends`, `${root}dist/backends`, {
  recursive: true,
  filter: (path) => !path.includes('.') || path.endsWith('.cjs') || !/\.[a-z]+$/.test(path),
});
