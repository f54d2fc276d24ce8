/**
 * Between f16 and f32, in integer operations and one f32 operation each, branch-free. The f32 operation does what is awkward in
 * integers: it normalises or rounds subnormals, by the trick of a constant whose exponent puts the wanted bit last (Fabian Giesen,
 * "Half to float done quic", 2012, describes the family).
 */

import type { Builder } from '../../../src/ir/builder.ts';
import type { Value } from '../../../src/ir/program.ts';

/** The value of the f16 in the low 16 bits. */
export function halfToFloat(b: Builder, bits: Value): Value {
  const magnitude = b.op('shl', b.op('and', bits, b.u32(0x7fff)), b.u32(13));
  // exponents are 112 apart; the product is exact and normalises what was subnormal
  const finite = b.bitcast(b.op('mul', b.bitcast(magnitude, 'f32'), b.f32(2 ** 112)), 'u32');
  const special = b.op('or', magnitude, b.u32(0x7f800000));
  const value = b.op('select', b.op('ge', magnitude, b.u32(0x7c00 << 13)), special, finite);
  const sign = b.op('shl', b.op('and', bits, b.u32(0x8000)), b.u32(16));
  return b.bitcast(b.op('or', value, sign), 'f32');
}

/** The bits of the f16 nearest to an f32, ties to even; NaN is 0x7e00. */
export function floatToHalf(b: Builder, x: Value): Value {
  const bits = b.bitcast(x, 'u32');
  const magnitude = b.op('and', bits, b.u32(0x7fffffff));
  const sign = b.op('and', b.op('shr', bits, b.u32(16)), b.u32(0x8000));
  // normal: rebias, add just under half of the last place, and 1 more where the kept part is odd
  const odd = b.op('and', b.op('shr', magnitude, b.u32(13)), b.u32(1));
  const rebias = b.u32(0xfff - (112 << 23));
  const normal = b.op('shr', b.op('add', b.op('add', magnitude, rebias), odd), b.u32(13));
  // subnormal: the last place of 0.5 is 2^-24, so the sum's last bits are the wanted ones
  const shifted = b.op('add', b.bitcast(magnitude, 'f32'), b.f32(0.5));
  const subnormal = b.op('sub', b.bitcast(shifted, 'u32'), b.u32(0x3f000000));
  const finite = b.op('select', b.op('lt', magnitude, b.u32(0x38800000)), subnormal, normal);
  // from 65520 on, halfway beyond the largest finite one, it is infinite
  const rounded = b.op('select', b.op('ge', magnitude, b.u32(0x477ff000)), b.u32(0x7c00), finite);
  const nan = b.op('gt', magnitude, b.u32(0x7f800000));
  return b.op('select', nan, b.u32(0x7e00), b.op('or', rounded, sign));
}

/** The f16 nearest to an f32, as an f32. */
export function roundToHalf(b: Builder, x: Value): Value {
  return halfToFloat(b, floatToHalf(b, x));
}
