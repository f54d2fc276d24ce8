/** One of two values: `!`, `&&`, `||` and `? :`. Computed both where that is cheap and harmless, else behind an `if`. */

import type { Lowering, Slot } from './lowering.ts';
import type { Span } from './parse.ts';
import { operation } from './scalars.ts';
import { type Constant, constant, isBool, isNumberLike, nothing, type Scalar, type Value } from './values.ts';
import { vectorOf } from './vector-values.ts';

export function negate(c: Lowering, value: Constant | Scalar, span: Span): Constant | Scalar {
  if (value.kind === 'constant') return constant(!value.value);
  return operation(c, 'not', [{ value, span }], span);
}

/** `&&` or `||` of bools. `right` is lowered only where it may be evaluated. */
export function logical(
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
  return vectorOf(c, parts, span);
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
