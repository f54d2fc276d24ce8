import { runInThisContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.ts';
import { Random } from '../support/random.ts';
import { javascript } from './oracle.ts';
import { randomBody } from './random-body.ts';
import { build, launch } from './support.ts';

const inputs = [
  [1, 3, -2, 4, 7, 0, 2, 6],
  [0, 5, 1, 1, -1, 8, 3, 2],
];
/** Changed by hand to look further. */
const bodies = 30;

test(`${bodies} random bodies full of jumps give what they give as JavaScript, as written and minified`, () => {
  for (let seed = 1; seed <= bodies; seed++) {
    const text = randomBody(new Random(seed));
    const expected = inputs.map((x) => javascript(runInThisContext(text), x, 8, 2));
    const minified = transformSync(`printed(${text});`, { minify: true }).code.replace(/^printed\(|\);\s*$/g, '');
    for (const printed of [text, minified]) {
      const verified = verify(build({ x: 'read i32', y: 'readWrite i32' }, printed));
      const given = inputs.map((x) => {
        const args = { x: Int32Array.from(x), y: new Int32Array(8) };
        launch(verified, args, 2);
        return [...args.y];
      });
      expect(given, `seed ${seed}: ${printed}`).toEqual(expected);
    }
  }
});
