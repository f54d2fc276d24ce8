/**
 * Memory in compiled code: addresses, guards, loads, stores, atomics.
 *
 * An index that is not proven is compared with its own dimension; out of bounds a load gives 0 and everything else does nothing.
 * In kernels with barriers, effects on buffers are also kept from ghosts. f16 elements move as their 16 bits: expand.ts
 * has put the conversions beside them.
 */

import type { AtomicOp } from '../../src/ir/ops.ts';
import { type Memory, type Operation, rankOf } from '../../src/ir/program.ts';
import {
  componentBytes,
  componentCount,
  componentType,
  type ElementType,
  elementBytes,
  isVector,
  type NumericType,
  type PackedType,
} from '../../src/ir/types.ts';
import type { Push } from './arithmetic.ts';
import { runParameters, type ScratchLayout } from './frame.ts';
import type { Values } from './values.ts';
import type { MemoryName, PlainName } from './wasm/opcodes.ts';

const accesses: Readonly<Record<NumericType | PackedType, { readonly load: MemoryName; readonly store: MemoryName }>> =
  {
    f32: { load: 'f32.load', store: 'f32.store' },
    i32: { load: 'i32.load', store: 'i32.store' },
    u32: { load: 'i32.load', store: 'i32.store' },
    f16: { load: 'i32.load16_u', store: 'i32.store16' },
    i16: { load: 'i32.load16_s', store: 'i32.store16' },
    u16: { load: 'i32.load16_u', store: 'i32.store16' },
    i8: { load: 'i32.load8_s', store: 'i32.store8' },
    u8: { load: 'i32.load8_u', store: 'i32.store8' },
  };
export function accessOf(element: ElementType): (typeof accesses)[NumericType] {
  return accesses[(isVector(element) ? componentType(element) : element) as NumericType | PackedType];
}

type ReadModifyWrite = Exclude<AtomicOp, 'atomicLoad' | 'atomicStore'>;
/** The instruction that does it all on shared memory; minimum and maximum have none. */
const atomicInstructions: Readonly<Record<ReadModifyWrite, MemoryName | undefined>> = {
  atomicAdd: 'i32.atomic.rmw.add',
  atomicSub: 'i32.atomic.rmw.sub',
  atomicAnd: 'i32.atomic.rmw.and',
  atomicOr: 'i32.atomic.rmw.or',
  atomicXor: 'i32.atomic.rmw.xor',
  atomicExchange: 'i32.atomic.rmw.xchg',
  atomicCompareExchange: 'i32.atomic.rmw.cmpxchg',
  atomicMin: undefined,
  atomicMax: undefined,
};

/** Where a memory lies. */
export interface Location {
  readonly pushAddress: Push;
  /** Added to every address. */
  readonly offset: number;
  readonly dimensions: readonly Push[];
}

export interface AccessOptions {
  readonly scratch: ScratchLayout;
  /** Local with the address that an invocation's private arrays are relative to. */
  readonly privateAddress: number;
  /** Ghosts take part, so effects on buffers ask whether the invocation is one. */
  readonly ghosts: boolean;
}

export class Accesses {
  readonly #values: Values;
  readonly #options: AccessOptions;

  constructor(values: Values, options: AccessOptions) {
    this.#values = values;
    this.#options = options;
  }

  /** Bytes of an invocation's private arrays. */
  get privateBytes(): number {
    return this.#options.scratch.privateBytes;
  }

  load(operation: Operation): void {
    const { code } = this.#values;
    const memory = operation.reference as Memory;
    const { load } = accessOf(memory.element);
    const locals = this.#values.locals(operation.result!);
    const step = componentBytes(memory.element);
    this.#guarded(
      operation,
      operation.args.map((index) => this.#values.hold(index)),
      false,
      (pushAddress, offset) => {
        locals.forEach((local, i) => {
          pushAddress();
          code.memory(load, offset + i * step).set(local);
        });
      },
      () => {
        for (const local of locals) {
          this.#pushZero(load);
          code.set(local);
        }
      },
    );
  }

