/** `isokernel show`: what each form prints, and which lines of the source stand beside what. */

import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as library from '../../kernels/index.ts';
import { show } from '../../src/cli/show.ts';
import { Kernel } from '../../src/index.ts';
import { parse } from '../../src/ir/parse.ts';
import { print } from '../../src/ir/print.ts';

const file = (name: string) => fileURLToPath(new URL(`../../kernels/${name}.ts`, import.meta.url));
afterEach(() => {
  vi.restoreAllMocks();
});
async function shown(...words: string[]): Promise<string> {
  const parts: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => parts.push(String(text)) > 0);
  await show().parseAsync(words, { from: 'user' });
  return parts.join('');
}
/** The lines of a program below each line of its source. */
function beside(text: string, comment: string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  let group: string[] | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    const source = line.startsWith(`${comment} `) ? /^\S+ \d+ \| (.*)$/.exec(line)?.[1] : undefined;
    if (source !== undefined) groups.set(source, (group = groups.get(source) ?? []));
    else group?.push(line);
  }
  return groups;
}
const update = 'y[i] = a * x.at(i) + y.at(i);';

describe('saxpy', () => {
  test('as ir: the program itself, which can be read again', async () => {
    const text = await shown(file('saxpy'));
    expect(print(parse(text), { places: false })).toBe(
      print((await library.saxpy.verified()).program, { places: false }),
    );
    expect(beside(text, '//').get(update)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^store y\[%\d+\.i\]/)]),
    );
    expect(text).toMatch(/\/\/ \d+ \| const i = k\.global\.x;\n {2}%\d+\.i: i32 = globalId x/);
  });
  test('as optimized ir', async () => {
    expect(await shown(file('saxpy'), '--optimized', '--workgroup', '32')).toContain('workgroup 32 1 1');
  });
  test('as wgsl', async () => {
    const text = await shown(file('saxpy'), '--as', 'wgsl', '--workgroup', '8,8');
    expect(text).toContain('@workgroup_size(8, 8, 1)');
    expect(beside(text, '//').get(update)?.[0]).toMatch(/^y_set\(.*launch\.a \* x_at/);
    expect(text).not.toMatch(/@\d+:\d+/);
  });
  test('as wasm: the product and the sum stand below their line, in lanes and one by one', async () => {
    const text = await shown(file('saxpy'), '--as', 'wasm');
    const lines = beside(text, ';;').get(update)!;
    for (const name of ['f32x4.mul', 'f32x4.add', 'v128.store', 'f32.mul', 'f32.add', 'f32.store'])
      expect(lines.filter((line) => line.startsWith(name))).not.toEqual([]);
    expect(text).toMatch(
      /^\(module[\s\S]*\(func \$run \(export "run"\)\n[\s\S]*\(local \$x\.address i32\)[\s\S]*\n\)\n$/,
    );
  });
  test('as counts', async () => {
    const text = await shown(file('saxpy'), '--as', 'asm-stats');
    expect(text).toMatch(/loads of 16 bytes *│ +2 │/);
    expect(text).toMatch(/stores to buffers *│ +1 │/);
    expect(text).toMatch(/bytes of code *│ +\d{3,} │/);
  });
  test('in another mode', async () => {
    expect(await shown(file('saxpy'), '--mode', 'fast')).toMatch(/^kernel "saxpy" fast/);
  });
});

test.each([
  [['--optimized', '--as', 'wgsl'], /for --as ir/],
  [['--workgroup', '8'], /sees its workgroup/],
])('%s of a kernel with a workgroup is refused', async (words, says) => {
  await expect(shown(file('matmul'), ...words)).rejects.toThrow(says);
});

test('every library kernel can be shown in every form', async () => {
  const { forms } = await import('../../src/cli/show.ts');
  for (const kernel of Object.values(library)) {
    if (!(kernel instanceof Kernel)) continue;
    const verified = await kernel.verified();
    for (const form of Object.values(forms))
      expect((await form(kernel, verified, { as: 'ir' })).length).toBeGreaterThan(100);
  }
});
