/**
 * A program whose scalars may not have their types yet: what lowering writes and `emit.ts` turns into IR.
 *
 * It has the structure of the IR, blocks of operations, ifs and loops. Where paths meet there is a `Join`; the values that
 * cross it are its `merges`, added when a variable is read after the join.
 */

import type { Builder } from '../ir/builder.ts';
import type { Value as IrValue } from '../ir/program.ts';
import type { Span } from './parse.ts';
import type { Phi, Scalar } from './values.ts';

export interface DraftOperation {
  readonly kind: 'op';
  readonly args: readonly Scalar[];
  readonly results: readonly Scalar[];
  readonly span: Span;
  /** What it costs to run it where its result may not be needed; infinite where that must not be. */
  readonly cost: number;
  /** Builds it, its operands being built and typed; returns the values of `results`. */
  readonly build: (b: Builder, args: readonly IrValue[]) => IrValue | readonly IrValue[] | void;
}

/** One value that crosses a join. */
export interface Merge {
  readonly result: Scalar;
  /** By edge. */
  readonly inputs: Scalar[];
}

/** A place where paths meet: the end of an `if`, the head of a loop (edge 0 enters it), the exit of a loop. */
export class Join {
  readonly merges: Merge[] = [];
  /** The variables that have been read, so have merges. */
  readonly read: Phi[] = [];
  edges = 0;
  /** All edges are known. */
  closed = false;
}

export interface DraftIf {
  readonly kind: 'if';
  readonly condition: Scalar;
  readonly accept: DraftBlock;
  readonly reject: DraftBlock;
  readonly join: Join;
  readonly span: Span;
}
export interface DraftLoop {
  readonly kind: 'loop';
  readonly head: Join;
  readonly exit: Join;
  readonly body: DraftBlock;
  readonly span: Span;
}
export type DraftEnd =
  | { readonly kind: 'yield' | 'break' | 'continue'; readonly join: Join; readonly edge: number }
  | { readonly kind: 'return' }
  | { readonly kind: 'unreachable' };

export class DraftBlock {
  body: (DraftOperation | DraftIf | DraftLoop)[] = [];
  end: DraftEnd | undefined;

  /** The cost of running all of it needlessly; infinite where it has effects, loads or control flow. */
  get cost(): number {
    if (this.end !== undefined && this.end.kind !== 'yield') return Number.POSITIVE_INFINITY;
    return this.body.reduce((sum, each) => sum + (each.kind === 'op' ? each.cost : Number.POSITIVE_INFINITY), 0);
  }
}
