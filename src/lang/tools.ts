/** What tools put into functions: kept names and coverage counters, which mean nothing, and what spread becomes for old engines. */

import type { AnyNode, CallExpression, Identifier, Statement, UpdateExpression } from 'acorn';
import type { Lowering } from './lowering.ts';

function isFree(c: Lowering, node: AnyNode): node is Identifier {
  return node.type === 'Identifier' && !c.frame.resolution.variables.has(node);
}

/** `__name(f, "f")`, by whatever name: a call of a free name with a function and a string, which is that function. */
export function isToolCall(c: Lowering, node: CallExpression): boolean {
  const [fn, name] = node.arguments;
  return (
    node.arguments.length === 2 && isFree(c, node.callee) && fn !== undefined && name !== undefined && isString(name)
  );
}
function isString(node: AnyNode): boolean {
  return (
    (node.type === 'Literal' && typeof node.value === 'string') ||
    (node.type === 'TemplateLiteral' && node.expressions.length === 0)
  );
}

/**
 * `spread({ a }, o)`, by whatever name, or `Object.assign({ a }, o)`: what `{ a, ...o }` is made into. The first argument is an
 * object that nothing else has, a literal or another such call.
 */
export function isToolSpread(c: Lowering, node: CallExpression): boolean {
  const { callee, arguments: args } = node;
  const [first] = args;
  if (args.length < 2 || first === undefined) return false;
  const assign =
    callee.type === 'MemberExpression' &&
    isFree(c, callee.object) &&
    callee.object.name === 'Object' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'assign';
  if (!assign && !isFree(c, callee)) return false;
  return first.type === 'ObjectExpression' || (first.type === 'CallExpression' && isToolSpread(c, first));
}

/** `read(list, 2)`, by whatever name: what `[a, b] = list` is made into for old engines. It gives the list. */
export function isToolRead(c: Lowering, node: CallExpression): boolean {
  const [list, count] = node.arguments;
  const counted = count?.type === 'Literal' && typeof count.value === 'number';
  return node.arguments.length === 2 && list !== undefined && counted && isFree(c, node.callee);
}

/** `counters().s[3]++`, `.f[n]++`, `.b[n][m]++`: coverage. */
export function isToolCounter(c: Lowering, node: UpdateExpression): boolean {
  let object: AnyNode = node.argument;
  while (object.type === 'MemberExpression') object = object.object;
  return object.type === 'CallExpression' && object.arguments.length === 0 && isFree(c, object.callee);
}

/** A statement that is a counter and nothing else: what coverage puts even into an empty `case`. */
export function isToolStatement(c: Lowering, node: Statement): boolean {
  return (
    node.type === 'ExpressionStatement' &&
    node.expression.type === 'UpdateExpression' &&
    isToolCounter(c, node.expression)
  );
}
