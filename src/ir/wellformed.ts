/**
 * Whether a program keeps the rules that need no analysis of flow: declarations, types, attributes, references, access,
 * scopes, ends of blocks, sizes. Throws `invalid-ir` or `loop-without-exit` at the first rule broken.
 *
 * One walk in program order. It stops at the limits of limits.ts, so a program that contains itself, or shares a block a
 * million times, is refused as quickly as any other.
 */

import { bitsOf, numberOf } from './bits.ts';
import { operandType } from './builder.ts';
import { IsokernelError, type Place } from './error.ts';
import { shapeOf } from './forms.ts';
import {
  maxFileName,
  maxFuel,
  maxInstructions,
  maxLocals,
  maxNameLength,
  maxNesting,
  maxParams,
  maxPrivateBytes,
  maxWorkgroupBytes,
} from './limits.ts';
import { type AtomicRow, type CollectiveRow, type IdRow, isOpName, type OpName, rowOf, type ScalarRow } from './ops.ts';
import {
  accesses,
  type Block,
  type BufferParam,
  type End,
  endValues,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type Memory,
  type Operation,
  type Param,
  type Program,
  rankOf,
  type Value,
} from './program.ts';
import {
  componentCount,
  componentType,
  type ElementType,
  elementBytes,
  elementTypes,
  isInteger,
  isScalar,
  isVector,
  loadedType,
  maxRank,
  maxWorkgroupInvocations,
  type NumericType,
  numericModes,
  type ValueType,
  valueTypes,
  vectorOf,
} from './types.ts';

export function checkWellFormed(program: Program): void {
  new Checker(program).check();
}

/** Bytes of the arrays of one space, each rounded up to whole words. */
export function localBytes(program: Program, space: LocalArray['space']): number {
  return program.locals
    .filter((local) => local.space === space)
    .reduce((sum, local) => sum + Math.ceil((elementBytes(local.element) * local.length) / 4) * 4, 0);
}

/** A loop around the block being checked. */
interface LoopScope {
  readonly loop: Loop;
  breaks: number;
  returns: number;
}
/** Where a block stands: which ends it may have. */
type Position = 'kernel' | 'arm' | 'loop';

const identifier = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const unprintable = /[\p{Cc}\p{Cs}]/u;

