/**
 * Scalar operations on values of the language: reads off the op table what they take, brings operands to one type, and
 * writes the operation.
 */

import type { Builder } from '../ir/builder.ts';
import { rowOf, type ScalarOp, type ScalarRow } from '../ir/ops.ts';
import type { Value as IrValue } from '../ir/program.ts';
import type { ScalarType } from '../ir/types.ts';
import { TypeVariable } from './inference.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import { type Argument, type Constant, describe, isBool, Scalar } from './values.ts';

export const integers = ['i32', 'u32'] as const;
export const floats = ['f16', 'f32'] as const;
export const numbers = ['i32', 'u32', 'f16', 'f32'] as const;

/** A value that must be a number or a bool. */
export function scalarValue(c: Lowering, { value, span }: Argument): Constant | Scalar {
  const read = c.read(value, span);
  if (read.kind === 'constant' || read.kind === 'scalar') return read;
  if (read.kind === 'nothing') fail('not-a-value', `${quote(span)} has no value: ${read.why}`, span);
  const hint = read.kind === 'vector' ? 'Vectors have methods: v.add(w), v.mul(2), v.x.' : undefined;
  fail('not-a-value', `${quote(span)} is ${describe(read)}, and a number is wanted here`, span, hint);
}

/** A constant as a scalar of a type variable. */
export function literal(type: TypeVariable, { value }: Constant, span: Span): Scalar {
  type.literal(Number(value));
  return new Scalar(type, span, Number(value));
}

/** A bool as 0 or 1 of a type that what it meets decides. */
export function boolAsNumber(c: Lowering, value: Scalar, span: Span): Scalar {
  const type = new TypeVariable();
  type.allow(numbers);
  const result = new Scalar(type, span);
  c.push({
    args: [value],
    results: [result],
    span,
    cost: 1,
    build: (b, [x]) => b.convert(x!, type.settle()),
  });
  return result;
}

/**
 * Operands brought to one type: bools stay bools only where all are and `types` has bool; constants take the type of the
 * others.
 */
export function unify(c: Lowering, args: readonly Argument[], types: readonly ScalarType[], span: Span): Scalar[] {
  const values = args.map((arg) => scalarValue(c, arg));
  const allBool = values.every(isBool) && types.includes('bool');
  const numeric = values.map((value, i) => {
    if (allBool || !isBool(value) || value.kind === 'constant') return value;
    return boolAsNumber(c, value, args[i]!.span);
  });
  if (allBool) {
    const type = new TypeVariable('bool');
    return numeric.map((value, i) => (value.kind === 'constant' ? literal(type, value, args[i]!.span) : value));
  }
  // the type is that of the typed operand, where there is one
  const known = numeric.findIndex((value) => value.kind === 'scalar' && value.type.type !== undefined);
  const leader = known >= 0 ? known : numeric.findIndex((value) => value.kind === 'scalar');
  const type = leader >= 0 ? (numeric[leader] as Scalar).type : new TypeVariable();
  return numeric.map((value, i) => {
    const place = args[i]!.span;
    if (value.kind === 'constant') return literal(type, value, place);
    type.meet(value.type, span, args[leader]!.span, place);
    return value;
  });
}

/** Demands that a scalar be of one of some types, for something that is called `what`. */
export function demand(c: Lowering, value: Scalar, types: readonly ScalarType[], what: string, span: Span): void {
  c.inference.demand(value.type, types, (type, vote) => {
    const wanted = types.filter((each) => each !== 'f16').join(' or ');
    const to = types.includes('f32') && type !== 'bool' ? 'f32' : types.includes('i32') ? 'i32' : types[0]!;
    const because = vote === undefined ? '' : ` because of ${quote(vote)}`;
    const code = vote === undefined ? 'type-mismatch' : 'ambiguous-type';
    fail(code, `${what} takes ${wanted}, and ${quote(span)} is ${type}${because}`, span, `Write k.${to}(…).`);
  });
}

/** Operations whose result type follows from their operands. */
export type Computed = Exclude<ScalarOp, 'convert' | 'bitcast'>;

/** Writes an operation of the op table. `what` is its name in messages. */
export function operation(c: Lowering, op: Computed, args: readonly Argument[], span: Span, what: string = op): Scalar {
  const row = rowOf(op) as ScalarRow;
  const ofT = args.filter((_, i) => row.args[i] === 'T');
  const typed = unify(c, ofT, row.of, span);
  const speaker = Math.max(
    0,
    typed.findIndex((value) => value.constant === undefined),
  );
  const { type } = typed[speaker]!;
  demand(c, typed[speaker]!, row.of, what, ofT[speaker]!.span);
  let next = 0;
  const operands = args.map((arg, i) => {
    const wanted = row.args[i]!;
    if (wanted === 'T') return typed[next++]!;
    if (wanted === 'int') return integer(c, arg, `the shift amount`);
    return condition(c, arg) as Scalar;
  });
  const result = new Scalar(row.result === 'T' ? type : new TypeVariable(row.result as ScalarType), span);
  c.push({
    args: operands,
    results: [result],
    span,
    cost: row.cost,
    build: op === 'abs' ? buildAbs : (b, values) => b.op(op, ...values),
  });
  return result;
}
/** |x| of a u32 is x, which the op table leaves out. */
const buildAbs = (b: Builder, [x]: readonly IrValue[]) => (x!.type === 'u32' ? x : b.op('abs', x!));

/** An i32 or u32, as indices and shift amounts are. */
export function integer(c: Lowering, arg: Argument, what: string): Scalar {
  const value = scalarValue(c, arg);
  if (isBool(value)) {
    fail('type-mismatch', `${what} is a bool`, arg.span, 'Write k.i32(…).');
  }
  if (value.kind === 'constant') {
    const type = new TypeVariable();
    type.allow(integers);
    return literal(type, value, arg.span);
  }
  demand(c, value, integers, what, arg.span);
  return value;
}

/** A value in a condition: a number means "not 0, not NaN". Constants stay constants. */
export function condition(c: Lowering, arg: Argument): Constant | Scalar {
  const value = scalarValue(c, arg);
  if (isBool(value)) return value;
  if (value.kind === 'constant') return { kind: 'constant', value: Boolean(value.value) };
  return convert(c, value, 'bool', arg.span);
}

/** Conversion by the author's wish, to a type that is known. */
export function convert(c: Lowering, value: Scalar, to: ScalarType, span: Span): Scalar {
  if (value.type.type === to) return value;
  const result = new Scalar(new TypeVariable(to), span);
  c.push({ args: [value], results: [result], span, cost: 1, build: (b, [x]) => b.convert(x!, to) });
  return result;
}

/** A value given to something that has a type: a parameter of `uses`, a store; `place` is what has it. */
export function ofType(c: Lowering, arg: Argument, type: ScalarType, what: string, place: Span = arg.span): Scalar {
  const value = scalarValue(c, arg);
  if (isBool(value) !== (type === 'bool')) {
    fail(
      'type-mismatch',
      `${quote(arg.span)} is ${describe(value)}, and ${what} is ${type}`,
      arg.span,
      type === 'bool' ? 'Compare it with 0.' : `Write k.${type}(…).`,
    );
  }
  if (value.kind === 'constant') return literal(new TypeVariable(type), value, arg.span);
  const known = value.type.type;
  if (known !== undefined && known !== type && value.type.vote === undefined) {
    fail('type-mismatch', `${quote(arg.span)} is ${known}, and ${what} is ${type}`, arg.span, `Write k.${type}(…).`);
  }
  value.type.meet(new TypeVariable(type), arg.span, arg.span, place);
  return value;
}
