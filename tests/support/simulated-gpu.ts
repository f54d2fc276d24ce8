/**
 * GPUs that are not here: the interpreter behind a driver that takes the liberties which WGSL gives, one kind at a time. What
 * a certified device must withstand, it is tried on these.
 */

import { backend as interpreter } from '../../backends/interpreter/index.ts';
import { exactFormOf, programFor } from '../../backends/webgpu/shader.ts';
import type { Device } from '../../src/device/contract.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { ScalarOp } from '../../src/ir/ops.ts';
import { definitionsOf, type Operation, type Program, type Value } from '../../src/ir/program.ts';
import { type Rewriter, rewrite } from '../../src/passes/rewrite.ts';

/** What stands for an operation, given those that define its operands; undefined where it stays. */
type Liberty = (
  b: Builder,
  operation: Operation,
  defined: (value: Value) => Operation | undefined,
) => Value | undefined;

/** A device whose driver takes these liberties with every program, one after the other. */
export async function simulatedGpu(...liberties: Liberty[]): Promise<Device> {
  const [inner] = await interpreter.discover({});
  const device: Device = {
    capabilities: { ...inner!.capabilities, id: 'simulated', kind: 'gpu-discrete', numeric: undefined },
    lost: inner!.lost,
    memory: inner!.memory,
    alloc: (bytes) => inner!.alloc(bytes),
    free: (memory) => inner!.free(memory),
    write: (...range) => inner!.write(...range),
    read: (...range) => inner!.read(...range),
    ineligible: (verified, launch) => inner!.ineligible(verified, launch),
    async compile(verified, options) {
      const written = programFor(verified, [64, 1, 1], await exactFormOf(verified, options));
      const program = liberties.reduce(drive, written);
      return inner!.compile({ ...verified, program });
    },
    record: (commands) => inner!.record(commands),
    submit: (...work) => inner!.submit(...work),
    close: () => inner!.close(),
  };
  return device;
}

function drive(program: Program, liberty: Liberty): Program {
  const definitions = definitionsOf(program.body);
  return rewrite(program, {
    operation(operation, out) {
      const b = new Builder({ name: program.name });
      const value = operation.result && liberty(b, operation, (each) => definitions.get(each));
      append(out, b);
      if (value === undefined) {
        out.append(operation);
        definitions.set(operation.result!, operation);
      } else out.replace(operation.result!, value);
    },
  });
}
function append(out: Rewriter, b: Builder): void {
  for (const instruction of b.finish().body.body) out.append(instruction);
}

const isF32 = ({ op, args, result }: Operation, ...ops: ScalarOp[]) =>
  (ops as string[]).includes(op) && args.every(({ type }) => type === 'f32') && result !== undefined;

/** x * y + z with one rounding, also behind a change of sign. */
export const fuses: Liberty = (b, operation, defined) => {
  if (!isF32(operation, 'add', 'sub')) return undefined;
  const [x, y] = operation.args as [Value, Value];
  const product = (value: Value): readonly Value[] | undefined => {
    const { op, args } = defined(value) ?? {};
    if (op === 'mul') return args;
    const inner = op === 'neg' ? product(args![0]!) : undefined;
    return inner && [b.op('neg', inner[0]!), inner[1]!];
  };
  const left = product(x);
  if (left !== undefined) return b.op('fma', left[0]!, left[1]!, operation.op === 'sub' ? b.op('neg', y) : y);
  const right = product(y);
  if (right === undefined) return undefined;
  return b.op('fma', operation.op === 'sub' ? b.op('neg', right[0]!) : right[0]!, right[1]!, x);
};

