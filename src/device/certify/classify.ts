/**
 * The numeric class of a device, from what it answers to raw programs: operations as it has them, without guards.
 *
 * What is not shown by any line is taken for granted; the known answers of certify.ts, in `exact`, have the last word.
 */

import { bitsOf, numberOf } from '../../ir/bits.ts';
import { evaluate } from '../../ir/evaluate.ts';
import { type NativeOp, type NumericClass, nativeOps } from '../../ir/numeric-class.ts';
import type { Device } from '../contract.ts';
import { type Answer, ask } from './ask.ts';
import { allOperands, plainOperands } from './corpus.ts';
import { hazards, type NativeLine, nativeLines } from './lines.ts';

/** Says nothing of f16. */
export async function classify(device: Device): Promise<NumericClass> {
  const mode = 'stable';
  const alone = await ask(device, { name: 'probe-operations', lines: nativeLines, operands: allOperands, mode });
  const together = await ask(device, { name: 'probe-algebra', lines: hazards, operands: plainOperands, mode });
  const wrong = new Set(nativeLines.filter((line, row) => !alone[row]!.every(isRight(line))).map(({ op }) => op));
  const native = nativeOps.filter((op) => !wrong.has(op));
  return { algebra: algebraOf(together, native), subnormals: subnormalsOf(alone), native, halves: false };
}

// ---- operations ----

const isSubnormal = (bits: number) => (bits & 0x7f800000) === 0 && (bits & 0x7fffffff) !== 0;
const isNaNBits = (bits: number) => (bits & 0x7fffffff) > 0x7f800000;
/** At or below the smallest normal number: what `exact` makes zero after a product, and devices that flush may. */
const isTiny = (bits: number) => (bits & 0x7fffffff) <= 0x00800000;

/** Whether an answer is what `exact` may build on: sign of zero and bits of NaN are open, subnormal numbers do not occur. */
const isRight =
  ({ op, to }: NativeLine) =>
  ({ given, expected, x, y, z }: Answer): boolean => {
    if (given === expected) return true;
    if (isNaNBits(given) && isNaNBits(expected)) return to === 'f32';
    // these come from integers
    if (op === 'unpackHalf' || (op === 'convert' && to === 'f32')) return false;
    if ([x, y, z].some(isSubnormal)) return true;
    return to === 'f32' && isTiny(given) && isTiny(expected);
  };

/** What becomes of subnormal numbers, as the answers of + - * tell. */
function subnormalsOf(answers: readonly Answer[][]): NumericClass['subnormals'] {
  let kept = true;
  let flushed = true;
  nativeLines.forEach(({ op, name }, row) => {
    if ((op !== 'add' && op !== 'sub' && op !== 'mul') || op !== name) return;
    for (const { given, expected, x, y } of answers[row]!) {
      const zeroed = bitsOf('f32', evaluate(op, 'f32', [x, y].map(flush), 'f32'));
      if (![x, y, expected, zeroed].some(isTiny)) continue;
      kept &&= sameNumber(given, expected);
      // a product that rounds up to the smallest normal number may be flushed before it is rounded
      const open = op === 'mul' && (zeroed & 0x7fffffff) === 0x00800000;
      flushed &&= sameNumber(given, bitsOf('f32', flush(zeroed))) || (open && (given & 0x7fffffff) === 0);
    }
  });
  return kept ? 'kept' : flushed ? 'flushed' : 'open';
}
const flush = (bits: number) => (isSubnormal(bits) ? 0 : numberOf('f32', bits));
const sameNumber = (a: number, b: number) => a === b || ((a | b) & 0x7fffffff) === 0 || (isNaNBits(a) && isNaNBits(b));

// ---- expressions ----

function algebraOf(answers: readonly Answer[][], native: readonly NativeOp[]): NumericClass['algebra'] {
  const differing = hazards.filter((line, row) => {
    // what its own division gets wrong says nothing of its algebra
    if (!native.includes('div') && line.name.includes('/')) return false;
    if (!native.includes('sqrt') && line.name.includes('sqrt')) return false;
    return answers[row]!.some(({ given, expected }) => given !== expected);
  });
  if (differing.length === 0) return 'none';
  return differing.every(({ fusible }) => fusible) ? 'contracts' : 'reassociates';
}
