/**
 * Statements. A list is lowered knowing what falling out of its end reaches (`tail`), so that most jumps are nothing but
 * falling out: `if (c) return; rest` becomes `if (c) {} else { rest }`, the same as `if (!c) { rest }`.
 */

import type {
  AnyNode,
  BreakStatement,
  ContinueStatement,
  DoWhileStatement,
  ForStatement,
  IfStatement,
  Statement,
  WhileStatement,
} from 'acorn';
import { branchOn, effect, expression } from './expressions.ts';
import { bindPattern, declare } from './functions.ts';
import { type FunctionFrame, type Lowering, Target } from './lowering.ts';
import type { FunctionNode, Span } from './parse.ts';
import { forEachChild, isFunction } from './resolve.ts';
import { lowerSwitch } from './switch.ts';
import { unsupported } from './unsupported.ts';
import { type Nothing, nothing } from './values.ts';

const unassigned: Nothing = { kind: 'nothing', why: 'it is declared and not assigned' };

/** What falling out of a list of statements reaches. */
export type Tail = readonly Target[];

/** The body of a function; what it returns is left in the frame's result. */
export function lowerBody(c: Lowering, frame: FunctionFrame): void {
  const { body } = frame.node;
  if (body.type !== 'BlockStatement') {
    // the kernel's own value is nobody's
    if (frame.returns.what === 'end') effect(c, body);
    else c.keep(frame.result, expression(c, body));
    return;
  }
  // `var` exists from the start of its function, without a value
  for (const variable of frame.resolution.vars.get(frame.node) ?? []) c.environment.set(variable, unassigned);
  list(c, body.body, [frame.returns]);
}

/** Function declarations exist from the start of their block. */
export function hoistFunctions(c: Lowering, statements: readonly AnyNode[]): void {
  for (const statement of statements) {
    if (statement.type !== 'FunctionDeclaration' || !statement.id) continue;
    const variable = c.frame.resolution.variables.get(statement.id);
    if (variable !== undefined) {
      const { name } = statement.id;
      c.environment.set(variable, { kind: 'function', name, node: statement as FunctionNode, home: c.frame });
    }
  }
}

export function list(c: Lowering, statements: readonly Statement[], tail: Tail): void {
  hoistFunctions(c, statements);
  follow(c, statements.filter(hasEffect), tail);
}
export const hasEffect = ({ type }: Statement): boolean =>
  type !== 'EmptyStatement' && type !== 'DebuggerStatement' && type !== 'FunctionDeclaration';

function follow(c: Lowering, statements: readonly Statement[], tail: Tail): void {
  for (const [i, each] of statements.entries()) {
    if (c.flow !== 'open') return;
    const last = i === statements.length - 1;
    const rest = () => statements.slice(i + 1);
    if (each.type === 'IfStatement' && !last && splits(c, each)) {
      split(c, each, rest(), tail);
      return;
    }
    statement(c, each, last ? tail : []);
    const span = c.span(each);
    c.sendOff(span);
    if (!last && c.guard(span, () => follow(c, rest(), tail))) return;
  }
}

/**
 * Whether what follows an `if` belongs into one of its arms: the other arm jumps away, and not simply by ending its block.
 */
function splits(c: Lowering, node: IfStatement): boolean {
  const accept = completes(node.consequent);
  const reject = node.alternate ? completes(node.alternate) : true;
  return accept !== reject && !endsBlock(c, accept ? node.alternate! : node.consequent);
}
/** Whether an arm's last jump leaves the innermost loop, so that what follows needs no arm to be skipped. */
function endsBlock(c: Lowering, arm: Statement): boolean {
  let last: Statement | undefined = arm;
  while (last?.type === 'BlockStatement') last = last.body.filter(hasEffect).at(-1);
  if (last?.type === 'ReturnStatement') return c.leavesLoop(c.frame.returns);
  return (last?.type === 'BreakStatement' || last?.type === 'ContinueStatement') && c.leavesLoop(targetOf(c, last));
}
function split(c: Lowering, node: IfStatement, rest: readonly Statement[], tail: Tail): void {
  const arm = (statements: readonly (Statement | null | undefined)[]) => () =>
    list(
      c,
      statements.filter((each) => each != null),
      tail,
    );
  const stays = completes(node.consequent);
  const go = stays ? rest : [];
  const other = stays ? [] : rest;
  branchOn(c, node.test, arm([node.consequent, ...go]), arm([node.alternate, ...other]));
}

