/** `npm run docs`: writes the pages of docs/ that are made from the sources and tests. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './docs/errors.ts';
import { gpujsPage, wgslPage } from './docs/features.ts';
import { functionsPage } from './docs/functions.ts';
import { warningsPage } from './docs/warnings.ts';

/** The text of each page, by its name. */
export const pages: Readonly<Record<string, () => Promise<string>>> = {
  'errors.md': errorsPage,
  'warnings.md': warningsPage,
  'numerics-functions.md': functionsPage,
  'gpujs.md': gpujsPage,
  'wgsl.md': wgslPage,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(pages))
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), await text());
}
