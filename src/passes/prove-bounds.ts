/**
 * Bounds checks removed: marks the accesses whose every index is sure to be inside its dimension.
 *
 * One walk in program order carries the range of each integer (ranges.ts) and what the branches around a place say about
 * it: `i < x.length` narrows i where it holds, and so does an early return where it does not. For a loop the walk
 * supposes that a parameter which only grows stays above its first value (one that only shrinks, below), walks the body,
 * and where what `continue` passes on contradicts that, supposes less and walks again.
 *
 * It proves most where equal values are one already (share-common.ts).
 */

import { numberOf } from '../ir/bits.ts';
import { isScalarOp, rowOf } from '../ir/ops.ts';
import {
  type Block,
  type BufferParam,
  definitionsOf,
  type If,
  type Instruction,
  type Loop,
  type Memory,
  type Operation,
  type Program,
  rankOf,
  type Value,
} from '../ir/program.ts';
import { isInteger, isPacked, maxDimension, type PackedType, type ScalarType } from '../ir/types.ts';
import { isComparison, opposite } from './identities.ts';
import { atLeast, atMost, interval, join, meet, type Range, rangeOfType, symbolic, transfer } from './ranges.ts';
import { type Jump, jumpsOf, rewrite } from './rewrite.ts';

export function proveBounds(program: Program, workgroup: readonly [number, number, number]): Program {
  const proven = new Prover(program, workgroup).prove();
  return rewrite(program, {
    operation(operation, out) {
      out.append(proven.has(operation) ? { ...operation, proven: true } : operation);
    },
  });
}

/** How far ranges of operands are looked up anew: branches narrow operands after what uses them was computed. */
const depth = 4;

const packedRanges: { readonly [P in PackedType]: Range } = {
  i8: interval(-128, 127),
  u8: interval(0, 255),
  i16: interval(-32768, 32767),
  u16: interval(0, 65535),
};

/** What a loop's jumps passed on, gathered while its body is walked. */
interface OpenLoop {
  readonly next: Range[][];
  readonly results: Range[][];
}

class Prover {
  readonly #program: Program;
  readonly #workgroup: readonly [number, number, number];
  readonly #definitions: ReadonlyMap<Value, Operation>;
  /** The `if` of each bool that is an `if`'s result, and which result. */
  readonly #chosen = new Map<Value, { readonly branch: If; readonly index: number }>();
  readonly #dimensions = new Map<BufferParam, Map<number, Value>>();
  /** What is known here; `#undo` takes it back where a block ends. */
  readonly #ranges = new Map<Value, Range>();
  readonly #undo: [Value, Range | undefined][] = [];
  readonly #loops: OpenLoop[] = [];
  readonly #proven = new Set<Operation>();
  /** Walks of loop bodies that are left; a supposition may cost several, in each walk of the loop around. */
  #patience = 1000;

  constructor(program: Program, workgroup: readonly [number, number, number]) {
    this.#program = program;
    this.#workgroup = workgroup;
    this.#definitions = definitionsOf(program.body);
  }

  prove(): ReadonlySet<Operation> {
    this.#block(this.#program.body);
    return this.#proven;
  }

  // ---- what is known of a value ----

