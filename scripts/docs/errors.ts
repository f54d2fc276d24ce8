/** docs/errors.md: every code of an error, with examples. */

import { type ErrorCode, IsokernelError } from '../../src/ir/error.ts';
import { errorCodes } from '../../src/ir/error-codes.ts';
import { bodyOf, kernels, rows, standard } from '../../tests/lang/refusals.ts';
import { refused, verified } from '../../tests/lang/support.ts';

/** Headings, each above the first code of its kind in the table of codes. */
const headings: { readonly [code in ErrorCode]?: string } = {
  'no-source': 'The kernel language',
  'invalid-ir': 'The IR',
  'missing-argument': 'Arguments of a launch',
  'no-device': 'Running',
  'data-race': 'Detectors of the interpreter',
  usage: 'The command line, and files',
};

interface Example {
  readonly wrong: string;
  readonly right: string;
  /** What the error says. */
  readonly message: string;
  readonly hint: string;
}

async function examples(): Promise<ReadonlyMap<ErrorCode, Example>> {
  const found = new Map<ErrorCode, Example>();
  for (const [wrong, , code, , right] of Object.values(rows).flat()) {
    if (right !== undefined) found.set(code, { wrong, right, ...refused(standard, bodyOf(wrong)) });
  }
  for (const { code, wrong, right } of kernels) {
    const error = await verified(wrong).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof IsokernelError)) throw new Error(`${code}: the wrong kernel was accepted`);
    const [message = ''] = error.message.split('\n');
    // the place would be one of this machine
    found.set(code, { wrong, right, message: message.replace(/ {2}\(.*\)$/, ''), hint: error.hint ?? '' });
  }
  return found;
}

/** The text of docs/errors.md. */
export async function errorsPage(): Promise<string> {
  const shown = await examples();
  const parameters = Object.entries(standard).map(([name, type]) => `\`${name}: ${declared(type)}\``);
  const parts = Object.entries(errorCodes).flatMap(([code, meaning]) => {
    const heading = headings[code as ErrorCode];
    const example = shown.get(code as ErrorCode);
    return [
      ...(heading === undefined ? [] : [`## ${heading}`]),
      `### \`${code}\``,
      // a sentence, but for names of code
      `${meaning.replace(/^[a-z](?=[a-z])/, (first) => first.toUpperCase())}.`,
      ...(example === undefined ? [] : [exampleText(example)]),
    ];
  });
  return `${[
    '# Errors',
    'Every error that isokernel raises on purpose is an `IsokernelError`. Its `code` is stable, so programs may branch on it; its `message` is for people, and its `hint` says what to write or do instead. A kernel with several mistakes gets one error that tells of them all, the others being in `further`. This page is made by `npm run docs` from the table of codes and from the tests, which run every example.',
    `In examples that are statements only, the kernel has these parameters: ${parameters.join(', ')}.`,
    ...parts,
  ].join('\n\n')}\n`;
}

/** `read f32 2` as an author writes it: `read(f32, 2)`. */
function declared(type: string): string {
  const [access, ...of] = type.replace(/vec(\d)<(\w).*>/, 'vec$1$2').split(' ');
  return of.length === 0 ? type : `${access}(${of.join(', ')})`;
}

function exampleText({ wrong, right, message, hint }: Example): string {
  const says = [message, hint].filter((text) => text !== '').map((text) => `> ${text}`);
  return ['Wrong:', `\`\`\`js\n${wrong}\n\`\`\``, says.join('\n>\n'), 'Right:', `\`\`\`js\n${right}\n\`\`\``].join(
    '\n\n',
  );
}
