/**
 * Identities of scalar operations: what they give, said more simply, for every value of the type and bit for bit.
 *
 * Floats have few: x + 0 is not x for -0, x * 0 is not 0 for NaN, x - x not for infinity. NaN has one form, so x * 1
 * is x.
 */

import type { ScalarOp } from '../ir/ops.ts';
import type { Operation, Value } from '../ir/program.ts';
import { isFloat, isInteger, type ScalarType } from '../ir/types.ts';

/** A value that exists, a new constant of the result's type, or a simpler operation; its numbers are constants of T. */
export type Simpler =
  | { readonly value: Value }
  | { readonly constant: number }
  | { readonly op: ScalarOp; readonly args: readonly (Value | number)[] };

export interface Knowledge {
  definition(value: Value): Operation | undefined;
  constant(value: Value): number | undefined;
}

interface Case extends Knowledge {
  /** T of the operation. */
  readonly type: ScalarType;
  /** Its result type. */
  readonly to: ScalarType;
}
type Identity = (here: Case, x: Value, y: Value, z: Value) => Simpler | undefined;

export function simplify(
  op: ScalarOp,
  type: ScalarType,
  to: ScalarType,
  args: readonly Value[],
  knowledge: Knowledge,
): Simpler | undefined {
  const here: Case = {
    type,
    to,
    definition: (value) => knowledge.definition(value),
    constant: (value) => knowledge.constant(value),
  };
  const [x, y, z] = args;
  return identities[op]?.(here, x!, y!, z!);
}

const is = (here: Case, value: Value, number: number): boolean => Object.is(here.constant(value), number);
/** All bits set. */
const isOnes = ({ type, constant }: Case, value: Value): boolean =>
  constant(value) === (type === 'bool' ? 1 : type === 'i32' ? -1 : 2 ** 32 - 1);
/** The operands of the operation that defines a value, where it is this one. */
function operandsOf(here: Case, value: Value, op: ScalarOp): readonly Value[] | undefined {
  const definition = here.definition(value);
  return definition?.op === op ? definition.args : undefined;
}

/** What holds exactly where a comparison does not; of floats, which may be NaN, only eq and ne. */
export const opposite = { eq: 'ne', ne: 'eq', lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' } as const;

export function isComparison(op: string): op is keyof typeof opposite {
  return Object.hasOwn(opposite, op);
}

/** Comparisons of a value with itself; a float may be NaN. */
const reflexive =
  (outcome: 0 | 1): Identity =>
  ({ type }, x, y) =>
    x === y && !isFloat(type) ? { constant: outcome } : undefined;

const identities: { readonly [N in ScalarOp]?: Identity } = {
  add(here, x, y) {
    const zero = isFloat(here.type) ? -0 : 0;
    if (is(here, y, zero)) return { value: x };
    if (is(here, x, zero)) return { value: y };
    return moveOffset(here, x, here.constant(y)) ?? moveOffset(here, y, here.constant(x));
  },
  sub(here, x, y) {
    if (is(here, y, 0)) return { value: x };
    if (isFloat(here.type)) return undefined;
    if (x === y) return { constant: 0 };
    const subtrahend = here.constant(y);
    return subtrahend === undefined ? undefined : moveOffset(here, x, -subtrahend);
  },
  mul(here, x, y) {
    if (is(here, y, 1)) return { value: x };
    if (is(here, x, 1)) return { value: y };
    if (isInteger(here.type) && (is(here, x, 0) || is(here, y, 0))) return { constant: 0 };
    return undefined;
  },
  div: (here, x, y) => (is(here, y, 1) ? { value: x } : undefined),
  rem: (here, _, y) => (isInteger(here.type) && is(here, y, 1) ? { constant: 0 } : undefined),
  neg(here, x) {
    const [inner] = operandsOf(here, x, 'neg') ?? [];
    return inner && { value: inner };
  },
  min: (_, x, y) => (x === y ? { value: x } : undefined),
  max: (_, x, y) => (x === y ? { value: x } : undefined),
  and(here, x, y) {
    if (is(here, x, 0) || is(here, y, 0)) return { constant: 0 };
    if (isOnes(here, y) || x === y) return { value: x };
    return isOnes(here, x) ? { value: y } : undefined;
  },
  or(here, x, y) {
    if (is(here, y, 0) || x === y || isOnes(here, x)) return { value: x };
    return is(here, x, 0) || isOnes(here, y) ? { value: y } : undefined;
  },
  xor(here, x, y) {
    if (is(here, y, 0)) return { value: x };
    if (is(here, x, 0)) return { value: y };
    return x === y ? { constant: 0 } : undefined;
  },
  not(here, x) {
    const { op, args } = here.definition(x) ?? { op: undefined, args: [] };
    if (op === 'not') return { value: args[0]! };
    if (op === undefined || !isComparison(op)) return undefined;
    return isFloat(args[0]!.type) && op !== 'eq' && op !== 'ne' ? undefined : { op: opposite[op], args };
  },
  shl: shift,
  shr: shift,
  eq: reflexive(1),
  ne: reflexive(0),
  lt: reflexive(0),
  le: reflexive(1),
  gt: reflexive(0),
  ge: reflexive(1),
  select(here, condition, x, y) {
    const known = here.constant(condition);
    if (known !== undefined) return { value: known ? x : y };
    if (x === y) return { value: x };
    if (here.type === 'bool') {
      if (is(here, y, 0)) return is(here, x, 1) ? { value: condition } : { op: 'and', args: [condition, x] };
      if (is(here, x, 1)) return { op: 'or', args: [condition, y] };
    }
    const negated = operandsOf(here, condition, 'not');
    return negated && { op: 'select', args: [negated[0]!, y, x] };
  },
  // i32 to u32 and back keeps the bits, and so does a bool that became a number
  convert(here, x) {
    if (here.type === here.to) return { value: x };
    const [inner] = operandsOf(here, x, 'convert') ?? [];
    if (inner?.type !== here.to) return undefined;
    const lossless = inner.type === 'bool' || (isInteger(inner.type) && isInteger(here.type));
    return lossless ? { value: inner } : undefined;
  },
  // through f32 the bits of a NaN would be lost
  bitcast(here, x) {
    if (here.type === here.to) return { value: x };
    const [inner] = operandsOf(here, x, 'bitcast') ?? [];
    return inner?.type === here.to && here.type !== 'f32' ? { value: inner } : undefined;
  },
};

function shift(here: Case, x: Value, count: Value): Simpler | undefined {
  const known = here.constant(count);
  if (known !== undefined && (known & 31) === 0) return { value: x };
  return is(here, x, 0) ? { constant: 0 } : undefined;
}

/** (a + c) + d, with constants c and d, is a + (c + d): integers wrap, so it does not matter where. */
function moveOffset(here: Case, x: Value, outer: number | undefined): Simpler | undefined {
  if (outer === undefined || !isInteger(here.type)) return undefined;
  const definition = here.definition(x);
  if (definition?.op !== 'add' && definition?.op !== 'sub') return undefined;
  const [base, addend] = definition.args as readonly [Value, Value];
  const inner = here.constant(addend);
  if (inner === undefined) return undefined;
  const offset = outer + (definition.op === 'add' ? inner : -inner);
  return offset < 0 ? { op: 'sub', args: [base, -offset] } : { op: 'add', args: [base, offset] };
}