  /** A dimension is one symbol, however often the program asks for it. */
  #symbol(buffer: BufferParam, axis: number): Value {
    const axes = this.#dimensions.get(buffer) ?? new Map<number, Value>();
    this.#dimensions.set(buffer, axes);
    const symbol = axes.get(axis) ?? { type: 'i32' };
    axes.set(axis, symbol);
    return symbol;
  }
  #identity(value: Value): Value {
    const definition = this.#definitions.get(value);
    return definition?.op === 'dimension'
      ? this.#symbol(definition.reference as BufferParam, definition.attribute)
      : value;
  }

  /** The range of a value, from what was learnt of it and what is known by now of the operands it was computed from. */
  #range(value: Value, levels = depth): Range {
    if (!isInteger(value.type)) return rangeOfType(value.type);
    const identity = this.#identity(value);
    const known = this.#ranges.get(identity) ?? this.#given(identity, value);
    const definition = levels > 0 ? this.#definitions.get(value) : undefined;
    if (definition === undefined || !isScalarOp(definition.op)) return known;
    return meet(known, this.#computed(definition, levels - 1));
  }
  #computed({ op, args, result }: Operation, levels: number): Range {
    if (!isScalarOp(op)) return rangeOfType(result!.type);
    const ranges = args.map((arg) => this.#range(arg, levels));
    return transfer(op, result!.type as ScalarType, ranges);
  }
  /** The range of a value that nothing was learnt of. */
  #given(identity: Value, value: Value): Range {
    if (identity !== value) return symbolic(identity, maxDimension);
    const definition = this.#definitions.get(value);
    return definition === undefined ? rangeOfType(value.type) : this.#source(definition, value);
  }
  #source({ op, attribute, reference }: Operation, value: Value): Range {
    const [x, y, z] = this.#workgroup;
    const size = this.#workgroup[attribute]!;
    const groups = Math.ceil(maxDimension / size);
    switch (op) {
      case 'constant': {
        const number = numberOf(value.type as ScalarType, attribute);
        return interval(number, number);
      }
      case 'localId':
        return interval(0, size - 1);
      case 'localIndex':
        return interval(0, x * y * z - 1);
      case 'workgroupId':
        return interval(0, groups - 1);
      case 'numWorkgroups':
        return interval(1, groups);
      case 'globalId':
        // a ghost's may lie beyond the grid, but not beyond its workgroup
        return interval(0, groups * size - 1);
      case 'load': {
        const { element } = reference as Memory;
        return isPacked(element) ? packedRanges[element] : rangeOfType(value.type);
      }
      default:
        return rangeOfType(value.type);
    }
  }

  /** Until the end of the block, this too is true of the value. */
  #note(value: Value, range: Range): void {
    if (!isInteger(value.type)) return;
    const identity = this.#identity(value);
    const known = this.#range(value, 0);
    this.#undo.push([identity, this.#ranges.get(identity)]);
    this.#ranges.set(identity, meet(known, range));
  }
  /** The same, and what it says of operands: what is true of i as u32, or of i + 1, tells of i where nothing wraps. */
  #learn(value: Value, range: Range): void {
    this.#note(value, range);
    const definition = this.#definitions.get(value);
    const [x, y] = definition?.args ?? [];
    if (definition?.op === 'convert' && isInteger(x!.type)) {
      const known = this.#range(value, 0);
      if (known.min >= 0 && known.max < 2 ** 31) this.#learn(x!, known);
    } else if (definition?.op === 'add' || definition?.op === 'sub') {
      const { min, max } = this.#range(y!);
      const offset = definition.op === 'add' ? min : -min;
      const { min: low, max: high } = this.#range(x!);
      const type = rangeOfType(value.type);
      if (min !== max || low + offset < type.min || high + offset > type.max) return;
      this.#learn(x!, meet(atMost(range, -offset), atLeast(range, -offset)));
    }
  }

  // ---- what conditions say ----

  #assume(condition: Value, outcome: boolean): void {
    const definition = this.#definitions.get(condition);
    if (definition === undefined) {
      this.#assumeChosen(condition, outcome);
      return;
    }
    const { op } = definition;
    const [x, y] = definition.args as readonly [Value, Value];
    if (op === 'not') this.#assume(x, !outcome);
    if (op === (outcome ? 'and' : 'or')) {
      this.#assume(x, outcome);
      this.#assume(y, outcome);
    }
    if (!isComparison(op) || !isInteger(x.type)) return;
    switch (outcome ? op : opposite[op]) {
      case 'lt':
        this.#order(x, y, 1);
        break;
      case 'le':
        this.#order(x, y, 0);
        break;
      case 'gt':
        this.#order(y, x, 1);
        break;
      case 'ge':
        this.#order(y, x, 0);
        break;
      case 'eq':
        this.#order(x, y, 0);
        this.#order(y, x, 0);
        break;
      case 'ne':
        this.#differ(x, y);
    }
  }
  /** An `if` that gives a bool, false in one arm: where the bool is true, the other arm ran and gave true. */
  #assumeChosen(condition: Value, outcome: boolean): void {
    const chosen = this.#chosen.get(condition);
    if (chosen === undefined) return;
    const { branch, index } = chosen;
    for (const [arm, other, taken] of [
      [branch.accept, branch.reject, true],
      [branch.reject, branch.accept, false],
    ] as const) {
      const given = other.end.kind === 'yield' ? this.#constant(other.end.values[index]!) : undefined;
      const excluded = other.end.kind !== 'yield' || given === (outcome ? 0 : 1);
      if (!excluded || arm.end.kind !== 'yield') continue;
      this.#assume(branch.condition, taken);
      this.#assume(arm.end.values[index]!, outcome);
      return;
    }
  }
  #constant(value: Value): number | undefined {
    const definition = this.#definitions.get(value);
    return definition?.op === 'constant' ? definition.attribute : undefined;
  }
  /** low + gap <= high. */
  #order(low: Value, high: Value, gap: 0 | 1): void {
    const [below, above] = [this.#range(low), this.#range(high)];
    this.#learn(low, atMost(above, -gap));
    this.#learn(high, atLeast(below, gap));
  }
  #differ(x: Value, y: Value): void {
    const [a, b] = [this.#range(x), this.#range(y)];
    if (b.min === b.max && a.min === b.min) this.#learn(x, interval(a.min + 1, a.max));
    if (b.min === b.max && a.max === b.max) this.#learn(x, interval(a.min, a.max - 1));
  }

  // ---- the walk ----

  #block(block: Block): void {
    for (const instruction of block.body) this.#instruction(instruction);
    const { end } = block;
    if (end.kind !== 'break' && end.kind !== 'continue') return;
    const loop = this.#loops.at(-1)!;
    const passed = end.values.map((value) => this.#range(value));
    if (end.kind === 'break') loop.results.push(passed);
    else loop.next.push(passed);
  }
  /** Does something, and forgets what was learnt meanwhile. */
  #apart<T>(action: () => T): T {
    const marker = this.#undo.length;
    const result = action();
    while (this.#undo.length > marker) {
      const [value, range] = this.#undo.pop()!;
      if (range === undefined) this.#ranges.delete(value);
      else this.#ranges.set(value, range);
    }
    return result;
  }
  #instruction(instruction: Instruction): void {
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        return;
      case 'if':
        this.#if(instruction);
        return;
      case 'loop':
        this.#loop(instruction);
    }
  }

  #operation(operation: Operation): void {
    const { op, args, result, reference } = operation;
    if (result !== undefined && isScalarOp(op)) this.#note(result, this.#computed(operation, 0));
    const { form } = rowOf(op);
    if (reference === undefined || reference.kind === 'scalar') return;
    if (form !== 'load' && form !== 'store' && form !== 'atomic' && form !== 'collective') return;
    const inside = args.slice(0, rankOf(reference)).every((index, axis) => this.#isInside(reference, axis, index));
    // what a later walk of a loop finds is what holds
    if (inside) this.#proven.add(operation);
    else this.#proven.delete(operation);
  }
  #isInside(memory: Memory, axis: number, index: Value): boolean {
    const { min, max, atMost: bounds } = this.#range(index);
    if (min < 0) return false;
    if (memory.kind === 'local') return max < memory.length;
    const dimension = this.#symbol(memory, axis);
    const offset = bounds.get(dimension);
    return (offset !== undefined && offset < 0) || max < (this.#ranges.get(dimension)?.min ?? 0);
  }

  #if(branch: If): void {
    const { condition, accept, reject, results } = branch;
    const given = ([accept, reject] as const).flatMap((arm) =>
      this.#apart(() => {
        this.#assume(condition, arm === accept);
        this.#block(arm);
        return arm.end.kind === 'yield' ? [arm.end.values.map((value) => this.#range(value))] : [];
      }),
    );
    results.forEach((result, index) => {
      if (result.type === 'bool') this.#chosen.set(result, { branch, index });
    });
    this.#define(results, given);
    if (accept.end.kind !== 'yield') this.#assume(condition, false);
    if (reject.end.kind !== 'yield') this.#assume(condition, true);
  }
  /** Each value is what one of the ways here gave it. */
  #define(values: readonly Value[], given: readonly (readonly Range[])[]): void {
    values.forEach((value, i) => {
      const ranges = given.map((way) => way[i]!);
      if (ranges.length > 0) this.#note(value, ranges.reduce(join));
    });
  }

  #loop(loop: Loop): void {
    const { params, inits, body, results } = loop;
    const next = jumpsOf(body).filter(({ kind }) => kind === 'continue');
    const first = inits.map((init) => this.#range(init));
    let supposed = params.map((param, i) => this.#suppose(param, first[i]!, next, i));
    for (;;) {
      this.#patience--;
      const open: OpenLoop = { next: [], results: [] };
      this.#loops.push(open);
      this.#apart(() => {
        params.forEach((param, i) => {
          this.#note(param, supposed[i]!);
        });
        this.#block(body);
      });
      this.#loops.pop();
      const weaker = params.map((param, i) =>
        weakened(
          supposed[i]!,
          open.next.map((way) => way[i]!),
          rangeOfType(param.type),
        ),
      );
      if (weaker.every((range, i) => range === supposed[i])) {
        this.#define(results, open.results);
        return;
      }
      supposed = weaker;
    }
  }
  /** What to suppose of a loop's parameter: that it goes on as its steps say. */
  #suppose(param: Value, first: Range, next: readonly Jump[], i: number): Range {
    const type = rangeOfType(param.type);
    if (!isInteger(param.type) || this.#patience < 0) return type;
    const steps = next.map(({ values }) => this.#step(param, values[i]!));
    const grows = steps.every((step) => step !== undefined && step.min >= 0);
    const shrinks = steps.every((step) => step !== undefined && step.max <= 0);
    if (grows && shrinks) return first;
    if (grows) return interval(first.min, type.max, undefined, first.atLeast);
    return shrinks ? interval(type.min, first.max, first.atMost) : type;
  }
  /** By how much a parameter's next value differs from it. */
  #step(param: Value, next: Value): Range | undefined {
    if (next === param) return interval(0, 0);
    const definition = this.#definitions.get(next);
    const [x, y] = definition?.args ?? [];
    if (definition?.op === 'add' && x === param) return this.#range(y!);
    if (definition?.op === 'add' && y === param) return this.#range(x!);
    if (definition?.op !== 'sub' || x !== param) return undefined;
    const { min, max } = this.#range(y!);
    return interval(-max, -min);
  }
}

/** The supposed range, less what the ranges of the next values contradict; the same object where nothing does. */
function weakened(supposed: Range, next: readonly Range[], type: Range): Range {
  const all = next.reduce(join, supposed);
  const min = all.min < supposed.min ? type.min : supposed.min;
  const max = all.max > supposed.max ? type.max : supposed.max;
  const same =
    min === supposed.min &&
    max === supposed.max &&
    [...supposed.atMost].every(([symbol, offset]) => all.atMost.get(symbol) === offset) &&
    [...supposed.atLeast].every(([symbol, offset]) => all.atLeast.get(symbol) === offset);
  if (same) return supposed;
  const kept = (of: Range['atMost'], now: Range['atMost']) =>
    new Map([...of].filter(([symbol, offset]) => now.get(symbol) === offset));
  return interval(min, max, kept(supposed.atMost, all.atMost), kept(supposed.atLeast, all.atLeast));
}