  store(operation: Operation): void {
    const { code } = this.#values;
    const memory = operation.reference as Memory;
    const { store } = accessOf(memory.element);
    const value = operation.args.at(-1)!;
    const step = componentBytes(memory.element);
    const indices = operation.args.slice(0, -1).map((index) => this.#values.hold(index));
    this.#guarded(operation, indices, true, (pushAddress, offset) => {
      for (let i = 0; i < componentCount(memory.element); i++) {
        pushAddress();
        this.#values.push(value, i);
        code.memory(store, offset + i * step);
      }
    });
  }

  /** Zeros a private array. */
  clear({ reference }: Operation): void {
    const array = reference as Memory & { readonly kind: 'local' };
    const { pushAddress, offset } = this.locate(array);
    pushAddress();
    this.#values.code
      .i32(offset)
      .op('i32.add')
      .i32(0)
      .i32(array.length * elementBytes(array.element))
      .fill();
  }

  atomic(operation: Operation, op: AtomicOp): void {
    const held = operation.args.map((value) => this.#values.hold(value));
    this.atomicOn(
      operation,
      op,
      held,
      operation.result === undefined ? undefined : this.#values.locals(operation.result)[0]!,
    );
  }
  /** An atomic on whatever pushes its operands; its result goes to a local. */
  atomicOn(operation: Operation, op: AtomicOp, operands: readonly Push[], result: number | undefined): void {
    const { code } = this.#values;
    const memory = operation.reference as Memory;
    const rank = rankOf(memory);
    const values = operands.slice(rank);
    const shared = memory.kind === 'buffer';
    const keep = (): void => {
      if (result === undefined) code.op('drop');
      else code.set(result);
    };
    this.#guarded(
      operation,
      operands.slice(0, rank),
      op !== 'atomicLoad',
      (pushAddress, offset) => {
        pushAddress();
        if (op === 'atomicLoad') {
          code.memory(shared ? 'i32.atomic.load' : 'i32.load', offset);
          keep();
        } else if (op === 'atomicStore') {
          values[0]!();
          code.memory(shared ? 'i32.atomic.store' : 'i32.store', offset);
        } else {
          const instruction = atomicInstructions[op];
          if (!shared) this.#plain(op, memory, pushAddress, offset, values);
          else if (instruction === undefined) this.#exchangeLoop(op, memory, pushAddress, offset, values);
          else {
            for (const push of values) push();
            code.memory(instruction, offset);
          }
          keep();
        }
      },
      result === undefined ? undefined : () => code.i32(0).set(result),
    );
  }

  /** On memory of one workgroup, which one thread runs. Starts with the address on the stack, leaves the old value. */
  #plain(op: ReadModifyWrite, memory: Memory, pushAddress: Push, offset: number, values: readonly Push[]): void {
    const { code } = this.#values;
    const old = code.local('i32');
    code.memory('i32.load', offset).set(old);
    pushAddress();
    this.#combine(op, memory, () => code.get(old), values);
    code.memory('i32.store', offset).get(old);
  }
  /** Tries until no other thread came between. Starts with the address on the stack, leaves the old value. */
  #exchangeLoop(op: ReadModifyWrite, memory: Memory, pushAddress: Push, offset: number, values: readonly Push[]): void {
    const { code } = this.#values;
    const old = code.local('i32');
    const seen = code.local('i32');
    code.memory('i32.atomic.load', offset).set(seen);
    const again = code.loop();
    code.get(seen).set(old);
    pushAddress();
    code.get(old);
    this.#combine(op, memory, () => code.get(old), values);
    code.memory('i32.atomic.rmw.cmpxchg', offset).tee(seen).get(old).op('i32.ne').brIf(again).end().get(old);
  }
  /** Pushes what the element becomes. */
  #combine(op: ReadModifyWrite, memory: Memory, old: Push, [x, y]: readonly Push[]): void {
    const { code } = this.#values;
    const simple: Partial<Record<ReadModifyWrite, PlainName>> = {
      atomicAdd: 'i32.add',
      atomicSub: 'i32.sub',
      atomicAnd: 'i32.and',
      atomicOr: 'i32.or',
      atomicXor: 'i32.xor',
    };
    const instruction = simple[op];
    if (op === 'atomicExchange') x!();
    else if (instruction !== undefined) {
      old();
      x!();
      code.op(instruction);
    } else if (op === 'atomicCompareExchange') {
      y!();
      old();
      old();
      x!();
      code.op('i32.eq', 'select');
    } else {
      const sign = memory.element === 'i32' ? 's' : 'u';
      x!();
      old();
      x!();
      old();
      code.op(op === 'atomicMin' ? `i32.lt_${sign}` : `i32.gt_${sign}`, 'select');
    }
  }

  /**
   * Does `inside` with the element's address if the indices are in bounds (and, for an effect on a buffer, the invocation is no ghost), else
   * `outside`.
   */
  #guarded(
    { reference, proven }: Operation,
    held: readonly Push[],
    effect: boolean,
    inside: (pushAddress: Push, offset: number) => void,
    outside?: () => void,
  ): void {
    const { code } = this.#values;
    const memory = reference as Memory;
    const location = this.locate(memory);
    const conditions: Push[] = [];
    if (effect && this.#options.ghosts && memory.kind === 'buffer') conditions.push(() => this.#values.pushInGrid());
    if (!proven) {
      held.forEach((pushIndex, axis) => {
        conditions.push(() => {
          pushIndex();
          location.dimensions[axis]!();
          code.op('i32.lt_u');
        });
      });
    }
    const access = (): void => inside(this.#address(memory, location, held), location.offset);
    if (conditions.length === 0) {
      access();
      return;
    }
    conditions.forEach((push, i) => {
      push();
      if (i > 0) code.op('i32.and');
    });
    code.if();
    access();
    if (outside !== undefined) {
      code.else();
      outside();
    }
    code.end();
  }

  /** Computes the address of an element; pushes it as often as asked. */
  #address(memory: Memory, location: Location, indices: readonly Push[]): Push {
    const { code } = this.#values;
    const address = code.local('i32');
    indices.forEach((pushIndex, axis) => {
      if (axis > 0) {
        location.dimensions[axis]!();
        code.op('i32.mul');
      }
      pushIndex();
      if (axis > 0) code.op('i32.add');
    });
    const bytes = elementBytes(memory.element);
    const shift = Math.log2(bytes);
    if (!Number.isInteger(shift)) code.i32(bytes).op('i32.mul');
    else if (shift > 0) code.i32(shift).op('i32.shl');
    location.pushAddress();
    code.op('i32.add').set(address);
    return () => code.get(address);
  }

  locate(memory: Memory): Location {
    const { code, frame } = this.#values;
    if (memory.kind === 'buffer') {
      const { address, dimensions } = frame.buffers.get(memory)!;
      return {
        pushAddress: () => code.get(address),
        offset: 0,
        dimensions: dimensions.map((local) => () => code.get(local)),
      };
    }
    const { scratch, privateAddress } = this.#options;
    const inPrivate = memory.space === 'private';
    return {
      pushAddress: () => code.get(inPrivate ? privateAddress : runParameters.scratch),
      offset: scratch.arrays.get(memory)!,
      dimensions: [() => code.i32(memory.length)],
    };
  }

  #pushZero(load: MemoryName): void {
    if (load === 'f32.load') this.#values.code.f32(0);
    else this.#values.code.i32(0);
  }
}
