/**
 * Expressions, in JavaScript's order: operands left to right, effects where they stand.
 *
 * An expression is lowered for its value, for its effect (the value is not wanted, so its arms need not agree), or as a
 * condition (a number means "not 0, not NaN").
 */

import type { AnyNode, CallExpression, Expression, Identifier, Pattern, SpreadElement, Super } from 'acorn';
import { conditional, logical, negate } from './choices.ts';
import { callFunction } from './functions.ts';
import type { Lowering } from './lowering.ts';
import { math } from './math.ts';
import { binary, unary } from './operators.ts';
import { type FunctionNode, fail, quote, type Span } from './parse.ts';
import { listExpression, mergedObjects, objectExpression } from './records.ts';
import { assignment, reference, update } from './references.ts';
import { condition } from './scalars.ts';
import { isToolCall, isToolCounter, isToolRead, isToolSpread } from './tools.ts';
import { unsupported } from './unsupported.ts';
import {
  type Argument,
  type Constant,
  constant,
  describe,
  isBool,
  nothing,
  type Scalar,
  type Value,
} from './values.ts';

/** Whatever may stand where an expression does; what has no meaning there is refused. */
export type Node = Expression | Pattern | Super | SpreadElement | AnyNode;

// ---- for its value ----

export function expression(c: Lowering, node: Node): Value {
  const span = c.span(node);
  switch (node.type) {
    case 'Literal':
      return literalValue(node.value, span);
    case 'TemplateLiteral': {
      const [text] = node.quasis;
      if (node.expressions.length > 0 || text === undefined) return unsupported(node, span);
      return { kind: 'text', text: text.value.cooked ?? '' };
    }
    case 'Identifier':
      return identifier(c, node, span);
    case 'ParenthesizedExpression':
      return expression(c, node.expression);
    case 'SequenceExpression': {
      const last = node.expressions.length - 1;
      for (const each of node.expressions.slice(0, last)) effect(c, each);
      return expression(c, node.expressions[last]!);
    }
    case 'UnaryExpression': {
      const { operator } = node;
      if (operator === '!') return negate(c, test(c, node.argument), span);
      if (operator === 'void') {
        effect(c, node.argument);
        return nothing;
      }
      if (operator !== '-' && operator !== '+' && operator !== '~') return unsupported(node, span);
      return unary(c, operator, argument(c, node.argument), span);
    }
    case 'BinaryExpression': {
      if (node.left.type === 'PrivateIdentifier') return unsupported(node, span);
      const left = readArgument(c, node.left);
      return binary(c, node.operator, left, readArgument(c, node.right), span);
    }
    case 'LogicalExpression': {
      const { operator } = node;
      if (operator === '??') return unsupported(node, span);
      const left = readArgument(c, node.left);
      if (isBool(left.value)) {
        const first = left.value as Constant | Scalar;
        return logical(
          c,
          operator,
          () => first,
          () => boolean(c, node.right, operator),
          span,
        );
      }
      // of numbers it is a choice between them; minifiers write `a ? b : a` so
      const decided = condition(c, left);
      const own = () => left.value;
      const other = () => expression(c, node.right);
      return operator === '&&' ? conditional(c, decided, other, own, span) : conditional(c, decided, own, other, span);
    }
    case 'ConditionalExpression': {
      const decided = test(c, node.test);
      return conditional(
        c,
        decided,
        () => expression(c, node.consequent),
        () => expression(c, node.alternate),
        span,
      );
    }
    case 'AssignmentExpression':
      return assignment(c, node, span);
    case 'UpdateExpression':
      return update(c, node, span);
    case 'MemberExpression':
      return reference(c, node).get();
    case 'CallExpression':
      return call(c, node, span);
    case 'ArrayExpression':
      return listExpression(c, node);
    case 'ObjectExpression':
      return objectExpression(c, node);
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return {
        kind: 'function',
        name: (node.type === 'FunctionExpression' && node.id?.name) || c.naming || 'a function',
        node: node as FunctionNode,
        home: c.frame,
      };
    default:
      return unsupported(node, span);
  }
}

/** An expression with its place. */
export function argument(c: Lowering, node: Node): Argument {
  return { value: expression(c, node), span: c.span(node) };
}
/** An expression whose value is taken now, whatever is assigned later. */
export function readArgument(c: Lowering, node: Node): Argument {
  const span = c.span(node);
  return { value: c.read(expression(c, node), span), span };
}

function literalValue(value: unknown, span: Span): Value {
  if (typeof value === 'number' || typeof value === 'boolean') return constant(value);
  if (typeof value === 'string') return { kind: 'text', text: value };
  const what = typeof value === 'bigint' ? 'a BigInt' : value === null ? 'null' : 'a regular expression';
  fail(
    'unsupported-syntax',
    `${what} has no meaning in a kernel`,
    span,
    typeof value === 'bigint' ? 'Write the number without n.' : undefined,
  );
}

const globals: Readonly<Record<string, Value>> = {
  undefined: nothing,
  NaN: constant(Number.NaN),
  Infinity: constant(Number.POSITIVE_INFINITY),
  Math: math,
};

