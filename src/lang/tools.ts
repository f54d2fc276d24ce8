/** What tools put into functions and means nothing: kept names and coverage counters. */

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
