/**
 * Builds programs. The front end, the passes that expand operations, tests and adapter authors write through it.
 *
 * It keeps blocks and ends in order and reads result types off the op table, so that what it builds is well typed; the
 * verifier still has the last word. Misuse (a type that does not fit, an instruction after an end) throws `invalid-ir`.
 *
 *     const b = new Builder({ name: 'double' });
 *     const x = b.buffer('x', 'readWrite', 'f32');
 *     const i = b.id('globalId', 0);
 *     b.store(x, [i], b.op('mul', b.load(x, [i]), b.f32(2)));
 *     const program = b.finish();
 */

import { bitsOf, roundTo } from './bits.ts';
import { IsokernelError, type Place } from './error.ts';
import {
  type AtomicOp,
  type CollectiveOp,
  type IdOp,
  type OpName,
  ops,
  rowOf,
  type ScalarOp,
  type ScalarRow,
} from './ops.ts';
import type {
  Access,
  Block,
  BufferParam,
  End,
  Instruction,
  LocalArray,
  Memory,
  Operation,
  Param,
  Program,
  ScalarParam,
  Value,
} from './program.ts';
import {
  componentType,
  defaultFuel,
  type ElementType,
  isVector,
  loadedType,
  type NumericMode,
  type NumericType,
  type ScalarType,
  type ValueType,
  vectorOf,
} from './types.ts';

export interface BuilderOptions {
  readonly name: string;
  readonly mode?: NumericMode;
  readonly workgroup?: readonly [number, number, number] | undefined;
  readonly fuel?: number;
}

interface OpenBlock {
  readonly body: Instruction[];
  end: End | undefined;
  /** It is the body of a loop. */
  readonly loop: boolean;
  /** Something breaks that loop. */
  breaks: boolean;
}

export class Builder {
  readonly #options: BuilderOptions;
  readonly #params: Param[] = [];
  readonly #locals: LocalArray[] = [];
  /** Open blocks, innermost last. */
  readonly #open: OpenBlock[] = [{ body: [], end: undefined, loop: false, breaks: false }];
  /** Given to the instructions built from now on. */
  place: Place | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  // ---- declarations ----

