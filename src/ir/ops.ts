/**
 * The operation table: every operation of the IR, one row each.
 *
 * The verifier, the text form, the bytes, the interpreter and every renderer are read off this table. Their own tables are
 * typed by its keys, so adding a row here makes TypeScript list every place that has to say something about it.
 *
 * A row gives
 *  - `form`: what the instruction carries besides operands, and who may be its operands (see `Form`);
 *  - for form `scalar`: `of`, the types T may take; `args`, each `T`, a fixed type, or `int` (i32 or u32); `result`;
 *  - `meaning`: one line; pinned for every backend and mode;
 *  - `cost`: basic operations per invocation, as the roofline counts them;
 *  - `exact`: `always`, every device gives the same bits; `guarded`, does so when kept from fusing, reordering and
 *    flushing; `composed`, is written out in operations that do; `software`, has an integer algorithm for that
 *    (software/). Only float types are ever less than `always`. docs/numerics.md has what mode `exact` gives.
 */

import type { ScalarType } from './types.ts';

/**
 * Version of the meanings in this table. It is part of every kernel's hash: changing what an operation gives, in any bit
 * that the meaning pins, means raising it.
 */
export const semanticsVersion = 1;

/**
 * How an instruction is shaped:
 *  - `scalar`: a pure function of scalars; `evaluate.ts` has its meaning as code
 *  - `constant`: no operands; `attribute` holds the bits of the result's type
 *  - `argument`: no operands; `reference` is a scalar parameter
 *  - `id`: no operands; `attribute` is the axis (0 x, 1 y, 2 z) where the row says `axes: 3`
 *  - `dimension`: no operands; `reference` is a buffer parameter and `attribute` the axis of its shape, 0 the slowest
 *  - `compose`, `extract`: between scalars and vectors; extract's `attribute` is the component
 *  - `load`, `store`, `clear`, `atomic`: memory; `reference` is a buffer parameter or a local array; operands are the
 *    indices (as many as the rank), then what is stored
 *  - `barrier`: workgroup control and memory barrier
 *  - `collective`: every invocation of the workgroup takes part, so it stands in uniform control flow
 */
export type Form =
  | 'scalar'
  | 'constant'
  | 'argument'
  | 'id'
  | 'dimension'
  | 'compose'
  | 'extract'
  | 'load'
  | 'store'
  | 'clear'
  | 'atomic'
  | 'barrier'
  | 'collective';

export type Exactness = 'always' | 'guarded' | 'composed' | 'software';
export type ArgumentType = 'T' | 'int' | ScalarType;

interface Row<F extends Form, E extends Exactness = Exactness> {
  readonly form: F;
  readonly meaning: string;
  readonly cost: number;
  readonly exact: E;
}
export interface ScalarRow<E extends Exactness = Exactness> extends Row<'scalar', E> {
  readonly of: readonly ScalarType[];
  readonly args: readonly ArgumentType[];
  /** `any`: the instruction names its result type, which must be one of `to`. */
  readonly result: 'T' | 'any' | ScalarType;
  readonly to?: readonly ScalarType[];
}
export interface IdRow extends Row<'id'> {
  readonly axes: 1 | 3;
  readonly result: ScalarType;
  /** Whether all invocations of a workgroup see the same value. */
  readonly uniform: boolean;
}
export interface AtomicRow extends Row<'atomic'> {
  /** How many values follow the indices. */
  readonly values: 0 | 1 | 2;
  /** False: it returns nothing. */
  readonly returns: boolean;
}
export interface CollectiveRow extends Row<'collective'> {
  readonly of: readonly ScalarType[];
  /** Whether every invocation receives the same value. */
  readonly uniform: boolean;
  /** Operand: a value per invocation, or the index of a workgroup array whose element all read. */
  readonly operand: 'value' | 'index';
}

const numeric = ['i32', 'u32', 'f16', 'f32'] as const;
const float = ['f16', 'f32'] as const;
const integer = ['i32', 'u32'] as const;
const bits = ['bool', 'i32', 'u32'] as const;
const anyScalar = ['bool', 'i32', 'u32', 'f16', 'f32'] as const;
const words = ['i32', 'u32', 'f32'] as const;

