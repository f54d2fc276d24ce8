/** Every scalar operation at every type, with operands from memory and with constant ones. */

import {
  type BufferParam,
  type Builder,
  type ElementType,
  isScalarOp,
  opNames,
  roundTo,
  rowOf,
  type ScalarOp,
  type ScalarRow,
  type ScalarType,
  type Value,
} from '../../src/ir/index.ts';
import { acceptable } from './accuracy.ts';
import type { Case } from './suite.ts';
import { type Accept, array, attempt, type Trial, zeros } from './trial.ts';

const integers = [0, 1, 2, 3, 5, 7, 31, 32, 33, 100, 65535, 65536, 0x12345678, 2 ** 31 - 1];
const negatives = [-1, -2, -3, -32, -100, -65536, -0x12345678, -(2 ** 31 - 1), -(2 ** 31)];
const floats = [
  ...[0, 0.1, 0.3, 0.5, 0.75, 0.99, 1, 1.5, 2, 2.5, 3, 7.25, 10, 100.7, 1e-3, 1e-6, 2 ** 24, 2 ** 31, 2 ** 32, 1e20],
  ...[65504, 65520, 3.4e38, 2 ** -126, 2 ** -149, 2 ** -14, 2 ** -24, Number.POSITIVE_INFINITY],
];
/** Operands that show where devices differ: ends of ranges, ties, signed zeros, subnormals, what is not finite. */
const edges: Record<ScalarType, readonly number[]> = {
  bool: [0, 1],
  i32: [...integers, ...negatives],
  u32: [...integers, 2 ** 31, 2 ** 31 + 129, 2 ** 32 - 129, 2 ** 32 - 2, 2 ** 32 - 1],
  f32: unique('f32', [...floats, ...floats.map((x) => -x), Number.NaN]),
  f16: unique('f16', [...floats, ...floats.map((x) => -x), Number.NaN]),
};
/** Fewer, for constant operands and for three at once; the worst first. */
const few: Record<ScalarType, readonly number[]> = {
  bool: [0, 1],
  i32: [0, -1, 32, -(2 ** 31), 1, -7],
  u32: [0, 2 ** 32 - 1, 32, 1, 7],
  f32: [0, Number.NaN, -2.5, Number.NEGATIVE_INFINITY, 3.4e38, 1, 1e-3].map(Math.fround),
  f16: [0, Number.NaN, -2.5, Number.NEGATIVE_INFINITY, 65504, 1, 2 ** -10],
};
function unique(type: ScalarType, values: readonly number[]): number[] {
  const rounded = values.map((value) => roundTo(type, value));
  return rounded.filter((value, i) => rounded.findIndex((other) => Object.is(other, value)) === i);
}

/** One operation at fixed types. */
interface Instance {
  readonly op: ScalarOp;
  readonly type: ScalarType;
  readonly args: readonly ScalarType[];
  readonly to: ScalarType;
}

export function operationCases(): Case[] {
  return opNames.filter(isScalarOp).flatMap((op) => {
    const row = rowOf(op) as ScalarRow;
    return row.of.flatMap((type) => {
      const results =
        row.result === 'any' ? row.to!.filter((to) => to !== type) : [row.result === 'T' ? type : row.result];
      return results.flatMap((to): Case[] => {
        const shift = type === 'i32' ? 'u32' : 'i32';
        const instance: Instance = {
          op,
          type,
          args: row.args.map((arg) => (arg === 'T' ? type : arg === 'int' ? shift : arg)),
          to,
        };
        const name = `${op}(${instance.args.join(', ')}) -> ${to}`;
        return [
          { group: 'operations', name, run: (device) => attempt(device, fromMemory(instance)) },
          { group: 'constants', name, run: (device) => attempt(device, withConstants(instance)) },
        ];
      });
    });
  });
}

