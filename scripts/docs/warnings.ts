/** docs/warnings.md: what `isokernel lint` says, with examples. */

import { warningCodes } from '../../src/lint/codes.ts';
import { lint } from '../../src/lint/lint.ts';
import { verified } from '../../tests/lang/support.ts';
import { examples } from '../../tests/lint/examples.ts';

export async function warningsPage(): Promise<string> {
  const parts: string[] = [];
  for (const [code, meaning] of Object.entries(warningCodes)) {
    parts.push(`## \`${code}\``, `${meaning[0]!.toUpperCase()}${meaning.slice(1)}.`);
    for (const { slow, better } of examples.filter((example) => example.code === code)) {
      const [warning] = lint(await verified(slow));
      parts.push(
        'Slow:',
        `\`\`\`js\n${slow}\n\`\`\``,
        `> ${warning!.message}\n>\n> ${warning!.hint}`,
        'Better:',
        `\`\`\`js\n${better}\n\`\`\``,
      );
    }
  }
  return `${[
    '# Warnings',
    '`npx isokernel lint FILE` says what is legal and slow in the kernels that a module exports, with the place and what to write instead. `FILE#name` looks at one of them. It reads programs and runs nothing, so it speaks of what holds for all arguments, and leaves alone what memory decides: an index that was itself loaded, say. Not every warning can be mended: pixels of the Mandelbrot set leave their loop when they leave it. `--allow divergent-loop` leaves a kind out; the exit code is 1 where a warning is left, and `--json` is for tools. This page is made by `npm run docs` from the tests, which check every example.',
    ...parts,
  ].join('\n\n')}\n`;
}