type Of = readonly ScalarType[];
function scalar<E extends Exactness>(
  of: Of,
  args: readonly ArgumentType[],
  result: 'T' | ScalarType,
  cost: number,
  exact: E,
  meaning: string,
): ScalarRow<E> {
  return { form: 'scalar', of, args, result, cost, exact, meaning };
}
const unary = <E extends Exactness>(of: Of, cost: number, exact: E, meaning: string) =>
  scalar(of, ['T'], 'T', cost, exact, meaning);
const binary = <E extends Exactness>(of: Of, cost: number, exact: E, meaning: string) =>
  scalar(of, ['T', 'T'], 'T', cost, exact, meaning);
const compare = (of: Of, meaning: string) => scalar(of, ['T', 'T'], 'bool', 1, 'always', meaning);
const id = (axes: 1 | 3, result: ScalarType, uniform: boolean, meaning: string): IdRow => ({
  form: 'id',
  axes,
  result,
  uniform,
  cost: 0,
  exact: 'always',
  meaning,
});
const atomic = (values: 0 | 1 | 2, returns: boolean, meaning: string): AtomicRow => ({
  form: 'atomic',
  values,
  returns,
  cost: 4,
  exact: 'always',
  meaning,
});
const collective = (
  of: Of,
  uniform: boolean,
  operand: 'value' | 'index',
  exact: Exactness,
  meaning: string,
): CollectiveRow => ({
  form: 'collective',
  of,
  uniform,
  operand,
  cost: 16,
  exact,
  meaning,
});
function other<F extends Form>(form: F, cost: number, meaning: string): Row<F> {
  return { form, cost, exact: 'always', meaning };
}