/** One invocation for each combination of operands. */
function fromMemory(instance: Instance): Trial {
  const { args, to } = instance;
  const operands = combinations(args.map((type) => (args.length < 3 ? edges : few)[type]));
  return {
    build: (b) => {
      const inputs = args.map((type, i) => b.buffer('xyz'[i]!, 'read', elementOf(type)));
      const output = b.buffer('result', 'write', elementOf(to));
      const i = b.id('globalId');
      const loaded = inputs.map((input, n) => load(b, input, i, args[n]!));
      store(b, output, [i], apply(b, instance, loaded));
    },
    args: [
      ...args.map((type, n) =>
        array(
          elementOf(type),
          operands.map((values) => values[n]!),
        ),
      ),
      zeros(elementOf(to), operands.length),
    ],
    grid: operands.length,
    ...judged(instance, operands),
  };
}

/**
 * Every way of making operands constants: each way, with each of a few constants, is one line of the program, and the
 * invocations give the other operands.
 */
function withConstants(instance: Instance): Trial {
  const { args, to } = instance;
  const operands = combinations(args.map((type) => few[type]));
  const ways = Array.from({ length: 2 ** args.length - 1 }, (_, n) => args.map((_, k) => ((n + 1) & (1 << k)) !== 0));
  const lines = ways.flatMap((constant) => {
    // few enough for compilers that take their time
    const most = [6, 3, 2][constant.filter((is) => is).length - 1]!;
    const limit = args.length < 3 ? most : Math.min(most, 3);
    const values = args.map((type, n) => (constant[n] ? few[type].slice(0, limit) : [undefined]));
    return combinations<number | undefined>(values);
  });
  const given = lines.flatMap((line) => operands.map((values) => line.map((value, n) => value ?? values[n]!)));
  return {
    build: (b) => {
      const inputs = args.map((type, i) => b.buffer('xyz'[i]!, 'read', elementOf(type)));
      const output = b.buffer('result', 'write', elementOf(to), 2);
      const i = b.id('globalId');
      const loaded = inputs.map((input, n) => load(b, input, i, args[n]!));
      for (const [k, line] of lines.entries()) {
        const values = line.map((value, n) => (value === undefined ? loaded[n]! : b.constant(args[n]!, value)));
        store(b, output, [b.i32(k), i], apply(b, instance, values));
      }
    },
    args: [
      ...args.map((type, n) =>
        array(
          elementOf(type),
          operands.map((values) => values[n]!),
        ),
      ),
      zeros(elementOf(to), lines.length, operands.length),
    ],
    grid: operands.length,
    ...judged(instance, given),
  };
}

/** How the results, one for each list of operands, are compared and named. */
function judged({ op, type, args, to }: Instance, operands: readonly (readonly number[])[]) {
  const accept: Accept = (actual, _, index) => acceptable(op, type, args, operands[index]!, to, actual);
  return { accept, describe: (index: number) => `${op} of ${operands[index]!.join(', ')}` };
}

function combinations<V>(lists: readonly (readonly V[])[]): V[][] {
  return lists.reduce<V[][]>((all, list) => all.flatMap((start) => list.map((next) => [...start, next])), [[]]);
}

// bool has no place in memory: it travels as u32
function elementOf(type: ScalarType): ElementType {
  return type === 'bool' ? 'u32' : type;
}
function load(b: Builder, buffer: BufferParam, at: Value, type: ScalarType): Value {
  const value = b.load(buffer, [at]);
  return type === 'bool' ? b.op('ne', value, b.u32(0)) : value;
}
function store(b: Builder, buffer: BufferParam, at: readonly Value[], value: Value): void {
  b.store(buffer, at, value.type === 'bool' ? b.op('select', value, b.u32(1), b.u32(0)) : value);
}
function apply(b: Builder, { op, to }: Instance, values: readonly Value[]): Value {
  if (op === 'convert' || op === 'bitcast') return b[op](values[0]!, to);
  return b.op(op, ...values);
}
