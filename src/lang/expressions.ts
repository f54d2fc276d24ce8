/**
 * Expressions, in JavaScript's order: operands left to right, effects where they stand.
 *
 * An expression is lowered for its value, for its effect (the value is not wanted, so its arms need not agree), or as a
 * condition (a number means "not 0, not NaN").
 */

import type {
  AnyNode,
  AssignmentExpression,
  CallExpression,
  Expression,
  Identifier,
  MemberExpression,
  Pattern,
  SpreadElement,
  Super,
  UpdateExpression,
} from 'acorn';
import { arrayMember, indicesOf, loadElement, storeElement } from './arrays.ts';
import { math } from './builtins.ts';
import { callFunction } from './functions.ts';
import type { Lowering, Slot } from './lowering.ts';
import { nearest } from './names.ts';
import { binary, stepBy, unary } from './operators.ts';
import { type FunctionNode, fail, quote, type Span } from './parse.ts';
import { condition, operation } from './scalars.ts';
import { isToolCall, isToolCounter } from './tools.ts';
import { unsupported } from './unsupported.ts';
import {
  type Argument,
  type Constant,
  constant,
  describe,
  isBool,
  isNumberLike,
  nothing,
  type Scalar,
  type Value,
  type Vector,
} from './values.ts';
import { vectorMember, vectorOf } from './vector-values.ts';

