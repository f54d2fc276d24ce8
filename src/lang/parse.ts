/**
 * The text of a function, as `toString()` gives it, to its syntax tree.
 *
 * A function prints as what it was written as: a method prints as a member of an object literal, everything else as an
 * expression. Both are tried. Nothing is evaluated.
 */

import * as acorn from 'acorn';
import type { ErrorCode } from '../ir/error.ts';
import type { Body } from './definition.ts';
import { LanguageError } from './language-error.ts';

/** A text that was parsed; `offset` is what was put before it, so node positions minus it are positions in the text. */
export interface Source {
  readonly text: string;
  readonly offset: number;
  /** Of a function from `uses`: the call that it is inlined at. */
  readonly caller?: Span;
}
/** A stretch of a source's text. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Whatever was written as a function. */
export type FunctionNode = acorn.FunctionDeclaration | acorn.FunctionExpression | acorn.ArrowFunctionExpression;

export interface Parsed {
  readonly source: Source;
  readonly node: FunctionNode;
}

export function fail(code: ErrorCode, message: string, span: Span, hint?: string): never {
  throw new LanguageError(code, message, { source: span.source.text, start: span.start, end: span.end }, hint);
}

export function spanOf(source: Source, node: { start: number; end: number }): Span {
  return { source, start: node.start - source.offset, end: node.end - source.offset };
}

/** The words of a span, for a message: on one line and not too long. */
export function quote(span: Span): string {
  const words = span.source.text.slice(span.start, span.end).replace(/\s+/g, ' ');
  return `\`${words.length > 40 ? `${words.slice(0, 39)}…` : words}\``;
}

const wrappings = [
  ['({', '})'],
  ['(', ')'],
] as const;

export function parse(body: Body): Parsed {
  const text = body.toString();
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    const whole = { source: { text, offset: 0 }, start: 0, end: text.length };
    fail(
      'no-source',
      'the source of this function cannot be read',
      whole,
      'Give the function itself, not a bound one.',
    );
  }
  let furthest: { position: number; message: string } | undefined;
  // an arrow is no member: where the text begins like one, the other way is tried first
  const ordered = /^\(|^[\w$]+\s*=>/.test(text) ? [...wrappings].reverse() : wrappings;
  for (const [before, after] of ordered) {
    try {
      const program = acorn.parse(before + text + after, { ecmaVersion: 'latest', sourceType: 'script' });
      const source = { text, offset: before.length };
      return { source, node: functionIn(program, source) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const position = (error as SyntaxError & { pos: number }).pos - before.length;
      if (furthest === undefined || position > furthest.position) furthest = { position, message: error.message };
    }
  }
  const { position = 0, message = '' } = furthest ?? {};
  const start = Math.max(0, Math.min(position, text.length));
  fail(
    'syntax',
    `it does not parse as a function: ${message.replace(/ \(\d+:\d+\)$/, '')}`,
    { source: { text, offset: 0 }, start, end: Math.min(start + 1, text.length) },
    'Write body({ x, y }, k) { … }.',
  );
}

function functionIn(program: acorn.Program, source: Source): FunctionNode {
  const statement = program.body[0];
  let node = statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
  if (node?.type === 'ObjectExpression') {
    const property = node.properties[0];
    const method = property?.type === 'Property' && node.properties.length === 1 && property.kind === 'init';
    node = method ? property.value : undefined;
  }
  if (program.body.length !== 1 || (node?.type !== 'FunctionExpression' && node?.type !== 'ArrowFunctionExpression')) {
    fail('syntax', 'this is not a function', { source, start: 0, end: source.text.length });
  }
  return node;
}
