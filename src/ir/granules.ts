/**
 * Granules: whether anything in an `exact` program can flush, given what is known of its arguments.
 *
 * If all values of a sum are multiples of 2^g, so is the sum, rounded or not; if it is not zero, it is at least 2^g. So as long
 * as g >= -126 nothing is ever too small, and the guards of `exact` need not run. The analysis carries that granule, with the
 * least and greatest exponent that a value can have, from the arguments through the program. It speaks of finite values other
 * than zero only: zeros, infinities and NaN never flush.
 *
 * A result of least exponent e, rounded to 24 bits, is a multiple of 2^(e - 23). With values that live on from one iteration
 * of a loop to the next, and with memory, it goes round until nothing changes, and helps that along where it would take long.
 */

import { numberOf } from './bits.ts';
import { canonical } from './exact.ts';
import { type ops, rowOf, type ScalarOp } from './ops.ts';
import {
  type Block,
  type BufferParam,
  endValues,
  type Instruction,
  type LocalArray,
  type Memory,
  type Operation,
  type Param,
  type Program,
  type Value,
} from './program.ts';
import { componentType, type ElementType, isFloat, isPacked, type ScalarType, type ValueType } from './types.ts';

/** Of the finite values other than zero that there may be: all are multiples of 2^granule, in [2^least, 2^(greatest + 1)). */
export interface Extent {
  readonly granule: number;
  readonly least: number;
  readonly greatest: number;
}

const digits = 24;
/** No such values. */
export const empty: Extent = {
  granule: Number.POSITIVE_INFINITY,
  least: Number.POSITIVE_INFINITY,
  greatest: Number.NEGATIVE_INFINITY,
};
/** Any f32 that is not subnormal. */
const normal: Extent = { granule: -149, least: -126, greatest: 127 };
const halves: Extent = { granule: -24, least: -24, greatest: 15 };
const integers: Readonly<Record<'bool' | 'i32' | 'u32', Extent>> = {
  bool: { granule: 0, least: 0, greatest: 0 },
  i32: { granule: 0, least: 0, greatest: 31 },
  u32: { granule: 0, least: 0, greatest: 32 },
};