type Node = Expression | Pattern | Super | SpreadElement | AnyNode;

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
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return {
        kind: 'function',
        name: (node.type === 'FunctionExpression' && node.id?.name) || c.naming || 'a function',
        node: node as FunctionNode,
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
function readArgument(c: Lowering, node: Node): Argument {
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

function identifier(c: Lowering, node: Identifier, span: Span): Value {
  const variable = c.frame.resolution.variables.get(node);
  if (variable !== undefined) {
    return c.environment.get(variable) ?? { kind: 'nothing', why: `\`${node.name}\` is used before it is declared` };
  }
  const known = Object.hasOwn(globals, node.name) ? globals[node.name] : undefined;
  if (known !== undefined) return known;
  fail(
    'free-name',
    `\`${node.name}\` is not visible in a kernel`,
    span,
    `A kernel sees its two parameters and Math. Write consts: { ${node.name} } for a number, or uses: { ${node.name} } for a function made by fn, and take it: body({ ${node.name}, … }, k).`,
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

function negate(c: Lowering, value: Constant | Scalar, span: Span): Constant | Scalar {
  if (value.kind === 'constant') return constant(!value.value);
  return operation(c, 'not', [{ value, span }], span);
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

function logical(
  c: Lowering,
  operator: '&&' | '||',
  left: () => Constant | Scalar,
  right: () => Constant | Scalar,
  span: Span,
): Constant | Scalar {
  const first = left();
  const settles = operator === '||';
  if (first.kind === 'constant') return Boolean(first.value) === settles ? first : right();
  const other = () => constant(settles);
  const combine = (value: Value) => {
    if (value.kind === 'constant') return value.value === settles ? value : first;
    return operation(
      c,
      settles ? 'or' : 'and',
      [
        { value: first, span },
        { value, span },
      ],
      span,
    );
  };
  const [accept, reject] = settles ? [other, right] : [right, other];
  const value = choose(c, first, accept, reject, span, (yes, no) => combine(settles ? no : yes));
  return c.read(value, span) as Constant | Scalar;
}

/** `c ? x : y` */
export function conditional(
  c: Lowering,
  decided: Constant | Scalar,
  accept: () => Value,
  reject: () => Value,
  span: Span,
): Value {
  if (decided.kind === 'constant') return decided.value ? accept() : reject();
  return choose(c, decided, accept, reject, span, (x, y) => select(c, decided, x, y, span));
}
function select(c: Lowering, decided: Scalar, x: Value, y: Value, span: Span): Value | undefined {
  const one = (a: Value, b: Value) => {
    // two constants are one type variable, as at every join
    const [first, second] = [
      { value: a, span },
      { value: b, span },
    ];
    return operation(c, 'select', [{ value: decided, span }, first, second], span);
  };
  if (isNumberLike(x) && isNumberLike(y) && isBool(x) === isBool(y)) return one(x, y);
  if (x.kind !== 'vector' || y.kind !== 'vector' || x.components.length !== y.components.length) return undefined;
  const parts = x.components.map((each, i) => ({ value: one(each, y.components[i]!), span }));
  return vectorOf(c, parts, span) satisfies Vector;
}

/** What speculation may cost: a few plain operations, no load. */
const speculated = 6;

/**
 * One of two values. Where both are cheap and without effects both are computed and combined; `combine` gives undefined
 * where it cannot. Else the value crosses the join of an `if`.
 */
function choose(
  c: Lowering,
  decided: Scalar,
  accept: () => Value,
  reject: () => Value,
  span: Span,
  combine: (accept: Value, reject: Value) => Value | undefined,
): Value {
  const result: Slot = { kind: 'slot' };
  const values: Value[] = [];
  const arm = (lower: () => Value) =>
    c.path(() => {
      const value = lower();
      values.push(value);
      if (c.flow === 'open') c.environment.set(result, value);
    });
  const [yes, no] = [arm(accept), arm(reject)];
  if (yes.block.cost + no.block.cost <= speculated && c.unchanged(yes) && c.unchanged(no)) {
    const [x, y] = values.map((value) => c.read(value, span));
    const { block } = c;
    const length = block.body.length;
    block.body.push(...yes.block.body, ...no.block.body);
    const combined = combine(x!, y!);
    if (combined !== undefined) return combined;
    block.body.length = length;
  }
  c.meet(decided, yes, no, span);
  const value = c.environment.get(result) ?? nothing;
  c.environment.delete(result);
  return value;
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

// ---- what can be assigned ----

interface Reference {
  get(): Value;
  /** Assigns, and gives what was assigned. */
  set(value: Argument): void;
}

function reference(c: Lowering, node: Node): Reference {
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
  return readOnly(c, object, memberName(c, node), node, span);
}
function readOnly(c: Lowering, object: Argument, name: string, node: MemberExpression, span: Span): Reference {
  return {
    get: () => member(c, object, name, c.span(node.property), span),
    set() {
      const vector = object.value.kind === 'vector';
      fail(
        'read-only',
        `${quote(span)} cannot be assigned`,
        span,
        vector ? `Vectors are values: v = v.with('${name}', …).` : 'Only variables and elements of arrays can.',
      );
    },
  };
}
function memberName(c: Lowering, node: MemberExpression): string {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  const { value, span } = readArgument(c, node.property);
  if (value.kind === 'text') return value.text;
  if (value.kind === 'constant' && Number.isInteger(value.value)) return String(value.value);
  fail(
    'not-constant',
    `${quote(span)} must be known when the kernel is compiled`,
    span,
    'Only arrays can be indexed by a value.',
  );
}

/** A member by name. `place` is the name itself. */
export function member(c: Lowering, object: Argument, name: string, place: Span, span: Span): Value {
  const { value } = object;
  if (value.kind === 'array') return arrayMember(c, value, name, place);
  if (value.kind === 'vector') return vectorMember(value, name, place);
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

function assignment(c: Lowering, node: AssignmentExpression, span: Span): Value {
  const { operator } = node;
  if (operator === '??=') return unsupported(node, span);
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

function update(c: Lowering, node: UpdateExpression, span: Span): Value {
  const target = reference(c, node.argument);
  const place = c.span(node.argument);
  const old = unary(c, '+', { value: c.read(target.get(), place), span: place }, place);
  const next = stepBy(c, { value: old, span: place }, node.operator === '++' ? 1 : -1, span);
  target.set({ value: next, span });
  return node.prefix ? next : old;
}

// ---- calls ----

function call(c: Lowering, node: CallExpression, span: Span): Value {
  if (node.optional) return unsupported(node, span);
  if (isToolCall(c, node)) return expression(c, node.arguments[0]!);
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
