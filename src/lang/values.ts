/** What an expression of a kernel can be while the body is lowered. */

import type { Value as IrValue, Memory } from '../ir/program.ts';
import type { Join } from './draft.ts';
import type { TypeVariable } from './inference.ts';
import type { FunctionFrame, Lowering } from './lowering.ts';
import type { FunctionNode, Span } from './parse.ts';

/**
 * A number or bool known while compiling, without a type yet: arithmetic among such numbers is JavaScript's, in f64.
 */
export interface Constant {
  readonly kind: 'constant';
  readonly value: number | boolean;
}

/** A scalar of the program to be, or a constant that has been given a type. */
export class Scalar {
  readonly kind = 'scalar';
  readonly type: TypeVariable;
  /** Where it came from. */
  readonly span: Span;
  readonly constant: number | undefined;
  /** The author's name for it. */
  name: string | undefined;
  /** Set when the program is built. */
  ir: IrValue | undefined;

  constructor(type: TypeVariable, span: Span, constant?: number) {
    this.type = type;
    this.span = span;
    this.constant = constant;
  }
}

/** A vector: its components, which share a type variable. */
export interface Vector {
  readonly kind: 'vector';
  readonly type: TypeVariable;
  readonly components: readonly Scalar[];
}

/** An array that can be indexed. */
export interface ArrayValue {
  readonly kind: 'array';
  readonly memory: Memory;
}

/** Members by name: the first parameter, `k`, `k.global`, `Math`, an array's shape. */
export interface Namespace {
  readonly kind: 'namespace';
  /** What it is, for messages. */
  readonly what: string;
  /** A member, or undefined where there is none. */
  member(lowering: Lowering, name: string, span: Span): Value | undefined;
  readonly names: readonly string[];
  /** The error for a name that it has not; `unknown-builtin` where not given. */
  readonly unknown?: 'unknown-name';
}

/** What an author writes as an object or a list; records.ts. Its members have been read. */
export interface RecordValue {
  readonly kind: 'record';
  readonly what: 'an object' | 'a list';
  readonly members: ReadonlyMap<string, Value>;
}

/** An argument with the place where it was written. */
export interface Argument {
  readonly value: Value;
  readonly span: Span;
}

/** A function of the library, a method, or one from `uses`. */
export interface Callable {
  readonly kind: 'callable';
  readonly name: string;
  call(lowering: Lowering, args: readonly Argument[], span: Span): Value;
}

/** A function written in the body. */
export interface LocalFunction {
  readonly kind: 'function';
  readonly name: string;
  readonly node: FunctionNode;
  /** The call that it was made in: what it captures lives as long. */
  readonly home: FunctionFrame;
}

/** A string: only a name of a member. */
export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** No value: `undefined`, a variable before its first assignment, what a function without `return` gives. */
export interface Nothing {
  readonly kind: 'nothing';
  readonly why: string;
}

/** What a path that has been left would carry: never read, so anything. */
export interface Dead {
  readonly kind: 'dead';
}

/**
 * A variable where paths meet, not looked at yet. It becomes a value of the program only when something reads it, so that
 * variables that are dead, or whose paths disagree while nobody cares, cost nothing and mean nothing.
 */
export class Phi {
  readonly kind = 'phi';
  readonly name: string | undefined;
  /** By edge of the join. A loop's grow until the loop is closed. */
  readonly inputs: Value[];
  readonly join: Join;
  /** What it is, once read. */
  settled: Value | undefined;
  /** Where it was read first. */
  read: Span | undefined;
  /** How many of the inputs are linked to what it became. */
  linked = 0;

  constructor(join: Join, name: string | undefined, inputs: Value[]) {
    this.join = join;
    this.name = name;
    this.inputs = inputs;
  }
}

export type Value =
  | Constant
  | Scalar
  | Vector
  | ArrayValue
  | Namespace
  | RecordValue
  | Callable
  | LocalFunction
  | Text
  | Nothing
  | Dead
  | Phi;

export const nothing: Nothing = { kind: 'nothing', why: 'it is undefined' };
export const dead: Dead = { kind: 'dead' };
export const constant = (value: number | boolean): Constant => ({ kind: 'constant', value });

export function isBool(value: Value): boolean {
  return value.kind === 'constant'
    ? typeof value.value === 'boolean'
    : value.kind === 'scalar' && value.type.type === 'bool';
}
export function isNumberLike(value: Value): value is Constant | Scalar {
  return value.kind === 'constant' || value.kind === 'scalar';
}

/** Whether two values are the same thing, so that paths that carry them need no join. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === 'constant' && b.kind === 'constant') return Object.is(a.value, b.value);
  if (a.kind === 'array' && b.kind === 'array') return a.memory === b.memory;
  if (a.kind === 'function' && b.kind === 'function') return a.node === b.node && a.home === b.home;
  return a.kind === 'nothing' && b.kind === 'nothing';
}

/** What a value is, for messages. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'constant':
      return typeof value.value === 'boolean' ? 'a bool' : 'a number';
    case 'scalar':
      return value.type.type === undefined
        ? 'a number'
        : `${value.type.type === 'i32' || value.type.type === 'f32' || value.type.type === 'f16' ? 'an' : 'a'} ${value.type.type}`;
    case 'vector':
      return `a vector of ${value.components.length}`;
    case 'array':
      return 'an array';
    case 'namespace':
    case 'record':
      return value.what;
    case 'callable':
    case 'function':
      return 'a function';
    case 'text':
      return 'a string';
    case 'nothing':
    case 'dead':
    case 'phi':
      return 'no value';
  }
}
