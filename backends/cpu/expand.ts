/**
 * A program in terms of what WebAssembly has (native.ts): the other operations written out, in operations that also exist lane-wise, so
 * that whatever emits them, one invocation or four at a time, needs no functions of its own.
 *
 * f16 becomes f32 arithmetic whose results are rounded to f16: for + - * / and sqrt that is the correctly rounded f16 result, as f32
 * has more than twice the bits plus two. From here on an f16 value is held as an f32, which a `bitcast` between the two types says, and
 * f16 elements are loaded and stored as their bits, of type u32.
 */

import { bitsOf } from '../../src/ir/bits.ts';
import { Builder } from '../../src/ir/builder.ts';
import { isScalarOp, type ScalarOp } from '../../src/ir/ops.ts';
import {
  type BufferParam,
  definitionsOf,
  type LocalArray,
  type Operation,
  type Program,
  type Value,
} from '../../src/ir/program.ts';
import {
  componentCount,
  componentType,
  type ElementType,
  isFloat,
  isVector,
  type ScalarType,
  type ValueType,
  vectorOf,
} from '../../src/ir/types.ts';
import type { ExpandedOp } from '../../src/passes/index.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { floatToHalf, halfToFloat, roundToHalf } from './math/half.ts';
import * as math from './math/index.ts';
import { type NativeOp, native } from './native.ts';

type Expansion = (b: Builder, ...args: Value[]) => Value;

/** Operations that WebAssembly lacks, on i32, u32 and f32. */
const expansions: { readonly [N in Exclude<ScalarOp, NativeOp | ExpandedOp>]: Expansion } = {
  reverseBits: (b, x) => {
    const swap = (value: Value, mask: number, by: number): Value => {
      const low = b.constant(value.type as ScalarType, mask);
      const shift = b.u32(by);
      const up = b.op('shl', b.op('and', value, low), shift);
      return b.op('or', up, b.op('and', b.op('shr', value, shift), low));
    };
    const swapped = swap(swap(swap(swap(x, 0x55555555, 1), 0x33333333, 2), 0x0f0f0f0f, 4), 0x00ff00ff, 8);
    const half = b.u32(16);
    const low = b.op('and', b.op('shr', swapped, half), b.constant(x.type as ScalarType, 0xffff));
    return b.op('or', b.op('shl', swapped, half), low);
  },
  packHalf: floatToHalf,
  unpackHalf: halfToFloat,
  inverseSqrt: (b, x) => b.op('div', b.f32(1), b.op('sqrt', x)),
  exp: math.exp,
  exp2: math.exp2,
  log: math.log,
  log2: math.log2,
  pow: math.pow,
  sin: math.sin,
  cos: math.cos,
  tan: math.tan,
  asin: math.asin,
  acos: math.acos,
  atan: math.atan,
  atan2: math.atan2,
  sinh: math.sinh,
  cosh: math.cosh,
  tanh: math.tanh,
  asinh: math.asinh,
  acosh: math.acosh,
  atanh: math.atanh,
};

/** Native operations that WebAssembly has for some of their types only; undefined where it has this one. */
function expandType(op: ScalarOp, type: ScalarType): Expansion | undefined {
  if (op === 'neg' && !isFloat(type)) return (b, x) => b.op('sub', b.constant(type, 0), x);
  if (op === 'abs' && type === 'i32') {
    return (b, x) => b.op('select', b.op('lt', x, b.i32(0)), b.op('sub', b.i32(0), x), x);
  }
  if (op === 'rem' && isFloat(type)) {
    return (b, x, y) => b.op('sub', x, b.op('mul', y, b.op('trunc', b.op('div', x, y))));
  }
  return Object.hasOwn(expansions, op) ? expansions[op as keyof typeof expansions] : undefined;
}

