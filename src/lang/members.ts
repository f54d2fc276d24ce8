/** Makes the members of `k` and `Math`: functions from operations and from formulas of them. */

import { ops } from '../ir/ops.ts';
import type { NumericType, ScalarType } from '../ir/types.ts';
import { TypeVariable } from './inference.ts';
import type { Lowering } from './lowering.ts';
import { fail, type Span } from './parse.ts';
import { type Computed, convert, demand, operation, scalarValue } from './scalars.ts';
import { type Argument, type Callable, constant, type Namespace, Scalar, type Value } from './values.ts';
import { byComponent } from './vector-values.ts';

export type Table = Readonly<Record<string, Value>>;

/** A function that takes from `least` to `most` arguments. */
export function callable(name: string, least: number, most: number, call: Callable['call']): Callable {
  return {
    kind: 'callable',
    name,
    call(c, args, span) {
      if (args.length < least || args.length > most) {
        const wanted =
          least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
        fail(
          'wrong-arity',
          `k.${name} takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${args.length}`,
          span,
        );
      }
      return call(c, args, span);
    },
  };
}
export function namespace(what: string, members: Table): Namespace {
  return {
    kind: 'namespace',
    what,
    names: Object.keys(members),
    member: (_, name) => (Object.hasOwn(members, name) ? members[name] : undefined),
  };
}

/** What it is of constants, in f64. */
export type Fold = (...args: number[]) => number;
/** What a function of scalars writes. */
export type Compute = (c: Lowering, args: readonly Argument[], span: Span) => Value;

/** A function of scalars; `fold` computes it for constants. */
export function scalarFunction(name: string, arity: number, compute: Compute, fold?: Fold, most = arity): Callable {
  return callable(name, arity, most, (c, args, span) =>
    byComponent(c, args, span, (parts) => {
      const values = parts.map((part) => scalarValue(c, part));
      if (fold !== undefined && values.every((value) => value.kind === 'constant')) {
        return constant(fold(...values.map((value) => Number(value.value))));
      }
      return compute(c, parts, span);
    }),
  );
}
/** One operation of the op table. */
export function single(name: string, op: Computed, fold?: Fold): Callable {
  const { args } = ops[op];
  return scalarFunction(name, args.length, (c, parts, span) => operation(c, op, parts, span, `k.${name}`), fold);
}

/** Writes operations inside a composite function: `op('add', x, 1)`, `op.to('u32', x)`, `op.cast('u32', x)`. */
export interface Op {
  (op: Computed, ...values: (Value | number)[]): Scalar;
  /** Conversion. */
  to(type: NumericType, value: Scalar): Scalar;
  /** The same 32 bits in another type. */
  cast(type: 'i32' | 'u32' | 'f32', value: Scalar): Scalar;
}
export function writer(c: Lowering, span: Span): Op {
  const write = (op: Computed, ...values: (Value | number)[]): Scalar => {
    const args = values.map((value) => ({ value: typeof value === 'number' ? constant(value) : value, span }));
    return operation(c, op, args, span);
  };
  return Object.assign(write, {
    to: (type: NumericType, value: Scalar) => convert(c, value, type, span),
    cast(type: 'i32' | 'u32' | 'f32', value: Scalar) {
      const result = new Scalar(new TypeVariable(type), span);
      c.push({ args: [value], results: [result], span, cost: 0, build: (b, [x]) => b.bitcast(x!, type) });
      return result;
    },
  });
}
export type Formula = (op: Op, ...args: Value[]) => Value;

/** A function that is a formula of operations: the same formula on every device, in every mode. */
export function composite(
  name: string,
  arity: number,
  types: readonly ScalarType[],
  formula: Formula,
  fold?: Fold,
): Callable {
  const compute: Compute = (c, args, span) => {
    const values = args.map((arg) => {
      const value = scalarValue(c, arg);
      if (value.kind === 'scalar') demand(c, value, types, `k.${name}`, arg.span);
      return value;
    });
    return formula(writer(c, span), ...values);
  };
  return scalarFunction(name, arity, compute, fold);
}

/** `min` and `max` of two or more. */
export function extreme(
  name: 'min' | 'max',
  op: (c: Lowering, a: Argument, b: Argument, span: Span) => Value,
  fold: Fold,
): Callable {
  return scalarFunction(
    name,
    2,
    (c, parts, span) => parts.slice(1).reduce((a, b) => ({ value: op(c, a, b, span), span }), parts[0]!).value,
    fold,
    Number.POSITIVE_INFINITY,
  );
}
