/**
 * Fixed point in words of 32 bits. "Qn" is a word that counts in units of 2^-n. Products keep their upper word, rounded down.
 */

import type { Value } from '../program.ts';
import type { Term, Terms } from '../terms.ts';
import { rootSeries } from './coefficients.ts';
import type { Scaled } from './format.ts';

/** 64 bits in two words, u32; two's complement where it may be negative. */
export interface Wide {
  readonly high: Value;
  readonly low: Value;
}

/** The whole product of two u32, or of two i32. */
export function product({ mul, mulHigh, unsigned }: Terms, x: Value, y: Value): Wide {
  return { high: unsigned(mulHigh(x, y)), low: unsigned(mul(x, y)) };
}
export function addWide({ add, lt, flag }: Terms, x: Wide, y: Wide): Wide {
  const low = add(x.low, y.low);
  return { high: add(add(x.high, y.high), flag(lt(low, y.low))), low };
}
export function subWide({ sub, lt, flag }: Terms, x: Wide, y: Wide): Wide {
  return { high: sub(sub(x.high, y.high), flag(lt(x.low, y.low))), low: sub(x.low, y.low) };
}
/** -x where the condition holds, else x. */
export function negateWideIf({ sub, xor, add, eq, and, flag }: Terms, condition: Value, { high, low }: Wide): Wide {
  const one = flag(condition);
  const ones = sub(0, one);
  return { high: add(xor(high, ones), and(one, flag(eq(low, 0)))), low: add(xor(low, ones), one) };
}
export function selectWide({ select }: Terms, condition: Value, x: Wide, y: Wide): Wide {
  return { high: select(condition, x.high, y.high), low: select(condition, x.low, y.low) };
}

/** x << n for 0 <= n < 64, n u32. */
export function shiftLeftWide(t: Terms, { high, low }: Wide, n: Value): Wide {
  const { ge, select } = t;
  const whole = ge(n, 32);
  return shiftLeftWithin(t, { high: select(whole, low, high), low: select(whole, 0, low) }, n);
}
/** x << (n mod 32). */
function shiftLeftWithin({ or, shl, shr, xor }: Terms, { high, low }: Wide, n: Value): Wide {
  // in two steps, as a shift by 32 - 0 would be one by 0
  const carried = shr(shr(low, 1), xor(n, 31));
  return { high: or(shl(high, n), carried), low: shl(low, n) };
}
/** x >> n for 0 <= n < 64, n u32, filling with zeros. The last bit of the result is 1 also where any bit lost was. */
export function shiftRightSticky(
  { ge, select, or, shl, shr, xor, ne, flag }: Terms,
  { high, low }: Wide,
  n: Value,
): Wide {
  const whole = ge(n, 32);
  const upper = select(whole, 0, high);
  const lower = select(whole, high, low);
  const past = select(whole, low, 0);
  const carry = (from: Value) => shl(shl(from, 1), xor(n, 31));
  const lost = or(carry(lower), past);
  return { high: shr(upper, n), low: or(or(shr(lower, n), carry(upper)), flag(ne(lost, 0))) };
}

/** Shifted so that the highest 1 is bit 63. `exponent` is that of the highest 1 if bit 63 has the exponent given. Zero stays zero. */
export function normaliseWide(
  t: Terms,
  { high, low }: Wide,
  exponent: Value,
): { readonly exponent: Value; readonly significand: Wide } {
  const { add, eq, select, shl, sub, flag, countLeadingZeros, signed } = t;
  const empty = eq(high, 0);
  const upper = select(empty, low, high);
  const zeros = countLeadingZeros(upper);
  return {
    exponent: sub(exponent, signed(add(zeros, shl(flag(empty), 5)))),
    significand: shiftLeftWithin(t, { high: upper, low: select(empty, 0, low) }, zeros),
  };
}
/** The upper 32 bits of the same; the last of them is 1 also where any after it is. */
export function normalise(t: Terms, wide: Wide, exponent: Value): Scaled {
  const { exponent: own, significand } = normaliseWide(t, wide, exponent);
  return { exponent: own, significand: t.or(significand.high, t.flag(t.ne(significand.low, 0))) };
}

/**
 * A polynomial of fixed-point numbers, lowest coefficient first, by Horner's rule: each product with x is that of the words,
 * upper half. For x in Qs a coefficient therefore counts in units 2^(s - 32) times those of the one before it, and the result in
 * those of the first. x and the sums are i32 or u32, as x is. scripts/coefficients.ts makes such coefficients.
 */
export function polynomial({ add, mulHigh }: Terms, x: Value, coefficients: readonly Term[]): Value {
  const [last, ...others] = coefficients.toReversed() as [Term, ...Term[]];
  const [first, ...rest] = others as [Term, ...Term[]];
  // a product's first operand says the type of a number, so it is x
  const start = add(mulHigh(x, last), first);
  return rest.reduce((sum: Value, coefficient) => add(mulHigh(sum, x), coefficient), start);
}

/** m - 3/2 in Q32, i32: from -1/2 up to 1/2, for a significand m, a u32 in Q31 from 1 up to 2. */
export function aroundMiddle({ shl, xor, signed }: Terms, m: Value): Value {
  return signed(xor(shl(m, 1), 0x80000000));
}
/** x / 2 of a u32, as an i32 that rounds to the same f32 as x does: its last bit is 1 also where the one lost is. */
export function halved({ and, or, shr, signed }: Terms, x: Value): Value {
  return signed(or(shr(x, 1), and(x, 1)));
}

/** The root of x 2^(exponent - 31) for a u32 x, not 0: from sqrt(1/2) up to sqrt(2) in Q31, times 2^exponent. */
export function rootOf(t: Terms, x: Value, exponent: Term): { significand: Value; exponent: Value } {
  const { add, sub, and, shl, shr, ne, select, mulHigh, countLeadingZeros, signed, unsigned } = t;
  const zeros = countLeadingZeros(x);
  const normal = sub(exponent, signed(zeros));
  const ofEven = unsigned(shl(polynomial(t, aroundMiddle(t, shl(x, zeros)), rootSeries), 1));
  const odd = ne(and(unsigned(normal), 1), 0);
  return { significand: select(odd, mulHigh(ofEven, rootOfHalf), ofEven), exponent: shr(add(normal, 1), 1) };
}
const rootOfHalf = Math.round(Math.SQRT1_2 * 2 ** 32);
