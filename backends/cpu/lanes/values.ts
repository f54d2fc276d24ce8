/**
 * Values of four lanes in compiled code. A varying value has a vector for each component, a varying bool being a mask of all ones or
 * zeros. Any other value is the scalar form's (../values.ts), and there the value of lane 0: it becomes a vector where a vector is asked for.
 */

import { bitsOf, numberOf } from '../../../src/ir/bits.ts';
import { IsokernelError } from '../../../src/ir/error.ts';
import type { Operation, Value } from '../../../src/ir/program.ts';
import { componentCount, componentType, isFloat, type ScalarType } from '../../../src/ir/types.ts';
import { isNative, type Operand, type Push, typesOf, writeArithmetic } from '../arithmetic.ts';
import type { Values } from '../values.ts';
import type { Code } from '../wasm/encoder.ts';
import { laneInstructions } from './operations.ts';
import type { Lanes } from './shape.ts';
import { leadingZeros, shiftLeft, shiftRight, shiftRightSigned } from './shifts.ts';

export const laneCount = 4;
export const laneNumbers = [0, 1, 2, 3] as const;

export class LaneValues {
  readonly code: Code;
  readonly scalar: Values;
  readonly lanes: Lanes;
  readonly #definitions: ReadonlyMap<Value, Operation>;
  /** The number of the vector's first lane. */
  readonly first: number;
  /** Whether instructions may be used whose rounding the machine chooses. */
  readonly #relaxed: boolean;
  readonly #locals = new Map<Value, readonly number[]>();

  constructor(
    scalar: Values,
    lanes: Lanes,
    definitions: ReadonlyMap<Value, Operation>,
    first: number,
    relaxed: boolean,
  ) {
    this.#relaxed = relaxed;
    this.code = scalar.code;
    this.first = first;
    this.scalar = scalar;
    this.lanes = lanes;
    this.#definitions = definitions;
  }

  varies(value: Value): boolean {
    return this.lanes.shape(value) === 'varying';
  }
  /** The locals of its components: vectors of a varying value, else lane 0's scalars. */
  locals(value: Value): readonly number[] {
    if (!this.varies(value)) return this.scalar.locals(value);
    let locals = this.#locals.get(value);
    if (locals === undefined) {
      locals = Array.from({ length: componentCount(value.type) }, () => this.code.local('v128', value.name));
      this.#locals.set(value, locals);
    }
    return locals;
  }
  set(value: Value): void {
    for (const local of this.locals(value).toReversed()) this.code.set(local);
  }

  /** Pushes one component as a vector. */
  push(value: Value, component = 0): void {
    if (!this.varies(value)) this.#spread(value, component);
    else if (this.scalar.hasLocals(value)) this.code.get(this.locals(value)[component]!);
    else this.compute(this.#definitions.get(value)!);
  }
  /** Evaluates one component once, now, as a vector. */
  hold(value: Value, component = 0): Push {
    if (this.varies(value) && this.scalar.hasLocals(value)) return () => this.push(value, component);
    const constant = this.scalar.constant(value);
    if (constant !== undefined) return () => this.push(value);
    const local = this.code.local('v128');
    this.push(value, component);
    this.code.set(local);
    return () => this.code.get(local);
  }
  /** Evaluates one component once, now, and gives what pushes it as a scalar, for each lane. */
  holdEach(value: Value, component = 0): readonly Push[] {
    if (this.lanes.shape(value) === 'uniform') {
      const local = this.#scalarLocal(value);
      this.scalar.push(value, component);
      this.code.set(local);
      return laneNumbers.map(() => () => this.code.get(local));
    }
    const type = componentType(value.type);
    const push = this.hold(value, component);
    return laneNumbers.map((lane) => () => {
      push();
      this.code.lane(isFloat(type) ? 'f32x4.extract_lane' : 'i32x4.extract_lane', lane);
      if (type === 'bool') this.code.i32(1).op('i32.and');
    });
  }
  #scalarLocal(value: Value): number {
    return this.code.local(isFloat(componentType(value.type)) ? 'f32' : 'i32');
  }

