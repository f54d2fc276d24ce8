/**
 * Objects and lists as an author writes them: values that travel together under names, for as long as the kernel is
 * compiled. They cannot be changed, so nothing of them is left in the program but the values.
 */

import type { ArrayExpression, ObjectExpression } from 'acorn';
import { readArgument } from './expressions.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import { propertyName } from './references.ts';
import { unsupported } from './unsupported.ts';
import { type Argument, constant, describe, type RecordValue, type Value } from './values.ts';

const record = (what: RecordValue['what'], members: ReadonlyMap<string, Value>): RecordValue => ({
  kind: 'record',
  what,
  members,
});

export function listOf(values: readonly Value[]): RecordValue {
  return record('a list', new Map(values.map((value, i) => [String(i), value])));
}
export function objectOf(members: Readonly<Record<string, Value>>): RecordValue {
  return record('an object', new Map(Object.entries(members)));
}

/** `[a, b]`, `[...list, c]` */
export function listExpression(c: Lowering, node: ArrayExpression): RecordValue {
  const values: Value[] = [];
  for (const element of node.elements) {
    if (element === null) return unsupported(node, c.span(node));
    if (element.type !== 'SpreadElement') values.push(readArgument(c, element).value);
    else values.push(...spread(readArgument(c, element.argument), 'a list').members.values());
  }
  return listOf(values);
}

/** `{ a, b: x, ...rest }`; a later member replaces an earlier one of its name. */
export function objectExpression(c: Lowering, node: ObjectExpression): RecordValue {
  const members = new Map<string, Value>();
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const { members: others } = spread(readArgument(c, property.argument), 'an object');
      for (const [name, value] of others) members.set(name, value);
      continue;
    }
    // an accessor, or what sets the prototype, is no member
    const name = property.kind === 'init' ? propertyName(c, property) : '__proto__';
    if (name === '__proto__') unsupported(property, c.span(property));
    members.set(name, readArgument(c, property.value).value);
  }
  return record('an object', members);
}

/** One object of the members of several, later ones replacing earlier ones; undefined where not all are objects. */
export function mergedObjects(all: readonly Argument[]): RecordValue | undefined {
  const members: [string, Value][] = [];
  for (const { value } of all) {
    if (value.kind !== 'record' || value.what !== 'an object') return undefined;
    members.push(...value.members);
  }
  return record('an object', new Map(members));
}

function spread({ value, span }: Argument, what: RecordValue['what']): RecordValue {
  if (value.kind === 'record' && value.what === what) return value;
  return fail(
    'not-a-value',
    `${quote(span)} is ${describe(value)}, and only ${what} can be spread here`,
    span,
    'Write each value.',
  );
}

export function recordMember({ what, members }: RecordValue, name: string, place: Span): Value {
  const found = members.get(name);
  if (found !== undefined) return found;
  if (what === 'a list' && name === 'length') return constant(members.size);
  const names = [...members.keys()];
  const hint = what === 'a list' ? `It has ${members.size} values.` : `It has ${names.join(', ') || 'no members'}.`;
  fail('unknown-name', `${what} has no \`${name}\``, place, hint);
}
