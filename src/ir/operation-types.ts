/** What type an operation gives, and whether its operands, attribute and reference fit its row of the operation table. */

import { bitsOf, numberOf } from './bits.ts';
import { operandType } from './builder.ts';
import type { Refuse } from './declarations.ts';
import { type AtomicRow, type CollectiveRow, type IdRow, type OpName, rowOf, type ScalarRow } from './ops.ts';
import { type Memory, type Operation, rankOf, type Value } from './program.ts';
import {
  componentCount,
  componentType,
  isInteger,
  isScalar,
  isVector,
  loadedType,
  type NumericType,
  type ValueType,
  vectorOf,
} from './types.ts';

export class OperationTypes {
  readonly #refuse: Refuse;

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  /** The type of the operation's result; throws where operands, attribute or reference do not fit. */
  resultOf({ op, args, attribute, reference, result }: Operation): ValueType | undefined {
    const row = rowOf(op);
    switch (row.form) {
      case 'scalar':
        return this.#scalar(op, row, args, result);
      case 'constant':
        this.#operands(op, args, []);
        return this.#constant(attribute, result);
      case 'argument':
        this.#operands(op, args, []);
        if (reference?.kind !== 'scalar') throw this.#refuse('argument refers to a scalar parameter');
        return reference.type;
      case 'id':
        this.#operands(op, args, []);
        return this.#id(op, row, attribute);
      case 'dimension':
        this.#operands(op, args, []);
        if (reference?.kind !== 'buffer') throw this.#refuse('dimension refers to a buffer parameter');
        if (attribute >= reference.rank)
          throw this.#refuse(`"${reference.name}" has rank ${reference.rank}, so no dimension ${attribute}`);
        return 'i32';
      case 'compose': {
        const type = args[0]?.type;
        if (args.length < 2 || args.length > 4 || type === undefined || !isScalar(type) || type === 'bool')
          throw this.#refuse('compose takes 2 to 4 numeric scalars');
        this.#operands(
          op,
          args,
          args.map(() => type),
        );
        return vectorOf(type as NumericType, args.length as 2 | 3 | 4);
      }
      case 'extract': {
        const type = args[0]?.type;
        if (args.length !== 1 || type === undefined || !isVector(type)) throw this.#refuse('extract takes one vector');
        if (attribute >= componentCount(type)) throw this.#refuse(`${type} has no component ${attribute}`);
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
          throw this.#refuse(`store to "${memory.name}", which is read only`, 'Declare it write or readWrite.');
        this.#access(op, memory, args, [loadedType(memory.element)]);
        return undefined;
      }
      case 'clear':
        this.#operands(op, args, []);
        if (reference?.kind !== 'local' || reference.space !== 'private')
          throw this.#refuse('clear refers to a private array');
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
      throw this.#refuse(`${op} does not take (${args.map((arg) => arg.type).join(', ')})`, `It is: ${row.meaning}.`);
    if (row.result === 'T') return type;
    if (row.result !== 'any') return row.result;
    const to = result?.type;
    if (to === undefined || !(row.to as readonly ValueType[] | undefined)?.includes(to))
      throw this.#refuse(`${op} does not give ${to ?? 'nothing'}`);
    return to;
  }
  #constant(bits: number, result: Value | undefined): ValueType {
    const type = result?.type;
    if (type === undefined || !isScalar(type)) throw this.#refuse('a constant is a scalar');
    if (bitsOf(type, numberOf(type, bits)) !== bits)
      throw this.#refuse(`0x${bits.toString(16)} are not the bits of a ${type}`, 'NaN has one form: see bits.ts.');
    return type;
  }
  #id(op: OpName, row: IdRow, axis: number): ValueType {
    if (axis >= row.axes) throw this.#refuse(`${op} has no axis ${axis}`);
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
      throw this.#refuse(`${op} on "${memory.name}", which is not atomic`, 'Declare it atomic(u32) or atomic(i32).');
    const type = loadedType(memory.element);
    this.#access(op, memory, args, Array<ValueType>(row.values).fill(type));
    return row.returns ? type : undefined;
  }
  #collective(op: OpName, row: CollectiveRow, args: readonly Value[], reference: Operation['reference']): ValueType {
    const memory = row.operand === 'index' ? this.#plain(op, reference) : undefined;
    if (memory !== undefined && (memory.kind !== 'local' || memory.space !== 'workgroup'))
      throw this.#refuse(`${op} refers to a workgroup array`);
    const type = memory === undefined ? args[0]?.type : loadedType(memory.element);
    if (type === undefined || !(row.of as readonly ValueType[]).includes(type))
      throw this.#refuse(`${op} does not take ${type ?? 'nothing'}`, `It takes ${row.of.join(', ')}.`);
    if (memory === undefined) this.#operands(op, args, [type]);
    else this.#access(op, memory, args, []);
    return type;
  }

  #memory(op: OpName, reference: Operation['reference']): Memory {
    if (reference === undefined || reference.kind === 'scalar') throw this.#refuse(`${op} refers to memory`);
    return reference;
  }
  #plain(op: OpName, reference: Operation['reference']): Memory {
    const memory = this.#memory(op, reference);
    if (isAtomic(memory))
      throw this.#refuse(`${op} on "${memory.name}", which is atomic`, 'Only atomic operations touch atomic memory.');
    return memory;
  }
  /** Operands of an access: an index for each dimension, then values of these types. */
  #access(op: OpName, memory: Memory, args: readonly Value[], values: readonly ValueType[]): void {
    const rank = rankOf(memory);
    if (args.length !== rank + values.length)
      throw this.#refuse(
        `${op} on "${memory.name}" takes ${rank} indices and ${values.length} values, not ${args.length} operands`,
      );
    for (const index of args.slice(0, rank))
      if (!isInteger(index.type)) throw this.#refuse(`an index is i32 or u32, not ${index.type}`);
    this.#operands(op, args.slice(rank), values);
  }
  #operands(op: OpName, args: readonly Value[], types: readonly ValueType[]): void {
    if (args.length !== types.length) throw this.#refuse(`${op} takes ${types.length} operands, not ${args.length}`);
    args.forEach((arg, i) => {
      if (arg.type !== types[i]) throw this.#refuse(`${op} takes ${types[i]}, not ${arg.type}`);
    });
  }
}

function isAtomic(memory: Memory): boolean {
  return memory.kind === 'buffer' ? memory.access === 'atomic' : memory.atomic;
}
