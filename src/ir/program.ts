/**
 * The shape of a program: plain immutable data, structured control flow, single assignment.
 *
 * Evaluation is in program order. Every `Value` is defined once, by the instruction, loop or `if` that lists it, and may be
 * used in the rest of that block and in the blocks inside it, nowhere else. Identity is the object: a program holds no
 * numbers for its values, and the text form, the bytes and the hash number them in program order.
 *
 * A block is a list of instructions and one `End`. An `if` gives the values its taken arm yields. A loop starts its
 * `params` from `inits`; `continue` starts the next iteration with new ones; `break` leaves with the loop's results. Both
 * mean the innermost loop. `return` ends the invocation. `unreachable` ends a block after an `if` or loop that never
 * falls through.
 *
 * Whoever changes a program builds a new one; nothing is mutated.
 */

import type { Place } from './error.ts';
import type { OpName } from './ops.ts';
import type { ElementType, NumericMode, ValueType } from './types.ts';

export interface Value {
  readonly type: ValueType;
  /** The author's name for it, for people; outside the hash. */
  readonly name?: string | undefined;
}

export type Access = 'read' | 'write' | 'readWrite' | 'atomic';
export const accesses = ['read', 'write', 'readWrite', 'atomic'] as const satisfies readonly Access[];

export interface ScalarParam {
  readonly kind: 'scalar';
  readonly name: string;
  readonly type: ValueType;
}
export interface BufferParam {
  readonly kind: 'buffer';
  readonly name: string;
  readonly access: Access;
  readonly element: ElementType;
  /** 1 to 4. Row-major; the last dimension is the fastest. */
  readonly rank: number;
}
export type Param = ScalarParam | BufferParam;

/** A private array of each invocation, or one of the workgroup. Rank 1, zero when the dispatch starts. */
export interface LocalArray {
  readonly kind: 'local';
  readonly space: 'private' | 'workgroup';
  readonly name: string;
  readonly element: ElementType;
  /** Elements, at least 1. */
  readonly length: number;
  /** Touched by atomic operations only; i32 or u32, workgroup space. */
  readonly atomic: boolean;
}

/** Whatever a memory instruction may name. */
export type Memory = BufferParam | LocalArray;

/** An instruction read off the op table. */
export interface Operation {
  readonly kind: 'op';
  readonly op: OpName;
  readonly args: readonly Value[];
  readonly result: Value | undefined;
  /** A constant's bits, an axis or a component; 0 where the form has none. A whole number in [0, 2^32). */
  readonly attribute: number;
  /** A parameter or a local array, by identity, where the form has one. */
  readonly reference: Param | LocalArray | undefined;
  /** Set by the bounds pass only: every index is in bounds, so the guard may go. Refused by the verifier. */
  readonly proven?: true;
  readonly place?: Place | undefined;
}

export interface If {
  readonly kind: 'if';
  readonly condition: Value;
  readonly accept: Block;
  readonly reject: Block;
  readonly results: readonly Value[];
  readonly place?: Place | undefined;
}

/**
 * How a loop whose trip count the verifier cannot bound is kept from running for ever: `invocation`, counted by each
 * invocation; `workgroup`, counted uniformly, for a loop that holds a barrier. Set by the verifier only.
 */
export type LoopFuel = 'none' | 'invocation' | 'workgroup';

export interface Loop {
  readonly kind: 'loop';
  readonly params: readonly Value[];
  readonly inits: readonly Value[];
  readonly body: Block;
  readonly results: readonly Value[];
  /** Set by the verifier: number of the loop in program order from 0 (the index into `Facts.loops`), and its fuel. */
  readonly verified?: { readonly id: number; readonly fuel: LoopFuel } | undefined;
  readonly place?: Place | undefined;
}

export type Instruction = Operation | If | Loop;

export type End =
  | { readonly kind: 'yield' | 'break' | 'continue'; readonly values: readonly Value[] }
  | { readonly kind: 'return' }
  | { readonly kind: 'unreachable' };

export interface Block {
  readonly body: readonly Instruction[];
  readonly end: End;
}

export interface Program {
  readonly name: string;
  readonly mode: NumericMode;
  /** Invocations of a workgroup in x, y, z; undefined leaves it to the backend. */
  readonly workgroup: readonly [number, number, number] | undefined;
  /** Iterations that the loops the verifier cannot bound may take, per invocation. */
  readonly fuel: number;
  readonly params: readonly Param[];
  readonly locals: readonly LocalArray[];
  /** Ends with `return`. */
  readonly body: Block;
}

/** The values an instruction defines for what follows it (a loop's params are inside it). */
export function resultsOf(instruction: Instruction): readonly Value[] {
  if (instruction.kind !== 'op') return instruction.results;
  return instruction.result === undefined ? [] : [instruction.result];
}

/** The values an `End` passes on. */
export function endValues(end: End): readonly Value[] {
  return end.kind === 'yield' || end.kind === 'break' || end.kind === 'continue' ? end.values : [];
}

/**
 * The values an instruction uses: operands, conditions and inits, and what the ends of its blocks pass on. Over all
 * instructions of a program these are all uses.
 */
export function operandsOf(instruction: Instruction): readonly Value[] {
  switch (instruction.kind) {
    case 'op':
      return instruction.args;
    case 'if':
      return [instruction.condition, ...endValues(instruction.accept.end), ...endValues(instruction.reject.end)];
    case 'loop':
      return [...instruction.inits, ...endValues(instruction.body.end)];
  }
}

/** The blocks inside an instruction, in program order. */
export function blocksOf(instruction: Instruction): readonly Block[] {
  if (instruction.kind === 'if') return [instruction.accept, instruction.reject];
  return instruction.kind === 'loop' ? [instruction.body] : [];
}

/** Visits every instruction of a block and of the blocks inside it, in program order, outer before inner. */
export function forEachInstruction(block: Block, visit: (instruction: Instruction, block: Block) => void): void {
  for (const instruction of block.body) {
    visit(instruction, block);
    for (const inner of blocksOf(instruction)) forEachInstruction(inner, visit);
  }
}

/** The operation that defines each value; values of `if` and loops are not in it. */
export function definitionsOf(block: Block): Map<Value, Operation> {
  const definitions = new Map<Value, Operation>();
  forEachInstruction(block, (instruction) => {
    if (instruction.kind === 'op' && instruction.result !== undefined) definitions.set(instruction.result, instruction);
  });
  return definitions;
}

export function isBuffer(param: Param | LocalArray | undefined): param is BufferParam {
  return param?.kind === 'buffer';
}
export function rankOf(memory: Memory): number {
  return memory.kind === 'buffer' ? memory.rank : 1;
}
