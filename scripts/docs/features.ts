/** docs/gpujs.md and docs/wgsl.md: features of other languages, with our code for each. */

import { gpujs } from '../../tests/features/gpujs.ts';
import { type Feature, params } from '../../tests/features/harness.ts';
import { wgsl } from '../../tests/features/wgsl.ts';

type Sections = Readonly<Record<string, readonly Feature[]>>;

/** Code inside a cell of a table: a bar would end the cell. */
const cell = (code: string) => `\`${code.replaceAll('|', '\\|')}\``;

function table(head: string, features: readonly Feature[]): string {
  const rows = features.map(({ theirs, ours, note }) => {
    const code = isProgram({ ours }) ? '(below)' : cell(ours);
    const what = ours === '' ? `– ${note}` : code + (note === undefined ? '' : ` ${note}`);
    return `| ${theirs} | ${what} |`;
  });
  const programs = features.filter(isProgram).map(({ theirs, ours }) => `${theirs}:\n\n\`\`\`js\n${ours}\n\`\`\``);
  return [[`| ${head} | here |`, '|---|---|', ...rows].join('\n'), ...programs].join('\n\n');
}
const isProgram = ({ ours }: Pick<Feature, 'ours'>) => ours.includes('\n');

function page(title: string, intro: string, head: string, sections: Sections): string {
  const all = Object.values(sections).flat();
  const here = all.filter(({ ours }) => ours !== '').length;
  const counts = `Of ${all.length} features ${here} can be written here; the others have their reason beside a dash.`;
  const parts = Object.entries(sections).flatMap(([section, features]) => [`## ${section}`, table(head, features)]);
  return `${[`# ${title}`, `${intro} ${counts}`, ...parts].join('\n\n')}\n`;
}

const tested =
  'Every line of code below is run by a test against a plain reference, and the page is made from these tests by `npm run docs`.';
/** The parameters of the kernels that statements stand in. */
function parameters(): string {
  const names = Object.entries(params).map(([name, token]) => {
    if (!('access' in token)) return `\`${name}: ${token.type}\``;
    const element = token.element.type.replace(/vec(\d)<(\w).*>/, 'vec$1$2');
    return `\`${name}: ${token.access}(${element}${token.rank > 1 ? `, ${token.rank}` : ''})\``;
  });
  return `Statements stand in the body of a kernel with the parameters ${names.join(', ')}, \`consts: { SIZE }\`, \`uses: { half }\` and \`workgroup: 8\`; \`i\` is \`k.global.x\`.`;
}

export async function gpujsPage(): Promise<string> {
  return page(
    'gpu.js, feature by feature',
    `What the README of [gpu.js](https://github.com/gpujs/gpu.js) (version 2.24) documents of its kernels, and how it is written here. ${tested} ${parameters()} Whole programs have the package's names in sight, and a runtime \`rt\`.`,
    'gpu.js',
    gpujs,
  );
}
export async function wgslPage(): Promise<string> {
  return page(
    'WGSL, feature by feature',
    `What the [specification of WGSL](https://www.w3.org/TR/WGSL) has for compute shaders, and how it is written here. ${tested} ${parameters()}`,
    'WGSL',
    wgsl,
  );
}