  scalar(name: string, type: ValueType): ScalarParam {
    const param: ScalarParam = { kind: 'scalar', name, type };
    this.#params.push(param);
    return param;
  }
  buffer(name: string, access: Access, element: ElementType, rank = 1): BufferParam {
    const param: BufferParam = { kind: 'buffer', name, access, element, rank };
    this.#params.push(param);
    return param;
  }
  /** A private array of each invocation. `clear` it where its declaration is evaluated again, in a loop. */
  privateArray(name: string, element: ElementType, length: number): LocalArray {
    return this.#local({ kind: 'local', space: 'private', name, element, length, atomic: false });
  }
  /** An array of the workgroup; `atomic` ones are touched by atomics only. */
  workgroupArray(name: string, element: ElementType, length: number, atomic = false): LocalArray {
    return this.#local({ kind: 'local', space: 'workgroup', name, element, length, atomic });
  }
  /** Adds a local array; where its name is taken, as by an inlined function's own, it gets a number. */
  #local(wanted: LocalArray): LocalArray {
    const names = new Set([...this.#params, ...this.#locals].map(({ name }) => name));
    let name = wanted.name;
    for (let n = 2; names.has(name); n++) name = `${wanted.name}_${n}`;
    const local = { ...wanted, name };
    this.#locals.push(local);
    return local;
  }

  // ---- values ----

  /** A constant, given as a number of the type (see bits.ts); floats are rounded to it. */
  constant(type: ScalarType, value: number): Value {
    return this.#emit('constant', [], type, bitsOf(type, roundTo(type, value)));
  }
  /** The same, opaque to compilers of devices: for `exact` (see passes/exact). */
  opaque(type: ScalarType, value: number): Value {
    return this.#emit('opaque', [], type, bitsOf(type, roundTo(type, value)));
  }
  f32(value: number): Value {
    return this.constant('f32', value);
  }
  i32(value: number): Value {
    return this.constant('i32', value);
  }
  u32(value: number): Value {
    return this.constant('u32', value);
  }
  bool(value: boolean): Value {
    return this.constant('bool', value ? 1 : 0);
  }
  argument(param: ScalarParam): Value {
    return this.#emit('argument', [], param.type, 0, param);
  }
  /** `axis`: 0 x, 1 y, 2 z. */
  id(op: IdOp, axis = 0): Value {
    return this.#emit(op, [], ops[op].result, axis);
  }
  /** Length of one axis of a buffer; 0 is the slowest. */
  dimension(buffer: BufferParam, axis = 0): Value {
    return this.#emit('dimension', [], 'i32', axis, buffer);
  }

  /** A scalar operation whose result type follows from its operands. */
  op(op: Exclude<ScalarOp, 'convert' | 'bitcast'>, ...args: Value[]): Value {
    return this.#emit(op, args, this.#resultType(op, args));
  }
  convert(value: Value, to: ScalarType): Value {
    return value.type === to ? value : this.#emit('convert', [value], to);
  }
  bitcast(value: Value, to: ScalarType): Value {
    return value.type === to ? value : this.#emit('bitcast', [value], to);
  }
  compose(...components: Value[]): Value {
    const first = components[0];
    if (first === undefined || components.length > 4 || first.type === 'bool' || isVector(first.type))
      throw this.#misuse('compose takes 2 to 4 numeric scalars');
    return this.#emit('compose', components, vectorOf(first.type as NumericType, components.length as 2 | 3 | 4));
  }
  extract(vector: Value, component: number): Value {
    return this.#emit('extract', [vector], componentType(vector.type), component);
  }

  // ---- memory and the workgroup ----

  load(memory: Memory, indices: readonly Value[]): Value {
    return this.#emit('load', indices, loadedType(memory.element), 0, memory);
  }
  store(memory: Memory, indices: readonly Value[], value: Value): void {
    this.#append('store', [...indices, value], undefined, 0, memory);
  }
  clear(array: LocalArray): void {
    this.#append('clear', [], undefined, 0, array);
  }
  /** An atomic operation; its result is undefined only for `atomicStore`. */
  atomic(op: AtomicOp, memory: Memory, indices: readonly Value[], ...values: Value[]): Value | undefined {
    return this.#append(
      op,
      [...indices, ...values],
      ops[op].returns ? loadedType(memory.element) : undefined,
      0,
      memory,
    );
  }
  barrier(): void {
    this.#append('barrier', [], undefined, 0, undefined);
  }
  collective(op: Exclude<CollectiveOp, 'uniformLoad'>, value: Value): Value {
    return this.#emit(op, [value], value.type);
  }
  uniformLoad(array: LocalArray, index: Value): Value {
    return this.#emit('uniformLoad', [index], loadedType(array.element), 0, array);
  }

  // ---- control flow ----

