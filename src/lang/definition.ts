/** What `kernel()` and `fn()` collect and the compiler takes: plain data. */

import type { Param } from '../ir/program.ts';
import type { NumericMode, ValueType } from '../ir/types.ts';

/** A function whose own text is the source: `toString()` gives it. */
export type Body = { toString(): string };

export interface FunctionDefinition {
  readonly args: readonly ValueType[];
  readonly returns: ValueType;
  /** Sees `k`, then its arguments, then its `consts` and `uses` by name, and nothing else. */
  readonly body: Body;
  readonly consts: Readonly<Record<string, number | boolean>>;
  readonly uses: Readonly<Record<string, FunctionDefinition>>;
}

export interface Definition {
  readonly name: string;
  readonly mode: NumericMode;
  readonly workgroup: readonly [number, number, number] | undefined;
  readonly fuel: number;
  readonly params: readonly Param[];
  readonly consts: Readonly<Record<string, number | boolean>>;
  readonly uses: Readonly<Record<string, FunctionDefinition>>;
  readonly body: Body;
}
