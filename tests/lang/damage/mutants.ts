/**
 * Damaged kernels: bodies of the corpus, of the library and of the bundlers' subjects with one to four random changes, from a swapped expression
 * to a lost character. A mutant is a function of the seed and its number, so that any one can be made again alone.
 */

import * as acorn from 'acorn';
import * as library from '../../../kernels/index.ts';
import { Kernel } from '../../../src/index.ts';
import type { BufferParam, Param } from '../../../src/ir/program.ts';
import type { ElementType, ValueType } from '../../../src/ir/types.ts';
import type { Definition } from '../../../src/lang/definition.ts';
import { bodies } from '../../bundlers/bodies.ts';
import { Random } from '../../support/random.ts';
import { corpus } from '../corpus.ts';
import { define } from '../support.ts';
import { characters, foreignExpressions, foreignStatements, numbers, operatorGroups, operators } from './foreign.ts';

/** What is damaged: whole kernels. */
const seeds: readonly Definition[] = [
  ...Object.values(corpus).map((body) =>
    define({ x: 'read i32', y: 'readWrite i32', n: 'i32' }, body.toString(), { consts: { DEBUG: false, SIZE: 2 } }),
  ),
  ...[...bodies.map(({ kernel }) => kernel), ...Object.values(library)].flatMap((it) =>
    it instanceof Kernel ? [it.definition] : [],
  ),
];

/** Iterations of loops without a bound: few, since each mutant may have one. */
const fuel = 2 ** 10;

export interface Mutant {
  readonly definition: Definition;
  readonly text: string;
  /** For what is left to choose: arguments, grid. */
  readonly random: Random;
}

/** The mutant of this number. */
export function mutant(seed: number, number: number): Mutant {
  const random = new Random(seed * 0x9e3779b1 + number);
  const original = random.pick(seeds);
  let text = original.body.toString();
  for (let left = random.pick([1, 1, 1, 1, 1, 1, 2, 2, 3]); left > 0; left--) text = damage(random, text);
  const params = random.chance(0.25) ? damagedParams(random, original.params) : original.params;
  return { definition: { ...original, params, fuel, body: { toString: () => text } }, text, random };
}

const elements = ['f32', 'i32', 'u32', 'f16', 'u8', 'i16', 'vec2<f32>', 'vec3<i32>'] as const satisfies ElementType[];
const scalars = ['f32', 'i32', 'u32', 'bool', 'f16', 'vec3<f32>'] as const satisfies ValueType[];
const accesses = ['read', 'write', 'readWrite'] as const;

/** One parameter declared differently, or all arrays of one type given another. */
function damagedParams(random: Random, params: readonly Param[]): readonly Param[] {
  const element = random.pick(elements);
  const changed = random.below(params.length);
  const all = random.chance(0.5);
  return params.map((param, i): Param => {
    if (param.kind === 'scalar') return i === changed ? { ...param, type: random.pick(scalars) } : param;
    if (param.access === 'atomic' || (i !== changed && !all)) return param;
    const retyped: BufferParam = { ...param, element };
    return random.chance(0.8) ? retyped : { ...retyped, access: random.pick(accesses), rank: random.between(1, 4) };
  });
}

// ---- changes of a text ----

interface Range {
  readonly start: number;
  readonly end: number;
}
interface Parts {
  readonly expressions: readonly Range[];
  readonly statements: readonly Range[];
}

/** Where a name is no value: after a dot, before a colon, where it is declared. */
const notValues = ['property', 'key', 'label', 'id', 'params'];

/** Places of the expressions and the statements of a function's text; none where it does not parse. */
function partsOf(text: string): Parts {
  const expressions: Range[] = [];
  const statements: Range[] = [];
  for (const [before, after] of [
    ['({', '})'],
    ['(', ')'],
  ] as const) {
    let tree: acorn.Program;
    try {
      tree = acorn.parse(before + text + after, { ecmaVersion: 'latest' });
    } catch {
      continue;
    }
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) {
        node.forEach(visit);
        return;
      }
      if (typeof node !== 'object' || node === null) return;
      const { type, start, end } = node as acorn.Node;
      const range = { start: start - before.length, end: end - before.length };
      // the function itself stays
      if (range.start > 0 && /Expression$|Literal$|Identifier$/.test(type)) expressions.push(range);
      if (range.start > 0 && /Statement$|Declaration$/.test(type)) statements.push(range);
      const names = (node as { computed?: boolean }).computed ? [] : notValues;
      for (const [key, child] of Object.entries(node)) if (!names.includes(key)) visit(child);
    };
    visit(tree);
    break;
  }
  return { expressions, statements };
}

const token = /[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*|[^\s\w]{1,3}?(?=[\s\w([{})\]]|$)|[^\s\w]/gu;
const kinds = { expression: 7, statement: 7, operator: 4, number: 4, name: 3, token: 2, character: 1 } as const;

function damage(random: Random, text: string): string {
  const put = ({ start, end }: Range, what: string) => text.slice(0, start) + what + text.slice(end);
  const words = (pattern: RegExp): Range[] =>
    [...text.matchAll(token)].flatMap(({ 0: word, index }) =>
      pattern.test(word) ? [{ start: index, end: index + word.length }] : [],
    );
  const wordAt = ({ start, end }: Range) => text.slice(start, end);
  const kind = random.weighted(kinds);
  if (kind === 'expression' || kind === 'statement') {
    const parts = partsOf(text)[`${kind}s`];
    if (parts.length === 0) return text;
    const range = random.pick(parts);
    const from = random.weighted({ here: 4, foreign: 3, elsewhere: 2, twice: kind === 'statement' ? 1 : 0 });
    if (from === 'twice') return put(range, `${wordAt(range)} ${wordAt(range)}`);
    const what =
      from === 'here'
        ? wordAt(random.pick(parts))
        : from === 'foreign'
          ? random.pick(kind === 'statement' ? foreignStatements : foreignExpressions)
          : fromElsewhere(random, kind);
    return put(range, kind === 'statement' ? what : `(${what})`);
  }
  if (kind === 'character') {
    const at = random.below(text.length);
    return put({ start: at, end: at + random.below(3) }, random.chance(0.5) ? random.pick(characters) : '');
  }
  const found = words({ operator: /^[^\w$]/, number: /^\d/, name: /^[a-z$_]/i, token: /./ }[kind]);
  if (found.length === 0) return text;
  const range = random.pick(found);
  switch (kind) {
    case 'operator': {
      const like = operatorGroups.find((group) => group.includes(wordAt(range)));
      return put(range, random.pick(like !== undefined && random.chance(0.7) ? like : operators));
    }
    case 'number':
      return put(range, random.pick(numbers));
    case 'name':
      return put(range, wordAt(random.pick(found)));
    case 'token': {
      const other = wordAt(random.pick(found));
      return put(range, random.pick(['', other, `${wordAt(range)} ${other}`, `${wordAt(range)}${wordAt(range)}`]));
    }
  }
}
function fromElsewhere(random: Random, kind: 'expression' | 'statement'): string {
  const text = random.pick(seeds).body.toString();
  const parts = partsOf(text)[`${kind}s`];
  if (parts.length === 0) return '';
  const { start, end } = random.pick(parts);
  return text.slice(start, end);
}
