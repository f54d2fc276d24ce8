/** What certification says of a device, as it is kept. */

import { type NativeOp, type NumericClass, nativeOps } from '../../ir/numeric-class.ts';
import type { Capabilities } from '../contract.ts';

/** The class of its floats where it gives the bits of `exact`; why it does not, or is not known to, elsewhere. */
export type Certificate =
  | { readonly exact: true; readonly numeric: NumericClass }
  | { readonly exact: false; readonly reason: string };

/** Raised when certify.ts asks other questions, so that older certificates are not believed. */
export const certificateVersion = 1;

/** What is known of a device before anything is asked of it. */
export function certificateBefore({ numeric }: Capabilities): Certificate {
  return numeric === undefined ? { exact: false, reason: 'it has not been probed yet' } : { exact: true, numeric };
}

/** Whether a value from outside is a certificate. */
export function isCertificate(value: unknown): value is Certificate {
  if (typeof value !== 'object' || value === null) return false;
  const { exact, reason, numeric } = value as Record<string, unknown>;
  return exact === true ? isNumericClass(numeric) : exact === false && typeof reason === 'string';
}

const members = {
  algebra: ['none', 'contracts', 'reassociates'],
  subnormals: ['kept', 'flushed', 'open'],
  halves: [false, true],
} as const satisfies { readonly [K in Exclude<keyof NumericClass, 'native'>]: readonly NumericClass[K][] };

function isNumericClass(value: unknown): value is NumericClass {
  if (typeof value !== 'object' || value === null) return false;
  const { native, ...rest } = value as Record<string, unknown>;
  return (
    Object.entries(members).every(([name, values]) => (values as readonly unknown[]).includes(rest[name])) &&
    Array.isArray(native) &&
    native.every((op: unknown) => nativeOps.includes(op as NativeOp))
  );
}
