/**
 * An angle in quarter turns, |x| 2/pi = quadrant + fraction, for every f32. The product with 2/pi is taken modulo 4 in Q62, with as many bits of
 * 2/pi as that needs (Payne and Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter 18, 1983): the first ones
 * below 32, and beyond those at the argument's own exponent, in a branch that few invocations take. No f32 comes nearer to a multiple of
 * pi/2 than 2^-29.8 quarter turns, so at least 32 bits of the fraction are known.
 */

import type { Builder } from '../builder.ts';
import type { Value } from '../program.ts';
import { terms } from '../terms.ts';
import { addWide, product, type Wide } from './fixed.ts';
import { signBit } from './format.ts';

/** The bits of 2/pi in words, from 2^31 downwards: the first word is what is above the point. */
const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041] as const;
/** 2/pi 2^36 in words, from 2^63 downwards. */
const nearTwoOverPi = [0xa, 0x2f9836e4, 0xe441529f] as const;
const bitsOf32 = 0x42000000;
const bitsOfEighth = 0x3e000000;

export interface QuarterTurns {
  /** u32; two bits count. */
  readonly quadrant: Value;
  /** From -1/2 to 1/2, in Q32, i32. */
  readonly fraction: Value;
  /** |fraction| = significand 2^(exponent - 32), u32 with one of the two highest bits set. */
  readonly significand: Value;
  readonly exponent: Value;
}

/** `magnitude`: the bits of |x|; what infinities and NaN give means nothing. */
export function quarterTurns(b: Builder, magnitude: Value): QuarterTurns {
  const t = terms(b);
  const { add, sub, mul, mulHigh, or, xor, shl, shr, ge, lt, select, countLeadingZeros, signed, unsigned } = t;
  const significand = or(shl(magnitude, 8), signBit);
  const exponent = sub(signed(shr(magnitude, 23)), 127);
  const [high, low] = b.if(
    ge(magnitude, bitsOf32),
    () => far(b, significand, exponent),
    () => near(b, magnitude),
  );
  const fraction = signed(or(shl(high!, 2), shr(low!, 30)));
  // without its sign, but for the last of 64 bits, and shifted up
  const sign = unsigned(shr(fraction, 31));
  const absolute: Wide = { high: xor(unsigned(fraction), sign), low: xor(shl(low!, 2), sign) };
  const zeros = countLeadingZeros(absolute.high);
  const power = shl(b.u32(1), zeros);
  const shifted = or(mul(absolute.high, power), mulHigh(absolute.low, power));
  // small ones have less bits there than in the argument
  const small = lt(magnitude, bitsOfEighth);
  return {
    quadrant: shr(add(high!, 0x20000000), 30),
    fraction,
    significand: select(small, mulHigh(significand, twoOverPi[1]), shifted),
    exponent: select(small, add(exponent, 1), sub(0, signed(zeros))),
  };
}

/** Below 32, from the argument in Q26, rounded down. */
function near(b: Builder, magnitude: Value): [Value, Value] {
  const t = terms(b);
  const scaled = b.bitcast(t.add(magnitude, 26 << 23), 'f32');
  return timesWords(
    b,
    t.unsigned(b.convert(scaled, 'i32')),
    nearTwoOverPi.map((word) => b.u32(word)),
  );
}

/** The argument is significand 2^(exponent - 31). */
function far(b: Builder, significand: Value, exponent: Value): [Value, Value] {
  const t = terms(b);
  const { sub, mul, mulHigh, or, and, shl, shr, eq, select, unsigned } = t;
  const position = unsigned(sub(exponent, 1));
  const index = shr(position, 5);
  const picked = [0, 1, 2, 3].map((offset) =>
    [1, 2, 3].reduce((word, i) => select(eq(index, i), twoOverPi[i + offset]!, word), b.u32(twoOverPi[offset]!)),
  ) as [Value, Value, Value, Value];
  const power = shl(b.u32(1), and(position, 31));
  const aligned = (i: number) => or(mul(picked[i]!, power), mulHigh(picked[i + 1]!, power));
  return timesWords(b, significand, [aligned(0), aligned(1), aligned(2)]);
}

/** x w / 2^32 modulo 2^64, for w of three words, the highest first. */
function timesWords(b: Builder, x: Value, [w2, w1, w0]: readonly Value[]): [Value, Value] {
  const t = terms(b);
  const sum = addWide(t, product(t, x, w1!), { high: t.mul(x, w2!), low: t.mulHigh(x, w0!) });
  return [sum.high, sum.low];
}
