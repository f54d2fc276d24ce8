/** Constants in WGSL: as people write them where WGSL can say them, by their bits where it cannot. */

import { numberOf } from '../../src/ir/bits.ts';
import type { ScalarType } from '../../src/ir/types.ts';
import { atom, call, type Expression, level } from './expression.ts';
import type { UsedHelpers } from './helpers.ts';

export function literal(type: ScalarType, bits: number, helpers: UsedHelpers): Expression {
  const value = numberOf(type, bits);
  switch (type) {
    case 'bool':
      return { ...atom(value ? 'true' : 'false'), constant: value };
    case 'u32':
      return unsigned(value);
    case 'i32':
      // -2147483648 is a negated literal that does not fit
      if (value === -(2 ** 31)) return { ...atom('i32(-2147483648)'), constant: value };
      return { ...atom(`${value}`), level: value < 0 ? level.unary : level.primary, constant: value };
    case 'f16':
    case 'f32':
      return isPlain(type, value)
        ? { ...atom(decimal(type, value)), level: value < 0 ? level.unary : level.primary, constant: value }
        : call(helpers.use('from_bits', type), [atom(`0x${bits.toString(16)}u`)]);
  }
}

/** A u32; beyond 16 bits people read hexadecimal better. */
export function unsigned(value: number): Expression {
  const word = value >>> 0;
  return { ...atom(word > 0xffff ? `0x${word.toString(16)}u` : `${word}u`), constant: word };
}

/** Zero or normal and finite; the rest WGSL refuses, or may flush when it compiles. */
function isPlain(type: 'f16' | 'f32', value: number): boolean {
  if (Object.is(value, -0)) return false;
  return value === 0 || (Number.isFinite(value) && Math.abs(value) >= (type === 'f16' ? 2 ** -14 : 2 ** -126));
}

/** The shortest decimal that WGSL rounds back to the value; for f16, where Tint truncates, the f64's own. */
function decimal(type: 'f16' | 'f32', value: number): string {
  let text = String(value);
  for (let digits = 1; digits <= 9 && type === 'f32'; digits++) {
    const candidate = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(candidate)) === value) {
      text = candidate;
      break;
    }
  }
  const pointed = /[.e]/.test(text) ? text.replace('e+', 'e') : `${text}.0`;
  return type === 'f16' ? `${pointed}h` : pointed;
}