  /** Pushes what a pure operation gives: all components of it. */
  computeAny(operation: Operation): void {
    if (this.varies(operation.result!)) this.compute(operation);
    else this.scalar.compute(operation);
  }
  /** The same of a varying one. */
  compute(operation: Operation): void {
    const { op, args, attribute } = operation;
    const { code } = this;
    if (op === 'compose') {
      for (const arg of args) this.push(arg);
      return;
    }
    if (op === 'extract') {
      this.push(args[0]!, attribute);
      return;
    }
    if (!isNative(op)) throw new IsokernelError('compile-failed', `${op} was not expanded`);
    const { type, to } = typesOf(operation);
    const row = laneInstructions[op];
    const [x, y, z] = args as [Value, Value, Value];
    if (op === 'and' && (this.#andNot(y, x) || this.#andNot(x, y))) return;
    if (typeof row === 'object') {
      const instructions = row[type];
      if (instructions === undefined) this.#each(operation);
      else {
        for (const arg of args) this.push(arg);
        code.op(...instructions);
      }
    } else if (op === 'select') {
      // a mask is enough where one side is all zero bits
      const zeros = [y, z].map((side) => this.scalar.constant(side) === 0);
      if (zeros[0]) this.push(z);
      else this.push(y);
      if (!zeros[0] && !zeros[1]) this.push(z);
      this.push(x);
      code.op(zeros[0] ? 'v128.andnot' : zeros[1] ? 'v128.and' : 'v128.bitselect');
    } else if (op === 'convert') {
      this.push(x);
      this.#convert(type, to);
    } else if (op === 'fma') this.#fma(x, y, z);
    else if (op === 'mulHigh') this.#mulHigh(type === 'i32' ? 's' : 'u', x, y);
    else if ((op === 'shl' || op === 'shr') && this.lanes.shape(y) === 'uniform') {
      this.push(x);
      this.scalar.push(y);
      code.op(op === 'shl' ? 'i32x4.shl' : type === 'i32' ? 'i32x4.shr_s' : 'i32x4.shr_u');
    } else if (op === 'shl') shiftLeft(code, this.hold(x), this.hold(y));
    else if (op === 'shr') (type === 'i32' ? shiftRightSigned : shiftRight)(code, this.hold(x), this.hold(y));
    else if (op === 'countLeadingZeros') leadingZeros(code, this.hold(x));
    else this.#each(operation);
  }

  /** Pushes x and not y, in one instruction, where `negated` is not y and nothing else uses it; else nothing, and says so. */
  #andNot(x: Value, negated: Value): boolean {
    const definition = this.#definitions.get(negated);
    const fits = definition?.op === 'not' && this.varies(negated) && !this.scalar.hasLocals(negated);
    if (!fits) return false;
    this.push(x);
    this.push(definition.args[0]!);
    this.code.op('v128.andnot');
    return true;
  }

  /** Lane by lane; what it gives is an integer. */
  #each(operation: Operation): void {
    const { code } = this;
    const { args } = operation;
    const held = args.map((arg) => this.holdEach(arg));
    for (const lane of laneNumbers) {
      const operands = held.map((pushes): Operand => {
        const push = pushes[lane]!;
        return { push, hold: () => push };
      });
      writeArithmetic(code, operation, operands, this.scalar.constant(args.at(-1)!));
      if (lane === 0) code.op('i32x4.splat');
      else code.lane('i32x4.replace_lane', lane);
    }
  }

  #fma(x: Value, y: Value, z: Value): void {
    const { code } = this;
    if (!this.#relaxed) {
      this.push(x);
      this.push(y);
      code.op('f32x4.mul');
      this.push(z);
      code.op('f32x4.add');
      return;
    }
    const factor = this.#definitions.get(x);
    const negated = factor?.op === 'neg' && this.varies(x) && !this.scalar.hasLocals(x);
    this.push(negated ? factor.args[0]! : x);
    this.push(y);
    this.push(z);
    code.op(negated ? 'f32x4.relaxed_nmadd' : 'f32x4.relaxed_madd');
  }
  #mulHigh(sign: 's' | 'u', x: Value, y: Value): void {
    const pushX = this.hold(x);
    const pushY = this.hold(y);
    for (const half of ['low', 'high'] as const) {
      pushX();
      pushY();
      this.code.op(`i64x2.extmul_${half}_i32x4_${sign}`);
    }
    this.code.shuffleWords(1, 3, 5, 7);
  }

  #convert(from: ScalarType, to: ScalarType): void {
    const { code } = this;
    if (from === 'bool') {
      const one = isFloat(to) ? bitsOf('f32', 1) : 1;
      if (to !== 'bool') code.v128(one, one, one, one).op('v128.and');
    } else if (to === 'bool') {
      if (isFloat(from)) code.op('f32x4.abs').v128(0, 0, 0, 0).op('f32x4.gt');
      else code.v128(0, 0, 0, 0).op('i32x4.ne');
    } else if (isFloat(to)) {
      if (!isFloat(from)) code.op(from === 'i32' ? 'f32x4.convert_i32x4_s' : 'f32x4.convert_i32x4_u');
    } else if (isFloat(from)) code.op(to === 'i32' ? 'i32x4.trunc_sat_f32x4_s' : 'i32x4.trunc_sat_f32x4_u');
  }

  /** A value of the scalar form as a vector. */
  #spread(value: Value, component: number): void {
    const { code } = this;
    const type = componentType(value.type);
    const constant = this.scalar.constant(value);
    if (constant !== undefined) {
      const bits = type === 'f16' ? bitsOf('f32', numberOf('f16', constant)) : type === 'bool' ? -constant : constant;
      code.v128(bits, bits, bits, bits);
      return;
    }
    if (type === 'bool') code.i32(0);
    this.scalar.push(value, component);
    if (type === 'bool') code.op('i32.sub');
    code.op(isFloat(type) ? 'f32x4.splat' : 'i32x4.splat');
    if (this.lanes.shape(value) === 'consecutive') this.addNumbers();
  }

  /** Adds their numbers to the lanes of the vector on the stack. */
  addNumbers(): void {
    const { first } = this;
    this.code.v128(first, first + 1, first + 2, first + 3).op('i32x4.add');
  }
}

/** Gives all targets the values of their sources at once, in all vectors; where masks are given, one for each vector, in their lanes only. */
export function assign(
  vectors: readonly LaneValues[],
  targets: readonly Value[],
  sources: readonly Value[],
  masks?: readonly number[],
): void {
  const [{ code, scalar }] = vectors as [LaneValues];
  const locals: number[] = [];
  const give = (target: number, push: Push, mask: number | undefined): void => {
    push();
    if (mask !== undefined) code.get(target).get(mask).op('v128.bitselect');
    locals.push(target);
  };
  targets.forEach((target, i) => {
    const source = sources[i]!;
    if (source === target) return;
    const varies = vectors[0]!.varies(target);
    for (const [vector, values] of (varies ? vectors : vectors.slice(0, 1)).entries())
      for (const [component, local] of values.locals(target).entries()) {
        if (varies) give(local, () => values.push(source, component), masks?.[vector]);
        else give(local, () => scalar.push(source, component), undefined);
      }
  });
  for (const local of locals.toReversed()) code.set(local);
}