export function statement(c: Lowering, node: Statement, tail: Tail): void {
  const span = c.span(node);
  switch (node.type) {
    case 'ExpressionStatement':
      if (node.expression.type === 'Literal' && typeof node.expression.value === 'string') return;
      effect(c, node.expression);
      return;
    case 'VariableDeclaration':
      if (node.kind === 'using' || node.kind === 'await using') {
        unsupported(node, span);
        return;
      }
      for (const { id, init } of node.declarations) {
        if (init) declare(c, id, init);
        else if (node.kind !== 'var') bindPattern(c, id, { value: unassigned, span });
      }
      return;
    case 'BlockStatement':
      list(c, node.body, tail);
      return;
    case 'IfStatement':
      branchOn(
        c,
        node.test,
        () => list(c, [node.consequent], tail),
        () => list(c, node.alternate ? [node.alternate] : [], tail),
      );
      return;
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      loop(c, node, undefined, span);
      return;
    case 'LabeledStatement':
      labelled(c, node.label.name, node.body);
      return;
    case 'BreakStatement':
    case 'ContinueStatement':
      c.jump(targetOf(c, node), tail);
      return;
    case 'ReturnStatement': {
      const { returns, result } = c.frame;
      if (returns.what === 'end') {
        if (node.argument) effect(c, node.argument);
      } else c.keep(result, node.argument ? expression(c, node.argument) : nothing);
      c.jump(returns, tail);
      return;
    }
    case 'SwitchStatement':
      lowerSwitch(c, node);
      return;
    case 'EmptyStatement':
    case 'DebuggerStatement':
    case 'FunctionDeclaration':
      return;
    default:
      unsupported(node, span);
      return;
  }
}

// ---- jumps ----

function targetOf(c: Lowering, node: BreakStatement | ContinueStatement): Target {
  const label = node.label?.name;
  const what = node.type === 'BreakStatement' ? 'break' : 'continue';
  // the parser has seen to it that there is one
  return c.targets.findLast((target) => {
    if (label !== undefined)
      return target.label === label && (target.what === what || (what === 'break' && target.what === 'block'));
    return target.what === what || (what === 'break' && target.what === 'block' && target.label === undefined);
  })!;
}

function labelled(c: Lowering, label: string, body: Statement): void {
  if (body.type === 'ForStatement' || body.type === 'WhileStatement' || body.type === 'DoWhileStatement') {
    loop(c, body, label, c.span(body));
    return;
  }
  block(c, label, (tail) => list(c, [body], tail));
}
/** Something that `break` leaves and that is no loop. */
export function block(c: Lowering, label: string | undefined, lower: (tail: Tail) => void): void {
  const target = new Target('block', c.loops.length, label);
  c.targets.push(target);
  lower([target]);
  c.targets.pop();
  c.arrive(target);
}

// ---- loops ----