export function identifier(c: Lowering, node: Identifier, span: Span): Value {
  const variable = c.frame.resolution.variables.get(node);
  if (variable !== undefined) {
    return c.environment.get(variable) ?? { kind: 'nothing', why: `\`${node.name}\` is used before it is declared` };
  }
  const known = Object.hasOwn(globals, node.name) ? globals[node.name] : undefined;
  if (known !== undefined) return known;
  const where = `consts: { ${node.name} } for a number, or uses: { ${node.name} } for a function made by fn, and take it:`;
  const shared = c.frame.source.caller !== undefined;
  fail(
    'free-name',
    `\`${node.name}\` is not visible in a kernel`,
    span,
    shared
      ? `A function of fn() sees k, its arguments and Math. Give it ${where} fn([…], …, (k, …, { ${node.name} }) => …, { … }).`
      : `A kernel sees its two parameters and Math. Write ${where} body({ ${node.name}, … }, k).`,
  );
}

// ---- for its effect ----

export function effect(c: Lowering, node: Node): void {
  switch (node.type) {
    case 'ParenthesizedExpression':
      effect(c, node.expression);
      return;
    case 'SequenceExpression':
      for (const each of node.expressions) effect(c, each);
      return;
    case 'UnaryExpression':
      if (node.operator === 'void' || node.operator === '!') {
        effect(c, node.argument);
        return;
      }
      break;
    case 'LogicalExpression': {
      if (node.operator === '??') break;
      const right = () => effect(c, node.right);
      const nothingElse = () => {};
      if (node.operator === '&&') branchOn(c, node.left, right, nothingElse);
      else branchOn(c, node.left, nothingElse, right);
      return;
    }
    case 'ConditionalExpression':
      branchOn(
        c,
        node.test,
        () => effect(c, node.consequent),
        () => effect(c, node.alternate),
      );
      return;
    case 'UpdateExpression':
      if (isToolCounter(c, node)) return;
      break;
  }
  expression(c, node);
}

// ---- as a condition ----

/** A condition: a constant bool where it is known now. */
export function test(c: Lowering, node: Node): Constant | Scalar {
  const span = c.span(node);
  switch (node.type) {
    case 'ParenthesizedExpression':
      return test(c, node.expression);
    case 'UnaryExpression':
      if (node.operator === '!') return negate(c, test(c, node.argument), span);
      break;
    case 'LogicalExpression':
      if (node.operator !== '??')
        return logical(
          c,
          node.operator,
          () => test(c, node.left),
          () => test(c, node.right),
          span,
        );
      break;
    case 'SequenceExpression': {
      const last = node.expressions.length - 1;
      for (const each of node.expressions.slice(0, last)) effect(c, each);
      return test(c, node.expressions[last]!);
    }
  }
  return condition(c, argument(c, node));
}

/** The second operand of `&&` or `||`, the first being a bool. */
function boolean(c: Lowering, node: Node, operator: string): Constant | Scalar {
  const arg = readArgument(c, node);
  if (isBool(arg.value)) return arg.value as Constant | Scalar;
  fail(
    'unsupported-syntax',
    `\`${operator}\` gives one of its operands: the first is a bool, and ${quote(arg.span)} is ${describe(arg.value)}`,
    arg.span,
    'Write a condition: x > 0 && y > 0, or c ? x : y to choose between numbers.',
  );
}

/** Lowers one of two things, or both behind an `if`. `!` swaps them, so that a condition and its opposite give one shape. */
export function branchOn(c: Lowering, node: Node, accept: () => void, reject: () => void): void {
  if (node.type === 'ParenthesizedExpression') {
    branchOn(c, node.expression, accept, reject);
    return;
  }
  if (node.type === 'UnaryExpression' && node.operator === '!') {
    branchOn(c, node.argument, reject, accept);
    return;
  }
  const span = c.span(node);
  const decided = test(c, node);
  if (decided.kind === 'scalar') {
    c.branch(decided, accept, reject, span);
    return;
  }
  if (decided.value) accept();
  else reject();
}

// ---- calls ----

function call(c: Lowering, node: CallExpression, span: Span): Value {
  if (node.optional) return unsupported(node, span);
  if (isToolCall(c, node)) return expression(c, node.arguments[0]!);
  if (isToolRead(c, node)) {
    const { value } = readArgument(c, node.arguments[0]!);
    if (value.kind === 'record' && value.what === 'a list') return value;
  }
  if (isToolSpread(c, node)) {
    const merged = mergedObjects(node.arguments.map((each) => readArgument(c, each)));
    if (merged !== undefined) return merged;
  }
  const callee = readArgument(c, node.callee);
  const { naming } = c;
  c.naming = undefined;
  const args = node.arguments.map((each) =>
    each.type === 'SpreadElement' ? unsupported(each, c.span(each)) : argument(c, each),
  );
  c.naming = naming;
  const { value } = callee;
  if (value.kind === 'callable') return value.call(c, args, span);
  if (value.kind === 'function') return callFunction(c, value, args, span);
  fail('not-a-value', `${quote(callee.span)} is ${describe(value)}, not a function`, callee.span);
}
