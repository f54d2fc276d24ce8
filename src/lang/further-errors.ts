/**
 * What else is wrong with a body that was refused: errors that do not follow from each other.
 *
 * The statement of an error is blanked out and the rest compiled again, so the compiler itself need not go on in a damaged
 * state. An error that may only follow from what is missing is passed over: one in a statement that mentions a variable
 * which a blanked statement declares, assigns or helps to find the type of.
 */

import type { AnyNode } from 'acorn';
import type { ErrorCode } from '../ir/error.ts';
import { compile } from './compile.ts';
import type { Definition } from './definition.ts';
import { LanguageError } from './language-error.ts';
import { parse } from './parse.ts';
import { forEachChild, resolve } from './resolve.ts';

/** An author mends some and tries again. */
const mostErrors = 5;
const mostRounds = 20;
/** Errors that are not of one statement. */
const aboutAll: readonly ErrorCode[] = ['syntax', 'no-source', 'too-large'];

/** The error itself, and others after it, by their place in the text. */
export function furtherErrors(definition: Definition, first: LanguageError): readonly LanguageError[] {
  const original = definition.body.toString();
  const errors = [first];
  const doubtful = new Set<string>();
  let text = original;
  let error = first;
  for (let round = 0; round < mostRounds && errors.length < mostErrors; round++) {
    // in a function of `uses`, or about all of the body
    if (error.source !== text || aboutAll.includes(error.code)) break;
    const found = statementAround(text, error);
    if (found === undefined || found.jumps) break;
    if (round > 0 && !found.mentions.some((name) => doubtful.has(name))) errors.push(within(original, error));
    for (const name of found.changes) doubtful.add(name);
    text = `${text.slice(0, found.start)};${' '.repeat(found.end - found.start - 1)}${text.slice(found.end)}`;
    const next = refusal({ ...definition, body: { toString: () => text } });
    if (next === undefined) break;
    error = next;
  }
  return errors.sort((a, b) => a.start - b.start);
}

/** The same error about the text as it was. */
function within(source: string, { code, message, start, end, hint }: LanguageError): LanguageError {
  return new LanguageError(code, message, { source, start, end }, hint);
}

/** Nothing where the compiler itself fails, too: the errors found so far are to be told. */
function refusal(definition: Definition): LanguageError | undefined {
  try {
    compile(definition);
    return undefined;
  } catch (error) {
    return error instanceof LanguageError ? error : undefined;
  }
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Whether it may leave a function, a loop or a block: what follows means something else without it. */
  readonly jumps: boolean;
  readonly mentions: readonly string[];
  /** Names of variables that it declares or may change the value or type of. */
  readonly changes: readonly string[];
}

/** The innermost statement around an error. */
function statementAround(text: string, { start, end }: LanguageError): Stretch | undefined {
  const { node: root, source } = parse({ toString: () => text });
  let statement: AnyNode | undefined;
  const seek = (node: AnyNode): void => {
    if (node.start - source.offset > start || node.end - source.offset < end) return;
    if (/Statement$|^VariableDeclaration$/.test(node.type) && node !== root.body) statement = node;
    forEachChild(node, seek);
  };
  seek(root);
  if (statement === undefined) return undefined;
  const { variables } = resolve(root);
  const mentions: string[] = [];
  const changes: string[] = [];
  let jumps = false;
  const visit = (node: AnyNode): void => {
    if (/^(?:Return|Break|Continue)Statement$/.test(node.type)) jumps = true;
    if (node.type === 'Identifier') {
      mentions.push(node.name);
      if (!['const', 'parameter', undefined].includes(variables.get(node)?.kind)) changes.push(node.name);
    }
    if (node.type === 'VariableDeclarator') forEachName(node.id, (name) => changes.push(name));
    forEachChild(node, visit);
  };
  visit(statement);
  return { start: statement.start - source.offset, end: statement.end - source.offset, jumps, mentions, changes };
}

function forEachName(node: AnyNode, visit: (name: string) => void): void {
  if (node.type === 'Identifier') visit(node.name);
  else forEachChild(node, (child) => forEachName(child, visit));
}
