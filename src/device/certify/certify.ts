/**
 * Certification: whether a device gives the bits of mode `exact`, found out and not assumed.
 *
 * First its class is found from raw programs (classify.ts), unless the backend knows it by construction. Then programs in `exact`, lowered
 * for that class, must give the interpreter's answers on every operand of the corpus: operations alone, expressions that
 * compilers like to transform, and the functions. Where they do not, the class may have promised too much: a second round guards
 * against everything that WGSL allows. Takes a second or so; whoever asks keeps the outcome.
 */

import { IsokernelError, summaryOf } from '../../ir/error.ts';
import { type NumericClass, openClass } from '../../ir/numeric-class.ts';
import type { Device } from '../contract.ts';
import { type Answer, type Asked, ask } from './ask.ts';
import type { Certificate } from './certificate.ts';
import { classify } from './classify.ts';
import { allOperands, edgeOperands, fewOperands, plainOperands } from './corpus.ts';
import { hasExactHalves } from './halves.ts';
import { functionLines, hazards, type Line, nativeLines, specials } from './lines.ts';

/** Never rejects because of wrong answers: they are the outcome. Rejects where the device is lost. */
export async function certify(device: Device): Promise<Certificate> {
  const found = device.capabilities.numeric ?? (await classify(device));
  const missing = required.filter((op) => !found.native.includes(op));
  if (missing.length > 0) return refused(`its own ${missing.join(', ')} of floats are not those of IEEE 754`);
  let fault = await faultOf(device, found);
  if (fault === undefined) return granted(device, found);
  // operations were seen to be right alone: what compilers make of them may be worse than it looked
  const careful: NumericClass = { ...openClass, native: found.native };
  fault = await faultOf(device, careful);
  return fault === undefined ? granted(device, careful) : refused(fault);
}

async function granted(device: Device, numeric: NumericClass): Promise<Certificate> {
  return { exact: true, numeric: { ...numeric, halves: await hasExactHalves(device, numeric) } };
}

const required = ['add', 'sub', 'mul'] as const;
const refused = (reason: string): Certificate => ({ exact: false, reason });

/** The first wrong answer in `exact`, in words; undefined where all are right. */
async function faultOf(device: Device, numeric: NumericClass): Promise<string | undefined> {
  for (const question of questions) {
    const { name, lines } = question;
    try {
      const answers = await ask(device, { ...question, mode: 'exact', numeric });
      for (const [row, line] of lines.entries()) {
        const wrong = answers[row]!.find(({ given, expected }) => given !== expected);
        if (wrong !== undefined) return sentence(line, wrong);
      }
    } catch (error) {
      if (error instanceof IsokernelError && error.code === 'device-lost') throw error;
      return `the program ${name} failed: ${summaryOf(error)}`;
    }
  }
  return undefined;
}

const questions: readonly Omit<Asked, 'mode' | 'numeric'>[] = [
  {
    name: 'certify-operations',
    lines: [...nativeLines, ...specials],
    operands: allOperands,
  },
  { name: 'certify-algebra', lines: hazards, operands: edgeOperands },
  // without guards there is nothing but the fences; and nothing here is small enough for guards
  { name: 'certify-fences', lines: hazards, operands: plainOperands, guarded: false },
  { name: 'certify-functions', lines: functionLines, operands: fewOperands },
];

function sentence({ name }: Line, { given, expected, x, y, z }: Answer): string {
  const hex = (bits: number) => `0x${bits.toString(16).padStart(8, '0')}`;
  return `${name} gives ${hex(given)} where exact has ${hex(expected)} (x ${hex(x)}, y ${hex(y)}, z ${hex(z)})`;
}
