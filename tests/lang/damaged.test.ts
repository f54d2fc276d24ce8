import * as acorn from 'acorn';
import { expect, test } from 'vitest';
import { IsokernelError } from '../../src/ir/error.ts';
import { verify } from '../../src/ir/verify.ts';
import { compile } from '../../src/lang/compile.ts';
import { furtherErrors } from '../../src/lang/further-errors.ts';
import { LanguageError } from '../../src/lang/language-error.ts';
import { Random } from '../support/random.ts';
import { corpus } from './corpus.ts';
import { define } from './support.ts';

/** Changed by hand to look further. */
const mutants = 400;

interface Range {
  readonly start: number;
  readonly end: number;
}
/** Places of the expressions and the statements of a method's text. */
function partsOf(text: string): { expressions: Range[]; statements: Range[] } {
  const expressions: Range[] = [];
  const statements: Range[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, start, end } = node as acorn.Node;
    // positions are those of `({…})`; the method itself stays
    const range = { start: start - 2, end: end - 2 };
    if (range.start > 0 && /Expression$|Literal$|Identifier$/.test(type)) expressions.push(range);
    if (range.start > 0 && /Statement$|Declaration$/.test(type)) statements.push(range);
    Object.values(node).forEach(visit);
  };
  visit(acorn.parse(`({${text}})`, { ecmaVersion: 'latest' }));
  return { expressions, statements };
}

const expressions = [
  '0',
  '-1',
  '1.5',
  'true',
  'undefined',
  'x',
  'y',
  'k',
  'n / 2',
  'x[0]',
  'k.global.x',
  'k.f32(n)',
  'k.i32(x[0])',
];
const moreExpressions = [
  'k.vec3(1, 2, 3)',
  'k.groupSum(x[0])',
  'k.array.f32(4)',
  '(q) => q',
  '(() => { for (;;) {} })()',
];
const statements = [
  '',
  'return;',
  'break;',
  'continue;',
  'k.barrier();',
  'for (;;) {}',
  'if (n > 2) return;',
  'while (n > 0) n--;',
];

test(`${mutants} damaged bodies are refused with a code, or give a program that verifies`, () => {
  const random = new Random(1);
  const texts = Object.values(corpus).map((body) => body.toString());
  const parts = texts.map(partsOf);
  let accepted = 0;
  for (let n = 0; n < mutants; n++) {
    const which = random.below(texts.length);
    const text = texts[which]!;
    const part = parts[which]!;
    const statement = random.chance(0.3);
    const { start, end } = random.pick(statement ? part.statements : part.expressions);
    const other = random.pick(statement ? part.statements : part.expressions);
    const foreign = random.pick(statement ? statements : [...expressions, ...moreExpressions]);
    const put = random.chance(0.5) ? text.slice(other.start, other.end) : foreign;
    const damaged = text.slice(0, start) + (statement ? put : `(${put})`) + text.slice(end);
    const element = random.pick(['f32', 'i32']);
    const params = { x: `read ${element}`, y: `readWrite ${element}`, n: 'i32' };
    const definition = define(params, damaged, { consts: { DEBUG: false, SIZE: 2 } });
    try {
      verify(compile(definition));
      accepted++;
    } catch (error) {
      const coded = error instanceof LanguageError || error instanceof IsokernelError;
      // `invalid-ir` would mean that the front end wrote nonsense
      if (!coded || error.code === 'invalid-ir') throw new Error(`${String(error)}: ${damaged}`, { cause: error });
      if (error instanceof LanguageError) expect(furtherErrors(definition, error)).toContain(error);
    }
  }
  expect(accepted).toBeGreaterThan(mutants / 20);
});