export function expandForWasm(program: Program): Program {
  const definitions = definitionsOf(program.body);
  const isTwo = (value: Value): boolean => {
    const definition = definitions.get(value);
    return definition?.op === 'constant' && value.type === 'f32' && definition.attribute === bitsOf('f32', 2);
  };
  return rewrite(program, {
    operation(operation, out) {
      const b = new Builder({ name: program.name });
      b.place = operation.place;
      let replaced: Value | undefined;
      let kept: Operation | undefined = operation;
      if (operation.op === 'load' && isHalf(elementOf(operation))) {
        const bits: Value = { type: bitsType(operation.result!.type) };
        out.append({ ...operation, result: bits });
        replaced = perComponent(b, bits, (component) => asHalf(b, halfToFloat(b, component)));
      } else if (operation.op === 'store' && isHalf(elementOf(operation))) {
        const bits = perComponent(b, operation.args.at(-1)!, (component) => floatToHalf(b, asFloat(b, component)));
        kept = { ...operation, args: [...operation.args.slice(0, -1), bits] };
      } else if (operation.op === 'mul' && operation.args.some(isTwo)) {
        // the same, and no processor takes longer for a sum
        const [x, y] = operation.args as [Value, Value];
        const other = isTwo(x) ? y : x;
        replaced = b.op('add', other, other);
      } else if (isScalarOp(operation.op)) replaced = expandScalar(operation.op, operation, b);
      for (const instruction of b.finish().body.body) out.append(instruction);
      if (replaced === undefined) out.append(kept);
      else out.replace(operation.result!, replaced);
    },
  });
}

/** Builds what stands for the operation; undefined, and nothing built, where it stays as it is. */
function expandScalar(op: ScalarOp, { args, result }: Operation, b: Builder): Value | undefined {
  const type = componentType((op === 'select' ? args[1]! : args[0]!).type);
  if (op === 'convert') {
    if (result!.type !== 'f16' || type === 'f16') return undefined;
    return asHalf(b, roundToHalf(b, b.convert(args[0]!, 'f32')));
  }
  if (type === 'f16' && !worksOnHalves(op)) return expandHalf(op, args, b);
  return expandType(op, type)?.(b, ...args);
}

/** In f32, then rounded. */
function expandHalf(op: ScalarOp, args: readonly Value[], b: Builder): Value {
  const floats = args.map((arg) => asFloat(b, arg));
  if (op === 'rem') {
    // what its steps round to is pinned, so the f32 form does not do
    const [x, y] = floats as [Value, Value];
    const quotient = roundToHalf(b, b.op('div', x, y));
    const product = roundToHalf(b, b.op('mul', y, b.op('trunc', quotient)));
    return asHalf(b, roundToHalf(b, b.op('sub', x, product)));
  }
  const expansion = expandType(op, 'f32') ?? ((_, ...xs) => b.op(op as 'add', ...xs));
  return asHalf(b, roundToHalf(b, expansion(b, ...floats)));
}
/** Operations that need no rounding: they give one of their operands, an f16 that is exact, or no float at all. */
function worksOnHalves(op: ScalarOp): boolean {
  return (
    op === 'select' ||
    op === 'min' ||
    op === 'max' ||
    (Object.hasOwn(native, op) && 'f16' in native[op as keyof typeof native])
  );
}

// Between the types of the two formats; the value is the same.
function asFloat(b: Builder, half: Value): Value {
  return b.bitcast(half, 'f32');
}
function asHalf(b: Builder, float: Value): Value {
  return b.bitcast(float, 'f16');
}

function perComponent(b: Builder, value: Value, convert: (component: Value) => Value): Value {
  const length = componentCount(value.type);
  if (length === 1) return convert(value);
  return b.compose(...Array.from({ length }, (_, i) => convert(b.extract(value, i))));
}
function elementOf({ reference }: Operation): ElementType {
  return (reference as BufferParam | LocalArray).element;
}
function isHalf(element: ElementType): boolean {
  return element === 'f16' || element.endsWith('<f16>');
}
/** The type of the bits of f16s. */
function bitsType(type: ValueType): ValueType {
  return isVector(type) ? vectorOf('u32', componentCount(type) as 2 | 3 | 4) : 'u32';
}
