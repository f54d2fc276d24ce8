/** The one error type of isokernel. Its codes, and what each means, are the table of error-codes.ts. */

import type { errorCodes } from './error-codes.ts';

/** Stable: programs may branch on it. */
export type ErrorCode = keyof typeof errorCodes;

/** A position in a source file: line and column count from 1. */
export interface Place {
  readonly file?: string;
  readonly line: number;
  readonly column: number;
}

export interface ErrorDetails {
  /** Name of the kernel the error is about. */
  readonly kernel?: string | undefined;
  readonly place?: Place | undefined;
  /** What to write or do instead. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Every error that isokernel raises on purpose. `code` is stable; `message` is for people and ends with the hint, on a line of
 * its own. Uncaught, Node prints it as `IsokernelError [code]: message`.
 */
export class IsokernelError extends Error {
  readonly code: ErrorCode;
  readonly kernel: string | undefined;
  readonly place: Place | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { hint, cause } = details;
    super(hint === undefined ? message : `${message}\n${hint}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.kernel = details.kernel;
    this.place = details.place;
    this.hint = hint;
    // engines take the stack's first line from the name as it is when the error is made
    this.name = `IsokernelError [${code}]`;
    (Error as { captureStackTrace?: (error: Error, below: unknown) => void }).captureStackTrace?.(this, new.target);
    this.name = 'IsokernelError';
  }
}

/** The message and code of anything thrown, for wrapping and for reports. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The message without its hint, for use inside another message. */
export function summaryOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const hint = thrown instanceof IsokernelError ? thrown.hint : undefined;
  return hint === undefined ? message : message.slice(0, -hint.length - 1);
}
