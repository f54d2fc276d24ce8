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
  endValues,
  type Instruction,
  type Memory,
  type Operation,
  type Param,
  type Program,
  type Value,
} from './program.ts';
import { componentType, type ElementType, isPacked, type ScalarType, type ValueType } from './types.ts';

/**
 * Of the finite values other than zero that there may be: all are multiples of 2^granule, of magnitude 2^least or more and below
 * 2^(greatest + 1). Only where `negative` may there be any below zero, infinity included.
 */
export interface Extent {
  readonly granule: number;
  readonly least: number;
  readonly greatest: number;
  readonly negative: boolean;
}

const digits = 24;
/** No such values. */
export const empty: Extent = {
  granule: Number.POSITIVE_INFINITY,
  least: Number.POSITIVE_INFINITY,
  greatest: Number.NEGATIVE_INFINITY,
  negative: false,
};
/** Any f32 that is not subnormal. */
const normal: Extent = { granule: -149, least: -126, greatest: 127, negative: true };
const positive: Extent = { ...normal, negative: false };
const halves: Extent = { granule: -24, least: -24, greatest: 15, negative: true };
const integers: Readonly<Record<'bool' | 'i32' | 'u32', Extent>> = {
  bool: { granule: 0, least: 0, greatest: 0, negative: false },
  i32: { granule: 0, least: 0, greatest: 31, negative: true },
  u32: { granule: 0, least: 0, greatest: 32, negative: false },
};