  /**
   * An `if`. An arm returns the values it yields (none by default), or ends itself with `break`, `continue` or `return`.
   * The results have the types of the first arm that yields.
   */
  if(
    condition: Value,
    then: () => readonly Value[] | void,
    otherwise: () => readonly Value[] | void = () => {},
  ): readonly Value[] {
    const place = this.place;
    const arms = [this.#block(then).block, this.#block(otherwise).block] as const;
    const yielding = arms.find((arm) => arm.end.kind === 'yield');
    const results =
      yielding?.end.kind === 'yield' ? yielding.end.values.map(({ type, name }): Value => ({ type, name })) : [];
    this.#current().body.push({ kind: 'if', condition, accept: arms[0], reject: arms[1], results, place });
    if (yielding === undefined) this.#current().end = { kind: 'unreachable' };
    return results;
  }

  /**
   * A loop. `body` gets the loop's parameters, and ends by returning the values of the next iteration, or by ending
   * itself. `results` are the types of what `break` carries. Nothing can follow a loop that no `break` leaves.
   */
  loop(
    inits: readonly Value[],
    results: readonly ValueType[],
    body: (params: readonly Value[]) => readonly Value[] | void,
  ): readonly Value[] {
    const place = this.place;
    const params = inits.map(({ type, name }): Value => ({ type, name }));
    const { block, breaks } = this.#block(() => body(params), 'continue');
    const values = results.map((type): Value => ({ type }));
    this.#current().body.push({ kind: 'loop', params, inits, body: block, results: values, place });
    if (!breaks) this.#current().end = { kind: 'unreachable' };
    return values;
  }
  break(...values: Value[]): void {
    const loop = this.#open.findLast((block) => block.loop);
    if (loop !== undefined) loop.breaks = true;
    this.#end({ kind: 'break', values });
  }
  continue(...values: Value[]): void {
    this.#end({ kind: 'continue', values });
  }
  return(): void {
    this.#end({ kind: 'return' });
  }
  /** Ends a block that control cannot reach the end of: it follows an `if` or a loop that never falls through. */
  unreachable(): void {
    if (this.#current().end?.kind !== 'unreachable') this.#end({ kind: 'unreachable' });
  }
  /** Gives a value of this program the author's name for it. */
  name(value: Value, name: string): void {
    (value as { name?: string }).name = name;
  }
  /** Whether the open block has ended, so nothing more can be built in it. */
  get ended(): boolean {
    return this.#current().end !== undefined;
  }

  /** The program; the builder is done after it. */
  finish(): Program {
    if (this.#open.length !== 1) throw this.#misuse('finish inside a block');
    const { body, end } = this.#current();
    const { name, mode = 'stable', workgroup, fuel = defaultFuel } = this.#options;
    return {
      name,
      mode,
      workgroup,
      fuel,
      params: this.#params,
      locals: this.#locals,
      body: { body, end: end ?? { kind: 'return' } },
    };
  }

  // ---- inside ----

  #current(): OpenBlock {
    return this.#open[this.#open.length - 1]!;
  }
  #block(fill: () => readonly Value[] | void, fallThrough: 'yield' | 'continue' = 'yield') {
    const open: OpenBlock = { body: [], end: undefined, loop: fallThrough === 'continue', breaks: false };
    this.#open.push(open);
    const values = fill();
    this.#open.pop();
    const block: Block = { body: open.body, end: open.end ?? { kind: fallThrough, values: values ?? [] } };
    return { block, breaks: open.breaks };
  }
  #end(end: End): void {
    if (this.ended) throw this.#misuse('the block has ended already');
    this.#current().end = end;
  }
  #emit(op: OpName, args: readonly Value[], type: ValueType, attribute = 0, reference?: Param | LocalArray): Value {
    return this.#append(op, args, type, attribute, reference)!;
  }
  #append(
    op: OpName,
    args: readonly Value[],
    type: ValueType | undefined,
    attribute: number,
    reference: Param | LocalArray | undefined,
  ): Value | undefined {
    if (this.ended) throw this.#misuse(`${op} after the end of its block`);
    const result: Value | undefined = type === undefined ? undefined : { type };
    const operation: Operation = { kind: 'op', op, args, result, attribute, reference, place: this.place };
    this.#current().body.push(operation);
    return result;
  }
  #resultType(op: ScalarOp, args: readonly Value[]): ScalarType {
    const row = rowOf(op) as ScalarRow;
    const type = operandType(row, args);
    if (type === undefined)
      throw this.#misuse(`${op}(${args.map((arg) => arg.type).join(', ')}) fits no row of the op table`);
    return row.result === 'T' || row.result === 'any' ? type : row.result;
  }
  #misuse(message: string): IsokernelError {
    return new IsokernelError('invalid-ir', message, { kernel: this.#options.name, place: this.place });
  }
}

/** What T is for these operands of a scalar operation, or undefined where they don't fit the row. */
export function operandType(row: ScalarRow, args: readonly Value[]): ScalarType | undefined {
  if (args.length !== row.args.length) return undefined;
  const type = args[row.args.indexOf('T')]?.type as ScalarType;
  if (!row.of.includes(type)) return undefined;
  const fits = row.args.every((wanted, i) => {
    const given = args[i]!.type;
    if (wanted === 'T') return given === type;
    return wanted === 'int' ? given === 'i32' || given === 'u32' : given === wanted;
  });
  return fits ? type : undefined;
}
