/**
 * The f32 arithmetic of mode `exact`, written out for a class of devices in operations that mean what IEEE 754 says.
 *
 * Where compilers use the laws of real numbers, guards look at bits instead: no law tells them anything about those.
 */

import type { Builder } from '../../ir/builder.ts';
import { leastNormal } from '../../ir/exact.ts';
import type { NativeOp, NumericClass } from '../../ir/numeric-class.ts';
import type { ScalarOp, SoftwareOp } from '../../ir/ops.ts';
import type { Value } from '../../ir/program.ts';
import { software } from '../../ir/software/index.ts';
import type { ScalarType } from '../../ir/types.ts';

const bitsOfInfinity = 0x7f800000;
const bitsOfLeastNormal = 0x00800000;
const withoutSign = 0x7fffffff;

/** `lt`: numbers below 2^-126 are too small; `le`: up to it. */
type TooSmall = 'lt' | 'le';

/** What is known of one operation. */
export interface Known {
  /** Its result may be too small. */
  readonly flushes: boolean;
  /** Its first operand may be below zero. */
  readonly ofNegative: boolean;
  /** Its result may be. */
  readonly negative: boolean;
}

export class ExactArithmetic {
  readonly b: Builder;
  readonly #numeric: NumericClass;
  readonly #known: Known;
  readonly #neverMinusZero: WeakSet<Value>;

  /** `neverMinusZero` collects what is known of values across operations. */
  constructor(b: Builder, numeric: NumericClass, known: Known, neverMinusZero: WeakSet<Value>) {
    this.b = b;
    this.#numeric = numeric;
    this.#known = known;
    this.#neverMinusZero = neverMinusZero;
  }

  /** What an operation that is less than exact everywhere gives for f32 operands. */
  apply(op: ScalarOp, args: readonly Value[]): Value {
    const own = operations[op as keyof typeof operations] as Form | undefined;
    if (own !== undefined) return own(this, ...args);
    const [x, y, z] = args;
    return this.function(op as SoftwareOp, x!, y, z);
  }

  // ---- operations ----