// biome-ignore format: one row a line is what makes this a table
export const ops = {
  // arithmetic; integers wrap, floats round to nearest even
  add: binary(numeric, 1, 'guarded', 'x + y'),
  sub: binary(numeric, 1, 'guarded', 'x - y'),
  mul: binary(numeric, 1, 'guarded', 'x * y'),
  div: binary(numeric, 4, 'software', 'x / y; integers truncate, x / 0 = x, INT_MIN / -1 = INT_MIN'),
  rem: binary(numeric, 6, 'composed', 'integers: remainder with the sign of x, x rem 0 = 0, INT_MIN rem -1 = 0; floats: x - y * trunc(x / y)'),
  mulHigh: binary(integer, 2, 'always', 'the upper 32 bits of the 64-bit product'),
  neg: unary(numeric, 1, 'always', '-x; u32: 2^32 - x'),
  abs: unary(['i32', 'f16', 'f32'], 1, 'always', '|x|; INT_MIN stays INT_MIN'),
  min: binary(numeric, 1, 'always', 'y < x ? y : x'),
  max: binary(numeric, 1, 'always', 'x < y ? y : x'),
  fma: scalar(float, ['T', 'T', 'T'], 'T', 2, 'software', 'x * y + z, rounded once or twice outside exact'),
  floor: unary(float, 1, 'always', 'largest integer not above x'),
  ceil: unary(float, 1, 'always', 'smallest integer not below x'),
  trunc: unary(float, 1, 'always', 'integer part, towards zero'),
  round: unary(float, 1, 'always', 'nearest integer, ties to even'),
  sqrt: unary(float, 6, 'software', 'square root'),
  inverseSqrt: unary(float, 8, 'composed', '1 / sqrt(x)'),
  cbrt: unary(float, 60, 'software', 'cube root'),
  hypot: binary(float, 12, 'software', 'sqrt(x^2 + y^2), also where the squares are out of range'),
  exp: unary(float, 16, 'software', 'e^x'),
  exp2: unary(float, 14, 'software', '2^x'),
  expm1: unary(float, 90, 'software', 'e^x - 1, also where x is small'),
  log: unary(float, 16, 'software', 'natural logarithm'),
  log2: unary(float, 14, 'software', 'logarithm to base 2'),
  log10: unary(float, 80, 'software', 'logarithm to base 10'),
  log1p: unary(float, 110, 'software', 'ln(1 + x), also where x is small'),
  pow: binary(float, 32, 'software', 'x^y for x >= 0'),
  sin: unary(float, 20, 'software', 'sine, radians'),
  cos: unary(float, 20, 'software', 'cosine, radians'),
  tan: unary(float, 28, 'software', 'tangent, radians'),
  asin: unary(float, 24, 'software', 'arc sine, radians'),
  acos: unary(float, 24, 'software', 'arc cosine, radians'),
  atan: unary(float, 24, 'software', 'arc tangent, radians'),
  atan2: binary(float, 30, 'software', 'angle of the point (y, x), radians; first operand y'),
  sinh: unary(float, 24, 'software', 'hyperbolic sine'),
  cosh: unary(float, 24, 'software', 'hyperbolic cosine'),
  tanh: unary(float, 24, 'software', 'hyperbolic tangent'),
  asinh: unary(float, 24, 'software', 'inverse hyperbolic sine'),
  acosh: unary(float, 24, 'software', 'inverse hyperbolic cosine'),
  atanh: unary(float, 24, 'software', 'inverse hyperbolic tangent'),
  erf: unary(float, 70, 'software', 'error function'),
  // bits
  and: binary(bits, 1, 'always', 'bitwise and; on bool both are evaluated'),
  or: binary(bits, 1, 'always', 'bitwise or; on bool both are evaluated'),
  xor: binary(bits, 1, 'always', 'bitwise exclusive or'),
  not: unary(bits, 1, 'always', 'bitwise not; on bool logical not'),
  shl: scalar(integer, ['T', 'int'], 'T', 1, 'always', 'x << (n mod 32)'),
  shr: scalar(integer, ['T', 'int'], 'T', 1, 'always', 'x >> (n mod 32); i32 keeps the sign, u32 fills with zeros'),
  countOneBits: unary(integer, 1, 'always', 'number of 1 bits'),
  countLeadingZeros: unary(integer, 1, 'always', 'zero bits above the highest 1; 32 for 0'),
  countTrailingZeros: unary(integer, 1, 'always', 'zero bits below the lowest 1; 32 for 0'),
  reverseBits: unary(integer, 2, 'always', 'bit i goes to bit 31 - i'),
  // comparison; every comparison with NaN is false, but ne, which is true
  eq: compare(anyScalar, 'x = y'),
  ne: compare(anyScalar, 'not (x = y)'),
  lt: compare(numeric, 'x < y'),
  le: compare(numeric, 'x <= y'),
  gt: compare(numeric, 'x > y'),
  ge: compare(numeric, 'x >= y'),
  select: scalar(anyScalar, ['bool', 'T', 'T'], 'T', 1, 'always', 'c ? x : y; both are evaluated'),
  // conversion
  convert: { ...scalar(anyScalar, ['T'], 'T', 1, 'always', 'value in another type: float to integer truncates and saturates, NaN gives 0; to float rounds to nearest even; to bool is x != 0 and not NaN; from bool is 0 or 1; i32 and u32 keep the bits'), result: 'any', to: anyScalar } as ScalarRow,
  bitcast: { ...scalar(words, ['T'], 'T', 0, 'always', 'the same 32 bits in another type'), result: 'any', to: words } as ScalarRow,
  packHalf: scalar(['f32'], ['T'], 'u32', 4, 'always', 'the bits of x rounded to f16, in the low 16'),
  unpackHalf: scalar(['u32'], ['T'], 'f32', 4, 'always', 'the value of the f16 in the low 16 bits'),
  // random numbers: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (Random123)
  threefry: scalar(['u32'], ['T', 'T'], 'u32', 70, 'always', 'word 0 of Threefry2x32-20, key (x, 0), counter (y, 0)'),

  // inputs
  constant: other('constant', 0, 'the value whose bits are the attribute'),
  opaque: other('constant', 0, 'a constant that compilers of devices cannot see through, nor tell from another one'),
  argument: other('argument', 0, "a scalar parameter's value"),
  globalId: id(3, 'i32', false, 'index of the invocation in the grid'),
  localId: id(3, 'i32', false, 'index of the invocation in its workgroup'),
  workgroupId: id(3, 'i32', true, 'index of the workgroup'),
  numWorkgroups: id(3, 'i32', true, 'workgroups of the grid'),
  workgroupSize: id(3, 'i32', true, 'invocations of a workgroup'),
  localIndex: id(1, 'i32', false, 'localId in linear order, x fastest'),
  inGrid: id(1, 'bool', false, 'false for a ghost: an invocation beyond the grid that is there for the barriers'),
  dimension: other('dimension', 0, 'length of one axis of a buffer, i32'),

  // vectors
  compose: other('compose', 0, 'a vector of its operands'),
  extract: other('extract', 0, 'one component of a vector'),

  // memory; an index is i32 or u32 and in bounds when it is below its own dimension
  load: other('load', 1, 'the element; 0 out of bounds'),
  store: other('store', 1, 'sets the element; nothing out of bounds, nothing from a ghost to a buffer'),
  clear: other('clear', 1, 'sets every element of a private array to 0'),
  atomicLoad: atomic(0, true, 'the element'),
  atomicStore: atomic(1, false, 'sets the element'),
  atomicAdd: atomic(1, true, 'adds; returns the old value, as all below; out of bounds or from a ghost to a buffer: nothing, 0'),
  atomicSub: atomic(1, true, 'subtracts'),
  atomicMin: atomic(1, true, 'minimum'),
  atomicMax: atomic(1, true, 'maximum'),
  atomicAnd: atomic(1, true, 'bitwise and'),
  atomicOr: atomic(1, true, 'bitwise or'),
  atomicXor: atomic(1, true, 'bitwise exclusive or'),
  atomicExchange: atomic(1, true, 'sets the element'),
  atomicCompareExchange: atomic(2, true, 'sets the element to the second value if it equals the first'),

  // the workgroup
  barrier: other('barrier', 8, 'all invocations of the workgroup arrive; what they wrote to workgroup and storage memory is seen after it'),
  uniformLoad: collective(['i32', 'u32', 'f32'], true, 'index', 'always', 'barrier, load of one workgroup element at a uniform index, barrier'),
  groupSum: collective(words, true, 'value', 'guarded', 'sum over the workgroup in the canonical tree'),
  groupMin: collective(words, true, 'value', 'always', 'minimum over the workgroup in the canonical tree'),
  groupMax: collective(words, true, 'value', 'always', 'maximum over the workgroup in the canonical tree'),
  groupScan: collective(words, false, 'value', 'guarded', 'inclusive prefix sum in local index order, canonical'),
  groupBroadcast: collective(words, true, 'value', 'always', "invocation 0's value"),
  uniform: collective(words, true, 'value', 'always', "invocation 0's value, said to be the same in all"),
} as const;

export type OpName = keyof typeof ops;
export const opNames = Object.keys(ops) as readonly OpName[];

/** Names of the operations of one form. */
export type OpsOfForm<F extends Form> = { [N in OpName]: (typeof ops)[N]['form'] extends F ? N : never }[OpName];
export type ScalarOp = OpsOfForm<'scalar'>;
/** Scalar operations that `exact` has in software, on floats. */
export type SoftwareOp = { [N in ScalarOp]: (typeof ops)[N]['exact'] extends 'software' ? N : never }[ScalarOp];
export type IdOp = OpsOfForm<'id'>;
export type AtomicOp = OpsOfForm<'atomic'>;
export type CollectiveOp = OpsOfForm<'collective'>;

export type OpRow =
  | ScalarRow
  | IdRow
  | AtomicRow
  | CollectiveRow
  | Row<Exclude<Form, 'scalar' | 'id' | 'atomic' | 'collective'>>;
/** A row with its form as a discriminant, for code that handles any operation. */
export function rowOf(op: OpName): OpRow {
  return ops[op];
}
export function isOpName(text: string): text is OpName {
  return Object.hasOwn(ops, text);
}
export function isScalarOp(op: OpName): op is ScalarOp {
  return ops[op].form === 'scalar';
}
