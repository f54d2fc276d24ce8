/** docs/warnings.md: what `isokernel lint` says, with examples. */

import type { Warning } from '../../src/index.ts';
import { warningCodes } from '../../src/lint/codes.ts';
import { lint } from '../../src/lint/lint.ts';
import { verified } from '../../tests/lang/support.ts';
import { examples } from '../../tests/lint/examples.ts';

const runtimeWarnings: Readonly<Record<Warning['code'], string>> = {
  'repeated-upload':
    'one array has been passed ten times to a `read` parameter, 64 KiB or more of it; where its elements stay, `rt.buffer` uploads them once',
  'forgotten-buffer':
    'a buffer was collected as garbage before it was freed, so what it holds stays on its devices; with the place where it was made, and only by `open({ reportForgotten: true })`',
  'fall-back': 'a job ran on another device than the one it was first given to',
  'device-lost': 'a device is gone; its jobs run again elsewhere',
  'calibration-unreadable': 'measurements that were kept cannot be read, and are made anew',
  'calibration-failed': 'a device could not be measured',
  'certificate-unreadable': 'a certificate that was kept cannot be read, and is made anew',
  'certificate-failed': 'a device could not be certified for `exact`',
  decertified: 'a device gave other bits than another one, and lost its certificate for `exact`',
};

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
    '## While it runs',
    '`open({ onWarning })` is told of what is no error but should be known, each with a `code` and a `message`:',
    Object.entries(runtimeWarnings)
      .map(([code, meaning]) => `- \`${code}\`: ${meaning}.`)
      .join('\n'),
  ].join('\n\n')}\n`;
}