  /** An operation that the device rounds correctly. */
  rounded(op: 'add' | 'sub' | 'mul' | 'div' | 'fma', small: TooSmall, ...args: Value[]): Value {
    const result = this.b.op(op, ...args);
    return this.#known.flushes ? this.flushed(result, small, this.#known.negative) : result;
  }
  mul(x: Value, y: Value): Value {
    return this.rounded('mul', 'le', x, y);
  }
  sub(x: Value, y: Value): Value {
    return this.rounded('sub', 'lt', x, y);
  }
  div(x: Value, y: Value): Value {
    return this.#has('div') ? this.rounded('div', 'le', x, this.positiveZero(y)) : this.function('div', x, y);
  }
  sqrt(x: Value): Value {
    return this.#has('sqrt') ? this.b.op('sqrt', x) : this.function('sqrt', x);
  }
  fma(x: Value, y: Value, z: Value): Value {
    return this.#has('fma') ? this.rounded('fma', 'le', x, y, z) : this.function('fma', x, y, z);
  }
  /** sqrt(1 / x): see exact.ts. */
  inverseSqrt(x: Value): Value {
    const { b } = this;
    const root = this.#known.flushes ? this.#scaledInverseSqrt(x) : this.#reciprocalRoot(x);
    // below zero 1 / x may be 0
    return this.#known.ofNegative ? b.op('select', b.op('lt', x, b.f32(0)), b.f32(Number.NaN), root) : root;
  }
  /** Where 1 / x may be too small, of x 2^-24. */
  #scaledInverseSqrt(x: Value): Value {
    const { b } = this;
    const large = b.op('ge', x, b.f32(2 ** 120));
    const scaled = b.op('select', large, b.op('mul', x, b.f32(2 ** -24)), x);
    if (this.#neverMinusZero.has(x)) this.#neverMinusZero.add(scaled);
    const root = this.#reciprocalRoot(scaled);
    return b.op('select', large, b.op('mul', root, b.f32(2 ** -12)), root);
  }
  #reciprocalRoot(x: Value): Value {
    const one = this.b.f32(1);
    const reciprocal = this.#has('div') ? this.b.op('div', one, this.positiveZero(x)) : this.function('div', one, x);
    return this.sqrt(reciprocal);
  }
  rem(x: Value, y: Value): Value {
    return this.sub(x, this.mul(y, this.b.op('trunc', this.div(x, y))));
  }
  /** An integer algorithm; what it gives is canonical. */
  function(op: SoftwareOp, ...args: (Value | undefined)[]): Value {
    const result = software[op](this.b, ...args.filter((arg) => arg !== undefined));
    this.#neverMinusZero.add(result);
    return result;
  }

  // ---- the edges of the format ----

  /** 0 for what is too small; of numbers that are surely not negative, as cheaply as they can be looked at. */
  flushed(x: Value, small: TooSmall, negative = true): Value {
    const { b } = this;
    const result = this.#onBits
      ? b.bitcast(
          b.op('select', b.op(small, this.#magnitude(x), b.u32(bitsOfLeastNormal)), b.u32(0), b.bitcast(x, 'u32')),
          'f32',
        )
      : b.op('select', b.op(small, negative ? b.op('abs', x) : x, b.f32(leastNormal)), b.f32(0), x);
    this.#neverMinusZero.add(result);
    return result;
  }
  /** The value with the one zero, f32 or f16. */
  positiveZero(x: Value): Value {
    const { b } = this;
    if (this.#neverMinusZero.has(x)) return x;
    const type = x.type as ScalarType;
    const zero = b.constant(type, 0);
    // -0 + 0 is 0
    const result = type === 'f32' && !this.#onBits ? b.op('add', x, zero) : b.op('select', this.#isZero(x), zero, x);
    this.#neverMinusZero.add(result);
    return result;
  }
  /** The value with the one zero and the one NaN, f32 or f16. */
  canonical(x: Value): Value {
    const { b } = this;
    const type = x.type as ScalarType;
    const nan =
      this.#onBits && type === 'f32' ? b.op('gt', this.#magnitude(x), b.u32(bitsOfInfinity)) : b.op('ne', x, x);
    return b.op('select', nan, b.constant(type, Number.NaN), this.positiveZero(x));
  }
  fromBits(bits: Value): Value {
    return this.flushed(this.b.bitcast(bits, 'f32'), 'lt');
  }
  /** The bits of the f16, with the one zero. */
  packHalf(x: Value): Value {
    const { b } = this;
    const bits = b.op('packHalf', x);
    return b.op('select', b.op('eq', bits, b.u32(0x8000)), b.u32(0), bits);
  }

  get #onBits(): boolean {
    return this.#numeric.algebra !== 'none';
  }
  #has(op: NativeOp): boolean {
    return this.#numeric.native.includes(op);
  }
  #magnitude(x: Value): Value {
    return this.b.op('and', this.b.bitcast(x, 'u32'), this.b.u32(withoutSign));
  }
  #isZero(x: Value): Value {
    if (x.type === 'f32') return this.b.op('eq', this.#magnitude(x), this.b.u32(0));
    return this.b.op('eq', x, this.b.constant(x.type as ScalarType, 0));
  }
}

type Form = (arithmetic: ExactArithmetic, ...args: Value[]) => Value;

/** What is no function with an integer algorithm only. */
const operations = {
  add: (a, x, y) => a.rounded('add', 'lt', x!, y!),
  sub: (a, x, y) => a.sub(x!, y!),
  mul: (a, x, y) => a.mul(x!, y!),
  div: (a, x, y) => a.div(x!, y!),
  sqrt: (a, x) => a.sqrt(x!),
  fma: (a, x, y, z) => a.fma(x!, y!, z!),
  inverseSqrt: (a, x) => a.inverseSqrt(x!),
  rem: (a, x, y) => a.rem(x!, y!),
} satisfies { readonly [N in ScalarOp]?: Form };
