/** A `switch` whose cases do not fall into one another: a chain of ifs, the default last. */

import type { Expression, Statement, SwitchCase, SwitchStatement } from 'acorn';
import { conditional } from './choices.ts';
import { expression } from './expressions.ts';
import type { Lowering } from './lowering.ts';
import { binary } from './operators.ts';
import { fail } from './parse.ts';
import { condition } from './scalars.ts';
import { block, completes, hasEffect, hoistFunctions, list } from './statements.ts';
import { isToolStatement } from './tools.ts';
import { type Argument, type Constant, constant, type Scalar } from './values.ts';

/** Cases that share a body: all but the last are empty. */
interface Group {
  readonly tests: readonly Expression[];
  readonly isDefault: boolean;
  readonly body: readonly Statement[];
  /** The case, where it falls into the next one. */
  readonly falls: SwitchCase | undefined;
}

export function lowerSwitch(c: Lowering, node: SwitchStatement): void {
  const span = c.span(node.discriminant);
  const subject: Argument = { value: c.read(expression(c, node.discriminant), span), span };
  const groups = groupsOf(c, node);
  block(c, undefined, (tail) => {
    for (const { body } of groups) hoistFunctions(c, body);
    const enter = ({ body, falls }: Group): void => {
      if (falls !== undefined) {
        const message = 'a case that falls into the next one has no meaning in a kernel';
        fail('unsupported-syntax', message, c.span(falls), 'End it with break, or write ifs.');
      }
      list(c, body, tail);
    };
    const from = (index: number): void => {
      const group = groups[index];
      if (group === undefined) {
        const otherwise = groups.find((each) => each.isDefault);
        if (otherwise !== undefined) enter(otherwise);
        return;
      }
      const matches = group.isDefault ? constant(false) : matchesAny(c, subject, group.tests);
      if (matches.kind === 'scalar') {
        c.branch(
          matches,
          () => enter(group),
          () => from(index + 1),
          span,
        );
      } else if (matches.value) enter(group);
      else from(index + 1);
    };
    from(0);
  });
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
      falls: !last && consequent.filter(hasEffect).every(completes) ? each : undefined,
    });
    shared = [];
  });
  return groups;
}