/** What f32 of magnitudes in [2^least, 2^(greatest + 1)) are. */
export function extentBetween(least: number, greatest: number): Extent {
  return { granule: least - (digits - 1), least, greatest };
}
/** What these numbers, each an f32, are. */
export function extentOf(numbers: readonly number[]): Extent {
  return numbers.map(extentOfNumber).reduce(join, empty);
}
function extentOfNumber(x: number): Extent {
  if (x === 0 || !Number.isFinite(x)) return empty;
  const exponent = exponentOf(x);
  let granule = exponent - (digits - 1);
  while ((x / 2 ** granule) % 2 === 0) granule++;
  return { granule, least: exponent, greatest: exponent };
}
/** e, where the magnitude is in [2^e, 2^(e + 1)). */
function exponentOf(x: number): number {
  const scratch = new DataView(new ArrayBuffer(8));
  scratch.setFloat64(0, x); // where every f32 is normal
  return ((scratch.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

/**
 * What the f32 of each buffer are after the program has run, by parameter; undefined where something in it may flush.
 * `inputs`: what the f32 of the arguments are; asked of scalars and buffers of floats.
 */
export function stored(
  program: Program,
  inputs: (param: Param) => Extent,
): ReadonlyMap<BufferParam, Extent> | undefined {
  return new Analysis(program, inputs).run();
}

const isEqual = (x: Extent, y: Extent) => x.granule === y.granule && x.least === y.least && x.greatest === y.greatest;

function join(x: Extent, y: Extent): Extent {
  return {
    granule: Math.min(x.granule, y.granule),
    least: Math.min(x.least, y.least),
    greatest: Math.max(x.greatest, y.greatest),
  };
}

/** Rounds in which values may still grow step by step. */
const patience = 4;
/** Where something changed in a later round: as far as it can go. */
function widened(before: Extent, after: Extent): Extent {
  return {
    granule: after.granule < before.granule ? normal.granule : after.granule,
    least: after.least < before.least ? normal.least : after.least,
    greatest: after.greatest > before.greatest ? normal.greatest : after.greatest,
  };
}

/** Where the values that a block's end passes on go. */
interface Targets {
  readonly yield: readonly Value[];
  readonly break: readonly Value[];
  readonly continue: readonly Value[];
}

class Analysis {
  readonly #program: Program;
  readonly #inputs: (param: Param) => Extent;
  readonly #values = new Map<Value, Extent>();
  readonly #memories = new Map<Memory, Extent>();
  #round = 0;
  #changed = false;

  constructor(program: Program, inputs: (param: Param) => Extent) {
    this.#program = program;
    this.#inputs = inputs;
  }

  run(): ReadonlyMap<BufferParam, Extent> | undefined {
    try {
      const { params, body } = this.#program;
      const buffers = params.filter((param) => param.kind === 'buffer').filter(({ element }) => holdsF32(element));
      for (const buffer of buffers) {
        // what a kernel finds in a `write` buffer is zeros
        const found = buffer.access === 'write' ? empty : this.#inputs(buffer);
        this.#memories.set(buffer, atLeast(normal.least, found));
      }
      do {
        this.#changed = false;
        this.#round++;
        this.#block(body, { yield: [], break: [], continue: [] });
      } while (this.#changed);
      return new Map(buffers.map((buffer) => [buffer, this.#memories.get(buffer)!]));
    } catch (thrown) {
      if (thrown === flushes) return undefined;
      throw thrown;
    }
  }

  #of(value: Value): Extent {
    return this.#values.get(value) ?? empty;
  }
  /** Adds to what is known to arrive somewhere. */
  #grow<K>(known: Map<K, Extent>, at: K, extent: Extent): void {
    const before = known.get(at) ?? empty;
    let after = join(before, extent);
    if (isEqual(before, after)) return;
    if (this.#round > patience) after = widened(before, after);
    known.set(at, after);
    this.#changed = true;
  }

  #block({ body, end }: Block, targets: Targets): void {
    for (const instruction of body) this.#instruction(instruction, targets);
    if (end.kind === 'return' || end.kind === 'unreachable') return;
    endValues(end).forEach((value, i) => {
      if (isFloat(componentType(value.type))) this.#grow(this.#values, targets[end.kind][i]!, this.#of(value));
    });
  }
  #instruction(instruction: Instruction, targets: Targets): void {
    switch (instruction.kind) {
      case 'if':
        for (const arm of [instruction.accept, instruction.reject])
          this.#block(arm, { ...targets, yield: instruction.results });
        return;
      case 'loop': {
        const { params, inits, results, body } = instruction;
        inits.forEach((init, i) => {
          if (isFloat(componentType(init.type))) this.#grow(this.#values, params[i]!, this.#of(init));
        });
        this.#block(body, { yield: [], break: results, continue: params });
        return;
      }
      case 'op':
        this.#operation(instruction);
    }
  }

  #operation(operation: Operation): void {
    const { op, args, result, reference } = operation;
    if (op === 'store') {
      const stored = args.at(-1)!;
      if (holdsF32(stored.type)) this.#grow(this.#memories, reference as Memory, this.#of(stored));
    }
    if (result === undefined || !isFloat(componentType(result.type))) return;
    if (componentType(result.type) === 'f16') this.#values.set(result, halves);
    else this.#values.set(result, this.#given(operation));
  }

  /** What the f32 of an operation's result are. */
  #given(operation: Operation): Extent {
    const { op, args, attribute, reference } = operation;
    const [x = empty, y = empty, z = empty] = args.map((arg) => this.#of(arg));
    switch (rowOf(op).form) {
      case 'constant':
        return extentOfNumber(canonical('f32', numberOf('f32', attribute)));
      case 'argument':
        return atLeast(normal.least, this.#inputs(reference as Param));
      case 'compose':
        return args.map((arg) => this.#of(arg)).reduce(join, empty);
      case 'extract':
        return x;
      case 'load':
        return this.#memories.get(reference as Memory) ?? empty;
      case 'collective':
        if (op === 'uniformLoad') return this.#memories.get(reference as LocalArray) ?? empty;
        return op === 'groupSum' || op === 'groupScan' ? sumOfMany(x) : x;
      case 'scalar':
        break;
      default:
        throw new Error(`${op} gives no float`);
    }
    if (op === 'convert') {
      const from = args[0]!.type as ScalarType;
      return from === 'f32' ? x : from === 'f16' ? halves : integers[from];
    }
    const transfer: Transfer | undefined = (transfers as { readonly [N in ScalarOp]?: Transfer })[op as ScalarOp];
    return transfer?.(x, y, z) ?? normal;
  }
}

// ---- operations on f32 ----

/** Throws `flushes` where what is known of the operands does not rule out that the result does. */
type Transfer = (x: Extent, y: Extent, z: Extent) => Extent;

/** Thrown where something may flush. */
const flushes = Symbol('flushes');

function atLeast(exponent: number, extent: Extent): Extent {
  if (extent.least < exponent) throw flushes;
  return extent;
}
/** The one rounding of a result. */
function rounded({ granule, least, greatest }: Extent): Extent {
  return {
    granule: Math.max(granule, least - (digits - 1)),
    least,
    greatest: Math.min(greatest, normal.greatest),
  };
}
const isEmpty = ({ least }: Extent) => least === empty.least;

const add: Transfer = (x, y) => {
  if (isEmpty(x)) return y;
  if (isEmpty(y)) return x;
  const granule = Math.min(x.granule, y.granule);
  const greatest = Math.max(x.greatest, y.greatest) + 1;
  // If one is at least four times the other, they leave half of it. Otherwise the last places of both are at most a factor of
  // two apart, and the sum is a multiple of the lower one, or 0. Where one is 0, the sum is the other.
  const ofBoth = Math.max(granule, Math.max(x.least, y.least) - digits);
  const least = Math.min(x.least, y.least, ofBoth);
  return rounded(atLeast(normal.least, { granule, least, greatest }));
};
/** A product that just misses 2^-126 counts as too small (exact.ts), so the line is one above. */
const leastProduct = normal.least + 1;
/** Before it is rounded. */
function product(x: Extent, y: Extent): Extent {
  if (isEmpty(x) || isEmpty(y)) return empty;
  return {
    granule: x.granule + y.granule,
    least: x.least + y.least,
    greatest: x.greatest + y.greatest + 1,
  };
}
const mul: Transfer = (x, y) => rounded(atLeast(leastProduct, product(x, y)));
const div: Transfer = (x, y) => {
  if (isEmpty(x) || isEmpty(y)) return empty;
  return rounded(
    atLeast(leastProduct, {
      granule: Number.NEGATIVE_INFINITY,
      least: x.least - y.greatest - 1,
      greatest: x.greatest - y.least,
    }),
  );
};
const sqrt: Transfer = (x) =>
  isEmpty(x)
    ? empty
    : rounded({
        granule: Number.NEGATIVE_INFINITY,
        least: Math.floor(x.least / 2),
        greatest: Math.ceil((x.greatest + 1) / 2),
      });
const whole: Transfer = (x) =>
  isEmpty(x)
    ? empty
    : {
        granule: Math.max(x.granule, 0),
        least: Math.max(x.least, 0),
        // what is rounded up may reach the next power of two
        greatest: Math.min(Math.max(x.greatest + 1, 0), normal.greatest),
      };
const same: Transfer = (x) => x;
const either: Transfer = (x, y) => join(x, y);
const one = extentOfNumber(1);

/** Sums of up to 2^10 values, in any order. */
function sumOfMany(x: Extent): Extent {
  if (isEmpty(x)) return empty;
  return atLeast(normal.least, {
    granule: x.granule,
    least: x.granule,
    greatest: Math.min(x.greatest + 11, normal.greatest),
  });
}

/** Operations that guards are about. The functions are integer algorithms, which take care of themselves. */
type GuardedOp =
  | { [N in ScalarOp]: (typeof ops)[N]['exact'] extends 'guarded' | 'composed' ? N : never }[ScalarOp]
  | 'div'
  | 'fma';

/** Of what is not here any normal f32 may come. */
const transfers: Readonly<Record<GuardedOp, Transfer>> & { readonly [N in ScalarOp]?: Transfer } = {
  add,
  sub: add,
  mul,
  div,
  // the exact sum of an exact product
  fma: (x, y, z) => atLeast(leastProduct, add(product(x, y), z, empty)),
  rem: (x, y) => add(x, mul(y, whole(div(x, y, empty), empty, empty), empty), empty),
  inverseSqrt: (x) => sqrt(div(one, x, empty), empty, empty),
  sqrt,
  neg: same,
  abs: same,
  min: either,
  max: either,
  select: (_condition, x, y) => join(x, y),
  floor: whole,
  ceil: whole,
  trunc: whole,
  round: whole,
  unpackHalf: () => halves,
};

function holdsF32(type: ElementType | ValueType): boolean {
  return !isPacked(type as ElementType) && componentType(type as ValueType) === 'f32';
}
