/**
 * From a program of mode `exact` to one whose operations mean what IEEE 754 says, and which gives the bits that `exact`
 * promises.
 *
 * In `exact` a float has one zero, one NaN and, in f32, nothing subnormal (src/ir/exact.ts). So the lowering
 *
 *  - guards: results of + - * /, and f32 from buffers, arguments and bits, become 0 where they are too small, if they can be
 *    (granules.ts);
 *  - writes f16 arithmetic out in f32, rounded once more;
 *  - puts integer algorithms for the functions that the device's class does not have;
 *  - lets the sign of zero and the bits of NaN run free, and makes them canonical only where a program can see them: in what
 *    it stores to a buffer, in a divisor, in what becomes bits. (All else gives for -0 what it gives for 0, but for the
 *    sign of a zero: tests/passes/exact.test.ts.)
 *
 * Workgroup and private arrays hold values as they are: nothing else can look at them.
 */

import { bitsOf, numberOf } from '../../ir/bits.ts';
import { Builder, operandType } from '../../ir/builder.ts';
import { canonical } from '../../ir/exact.ts';
import { granulesOf } from '../../ir/granules.ts';
import type { NumericClass } from '../../ir/numeric-class.ts';
import { isScalarOp, ops, type ScalarRow } from '../../ir/ops.ts';
import { definitionsOf, isBuffer, type Operation, type Program, type Value } from '../../ir/program.ts';
import { componentCount, componentType, isFloat, type ScalarType } from '../../ir/types.ts';
import { rewrite } from '../rewrite.ts';
import { ExactArithmetic } from './arithmetic.ts';

export interface LowerOptions {
  /** False: the caller knows that nothing flushes with these arguments, and the guards stay away. */
  readonly guarded: boolean;
}

/** Throws `ineligible` where an operation has no exact form. */
export function lowerExact(program: Program, numeric: NumericClass, { guarded }: LowerOptions): Program {
  const { values, flushing } = granulesOf(program);
  const definitions = definitionsOf(program.body);
  const neverMinusZero = new WeakSet<Value>();
  const lowered = rewrite(program, {
    operation(operation, out) {
      const build = <T>(fill: (arithmetic: ExactArithmetic) => T): T => {
        const b = new Builder({ name: program.name });
        b.place = operation.place;
        // operands are new values here, of which the analysis knows nothing
        const [x] = definitions.get(operation.result!)?.args ?? [];
        const known = {
          flushes: guarded && flushing.has(operation.result!),
          ofNegative: x === undefined || values.get(x)?.negative !== false,
          negative: values.get(operation.result!)?.negative !== false,
        };
        const built = fill(new ExactArithmetic(b, numeric, known, neverMinusZero));
        for (const instruction of b.finish().body.body) out.append(instruction);
        return built;
      };
      const replace = (value: Value) => {
        const { name } = operation.result!;
        if (name !== undefined && value.name === undefined) (value as { name?: string }).name = name;
        out.replace(operation.result!, value);
      };
      const { op, result } = operation;
      if (isScalarOp(op)) {
        const written = build((arithmetic) => scalar(arithmetic, operation));
        if (written === undefined) out.append(operation);
        else replace(written);
      } else if (op === 'constant') out.append(canonicalConstant(operation));
      else if (guarded && isOpen(operation)) {
        out.append(operation);
        replace(build((arithmetic) => perComponent(arithmetic.b, result!, (x) => arithmetic.flushed(x, 'lt'))));
      } else if (op === 'store' && isBuffer(operation.reference)) {
        const stored = operation.args.at(-1)!;
        if (!isFloat(componentType(stored.type))) return out.append(operation);
        const seen = build((arithmetic) => perComponent(arithmetic.b, stored, (x) => arithmetic.canonical(x)));
        out.append({ ...operation, args: [...operation.args.slice(0, -1), seen] });
      } else out.append(operation);
    },
  });
  return { ...lowered, mode: 'stable' };
}

/** Gives f32 that may be subnormal. What a kernel finds in a `write` buffer is zeros and what it stored itself. */
function isOpen({ op, result, reference }: Operation): boolean {
  if (result === undefined || componentType(result.type) !== 'f32') return false;
  return op === 'argument' || (op === 'load' && isBuffer(reference) && reference.access !== 'write');
}

function canonicalConstant(operation: Operation): Operation {
  const type = operation.result!.type as ScalarType;
  const attribute = bitsOf(type, canonical(type, numberOf(type, operation.attribute)));
  return attribute === operation.attribute ? operation : { ...operation, attribute };
}

/** What stands for a scalar operation; undefined where it may stay. */
function scalar(arithmetic: ExactArithmetic, { op, args, result }: Operation): Value | undefined {
  if (!isScalarOp(op)) return undefined;
  const { b } = arithmetic;
  const [x] = args;
  if (op === 'packHalf') return arithmetic.packHalf(x!);
  if (op === 'bitcast') {
    if (x!.type === result!.type) return x!;
    if (x!.type === 'f32') return b.bitcast(arithmetic.canonical(x!), result!.type as ScalarType);
    return result!.type === 'f32' ? arithmetic.fromBits(x!) : undefined;
  }
  const type = operandType(ops[op] as ScalarRow, args)!;
  if (!isFloat(type) || ops[op].exact === 'always') return undefined;
  if (type === 'f32') return arithmetic.apply(op, args);
  const wide = args.map((arg) => b.convert(arg, 'f32'));
  // nothing flushes: products of f16 are at least 2^-48
  return b.convert(arithmetic.apply(op, wide), 'f16');
}

function perComponent(b: Builder, value: Value, change: (component: Value) => Value): Value {
  const length = componentCount(value.type);
  if (length === 1) return change(value);
  return b.compose(...Array.from({ length }, (_, i) => change(b.extract(value, i))));
}
