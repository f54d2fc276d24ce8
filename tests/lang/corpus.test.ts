import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.ts';
import { corpus } from './corpus.ts';
import { javascript } from './oracle.ts';
import { build, launch } from './support.ts';

const inputs = [
  [1, 3, -2, 4, 7, 0, 2, 6],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [2, -1, -1, 5, 3, 3, 1, 1],
  [7, 6, 5, 4, 3, 2, 1, 0],
];
const consts = { DEBUG: false, SIZE: 2 };
const n = 6;

/** The kernel of a text, as a function of `x`. */
function kernelOf(text: string): (x: readonly number[]) => number[] {
  const verified = verify(build({ x: 'read i32', y: 'readWrite i32', n: 'i32' }, text, { consts }));
  return (x) => {
    const args = { x: Int32Array.from(x), y: new Int32Array(8), n };
    launch(verified, args, 4);
    return [...args.y];
  };
}

/** How a bundler prints the function. */
const tools = {
  'as written': (body: string) => body,
  minified: (body: string) => viaEsbuild(body, { minify: true }),
  'with kept names': (body: string) => viaEsbuild(body, { minify: true, keepNames: true }),
  'for ES2017': (body: string) => viaEsbuild(body, { target: 'es2017', minifySyntax: true }),
};
function viaEsbuild(body: string, options: Parameters<typeof transformSync>[1]): string {
  const { code } = transformSync(`printed({ ${body} });`, options);
  // esbuild may put helpers before the call
  return code.slice(code.lastIndexOf('printed(') + 8).replace(/^\{\s*|\s*\}\);?\s*$/g, '');
}

describe('a body gives what it gives as JavaScript', () => {
  for (const [name, body] of Object.entries(corpus)) {
    test(name, () => {
      const expected = inputs.map((x) => javascript(body as never, x, 8, 4, { n, ...consts }));
      for (const [tool, print] of Object.entries(tools)) {
        const text = print(body.toString());
        expect(inputs.map(kernelOf(text)), `${tool}: ${text}`).toEqual(expected);
      }
    });
  }
});
