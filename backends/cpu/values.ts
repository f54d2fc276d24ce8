/**
 * Values in compiled code: where each lives, and how it is pushed on the stack.
 *
 * Constants, arguments and ids are pushed wherever they are used. A pure value with a single use in its own block is computed there.
 * Every other value has a local for each of its components.
 */

import { bitsOf, numberOf } from '../../src/ir/bits.ts';
import { IsokernelError } from '../../src/ir/error.ts';
import { isScalarOp, type OpName, type ScalarOp } from '../../src/ir/ops.ts';
import type { Operation, Value } from '../../src/ir/program.ts';
import { componentCount, componentType, isFloat, type ScalarType } from '../../src/ir/types.ts';
import type { Frame } from './frame.ts';
import { type NativeOp, native, special, wasmTypes } from './native.ts';
import type { Code } from './wasm/encoder.ts';
import type { PlainName } from './wasm/opcodes.ts';

/** Pushes a value that is cheap to push again. */
export type Push = () => void;

export class Values {
  readonly code: Code;
  readonly frame: Frame;
  readonly #size: readonly [number, number, number];
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #inline: ReadonlySet<Value>;
  readonly #locals = new Map<Value, readonly number[]>();

  constructor(
    code: Code,
    frame: Frame,
    size: readonly [number, number, number],
    definitions: ReadonlyMap<Value, Operation>,
    inline: ReadonlySet<Value>,
  ) {
    this.code = code;
    this.frame = frame;
    this.#size = size;
    this.#definitions = definitions;
    this.#inline = inline;
  }

  /** Whether the value has locals, rather than being made wherever it is used. */
  hasLocals(value: Value): boolean {
    const definition = this.#definitions.get(value);
    return !(definition !== undefined && isEverywhere(definition)) && !this.#inline.has(value);
  }
  /** The locals of its components. */
  locals(value: Value): readonly number[] {
    let locals = this.#locals.get(value);
    if (locals === undefined) {
      const type = wasmTypes[componentType(value.type)];
      locals = Array.from({ length: componentCount(value.type) }, () => this.code.local(type));
      this.#locals.set(value, locals);
    }
    return locals;
  }
  /** Sets the locals from the stack, last component on top. */
  set(value: Value): void {
    for (const local of this.locals(value).toReversed()) this.code.set(local);
  }

  /** Pushes one component. */
  push(value: Value, component = 0): void {
    const definition = this.#definitions.get(value);
    if (definition !== undefined && isEverywhere(definition)) this.#pushEverywhere(definition, component);
    else if (this.#inline.has(value)) this.compute(definition!);
    else this.code.get(this.locals(value)[component]!);
  }
  /** Evaluates a scalar once, now, and gives what pushes it any number of times. */
  hold(value: Value): Push {
    if (!this.#inline.has(value)) return () => this.push(value);
    const local = this.code.local(wasmTypes[componentType(value.type)]);
    this.push(value);
    this.code.set(local);
    return () => this.code.get(local);
  }

  /** Gives all targets the values of their sources at once. */
  assign(targets: readonly Value[], sources: readonly Value[]): void {
    const moving = targets.flatMap((target, i) => (sources[i] === target ? [] : [{ target, source: sources[i]! }]));
    for (const { source } of moving) this.#pushAll(source);
    for (const { target } of moving.toReversed()) this.set(target);
  }
  #pushAll(value: Value): void {
    for (let component = 0; component < componentCount(value.type); component++) this.push(value, component);
  }

  /** Pushes what a pure operation gives: all components of it. */
  compute(operation: Operation): void {
    const { op, args, attribute } = operation;
    if (op === 'compose') {
      for (const arg of args) this.push(arg);
      return;
    }
    if (op === 'extract') {
      this.push(args[0]!, attribute);
      return;
    }
    if (!isNative(op)) throw new IsokernelError('compile-failed', `${op} was not expanded`);
    const type = componentType((op === 'select' ? args[1]! : args[0]!).type);
    const to = componentType(operation.result!.type);
    if (op in native) {
      for (const arg of args) this.push(arg);
      this.code.op(...(op === 'bitcast' ? reinterpretation(type, to) : instructionsOf(op, type)));
      return;
    }
    this.#special(op as (typeof special)[number], type, to, args);
  }

  #special(op: (typeof special)[number], type: ScalarType, to: ScalarType, args: readonly Value[]): void {
    const { code } = this;
    const [x, y, z] = args as [Value, Value, Value];
    switch (op) {
      case 'div':
      case 'rem':
        if (isFloat(type)) {
          this.push(x);
          this.push(y);
          code.op('f32.div');
        } else this.#divide(op, type === 'i32', x, y);
        return;
      case 'mulHigh': {
        const extend = type === 'i32' ? 'i64.extend_i32_s' : 'i64.extend_i32_u';
        this.push(x);
        code.op(extend);
        this.push(y);
        code.op(extend, 'i64.mul').i64(32).op('i64.shr_u', 'i32.wrap_i64');
        return;
      }
      case 'not':
        this.push(x);
        if (type === 'bool') code.op('i32.eqz');
        else code.i32(-1).op('i32.xor');
        return;
      case 'select':
        this.push(y);
        this.push(z);
        this.push(x);
        code.op('select');
        return;
      case 'convert':
        this.push(x);
        this.#convert(type, to);
        return;
    }
  }

