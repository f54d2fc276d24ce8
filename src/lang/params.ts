/**
 * Parameters of a kernel: how they are declared, what the body sees of them, and what the host passes and gets back.
 */

import type { Access } from '../ir/program.ts';
import type { AnyToken, ElementToken, InBody, OnHost, Token } from './elements.ts';

export type Rank = 1 | 2 | 3 | 4;

/** A parameter that is an array of rank 1 to 4, row-major: the last index is x. */
export interface BufferToken<A extends Access, T extends ElementToken, R extends Rank> {
  readonly access: A;
  readonly element: T;
  readonly rank: R;
}
export type AnyBufferToken = BufferToken<Access, ElementToken, Rank>;
export type ParamTokens = { readonly [name: string]: AnyToken | AnyBufferToken };

function buffer<A extends Access, T extends ElementToken>(access: A) {
  function declare<E extends T>(element: E): BufferToken<A, E, 1>;
  function declare<E extends T, R extends Rank>(element: E, rank: R): BufferToken<A, E, R>;
  function declare<E extends T>(element: E, rank: Rank = 1): BufferToken<A, E, Rank> {
    return { access, element, rank };
  }
  return declare;
}

/** An array that the kernel only reads: `read(f32)`, `read(f32, 2)`. */
export const read = buffer<'read', ElementToken>('read');
/** An array that the kernel fills. It starts as zeros, may be read back in the kernel, and is given back by name. */
export const write = buffer<'write', ElementToken>('write');
/** An array that the kernel changes in place. */
export const readWrite = buffer<'readWrite', ElementToken>('readWrite');
/** An array of i32 or u32 that the kernel touches by `k.atomicAdd` and its kin only; in place on the host. */
export const atomic = buffer<'atomic', Token<'i32' | 'u32', number, Int32Array | Uint32Array>>('atomic');

// ---- in a body ----

type Indices<R extends Rank> = {
  1: [i: number];
  2: [i: number, j: number];
  3: [i: number, j: number, k: number];
  4: [i: number, j: number, k: number, l: number];
}[R];

/** An array that can be read. */
export interface Readable<V, R extends Rank> {
  /** The element; 0 out of bounds. An index is in bounds when it is below its own dimension. */
  at(...indices: Indices<R>): V;
  /** Number of elements. */
  readonly length: number;
  /** Dimensions, slowest first. */
  readonly shape: Indices<R>;
}
/** An array that can be read and stored to. */
export interface Writable<V, R extends Rank> extends Readable<V, R> {
  /** Sets the element; does nothing out of bounds. */
  set(...indicesAndValue: [...Indices<R>, value: V]): void;
}
/** An array of atomics: an argument of `k.atomicAdd(array, index, value)` and its kin. */
export interface AtomicArray {
  readonly length: number;
  readonly isAtomic: true;
}
type Indexed<V, R extends Rank> = R extends 1 ? { [index: number]: V } : unknown;
type ReadonlyIndexed<V, R extends Rank> = R extends 1 ? { readonly [index: number]: V } : unknown;

export type ParamInBody<P> =
  P extends BufferToken<'read', infer T, infer R>
    ? Readable<InBody<T>, R> & ReadonlyIndexed<InBody<T>, R>
    : P extends BufferToken<'write' | 'readWrite', infer T, infer R>
      ? Writable<InBody<T>, R> & Indexed<InBody<T>, R>
      : P extends BufferToken<'atomic', ElementToken, Rank>
        ? AtomicArray
        : InBody<P>;

// ---- on the host ----

/** A buffer that lives on devices; `rt.buffer` makes one. */
export interface BufferOf<T extends ElementToken> {
  readonly type: T['type'];
  readonly shape: readonly number[];
  readonly length: number;
}
/** A typed array with its dimensions, slowest first. */
export interface Shaped<A> {
  readonly data: A;
  readonly shape: readonly number[];
}
/** A scalar as an argument: of a vector, the list of its components. */
type ScalarArgument<T> = T extends { readonly type: `vec${string}` } ? readonly number[] : InBody<T>;
export type Argument<P> =
  P extends BufferToken<Access, infer T, infer R>
    ? BufferOf<T> | Shaped<OnHost<T>> | (R extends 1 ? OnHost<T> : never)
    : ScalarArgument<P>;

type OutputNames<P> = { [N in keyof P]: P[N] extends BufferToken<'write', ElementToken, Rank> ? N : never }[keyof P];
/** What a launch takes: every parameter by name; `write` ones may be left out. */
export type Args<P> = { readonly [N in Exclude<keyof P, OutputNames<P>>]: Argument<P[N]> } & {
  readonly [N in OutputNames<P>]?: Argument<P[N]>;
};
/** What a launch gives: the `write` parameters by name, as new typed arrays or what the caller passed. */
export type Outputs<P, A = unknown> = {
  readonly [N in OutputNames<P>]: N extends keyof A
    ? A[N]
    : P[N] extends BufferToken<'write', infer T, Rank>
      ? OnHost<T>
      : never;
};
/** Arguments as `shapes` and `invocations` see them: scalars as they are, arrays by their size. */
export type HostArgs<P> = {
  readonly [N in Exclude<keyof P, OutputNames<P>>]: P[N] extends BufferToken<Access, ElementToken, infer R>
    ? { readonly length: number; readonly shape: Indices<R> }
    : ScalarArgument<P[N]>;
};
export type ShapesOf<P> = {
  readonly [N in OutputNames<P>]?: (args: HostArgs<P>) => number | readonly number[];
};