class Checker {
  readonly #program: Program;
  readonly #references: ReadonlySet<Param | LocalArray>;
  /** Every value defined so far; false once its block has ended. */
  readonly #values = new Map<Value, boolean>();
  readonly #loops: LoopScope[] = [];
  #instructions = 0;
  #place: Place | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#references = new Set([...program.params, ...program.locals]);
  }

  check(): void {
    this.#header();
    this.#declarations();
    this.#block(this.#program.body, 'kernel', undefined, [], 1);
  }

  // ---- declarations ----

  #header(): void {
    const { name, mode, workgroup, fuel } = this.#program;
    if (typeof name !== 'string' || name === '' || name.length > maxNameLength || unprintable.test(name))
      throw this.#invalid(`a kernel's name is 1 to ${maxNameLength} printable characters`);
    if (!numericModes.includes(mode)) throw this.#invalid(`no numeric mode ${String(mode)}`);
    if (workgroup !== undefined) {
      const positive = workgroup.length === 3 && workgroup.every((n) => Number.isInteger(n) && n >= 1);
      if (!positive || workgroup[0] * workgroup[1] * workgroup[2] > maxWorkgroupInvocations)
        throw this.#invalid(
          `a workgroup is three whole numbers from 1 with a product of at most ${maxWorkgroupInvocations}, not ${workgroup.join(', ')}`,
        );
    }
    if (!isWhole(fuel, 1, maxFuel)) throw this.#invalid(`fuel is a whole number in [1, 2^31), not ${fuel}`);
  }

  #declarations(): void {
    const { params, locals } = this.#program;
    if (params.length > maxParams) throw this.#invalid(`more than ${maxParams} parameters`);
    if (locals.length > maxLocals) throw this.#invalid(`more than ${maxLocals} local arrays`);
    const names = new Set<string>();
    for (const { name } of [...params, ...locals]) {
      if (typeof name !== 'string' || name.length > maxNameLength || !identifier.test(name))
        throw this.#invalid(`"${String(name).slice(0, 80)}" is no name: an identifier of at most ${maxNameLength}`);
      if (names.has(name)) throw this.#invalid(`the name "${name}" is declared twice`);
      names.add(name);
    }
    for (const param of params) {
      if (param.kind === 'scalar') {
        if (!valueTypes.includes(param.type)) throw this.#invalid(`"${param.name}" has no type ${String(param.type)}`);
      } else this.#buffer(param);
    }
    for (const local of locals) this.#local(local);
    for (const [space, most] of [
      ['private', maxPrivateBytes],
      ['workgroup', maxWorkgroupBytes],
    ] as const) {
      const bytes = localBytes(this.#program, space);
      if (bytes > most)
        throw this.#invalid(`${bytes} bytes of ${space} arrays; at most ${most}`, 'Make the arrays shorter.');
    }
  }

  #buffer({ name, access, element, rank }: BufferParam): void {
    if (!accesses.includes(access)) throw this.#invalid(`"${name}" has no access ${String(access)}`);
    if (!isWhole(rank, 1, maxRank + 1)) throw this.#invalid(`"${name}" has rank ${rank}; ranks are 1 to ${maxRank}`);
    this.#element(name, element, access === 'atomic');
  }
  #local({ name, space, element, length, atomic }: LocalArray): void {
    if (space !== 'private' && space !== 'workgroup') throw this.#invalid(`"${name}" has no space ${String(space)}`);
    if (!isWhole(length, 1, 2 ** 31)) throw this.#invalid(`"${name}" has length ${length}; it is at least 1`);
    if (atomic && space === 'private') throw this.#invalid(`"${name}" is private, so it cannot be atomic`);
    this.#element(name, element, atomic);
  }
  #element(name: string, element: ElementType, atomic: boolean): void {
    if (!elementTypes.includes(element)) throw this.#invalid(`"${name}" has no element type ${String(element)}`);
    if (atomic && element !== 'i32' && element !== 'u32')
      throw this.#invalid(`"${name}" is atomic, so its elements are i32 or u32, not ${element}`);
  }

  // ---- blocks and control flow ----

  /** `results`: what a `yield` gives. Returns whether control goes on after it: it yields. */
  #block(
    { body, end }: Block,
    position: Position,
    results: readonly Value[] | undefined,
    params: readonly Value[],
    depth: number,
  ): boolean {
    if (depth > maxNesting)
      throw this.#invalid(
        `blocks nest deeper than ${maxNesting}`,
        'Move inner code into fewer levels: combine conditions with && or return early.',
      );
    for (const param of params) this.#define(param);
    const defined = [...params];
    let falls = true;
    for (const instruction of body) {
      this.#place = instruction.place;
      if (!falls) throw this.#invalid('an instruction after an if or loop that never falls through');
      falls = this.#instruction(instruction, depth, defined);
    }
    if (falls === (end.kind === 'unreachable'))
      throw this.#invalid(
        falls
          ? 'unreachable, in a block whose end can be reached'
          : `${end.kind} after an if or loop that never falls through; it must be unreachable`,
      );
    this.#end(end, position, results);
    for (const value of defined) this.#values.set(value, false);
    return end.kind === 'yield';
  }

  #end(end: End, position: Position, results: readonly Value[] | undefined): void {
    for (const value of endValues(end)) this.#use(value, end.kind);
    switch (end.kind) {
      case 'yield':
        if (position !== 'arm') throw this.#invalid('yield ends an arm of an if, and nothing else');
        this.#match(end.values, results ?? [], 'yield', 'results');
        break;
      case 'break':
      case 'continue': {
        const scope = this.#loops.at(-1);
        if (scope === undefined) throw this.#invalid(`${end.kind} outside a loop`);
        if (end.kind === 'break') {
          scope.breaks++;
          this.#match(end.values, scope.loop.results, 'break', 'results');
        } else this.#match(end.values, scope.loop.params, 'continue', 'parameters');
        break;
      }
      case 'return':
        for (const scope of this.#loops) scope.returns++;
        break;
      case 'unreachable':
        break;
      default:
        throw this.#invalid(`a block cannot end in ${String((end as End).kind)}`);
    }
  }

  #match(given: readonly Value[], wanted: readonly Value[], who: string, what: string): void {
    if (given.length !== wanted.length)
      throw this.#invalid(`${who} gives ${given.length} values for ${wanted.length} ${what}`);
    given.forEach((value, i) => {
      if (value.type !== wanted[i]!.type)
        throw this.#invalid(`${who} gives ${value.type} for ${wanted[i]!.type} in position ${i}`);
    });
  }

  /** Checks an instruction and adds what it defines to `defined`. Returns whether control goes on after it. */
  #instruction(instruction: Instruction, depth: number, defined: Value[]): boolean {
    if (++this.#instructions > maxInstructions)
      throw this.#invalid(`more than ${maxInstructions} instructions`, 'Use a loop instead of unrolled code.');
    this.#checkPlace();
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        if (instruction.result !== undefined) this.#define(instruction.result, defined);
        return true;
      case 'if':
        return this.#if(instruction, depth, defined);
      case 'loop':
        return this.#loop(instruction, depth, defined);
      default:
        throw this.#invalid(`no instruction of kind ${String((instruction as Instruction).kind)}`);
    }
  }

  #checkPlace(): void {
    if (this.#place === undefined) return;
    const { file = '', line, column } = this.#place;
    if (!isWhole(line, 1, 2 ** 32) || !isWhole(column, 1, 2 ** 32))
      throw this.#invalid('a place whose line or column is no whole number from 1');
    if (typeof file !== 'string' || file.length > maxFileName || unprintable.test(file))
      throw this.#invalid(`a place whose file is not at most ${maxFileName} printable characters`);
  }

  #if({ condition, accept, reject, results, place }: If, depth: number, defined: Value[]): boolean {
    this.#use(condition, 'if');
    if (condition.type !== 'bool') throw this.#invalid(`the condition of an if is bool, not ${condition.type}`);
    const accepts = this.#block(accept, 'arm', results, [], depth + 1);
    const rejects = this.#block(reject, 'arm', results, [], depth + 1);
    this.#place = place;
    if (!accepts && !rejects && results.length > 0) throw this.#invalid('an if with results that no arm yields');
    for (const result of results) this.#define(result, defined);
    return accepts || rejects;
  }

  #loop(loop: Loop, depth: number, defined: Value[]): boolean {
    for (const init of loop.inits) this.#use(init, 'loop');
    this.#match(loop.inits, loop.params, 'loop', 'parameters');
    const scope: LoopScope = { loop, breaks: 0, returns: 0 };
    this.#loops.push(scope);
    this.#block(loop.body, 'loop', undefined, loop.params, depth + 1);
    this.#loops.pop();
    this.#place = loop.place;
    if (scope.breaks === 0 && scope.returns === 0)
      throw new IsokernelError('loop-without-exit', 'nothing leaves this loop', {
        ...this.#details(),
        hint: 'Give it a condition, or a break or return that can be reached.',
      });
    if (scope.breaks === 0 && loop.results.length > 0) throw this.#invalid('a loop with results that no break gives');
    for (const result of loop.results) this.#define(result, defined);
    return scope.breaks > 0;
  }

  // ---- values ----

  #define(value: Value, defined?: Value[]): void {
    if (!valueTypes.includes(value.type)) throw this.#invalid(`no value type ${String(value.type)}`);
    const { name = '' } = value;
    if (typeof name !== 'string' || name.length > maxNameLength || unprintable.test(name))
      throw this.#invalid(`the name of a value is at most ${maxNameLength} printable characters`);
    if (this.#values.has(value)) throw this.#invalid(`${label(value)} is defined twice`);
    this.#values.set(value, true);
    defined?.push(value);
  }
  #use(value: Value, user: string): void {
    const visible = this.#values.get(value);
    if (visible === undefined) throw this.#invalid(`${user} uses ${label(value)} before or without its definition`);
    if (!visible) throw this.#invalid(`${user} uses ${label(value)} outside the block that defines it`);
  }

  // ---- operations ----

  #operation(operation: Operation): void {
    const { op, args, attribute, reference } = operation;
    if (!isOpName(op)) throw this.#invalid(`no operation ${String(op)}`);
    if (operation.proven !== undefined)
      throw this.#invalid(`${op} claims proven bounds`, 'Only the bounds pass may say so, after verification.');
    for (const arg of args) this.#use(arg, op);
    const shape = shapeOf(op);
    if (!isWhole(attribute, 0, 2 ** 32) || (shape.attribute === 'none' && attribute !== 0))
      throw this.#invalid(`${op} has the attribute ${attribute}`);
    if (shape.reference === 'none') {
      if (reference !== undefined) throw this.#invalid(`${op} refers to "${reference.name}"`);
    } else if (reference === undefined || !this.#references.has(reference)) {
      throw this.#invalid(`${op} refers to ${reference ? `"${reference.name}", which is not declared` : 'nothing'}`);
    }
    const wanted = this.#resultType(operation);
    const given = operation.result?.type;
    if (wanted !== given) throw this.#invalid(`${op} gives ${wanted ?? 'nothing'}, not ${given ?? 'nothing'}`);
  }

  /** The type of the operation's result; throws where operands, attribute or reference do not fit. */
  #resultType({ op, args, attribute, reference, result }: Operation): ValueType | undefined {
    const row = rowOf(op);
    switch (row.form) {
      case 'scalar':
        return this.#scalar(op, row, args, result);
      case 'constant':
        this.#operands(op, args, []);
        return this.#constant(attribute, result);
      case 'argument':
        this.#operands(op, args, []);
        if (reference?.kind !== 'scalar') throw this.#invalid('argument refers to a scalar parameter');
        return reference.type;
      case 'id':
        this.#operands(op, args, []);
        return this.#id(op, row, attribute);
      case 'dimension':
        this.#operands(op, args, []);
        if (reference?.kind !== 'buffer') throw this.#invalid('dimension refers to a buffer parameter');
        if (attribute >= reference.rank)
          throw this.#invalid(`"${reference.name}" has rank ${reference.rank}, so no dimension ${attribute}`);
        return 'i32';
      case 'compose': {
        const type = args[0]?.type;
        if (args.length < 2 || args.length > 4 || type === undefined || !isScalar(type) || type === 'bool')
          throw this.#invalid('compose takes 2 to 4 numeric scalars');
        this.#operands(
          op,
          args,
          args.map(() => type),
        );
        return vectorOf(type as NumericType, args.length as 2 | 3 | 4);
      }
      case 'extract': {
        const type = args[0]?.type;
        if (args.length !== 1 || type === undefined || !isVector(type)) throw this.#invalid('extract takes one vector');
        if (attribute >= componentCount(type)) throw this.#invalid(`${type} has no component ${attribute}`);
        return componentType(type);
      }
      case 'load': {
        const memory = this.#plain(op, reference);
        this.#access(op, memory, args, []);
        return loadedType(memory.element);
      }
      case 'store': {
        const memory = this.#plain(op, reference);
        if (memory.kind === 'buffer' && memory.access === 'read')
          throw this.#invalid(`store to "${memory.name}", which is read only`, 'Declare it write or readWrite.');
        this.#access(op, memory, args, [loadedType(memory.element)]);
        return undefined;
      }
      case 'clear':
        this.#operands(op, args, []);
        if (reference?.kind !== 'local' || reference.space !== 'private')
          throw this.#invalid('clear refers to a private array');
        return undefined;
      case 'atomic':
        return this.#atomic(op, row, args, reference);
      case 'barrier':
        this.#operands(op, args, []);
        return undefined;
      case 'collective':
        return this.#collective(op, row, args, reference);
    }
  }

  #scalar(op: OpName, row: ScalarRow, args: readonly Value[], result: Value | undefined): ValueType {
    const type = operandType(row, args);
    if (type === undefined)
      throw this.#invalid(`${op} does not take (${args.map((arg) => arg.type).join(', ')})`, `It is: ${row.meaning}.`);
    if (row.result === 'T') return type;
    if (row.result !== 'any') return row.result;
    const to = result?.type;
    if (to === undefined || !(row.to as readonly ValueType[] | undefined)?.includes(to))
      throw this.#invalid(`${op} does not give ${to ?? 'nothing'}`);
    return to;
  }
  #constant(bits: number, result: Value | undefined): ValueType {
    const type = result?.type;
    if (type === undefined || !isScalar(type)) throw this.#invalid('a constant is a scalar');
    if (bitsOf(type, numberOf(type, bits)) !== bits)
      throw this.#invalid(`0x${bits.toString(16)} are not the bits of a ${type}`, 'NaN has one form: see bits.ts.');
    return type;
  }
  #id(op: OpName, row: IdRow, axis: number): ValueType {
    if (axis >= row.axes) throw this.#invalid(`${op} has no axis ${axis}`);
    return row.result;
  }
  #atomic(
    op: OpName,
    row: AtomicRow,
    args: readonly Value[],
    reference: Operation['reference'],
  ): ValueType | undefined {
    const memory = this.#memory(op, reference);
    if (!isAtomic(memory))
      throw this.#invalid(`${op} on "${memory.name}", which is not atomic`, 'Declare it atomic(u32) or atomic(i32).');
    const type = loadedType(memory.element);
    this.#access(op, memory, args, Array<ValueType>(row.values).fill(type));
    return row.returns ? type : undefined;
  }
  #collective(op: OpName, row: CollectiveRow, args: readonly Value[], reference: Operation['reference']): ValueType {
    const memory = row.operand === 'index' ? this.#plain(op, reference) : undefined;
    if (memory !== undefined && (memory.kind !== 'local' || memory.space !== 'workgroup'))
      throw this.#invalid(`${op} refers to a workgroup array`);
    const type = memory === undefined ? args[0]?.type : loadedType(memory.element);
    if (type === undefined || !(row.of as readonly ValueType[]).includes(type))
      throw this.#invalid(`${op} does not take ${type ?? 'nothing'}`, `It takes ${row.of.join(', ')}.`);
    if (memory === undefined) this.#operands(op, args, [type]);
    else this.#access(op, memory, args, []);
    return type;
  }

  #memory(op: OpName, reference: Operation['reference']): Memory {
    if (reference === undefined || reference.kind === 'scalar') throw this.#invalid(`${op} refers to memory`);
    return reference;
  }
  #plain(op: OpName, reference: Operation['reference']): Memory {
    const memory = this.#memory(op, reference);
    if (isAtomic(memory))
      throw this.#invalid(`${op} on "${memory.name}", which is atomic`, 'Only atomic operations touch atomic memory.');
    return memory;
  }
  /** Operands of an access: an index for each dimension, then values of these types. */
  #access(op: OpName, memory: Memory, args: readonly Value[], values: readonly ValueType[]): void {
    const rank = rankOf(memory);
    if (args.length !== rank + values.length)
      throw this.#invalid(
        `${op} on "${memory.name}" takes ${rank} indices and ${values.length} values, not ${args.length} operands`,
      );
    for (const index of args.slice(0, rank))
      if (!isInteger(index.type)) throw this.#invalid(`an index is i32 or u32, not ${index.type}`);
    this.#operands(op, args.slice(rank), values);
  }
  #operands(op: OpName, args: readonly Value[], types: readonly ValueType[]): void {
    if (args.length !== types.length) throw this.#invalid(`${op} takes ${types.length} operands, not ${args.length}`);
    args.forEach((arg, i) => {
      if (arg.type !== types[i]) throw this.#invalid(`${op} takes ${types[i]}, not ${arg.type}`);
    });
  }

  // ---- errors ----

  #details() {
    return { kernel: this.#program.name, place: this.#place };
  }
  #invalid(message: string, hint?: string): IsokernelError {
    return new IsokernelError('invalid-ir', message, { ...this.#details(), hint });
  }
}

function isWhole(value: number, least: number, end: number): boolean {
  return Number.isInteger(value) && value >= least && value < end;
}
function isAtomic(memory: Memory): boolean {
  return memory.kind === 'buffer' ? memory.access === 'atomic' : memory.atomic;
}
function label(value: Value): string {
  return value.name === undefined ? `a value of type ${value.type}` : `"${value.name}" (${value.type})`;
}
