/**
 * A `switch`. Where no case falls into the next one it is a chain of ifs, the default last. Else it is first found which
 * case is entered, as a number; then each run of cases that fall into one another is entered where that says.
 */

import type { Expression, Statement, SwitchCase, SwitchStatement } from 'acorn';
import { conditional } from './choices.ts';
import { expression } from './expressions.ts';
import type { Lowering } from './lowering.ts';
import { binary } from './operators.ts';
import type { Span } from './parse.ts';
import { condition } from './scalars.ts';
import { block, completes, hasEffect, hoistFunctions, list, type Tail } from './statements.ts';
import { isToolStatement } from './tools.ts';
import { type Argument, type Constant, constant, type Scalar } from './values.ts';

/** Cases that share a body: all but the last are empty. */
interface Group {
  readonly tests: readonly Expression[];
  readonly isDefault: boolean;
  readonly body: readonly Statement[];
  /** Control may go on into the next one. */
  readonly falls: boolean;
}

export function lowerSwitch(c: Lowering, node: SwitchStatement): void {
  const span = c.span(node.discriminant);
  const subject: Argument = { value: c.read(expression(c, node.discriminant), span), span };
  const groups = groupsOf(c, node);
  block(c, undefined, (tail) => {
    for (const { body } of groups) hoistFunctions(c, body);
    if (groups.some(({ falls }) => falls)) lowerFalling(c, groups, subject, tail, span);
    else lowerApart(c, groups, subject, tail, span);
  });
}

function either(c: Lowering, decided: Constant | Scalar, accept: () => void, reject: () => void, span: Span): void {
  if (decided.kind === 'scalar') c.branch(decided, accept, reject, span);
  else if (decided.value) accept();
  else reject();
}

function lowerApart(c: Lowering, groups: readonly Group[], subject: Argument, tail: Tail, span: Span): void {
  const from = (index: number): void => {
    const group = groups[index];
    const otherwise = group ?? groups.find((each) => each.isDefault);
    if (otherwise === undefined) return;
    const enter = () => list(c, otherwise.body, tail);
    if (group === undefined) enter();
    else if (group.isDefault) from(index + 1);
    else either(c, matchesAny(c, subject, group.tests), enter, () => from(index + 1), span);
  };
  from(0);
}

function lowerFalling(c: Lowering, groups: readonly Group[], subject: Argument, tail: Tail, span: Span): void {
  const otherwise = groups.findIndex((each) => each.isDefault);
  const find = (index: number): Constant | Scalar => {
    const group = groups[index];
    if (group === undefined) return constant(otherwise < 0 ? groups.length : otherwise);
    const matches = matchesAny(c, subject, group.tests);
    const entered = conditional(
      c,
      matches,
      () => constant(index),
      () => find(index + 1),
      span,
    );
    return c.read(entered, span) as Constant | Scalar;
  };
  const entered: Argument = { value: find(0), span };
  const upTo = (index: number) =>
    condition(c, { value: binary(c, '<=', entered, { value: constant(index), span }, span), span });
  /** The cases from here to `last`, each of which the one before falls into; one of them has been entered. */
  const fall = (index: number, last: number): void => {
    const { body } = groups[index]!;
    if (index === last) {
      list(c, body, tail);
      return;
    }
    either(
      c,
      upTo(index),
      () => list(c, body, []),
      () => {},
      span,
    );
    c.sendOff(span);
    if (!c.guard(span, () => fall(index + 1, last))) fall(index + 1, last);
  };
  const from = (first: number): void => {
    if (first === groups.length) return;
    const last = groups.findIndex(({ falls }, i) => i >= first && !falls);
    either(
      c,
      upTo(last),
      () => fall(first, last),
      () => from(last + 1),
      span,
    );
  };
  from(0);
}

function matchesAny(c: Lowering, subject: Argument, tests: readonly Expression[]): Constant | Scalar {
  return tests.reduce<Constant | Scalar>((found, each) => {
    const span = c.span(each);
    const matches = () => {
      const value = binary(c, '===', subject, { value: expression(c, each), span }, span);
      return condition(c, { value, span });
    };
    return c.read(
      conditional(c, found, () => constant(true), matches, span),
      span,
    ) as Constant | Scalar;
  }, constant(false));
}

function groupsOf(c: Lowering, { cases }: SwitchStatement): Group[] {
  const groups: Group[] = [];
  let shared: SwitchCase[] = [];
  const isEmpty = ({ consequent }: SwitchCase) => consequent.every((each) => isToolStatement(c, each));
  cases.forEach((each, i) => {
    shared.push(each);
    const { consequent } = each;
    if (isEmpty(each) && i < cases.length - 1) return;
    const last = cases.slice(i + 1).every(isEmpty);
    groups.push({
      tests: shared.flatMap(({ test }) => (test ? [test] : [])),
      isDefault: shared.some(({ test }) => !test),
      body: consequent,
      falls: !last && consequent.filter(hasEffect).every(completes),
    });
    shared = [];
  });
  return groups;
}