/** What f32 of either sign and of magnitudes in [2^least, 2^(greatest + 1)) are. */
export function extentBetween(least: number, greatest: number): Extent {
  return { granule: least - (digits - 1), least, greatest, negative: true };
}
/** What these numbers, each an f32, are. */
export function extentOf(numbers: readonly number[]): Extent {
  return numbers.map(extentOfNumber).reduce(join, empty);
}
function extentOfNumber(x: number): Extent {
  const negative = x < 0;
  if (x === 0 || !Number.isFinite(x)) return { ...empty, negative };
  const exponent = exponentOf(x);
  let granule = exponent - (digits - 1);
  while ((x / 2 ** granule) % 2 === 0) granule++;
  return { granule, least: exponent, greatest: exponent, negative };
}
/** e, where the magnitude is in [2^e, 2^(e + 1)). */
function exponentOf(x: number): number {
  const scratch = new DataView(new ArrayBuffer(8));
  scratch.setFloat64(0, x); // where every f32 is normal
  return ((scratch.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

/** What is known of the f32 of a program. */
export interface Granules {
  /** Of every f32 value, as the guards leave it. */
  readonly values: ReadonlyMap<Value, Extent>;
  /** Of every buffer of f32 that the program reads or writes, afterwards. */
  readonly buffers: ReadonlyMap<Memory, Extent>;
  /** Results that may be too small, and so need a guard; arguments and what is loaded are not among them. */
  readonly flushing: ReadonlySet<Value>;
}

/** `inputs`: what the f32 of the arguments are; asked of scalars and buffers of f32. Where not given, anything but subnormal. */
export function granulesOf(program: Program, inputs: (param: Param) => Extent = () => normal): Granules {
  return new Analysis(program, inputs).run();
}

/**
 * What the f32 of each buffer are after the program has run on such arguments, by parameter; undefined where something in it may
 * flush, or an argument is subnormal.
 */
export function unguarded(program: Program, inputs: (param: Param) => Extent): ReadonlyMap<Memory, Extent> | undefined {
  const { params } = program;
  const subnormal = params.some((param) => asksFor(param) && inputs(param).least < normal.least);
  if (subnormal) return undefined;
  const { buffers, flushing } = granulesOf(program, inputs);
  return flushing.size > 0 ? undefined : buffers;
}

/** Whether the analysis needs to know what is in an argument: what a kernel finds in a `write` buffer is zeros. */
export function asksFor(param: Param): boolean {
  if (param.kind === 'scalar') return holdsF32(param.type);
  return param.access !== 'write' && holdsF32(param.element);
}

function isEqual(x: Extent, y: Extent): boolean {
  return x.granule === y.granule && x.least === y.least && x.greatest === y.greatest && x.negative === y.negative;
}
function join(x: Extent, y: Extent): Extent {
  return {
    granule: Math.min(x.granule, y.granule),
    least: Math.min(x.least, y.least),
    greatest: Math.max(x.greatest, y.greatest),
    negative: x.negative || y.negative,
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
    negative: after.negative,
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
  readonly #flushing = new Set<Value>();
  #round = 0;
  #changed = false;

  constructor(program: Program, inputs: (param: Param) => Extent) {
    this.#program = program;
    this.#inputs = inputs;
  }

  run(): Granules {
    const { params, body } = this.#program;
    for (const param of params)
      if (param.kind === 'buffer' && holdsF32(param.element))
        this.#memories.set(param, asksFor(param) ? this.#inputs(param) : empty);
    do {
      this.#changed = false;
      this.#round++;
      this.#block(body, { yield: [], break: [], continue: [] });
    } while (this.#changed);
    return { values: this.#values, buffers: this.#memories, flushing: this.#flushing };
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
    for (const [i, value] of endValues(end).entries())
      if (holdsF32(value.type)) this.#grow(this.#values, targets[end.kind][i]!, this.#of(value));
  }
  #instruction(instruction: Instruction, targets: Targets): void {
    switch (instruction.kind) {
      case 'if':
        for (const arm of [instruction.accept, instruction.reject])
          this.#block(arm, { ...targets, yield: instruction.results });
        return;
      case 'loop': {
        const { params, inits, results, body } = instruction;
        for (const [i, init] of inits.entries())
          if (holdsF32(init.type)) this.#grow(this.#values, params[i]!, this.#of(init));
        this.#block(body, { yield: [], break: results, continue: params });
        return;
      }
      case 'op':
        this.#operation(instruction);
    }
  }

  #operation(operation: Operation): void {
    const { op, args, result, reference } = operation;
    const stored = args.at(-1);
    if (op === 'store' && holdsF32(stored!.type)) this.#grow(this.#memories, reference as Memory, this.#of(stored!));
    if (result !== undefined && holdsF32(result.type)) this.#values.set(result, this.#given(operation, result));
  }

  /** What the f32 of an operation's result are. */
  #given({ op, args, attribute, reference }: Operation, result: Value): Extent {
    switch (rowOf(op).form) {
      case 'constant':
        return extentOfNumber(canonical('f32', numberOf('f32', attribute)));
      case 'argument':
        return this.#inputs(reference as Param);
      case 'compose':
        return args.map((arg) => this.#of(arg)).reduce(join, empty);
      case 'extract':
        return this.#of(args[0]!);
      case 'load':
        return this.#memories.get(reference as Memory) ?? empty;
      case 'collective':
        if (op === 'uniformLoad') return this.#memories.get(reference as Memory) ?? empty;
        if (op !== 'groupSum' && op !== 'groupScan') return this.#of(args[0]!);
        return this.#guarded(sumOfMany(this.#of(args[0]!)), normal.least, result);
      default:
    }
    const from = args[0]!.type as ScalarType;
    if (op === 'convert' && from !== 'f32') return from === 'f16' ? halves : integers[from];
    const known = transfers as { readonly [N in ScalarOp]?: Transfer };
    const transfer = known[op as ScalarOp];
    if (transfer === undefined) return normal;
    const extents = args.map((arg) => this.#of(arg));
    // a square
    const same = args[0] === args[1];
    const [x = empty, y = empty, z = empty] = extents;
    return this.#guarded(transfer(x, y, z, same), limits[op as GuardedOp] ?? Number.NEGATIVE_INFINITY, result);
  }
  /** What a guard leaves of a result, where it needs one. */
  #guarded(extent: Extent, limit: number, result: Value): Extent {
    if (extent.least >= limit) return extent;
    this.#flushing.add(result);
    const { granule, greatest, negative } = extent;
    return { granule: Math.max(granule, normal.granule), least: normal.least, greatest, negative };
  }
}

// ---- operations on f32 ----

/** What the result is before a guard. `same`: the first two operands are the same value. */
type Transfer = (x: Extent, y: Extent, z: Extent, same: boolean) => Extent;

/** The one rounding of a result. */
function rounded({ granule, least, greatest, negative }: Extent): Extent {
  return {
    granule: Math.max(granule, least - (digits - 1)),
    least,
    greatest: Math.min(greatest, normal.greatest),
    negative,
  };
}
const isEmpty = ({ least }: Extent) => least === empty.least;

/** Where the longer one of the addends has so many binary digits. */
function sum(x: Extent, y: Extent, cancels: boolean, length = digits): Extent {
  const negative = x.negative || y.negative;
  if (isEmpty(x)) return { ...y, negative };
  if (isEmpty(y)) return { ...x, negative };
  const granule = Math.min(x.granule, y.granule);
  // If one is at least four times the other, they leave half of it. Otherwise the last places of both are at most a factor of
  // two apart, and the sum is a multiple of the lower one, or 0. Where one is 0, the sum is the other.
  const ofBoth = Math.max(granule, Math.max(x.least, y.least) - length);
  const least = Math.min(x.least, y.least, cancels ? ofBoth : Number.POSITIVE_INFINITY);
  return { granule, least, greatest: Math.max(x.greatest, y.greatest) + 1, negative };
}
function product(x: Extent, y: Extent, same: boolean): Extent {
  const negative = !same && (x.negative || y.negative);
  if (isEmpty(x) || isEmpty(y)) return { ...empty, negative };
  return {
    granule: x.granule + y.granule,
    least: x.least + y.least,
    greatest: x.greatest + y.greatest + 1,
    negative,
  };
}
function quotient(x: Extent, y: Extent): Extent {
  const negative = x.negative || y.negative;
  if (isEmpty(x) || isEmpty(y)) return { ...empty, negative };
  return {
    granule: Number.NEGATIVE_INFINITY,
    least: x.least - y.greatest - 1,
    greatest: x.greatest - y.least,
    negative,
  };
}
function root(x: Extent): Extent {
  if (isEmpty(x)) return { ...empty, negative: false };
  return {
    granule: Number.NEGATIVE_INFINITY,
    least: Math.floor(x.least / 2),
    greatest: Math.ceil((x.greatest + 1) / 2),
    negative: false,
  };
}
function whole(x: Extent): Extent {
  if (isEmpty(x)) return x;
  return {
    granule: Math.max(x.granule, 0),
    least: Math.max(x.least, 0),
    // what is rounded up may reach the next power of two
    greatest: Math.min(Math.max(x.greatest + 1, 0), normal.greatest),
    negative: x.negative,
  };
}
/** Sums of up to 2^10 values, in any order. */
function sumOfMany(x: Extent): Extent {
  if (isEmpty(x)) return x;
  const least = x.negative ? x.granule : x.least;
  return { granule: x.granule, least, greatest: Math.min(x.greatest + 11, normal.greatest), negative: x.negative };
}

const add = (x: Extent, y: Extent) => rounded(sum(x, y, x.negative || y.negative));
const sub = (x: Extent, y: Extent) => ({ ...rounded(sum(x, y, true)), negative: true });
const mul = (x: Extent, y: Extent, same: boolean) => rounded(product(x, y, same));
const div = (x: Extent, y: Extent) => rounded(quotient(x, y));
const one = extentOfNumber(1);
/** The lesser one: of several results that all need a guard where either does. */
const withLeast = (extent: Extent, ...others: readonly Extent[]): Extent => ({
  ...extent,
  least: Math.min(extent.least, ...others.map(({ least }) => least)),
});

/** A product that just misses 2^-126 counts as too small (exact.ts), so the line is one above. */
const leastProduct = normal.least + 1;
/** Exponents below which results may be too small. */
const limits = {
  add: normal.least,
  sub: normal.least,
  mul: leastProduct,
  div: leastProduct,
  fma: leastProduct,
  rem: leastProduct,
  inverseSqrt: leastProduct,
} as const;
/** Operations that guards are about. The functions are integer algorithms, which take care of themselves. */
type GuardedOp =
  | { [N in ScalarOp]: (typeof ops)[N]['exact'] extends 'guarded' | 'composed' ? N : never }[ScalarOp]
  | 'div'
  | 'fma';

/** Of what is not here any normal f32 may come. */
const transfers = {
  add,
  sub,
  mul: (x, y, _, same) => mul(x, y, same),
  div,
  // the exact sum of an exact product
  fma: (x, y, z, same) => rounded(sum(product(x, y, same), z, true, 2 * digits)),
  rem(x, y) {
    const ratio = div(x, y);
    const multiple = mul(y, whole(ratio), false);
    const rest = sub(x, multiple);
    return withLeast(rest, ratio, multiple);
  },
  inverseSqrt(x) {
    const reciprocal = div(one, x);
    return reciprocal.least < leastProduct
      ? withLeast(rounded(root(reciprocal)), reciprocal)
      : rounded(root(reciprocal));
  },
  sqrt: (x) => rounded(root(x)),
  exp: () => positive,
  exp2: () => positive,
  neg: (x) => ({ ...x, negative: true }),
  abs: (x) => ({ ...x, negative: false }),
  min: join,
  max: join,
  select: (_condition, x, y) => join(x, y),
  floor: whole,
  ceil: whole,
  trunc: whole,
  round: whole,
  unpackHalf: () => halves,
  convert: (x) => x,
} satisfies Readonly<Record<GuardedOp, Transfer>> & { readonly [N in ScalarOp]?: Transfer };

function holdsF32(type: ElementType | ValueType): boolean {
  return !isPacked(type as ElementType) && componentType(type as ValueType) === 'f32';
}
