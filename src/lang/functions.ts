/** Functions: every call is inlined. Local ones may capture; those of `uses` see `k` and their arguments, typed. */

import type { Identifier, MemberExpression, Pattern } from 'acorn';
import { k } from './builtins.ts';
import type { FunctionDefinition } from './definition.ts';
import { expression } from './expressions.ts';
import { type FunctionFrame, type Lowering, type Prepared, Target } from './lowering.ts';
import { type FunctionNode, fail, quote, type Span } from './parse.ts';
import { member, named, propertyName } from './references.ts';
import { lowerBody, returnsValue } from './statements.ts';
import { unsupported } from './unsupported.ts';
import {
  type Argument,
  type Callable,
  constant,
  describe,
  type LocalFunction,
  type Namespace,
  nothing,
  type Value,
} from './values.ts';
import { ofValueType } from './vector-values.ts';

/** How deep calls may nest: beyond it the program would be no program to run. */
const maxDepth = 64;

/** Calls a function written in the body. */
export function callFunction(c: Lowering, fn: LocalFunction, args: readonly Argument[], span: Span): Value {
  const { name, node, home } = fn;
  if (!c.frames.includes(home)) {
    const message = `${name} was made by a function that has returned`;
    fail('unsupported-syntax', message, span, 'Declare it where it is called.');
  }
  return inline(c, name, { node, source: home.source, resolution: home.resolution }, args, span);
}

/** Consts, and functions of `uses`, by name. */
export function membersOf({ consts, uses }: Pick<FunctionDefinition, 'consts' | 'uses'>): Map<string, Value> {
  const members = new Map<string, Value>();
  for (const [name, value] of Object.entries(consts)) members.set(name, constant(value));
  for (const [name, definition] of Object.entries(uses)) members.set(name, usedFunction(name, definition));
  return members;
}

/** A function of `uses` as a member of what names it. */
function usedFunction(name: string, definition: FunctionDefinition): Callable {
  const { args: types, returns } = definition;
  const namesOf = (): Namespace => {
    const members = membersOf(definition);
    return {
      kind: 'namespace',
      what: `the last parameter of ${name}`,
      unknown: 'unknown-name',
      names: [...members.keys()],
      member: (_, member) => members.get(member),
    };
  };
  return {
    kind: 'callable',
    name,
    call(c, args, span) {
      if (args.length !== types.length) {
        fail(
          'wrong-arity',
          `${name} takes ${types.length} ${types.length === 1 ? 'argument' : 'arguments'}, not ${args.length}`,
          span,
        );
      }
      const prepared = c.functions.of(definition.body);
      const given = args.map((arg, i) => ({
        value: ofValueType(c, arg, types[i]!, `argument ${i + 1} of ${name}`),
        span: arg.span,
      }));
      const here: Prepared = { ...prepared, source: { ...prepared.source, caller: span } };
      const result = inline(c, name, here, [{ value: k, span }, ...given, { value: namesOf(), span }], span);
      return ofValueType(c, { value: result, span }, returns, `the result of ${name}`);
    },
  };
}
function inline(
  c: Lowering,
  name: string,
  { node, source, resolution }: Prepared,
  args: readonly Argument[],
  span: Span,
): Value {
  if (c.frames.some((frame) => frame.node === node)) {
    fail('recursion', `${name} calls itself`, span, 'Write a loop.');
  }
  if (c.frames.length > maxDepth) fail('recursion', `calls nest deeper than ${maxDepth}`, span);
  const frame: FunctionFrame = {
    node,
    source,
    resolution,
    returns: new Target('return', c.loops.length),
    result: { kind: 'slot' },
  };
  const targets = c.targets.splice(0);
  c.frames.push(frame);
  bindParameters(c, node, args, name);
  lowerBody(c, frame);
  if (c.flow === 'ended') fail('loop-without-exit', `${name} never returns`, span, 'Give its loop an end.');
  const value = c.environment.get(frame.result);
  // a path that returns has left by now
  const missing = c.flow === 'open' && returnsValue(node);
  c.environment.delete(frame.result);
  // no function that captured them can be called any more
  for (const variable of resolution.own.get(node)!) c.environment.delete(variable);
  c.arrive(frame.returns);
  c.frames.pop();
  c.targets.push(...targets);
  if (missing) return { kind: 'nothing', why: `${name} may end without returning one` };
  return value ?? nothing;
}

export function bindParameters(c: Lowering, node: FunctionNode, args: readonly Argument[], name: string): void {
  if (node.async || node.generator) {
    const what = node.async ? 'async' : 'a generator';
    fail('unsupported-syntax', `${name} is ${what}, which has no meaning in a kernel`, c.span(node));
  }
  const own = node.type === 'FunctionExpression' && node.id ? c.frame.resolution.variables.get(node.id) : undefined;
  if (own !== undefined) c.environment.set(own, { kind: 'function', name, node, home: c.frame });
  node.params.forEach((param, i) => {
    bindPattern(c, param, args[i] ?? { value: nothing, span: c.span(param) });
  });
}

/** Takes a value apart: `bind` gives each variable of the pattern, or other thing that can be assigned, its part. */
export function bindPattern(
  c: Lowering,
  pattern: Pattern,
  given: Argument,
  bind: (to: Identifier | MemberExpression, given: Argument) => void = (to, { value }) => {
    const variable = to.type === 'Identifier' ? c.frame.resolution.variables.get(to) : undefined;
    if (variable !== undefined) c.assign(variable, value);
  },
): void {
  switch (pattern.type) {
    case 'Identifier':
    case 'MemberExpression':
      bind(pattern, given);
      return;
    case 'ObjectPattern': {
      const object = { value: c.read(given.value, given.span), span: given.span };
      for (const property of pattern.properties) {
        if (property.type !== 'Property') unsupported(property, c.span(property));
        const name = propertyName(c, property);
        const place = c.span(property.key);
        bindPattern(c, property.value, { value: member(c, object, name, place, place), span: place }, bind);
      }
      return;
    }
    case 'ArrayPattern': {
      const list = { value: c.read(given.value, given.span), span: given.span };
      pattern.elements.forEach((element, i) => {
        if (element === null) return;
        const { value } = list;
        if (value.kind !== 'namespace' && !(value.kind === 'record' && value.what === 'a list'))
          fail('not-a-value', `${quote(list.span)} is ${describe(value)}, not a list`, list.span);
        const place = c.span(element);
        bindPattern(c, element, { value: member(c, list, String(i), place, place), span: place }, bind);
      });
      return;
    }
    default:
      unsupported(pattern, c.span(pattern));
  }
}

/** A declarator: its value, then its variables. */
export function declare(c: Lowering, pattern: Pattern, init: Parameters<typeof expression>[1]): void {
  const value = named(c, pattern, () => expression(c, init));
  bindPattern(c, pattern, { value, span: c.span(init) });
}
