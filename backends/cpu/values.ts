/**
 * Values in compiled code: where each lives, and how it is pushed on the stack.
 *
 * Constants, arguments and ids are pushed wherever they are used. A pure value with a single use in its own block is computed there.
 * Every other value has a local for each of its components.
 */

import { bitsOf, numberOf } from '../../src/ir/bits.ts';
import { isScalarOp, type OpName } from '../../src/ir/ops.ts';
import type { Operation, Value } from '../../src/ir/program.ts';
import { componentCount, componentType, isFloat } from '../../src/ir/types.ts';
import { type Push, writeArithmetic } from './arithmetic.ts';
import type { Frame } from './frame.ts';
import { wasmTypes } from './native.ts';
import type { Code } from './wasm/encoder.ts';

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

  /** Whether the value is made wherever it is used, at no cost. */
  isEverywhere(value: Value): boolean {
    const definition = this.#definitions.get(value);
    return definition !== undefined && isEverywhere(definition);
  }
  /** Whether the value has locals, rather than being made wherever it is used. */
  hasLocals(value: Value): boolean {
    return !this.isEverywhere(value) && !this.#inline.has(value);
  }
  /** The locals of its components. */
  locals(value: Value): readonly number[] {
    let locals = this.#locals.get(value);
    if (locals === undefined) {
      const type = wasmTypes[componentType(value.type)];
      locals = Array.from({ length: componentCount(value.type) }, () => this.code.local(type, value.name));
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
    writeArithmetic(
      this.code,
      operation,
      args.map((arg) => ({ push: () => this.push(arg), hold: () => this.hold(arg) })),
      this.constant(args.at(-1)!),
    );
  }
  /** Its bits, where it is a constant. */
  constant(value: Value): number | undefined {
    const definition = this.#definitions.get(value);
    return definition?.op === 'constant' ? definition.attribute : undefined;
  }

  #pushEverywhere({ op, attribute, reference, result }: Operation, component: number): void {
    const { code, frame } = this;
    const axis = attribute as 0 | 1 | 2;
    switch (op) {
      case 'constant':
      case 'opaque': {
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
  'opaque',
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

/** Whether computing the operation at another place of its block gives the same. */
export function isPure({ op }: Operation): boolean {
  return isScalarOp(op) || op === 'extract';
}