/** The laws of real numbers, for operands that are the same value or constants; and that x ^ z ^ z is x. */
export const reassociates: Liberty = (b, operation, defined) => {
  const { op, args } = operation;
  const [x, y] = args as [Value, Value];
  const inside = (value: Value | undefined, wanted: string) => {
    const definition = value && defined(value);
    return definition?.op === wanted ? (definition.args as [Value, Value]) : undefined;
  };
  const constant = (value: Value | undefined) => value && defined(value)?.op === 'constant';
  if (op === 'bitcast') {
    const inner = defined(x);
    return inner?.op === 'bitcast' && inner.args[0]!.type === operation.result!.type ? inner.args[0] : undefined;
  }
  if (op === 'xor') {
    const inner = inside(x, 'xor');
    return inner !== undefined && inner[1] === y ? inner[0] : undefined;
  }
  if (!isF32(operation, 'add', 'sub', 'mul', 'div', 'lt')) return undefined;
  const sum = inside(x, 'add');
  const difference = inside(y, 'sub');
  const product = inside(x, 'mul');
  const quotient = inside(x, 'div');
  if (op === 'sub' && x === y) return b.f32(0);
  if (op === 'div' && x === y) return b.f32(1);
  if (op === 'sub' && sum?.[0] === y) return sum[1];
  if (op === 'sub' && difference?.[0] === x) return difference[1];
  if (op === 'sub' && constant(y) && constant(sum?.[1])) return b.op('add', sum![0], b.op('sub', sum![1], y));
  if (op === 'add' && constant(y) && constant(sum?.[1])) return b.op('add', sum![0], b.op('add', sum![1], y));
  if (op === 'mul' && constant(y) && constant(product?.[1]))
    return b.op('mul', product![0], b.op('mul', product![1], y));
  if (op === 'mul' && quotient?.[1] === y) return quotient[0];
  if (op === 'div' && constant(y)) return b.op('mul', x, b.op('div', b.f32(1), y));
  if (op === 'lt' && sum?.[0] === y) return b.op('lt', sum[1], b.f32(0));
  return undefined;
};

/** Subnormal operands and results are zeros, a product before it is rounded. */
export const flushes: Liberty = (b, operation) => {
  if (!isF32(operation, 'add', 'sub', 'mul', 'div', 'sqrt', 'fma', 'lt', 'le', 'gt', 'ge', 'eq', 'ne'))
    return undefined;
  const flush = (x: Value): Value => {
    const magnitude = b.op('and', b.bitcast(x, 'u32'), b.u32(0x7fffffff));
    return b.op('select', b.op('lt', magnitude, b.u32(0x00800000)), b.f32(0), x);
  };
  const args = operation.args.map(flush);
  const result = b.op(operation.op as 'add', ...args);
  if (result.type !== 'f32') return result;
  if (operation.op !== 'mul') return flush(result);
  // rounded up to 2^-126: the exact product is smaller
  const error = b.op('fma', args[0]!, args[1]!, b.op('neg', result));
  const least = b.op('eq', b.op('abs', result), b.f32(2 ** -126));
  const rounded = b.op('ne', error, b.f32(0));
  return b.op('select', b.op('and', least, rounded), b.f32(0), flush(result));
};

/** Comparisons are turned round, and a number equals itself, as if there were no NaN. */
export const assumesNumbers: Liberty = (b, operation, defined) => {
  const opposites = { lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' } as const;
  const [x, y] = operation.args as [Value, Value];
  if (operation.op === 'not') {
    const { op, args } = defined(x) ?? {};
    const opposite = opposites[op as keyof typeof opposites];
    return opposite !== undefined && args![0]!.type === 'f32' ? b.op(opposite, args![0]!, args![1]!) : undefined;
  }
  if (isF32(operation, 'eq') && x === y) return b.bool(true);
  return isF32(operation, 'ne') ? b.op('not', b.op('eq', x, y)) : undefined;
};

/** An operation computed in a sloppier way. */
export const sloppy =
  (op: ScalarOp, way: (b: Builder, x: Value, y: Value) => Value): Liberty =>
  (b, operation) =>
    isF32(operation, op) ? way(b, operation.args[0]!, operation.args[1]!) : undefined;
