/**
 * Canaries: the interpreter's device, each with one planted fault of the kind that real backends have. The conformance
 * suite must see every one.
 */
import { backend } from '../../backends/interpreter/index.ts';
import type { Command, Device, Dispatch } from '../../src/device/index.ts';
import type { Memory, NumericType, Operation, OpName, Program, ScalarType, Value } from '../../src/ir/index.ts';
import { rewrite } from '../../src/passes/index.ts';

export interface Canary {
  readonly fault: string;
  /** The cases that are about it. */
  readonly only: string;
  readonly device: () => Promise<Device>;
}

/** The interpreter's device with some of its functions replaced. */
async function interpreterWith(changed: (inner: Device) => Partial<Device>): Promise<Device> {
  const [inner] = await backend.discover({});
  const replaced = changed(inner!);
  return new Proxy(inner!, {
    get(target, key) {
      if (key in replaced) return replaced[key as keyof Device];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type Emit = (op: OpName, args: readonly Value[], type: ScalarType, more?: Partial<Operation>) => Value;

/** A device that compiles every program with a fault put in: `change` rewrites operations, or leaves them by `false`. */
function miscompiling(
  change: (operation: Operation, emit: Emit, append: (operation: Operation) => void) => boolean,
): () => Promise<Device> {
  const spoil = (program: Program): Program => {
    const locals = new Set(program.locals);
    const spoilt = rewrite(program, {
      operation(operation, out) {
        const append = (changed: Operation) => {
          if (changed.reference?.kind === 'local') locals.add(changed.reference);
          out.append(changed);
        };
        const emit: Emit = (op, args, type, more = {}) => {
          const result = { type };
          append({ kind: 'op', op, args, result, attribute: 0, reference: undefined, ...more });
          return result;
        };
        if (!change(operation, emit, append)) append(operation);
      },
    });
    return { ...spoilt, locals: [...locals] };
  };
  return () =>
    interpreterWith((inner) => ({
      compile: (verified, options) => inner.compile({ ...verified, program: spoil(verified.program) }, options),
    }));
}

/** A device that changes every dispatch. */
function misdispatching(change: (dispatch: Dispatch) => Dispatch): () => Promise<Device> {
  const changed = (command: Command) => (command.kind === 'dispatch' ? change(command) : command);
  return () =>
    interpreterWith((inner) => ({
      record: (commands) => inner.record(commands.map(changed)),
      submit: (work, slots) => inner.submit('commands' in work ? work : work.map(changed), slots),
    }));
}

const roundGrid = (round: (x: number) => number) =>
  misdispatching((dispatch) => {
    const [x, y, z] = dispatch.program.workgroup;
    const [width, height, depth] = dispatch.grid;
    return { ...dispatch, grid: [round(width / x) * x, round(height / y) * y, round(depth / z) * z] };
  });
const only = (op: OpName, change: (operation: Operation, emit: Emit) => Partial<Operation>) =>
  miscompiling((operation, emit, append) => {
    if (operation.op !== op) return false;
    append({ ...operation, ...change(operation, emit) });
    return true;
  });
const rank1 = ({ reference }: Operation) => reference?.kind === 'buffer' && reference.rank === 1;

export const canaries: readonly Canary[] = [
  {
    fault: 'operands swapped',
    only: 'operations: sub',
    device: only('sub', ({ args }) => ({ args: [...args].reverse() })),
  },
  {
    fault: 'a shift of 32 or more gives 0',
    only: 'operations: shl',
    device: only('shl', ({ args: [x, n] }, emit) => {
      const wide = emit('ge', [emit('convert', [n!], 'u32'), emit('constant', [], 'u32', { attribute: 32 })], 'bool');
      const zero = emit('constant', [], x!.type as NumericType);
      return { args: [emit('select', [wide, zero, x!], x!.type as NumericType), n!] };
    }),
  },
  {
    fault: 'x != NaN is false, as hardware has it',
    only: 'operations: ne',
    device: only('ne', ({ args }, emit) => ({
      op: 'or',
      args: [emit('lt', args, 'bool'), emit('gt', args, 'bool')],
    })),
  },
  {
    fault: 'division by a constant zero gives 0',
    only: 'constants: div',
    device: (() => {
      const zeros = new Set<Value>();
      return miscompiling(({ op, args, result, attribute }, _, append) => {
        if (op === 'constant' && attribute === 0) zeros.add(result!);
        if (op !== 'div' || !zeros.has(args[1]!) || args[0]!.type.startsWith('f')) return false;
        append({ kind: 'op', op: 'constant', args: [], result, attribute: 0, reference: undefined });
        return true;
      });
    })(),
  },
  {
    fault: 'barriers left out',
    only: 'barriers',
    device: miscompiling(({ op }) => op === 'barrier'),
  },
  {
    fault: 'stores of ghosts reach memory',
    only: 'barriers',
    device: roundGrid(Math.ceil),
  },
  {
    fault: 'the tail of the grid does not run',
    only: 'memory: copy',
    device: roundGrid(Math.floor),
  },
  {
    fault: 'a load out of bounds gives the last element',
    only: 'memory: out of bounds',
    device: only('load', (operation, emit) => {
      if (!rank1(operation)) return {};
      const { reference, args } = operation;
      const length = emit('dimension', [], 'i32', { reference });
      const last = emit('sub', [length, emit('constant', [], 'i32', { attribute: 1 })], 'i32');
      return { args: [emit('min', [emit('convert', [args[0]!], 'i32'), last], 'i32')] };
    }),
  },
  {
    fault: 'every bound is one too low',
    only: 'memory: copy',
    device: only('store', (operation, emit) => {
      if (!rank1(operation)) return {};
      const { reference, args } = operation;
      const length = emit('dimension', [], 'i32', { reference });
      const index = emit('convert', [args[0]!], 'i32');
      const last = emit('sub', [length, emit('constant', [], 'i32', { attribute: 1 })], 'i32');
      const outside = emit('constant', [], 'i32', { attribute: 0xffffffff });
      return { args: [emit('select', [emit('ge', [index, last], 'bool'), outside, index], 'i32'), args[1]!] };
    }),
  },
  {
    fault: 'the store of a byte loses its neighbour',
    only: 'memory: scatter and gather u8',
    device: miscompiling((operation, emit, append) => {
      const memory = operation.reference as Memory;
      if (operation.op !== 'store' || memory.element !== 'u8') return false;
      const index = emit('convert', [operation.args[0]!], 'i32');
      const neighbour = emit('xor', [index, emit('constant', [], 'i32', { attribute: 1 })], 'i32');
      append({ ...operation, args: [neighbour, emit('constant', [], 'u32')] });
      append(operation);
      return true;
    }),
  },
  {
    fault: 'atomics return the new value',
    only: 'atomics: what they return',
    device: miscompiling((operation, _, append) => {
      if (operation.op !== 'atomicAdd' || operation.result === undefined) return false;
      const old = { type: operation.result.type };
      append({ ...operation, result: old });
      const args = [old, operation.args.at(-1)!];
      append({ kind: 'op', op: 'add', args, result: operation.result, attribute: 0, reference: undefined });
      return true;
    }),
  },
  {
    fault: 'a sum in another order',
    only: 'collectives: groupSum of f32: 129 x 1 x 1',
    device: only('groupSum', ({ args }, emit) => {
      // the last of an inclusive scan is the sum too, but by another tree
      const type = args[0]!.type as NumericType;
      const scan = emit('groupScan', args, type);
      const total = {
        kind: 'local',
        space: 'workgroup',
        name: 'total',
        element: type,
        length: 1,
        atomic: false,
      } as const;
      const one = emit('constant', [], 'i32', { attribute: 1 });
      const last = emit('sub', [emit('workgroupSize', [], 'i32'), one], 'i32');
      const isLast = emit('eq', [emit('localIndex', [], 'i32'), last], 'bool');
      const first = emit('constant', [], 'i32');
      emit('store', [emit('select', [isLast, first, one], 'i32'), scan], type, { reference: total, result: undefined });
      return { op: 'uniformLoad', args: [first], reference: total };
    }),
  },
  {
    fault: 'the base of a box ignored',
    only: 'grid: one workgroup in the middle',
    device: misdispatching((dispatch) => ({ ...dispatch, base: undefined })),
  },
  {
    fault: 'new memory not zeroed',
    only: 'device memory',
    device: () =>
      interpreterWith((inner) => ({
        alloc(bytes) {
          const memory = inner.alloc(bytes);
          inner.write(memory, 0, new Uint8Array(bytes).fill(0xcd));
          return memory;
        },
      })),
  },
  {
    fault: 'write takes its bytes later',
    only: 'device memory',
    device: () =>
      interpreterWith((inner) => ({
        write(memory, offset, data) {
          queueMicrotask(() => {
            try {
              inner.write(memory, offset, data);
            } catch {
              // freed since
            }
          });
        },
      })),
  },
  {
    fault: 'a recording keeps its first slots',
    only: 'recordings',
    device: () => {
      const first = new WeakMap<object, Parameters<Device['submit']>[1]>();
      return interpreterWith((inner) => ({
        submit(work, slots) {
          if (!first.has(work)) first.set(work, slots);
          return inner.submit(work, first.get(work));
        },
      }));
    },
  },
  {
    fault: 'fuel for one iteration more',
    only: 'failures: one iteration too many',
    device: () =>
      interpreterWith((inner) => ({
        compile: (verified, options) =>
          inner.compile({ ...verified, program: { ...verified.program, fuel: verified.program.fuel + 1 } }, options),
      })),
  },
];