function loop(
  c: Lowering,
  node: ForStatement | WhileStatement | DoWhileStatement,
  label: string | undefined,
  span: Span,
): void {
  if (node.type === 'ForStatement' && node.init) {
    if (node.init.type === 'VariableDeclaration') statement(c, node.init, []);
    else effect(c, node.init);
  }
  const update = node.type === 'ForStatement' ? node.update : undefined;
  const advance = () => {
    if (update) effect(c, update);
  };
  // an update is written again for each `continue`, unless it calls something; the test of a `do` is not
  const repeatable = node.type !== 'DoWhileStatement' && !(update && calls(update));
  const assigned = c.frame.resolution.assigned.get(node)!;
  c.repeat(
    assigned,
    label,
    repeatable ? advance : undefined,
    ({ breaks, continues }) => {
      if (node.type !== 'DoWhileStatement' && node.test) leaveUnless(c, node.test, breaks);
      if (c.flow === 'open') list(c, [node.body], [continues]);
      c.sendOff(span);
      c.arrive(continues);
      if (c.flow !== 'open') return;
      if (node.type === 'DoWhileStatement') leaveUnless(c, node.test, breaks);
      else advance();
    },
    span,
  );
}
function leaveUnless(c: Lowering, node: AnyNode, breaks: Target): void {
  if (c.flow !== 'open') return;
  if (node.type === 'LogicalExpression' && node.operator === '&&') {
    leaveUnless(c, node.left, breaks);
    leaveUnless(c, node.right, breaks);
  } else if (node.type === 'SequenceExpression') {
    for (const each of node.expressions.slice(0, -1)) effect(c, each);
    leaveUnless(c, node.expressions[node.expressions.length - 1]!, breaks);
  } else {
    branchOn(
      c,
      node,
      () => {},
      () => c.jump(breaks),
    );
  }
}
function calls(node: AnyNode): boolean {
  let found = node.type === 'CallExpression';
  forEachChild(node, (child) => {
    found ||= calls(child);
  });
  return found;
}

// ---- what can be seen without lowering ----

/** Whether control may come out of a statement at its end. */
export function completes(node: AnyNode): boolean {
  switch (node.type) {
    case 'ReturnStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ThrowStatement':
      return false;
    case 'BlockStatement':
      return node.body.every(completes);
    case 'IfStatement':
      return completes(node.consequent) || !node.alternate || completes(node.alternate);
    case 'LabeledStatement':
      return completes(node.body) || breaksOut(node.body, node.label.name);
    case 'ForStatement':
    case 'WhileStatement':
      return (node.test != null && !isTrue(node.test)) || breaksOut(node.body, undefined);
    case 'DoWhileStatement':
      return !isTrue(node.test) || breaksOut(node.body, undefined);
    case 'SwitchStatement': {
      const { cases } = node;
      const decided = cases.some(({ test }) => !test) && !cases.some((each) => breaksOut(each, undefined));
      return !decided || cases[cases.length - 1]!.consequent.every(completes);
    }
    default:
      return true;
  }
}
function isTrue(node: AnyNode): boolean {
  if (node.type === 'Literal') return Boolean(node.value);
  return (
    node.type === 'UnaryExpression' && node.operator === '!' && node.argument.type === 'Literal' && !node.argument.value
  );
}
/** Whether a `break` in it leaves the loop, or the statement with the label, around it. */
function breaksOut(node: AnyNode, label: string | undefined): boolean {
  if (node.type === 'BreakStatement') return label === undefined ? !node.label : node.label?.name === label;
  if (isFunction(node)) return false;
  const shields =
    node.type === 'ForStatement' ||
    node.type === 'WhileStatement' ||
    node.type === 'DoWhileStatement' ||
    node.type === 'SwitchStatement';
  if (shields && label === undefined) return false;
  let found = false;
  forEachChild(node, (child) => {
    found ||= breaksOut(child, label);
  });
  return found;
}
/** Whether it returns a value somewhere. */
export function returnsValue(node: FunctionNode): boolean {
  if (node.body.type !== 'BlockStatement') return false;
  const returns = (each: AnyNode): boolean => {
    if (isFunction(each)) return false;
    if (each.type === 'ReturnStatement')
      return each.argument != null && !(each.argument.type === 'UnaryExpression' && each.argument.operator === 'void');
    let found = false;
    forEachChild(each, (child) => {
      found ||= returns(child);
    });
    return found;
  };
  return returns(node.body);
}
