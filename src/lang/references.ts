/** What can be read by name or index and assigned: variables, elements of arrays, members. */

import type {
  AssignmentExpression,
  AssignmentProperty,
  MemberExpression,
  Pattern,
  Property,
  UpdateExpression,
} from 'acorn';
import { arrayMember, indicesOf, loadElement, storeElement } from './arrays.ts';
import { argument, expression, identifier, type Node, readArgument } from './expressions.ts';
import { bindPattern } from './functions.ts';
import type { Lowering } from './lowering.ts';
import { nearest } from './names.ts';
import { binary, stepBy, unary } from './operators.ts';
import { fail, quote, type Span } from './parse.ts';
import { recordMember } from './records.ts';
import { condition } from './scalars.ts';
import { unsupported } from './unsupported.ts';
import { type Argument, describe, nothing, type Value } from './values.ts';
import { vectorMember } from './vector-values.ts';

interface Reference {
  get(): Value;
  /** Assigns, and gives what was assigned. */
  set(value: Argument): void;
}

export function reference(c: Lowering, node: Node): Reference {
  const span = c.span(node);
  if (node.type === 'ParenthesizedExpression') return reference(c, node.expression);
  if (node.type === 'Identifier') {
    return {
      get: () => identifier(c, node, span),
      set({ value }) {
        const variable = c.frame.resolution.variables.get(node);
        if (variable === undefined) identifier(c, node, span);
        else if (variable.kind === 'const')
          fail('read-only', `\`${node.name}\` is a const`, span, 'Declare it with let.');
        else c.assign(variable, value);
      },
    };
  }
  if (node.type !== 'MemberExpression') return unsupported(node, span);
  if (node.optional || node.object.type === 'Super' || node.property.type === 'PrivateIdentifier')
    return unsupported(node, span);
  const object = readArgument(c, node.object);
  if (node.computed && object.value.kind === 'array') {
    const array = object.value;
    const index = readArgument(c, node.property);
    if (index.value.kind !== 'text') {
      const indices = indicesOf(c, array, [index], span);
      return {
        get: () => loadElement(c, array, indices, span),
        set: (value) => storeElement(c, array, indices, value, span),
      };
    }
    return readOnly(c, object, index.value.text, node, span);
  }
  return readOnly(c, object, memberName(c, node, object.value), node, span);
}
function readOnly(c: Lowering, object: Argument, name: string, node: MemberExpression, span: Span): Reference {
  return {
    get: () => member(c, object, name, c.span(node.property), span),
    set() {
      fail('read-only', `${quote(span)} cannot be assigned`, span, readOnlyHint(object.value, name));
    },
  };
}
function readOnlyHint(value: Value, name: string): string {
  if (value.kind === 'vector') return `Vectors are values: v = v.with('${name}', …).`;
  if (value.kind !== 'record') return 'Only variables and elements of arrays can.';
  return value.what === 'a list'
    ? 'Lists are values: use k.array.f32([…]) for an array to store to.'
    : `Objects are values: o = { ...o, ${name}: … }.`;
}
/** The name in a pattern or an object: `x`, `'x'`, `['x']`, `0`. */
export function propertyName(c: Lowering, property: Property | AssignmentProperty): string {
  const { key } = property;
  if (!property.computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal') return String(key.value);
  const value = expression(c, key);
  return value.kind === 'text' ? value.text : unsupported(property, c.span(property));
}
function memberName(c: Lowering, node: MemberExpression, object: Value): string {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  const { value, span } = readArgument(c, node.property);
  if (value.kind === 'text') return value.text;
  if (value.kind === 'constant' && Number.isInteger(value.value)) return String(value.value);
  fail(
    'not-constant',
    `${quote(span)} must be known when the kernel is compiled`,
    span,
    object.kind === 'record' ? 'Make it an array: k.array.f32([…]).' : 'Only arrays can be indexed by a value.',
  );
}

/** A member by name. `place` is the name itself. */
export function member(c: Lowering, object: Argument, name: string, place: Span, span: Span): Value {
  const { value } = object;
  if (value.kind === 'array') return arrayMember(c, value, name, place);
  if (value.kind === 'vector') return vectorMember(value, name, place);
  if (value.kind === 'record') return recordMember(value, name, place);
  if (value.kind === 'namespace') {
    const found = value.member(c, name, span);
    if (found !== undefined) return found;
    const near = nearest(name, value.names);
    const hint =
      near !== undefined
        ? `Did you mean ${near}?`
        : `There are ${value.names.slice(0, 12).join(', ')}${value.names.length > 12 ? ', …' : ''}.`;
    fail(value.unknown ?? 'unknown-builtin', `${value.what} has no \`${name}\``, place, hint);
  }
  if (value.kind === 'nothing') fail('not-a-value', `${quote(object.span)} has no value: ${value.why}`, object.span);
  fail('not-a-value', `${quote(object.span)} is ${describe(value)}, which has no \`${name}\``, place);
}

export function assignment(c: Lowering, node: AssignmentExpression, span: Span): Value {
  const { operator } = node;
  if (operator === '??=') return unsupported(node, span);
  if (operator === '=' && (node.left.type === 'ArrayPattern' || node.left.type === 'ObjectPattern')) {
    const given = readArgument(c, node.right);
    bindPattern(c, node.left, given, (to, value) => reference(c, to).set(value));
    return given.value;
  }
  const target = reference(c, node.left);
  if (operator === '&&=' || operator === '||=') {
    const old: Argument = { value: target.get(), span: c.span(node.left) };
    const decided = condition(c, old);
    const assign = () => target.set(argument(c, node.right));
    const skip = () => {};
    const [accept, reject] = operator === '&&=' ? [assign, skip] : [skip, assign];
    if (decided.kind === 'scalar') c.branch(decided, accept, reject, span);
    else if (decided.value) accept();
    else reject();
    return node.left.type === 'Identifier' ? target.get() : nothing;
  }
  let given: Argument;
  if (operator === '=') {
    given = named(c, node.left, () => argument(c, node.right));
  } else {
    const old: Argument = { value: c.read(target.get(), span), span: c.span(node.left) };
    const other = readArgument(c, node.right);
    const value = binary(c, operator.slice(0, -1) as Parameters<typeof binary>[1], old, other, span);
    given = { value, span };
  }
  target.set(given);
  return given.value;
}

/** Lowers a value for a variable, which arrays and functions in it are named for. */
export function named<T>(c: Lowering, target: Pattern, lower: () => T): T {
  const { naming } = c;
  c.naming = target.type === 'Identifier' ? target.name : undefined;
  const result = lower();
  c.naming = naming;
  return result;
}

export function update(c: Lowering, node: UpdateExpression, span: Span): Value {
  const target = reference(c, node.argument);
  const place = c.span(node.argument);
  const old = unary(c, '+', { value: c.read(target.get(), place), span: place }, place);
  const next = stepBy(c, { value: old, span: place }, node.operator === '++' ? 1 : -1, span);
  target.set({ value: next, span });
  return node.prefix ? next : old;
}
