/**
 * Sine, cosine and tangent in f32 and u32 operations: reduction by multiples of pi/2, then a polynomial. Below 2^13 pi/2 is
 * taken off in four parts (Cody and Waite, 1980); beyond, the argument is multiplied with the needed bits of 2/pi in integers (Payne
 * and Hanek, 1983), in a branch that hardly any invocation takes. Below 1 ulp, 2.5 for tan.
 */

import type { Builder } from '../../../src/ir/builder.ts';
import type { Value } from '../../../src/ir/program.ts';
import { terms } from '../../../src/ir/terms.ts';
import { exactProduct, normalised } from './pair.ts';

/** pi/2 as a sum of parts whose products with whole numbers of 13 bits are exact, but for the last. */
const halfPi = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12] as const;
/** pi/2 as the nearest f32 and the rest. */
const halfPiPair = [1.5707963705062866, -4.371138828673793e-8] as const;
/** The bits of 2/pi in words, from 2^31 downwards: the first word is what is above the point. */
const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041] as const;
const farAway = 2 ** 13;

/** (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 for |r| <= pi/4, as functions of r^2. */
const sine = [-0.1666666716337204, 0.008333329111337662, -0.0001983933470910415, 0.00000271831163445313];
const cosine = [0.04166664555668831, -0.001388736767694354, 0.00002443845005473122];

/** x = r + low + quadrant * pi/2, with |r| little above pi/4 and low below its last place; two bits of the i32 quadrant count. */
interface Reduced {
  readonly r: Value;
  readonly low: Value;
  readonly quadrant: Value;
}

function reduce(b: Builder, x: Value): Reduced {
  const { abs, ge } = terms(b);
  const [r, low, quadrant] = b.if(
    ge(abs(x), farAway),
    () => reduceFar(b, x),
    () => reduceNear(b, x),
  );
  return { r: r!, low: low!, quadrant: quadrant! };
}

function reduceNear(b: Builder, x: Value): [Value, Value, Value] {
  const { sub, mul, round } = terms(b);
  const n = round(mul(x, 2 / Math.PI));
  const exact = sub(sub(x, mul(n, halfPi[0])), mul(n, halfPi[1]));
  const third = mul(n, halfPi[2]);
  const r = sub(exact, third);
  return [r, sub(sub(sub(exact, r), third), mul(n, halfPi[3])), b.convert(n, 'i32')];
}

function reduceFar(b: Builder, x: Value): [Value, Value, Value] {
  const t = terms(b);
  const { add, sub, mul, and, or, shl, shr, lt, eq, mulHigh, select, bits, abs, neg, not } = t;
  // |x| = m * 2^(e - 31) with m in [2^31, 2^32), e from 13 to 127
  const pattern = bits(x);
  const m = or(shl(pattern, 8), 0x80000000);
  const e = sub(and(shr(pattern, 23), 255), 127);
  // 96 bits of 2/pi, from the one on whose product with m is below 4: what is above are whole turns
  const position = sub(e, 1);
  const word = shr(position, 5);
  const shift = and(position, 31);
  const words = [0, 1, 2, 3].map((offset) =>
    [1, 2, 3].reduce((picked, i) => select(eq(word, i), twoOverPi[i + offset]!, picked), b.u32(twoOverPi[offset]!)),
  );
  const aligned = (i: number): Value => {
    const carried = shr(words[i + 1]!, sub(32, shift));
    return or(shl(words[i]!, shift), select(eq(shift, 0), b.u32(0), carried));
  };
  const [high, middle, low] = [aligned(0), aligned(1), aligned(2)];
  // the upper 64 of the 96 bits of the product modulo 4; its two top bits are the quarter turns
  const lowCarry = mulHigh(m, low);
  const lower = add(mul(m, middle), lowCarry);
  const carry = select(lt(lower, lowCarry), 1, b.u32(0));
  const upper = add(add(mul(m, high), mulHigh(m, middle)), carry);
  const fraction = { high: or(shl(upper, 2), shr(lower, 30)), low: shl(lower, 2) };
  // a half and more counts down from the next quarter
  const past = shr(fraction.high, 31);
  const down = eq(past, 1);
  const borrow = select(eq(fraction.low, 0), 1, b.u32(0));
  const magnitude = {
    high: select(down, add(not(fraction.high), borrow), fraction.high),
    low: select(down, sub(0, fraction.low), fraction.low),
  };
  // as a pair of floats: what the upper word's rounding loses, and the lower word
  const high32 = b.convert(magnitude.high, 'f32');
  const lost = b.bitcast(sub(magnitude.high, b.convert(high32, 'u32')), 'i32');
  const rest = add(mul(b.convert(lost, 'f32'), 2 ** -32), mul(b.convert(magnitude.low, 'f32'), 2 ** -64));
  const quarter = exactProduct(t, mul(high32, 2 ** -32), b.f32(halfPiPair[0]));
  const error = add(quarter.low, add(mul(quarter.high, halfPiPair[1] / halfPiPair[0]), mul(rest, halfPiPair[0])));
  const angle = normalised(t, quarter.high, error);

  const backwards = t.ne(down, lt(x, 0));
  const signed = (value: Value) => select(backwards, neg(value), value);
  const turned = b.convert(add(shr(upper, 30), past), 'i32');
  const finite = lt(abs(x), Number.POSITIVE_INFINITY);
  return [select(finite, signed(angle.high), Number.NaN), signed(angle.low), select(lt(x, 0), sub(0, turned), turned)];
}

interface SinCos {
  readonly sin: Value;
  readonly cos: Value;
  readonly quadrant: Value;
}
/** Of the reduced argument. */
function sinCos(b: Builder, x: Value): SinCos {
  const { add, sub, mul, poly } = terms(b);
  const { r, low, quadrant } = reduce(b, x);
  const square = mul(r, r);
  const sin = add(add(mul(mul(square, r), poly(square, sine)), low), r);
  const cosRest = sub(mul(mul(square, square), poly(square, cosine)), mul(r, low));
  const cos = add(add(cosRest, mul(square, -0.5)), 1);
  return { sin, cos, quadrant };
}
function inQuadrant(b: Builder, { sin, cos }: SinCos, quadrant: Value): Value {
  const { and, eq, select, neg } = terms(b);
  const value = select(eq(and(quadrant, 1), 0), sin, cos);
  return select(eq(and(quadrant, 2), 0), value, neg(value));
}

export function sin(b: Builder, x: Value): Value {
  const reduced = sinCos(b, x);
  return inQuadrant(b, reduced, reduced.quadrant);
}
export function cos(b: Builder, x: Value): Value {
  const reduced = sinCos(b, x);
  return inQuadrant(b, reduced, terms(b).add(reduced.quadrant, 1));
}
export function tan(b: Builder, x: Value): Value {
  const { and, eq, select, neg, div } = terms(b);
  const { sin: s, cos: c, quadrant } = sinCos(b, x);
  const even = eq(and(quadrant, 1), 0);
  return div(select(even, s, neg(c)), select(even, c, s));
}