  /** WebAssembly traps where the divisor is 0, and for INT_MIN / -1; a divisor of 1 gives what is pinned for both. */
  #divide(op: 'div' | 'rem', signed: boolean, x: Value, y: Value): void {
    const { code } = this;
    const instruction = `i32.${op}_${signed ? 's' : 'u'}` as const;
    const divisor = this.#definitions.get(y);
    const constant = divisor?.op === 'constant' ? divisor.attribute | 0 : undefined;
    if (constant !== undefined && constant !== 0 && !(signed && constant === -1)) {
      this.push(x);
      code.i32(constant).op(instruction);
      return;
    }
    const pushX = this.hold(x);
    const pushY = this.hold(y);
    pushX();
    code.i32(1);
    pushY();
    pushY();
    code.op('i32.eqz');
    if (signed) {
      pushX();
      code.i32(-0x80000000).op('i32.eq');
      pushY();
      code.i32(-1).op('i32.eq', 'i32.and', 'i32.or');
    }
    code.op('select', instruction);
  }

  #convert(from: ScalarType, to: ScalarType): void {
    const { code } = this;
    if (to === 'bool') {
      if (isFloat(from)) code.op('f32.abs').f32(0).op('f32.gt');
      else if (from !== 'bool') code.i32(0).op('i32.ne');
    } else if (isFloat(to)) {
      if (!isFloat(from)) code.op(from === 'i32' ? 'f32.convert_i32_s' : 'f32.convert_i32_u');
    } else if (isFloat(from)) {
      code.op(to === 'i32' ? 'i32.trunc_sat_f32_s' : 'i32.trunc_sat_f32_u');
    }
  }

  #pushEverywhere({ op, attribute, reference, result }: Operation, component: number): void {
    const { code, frame } = this;
    const axis = attribute as 0 | 1 | 2;
    switch (op) {
      case 'constant': {
        const type = componentType(result!.type);
        if (isFloat(type)) code.f32(type === 'f16' ? bitsOf('f32', numberOf('f16', attribute)) : attribute);
        else code.i32(attribute);
        return;
      }
      case 'argument':
        code.get(frame.scalars.get(reference as never)![component]!);
        return;
      case 'dimension':
        code.get(frame.buffers.get(reference as never)!.dimensions[attribute]!);
        return;
      case 'workgroupSize':
        code.i32(this.#size[axis]);
        return;
      case 'globalId':
        code.get(frame.global[axis]);
        return;
      case 'localId':
        code.get(frame.local[axis]);
        return;
      case 'workgroupId':
        code.get(frame.group[axis]);
        return;
      case 'numWorkgroups':
        code.get(frame.groups[axis]);
        return;
      case 'localIndex':
        code.get(frame.localIndex);
        return;
      case 'inGrid':
        this.pushInGrid();
        return;
    }
  }
  /** Whether the invocation is no ghost. */
  pushInGrid(): void {
    const { code, frame } = this;
    for (const axis of [0, 1, 2] as const) {
      code.get(frame.global[axis]).get(frame.grid[axis]).op('i32.lt_u');
      if (axis > 0) code.op('i32.and');
    }
  }
}

const everywhere = [
  'constant',
  'argument',
  'dimension',
  'globalId',
  'localId',
  'workgroupId',
  'numWorkgroups',
  'workgroupSize',
  'localIndex',
  'inGrid',
] as const satisfies readonly OpName[];
/** Whether the operation's value costs nothing to make again wherever it is used. */
export function isEverywhere({ op }: Operation): boolean {
  return (everywhere as readonly OpName[]).includes(op);
}

export function isNative(op: OpName): op is NativeOp {
  return Object.hasOwn(native, op) || (special as readonly OpName[]).includes(op);
}
/** Whether computing the operation at another place of its block gives the same. */
export function isPure({ op }: Operation): boolean {
  return isScalarOp(op) || op === 'extract';
}

function instructionsOf(op: NativeOp, type: ScalarType): readonly PlainName[] {
  const row = (native as Partial<Record<ScalarOp, { readonly [T in ScalarType]?: readonly PlainName[] }>>)[op];
  const instructions = row?.[type];
  if (instructions === undefined) throw new IsokernelError('compile-failed', `${op} of ${type} was not expanded`);
  return instructions;
}
function reinterpretation(from: ScalarType, to: ScalarType): readonly PlainName[] {
  if (isFloat(from) === isFloat(to)) return [];
  return isFloat(to) ? ['f32.reinterpret_i32'] : ['i32.reinterpret_f32'];
}
