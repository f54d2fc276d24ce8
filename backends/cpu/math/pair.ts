/** Numbers of twice f32's precision, as unevaluated sums (Dekker, "A floating-point technique for extending the available precision", 1971). */

import type { Value } from '../../../src/ir/program.ts';
import type { Terms } from '../../../src/ir/terms.ts';

/** An unevaluated sum, low far below high. */
export interface Pair {
  readonly high: Value;
  readonly low: Value;
}
/** x as two numbers of twelve bits, whose products are exact. */
function halves({ and, sub, bits, float }: Terms, x: Value): Pair {
  const high = float(and(bits(x), 0xfffff000));
  return { high, low: sub(x, high) };
}
/** x * y and what its rounding lost. */
export function exactProduct(t: Terms, x: Value, y: Value): Pair {
  const { add, sub, mul } = t;
  const p = mul(x, y);
  const a = halves(t, x);
  const c = halves(t, y);
  const cross = add(sub(mul(a.high, c.high), p), add(mul(a.high, c.low), mul(a.low, c.high)));
  return { high: p, low: add(cross, mul(a.low, c.low)) };
}
/** The same value with high the nearest f32; |x| >= |y|. */
export function normalised({ add, sub }: Terms, x: Value, y: Value): Pair {
  const high = add(x, y);
  return { high, low: sub(y, sub(high, x)) };
}
