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
  /** Others found with it. */
  readonly further?: readonly IsokernelError[] | undefined;
  readonly cause?: unknown;
}

/**
 * Every error that isokernel raises on purpose. `code` is stable; `message` is for people, with the hint on a line of its own,
 * and after it the messages of further errors of the same kernel. Uncaught, Node prints it as `IsokernelError [code]: message`.
 */
export class IsokernelError extends Error {
  readonly code: ErrorCode;
  readonly kernel: string | undefined;
  readonly place: Place | undefined;
  readonly hint: string | undefined;

  readonly #further: readonly IsokernelError[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { hint, cause, further = [] } = details;
    const parts = [message, ...(hint === undefined ? [] : [hint]), ...further.map((error) => `\n${error.message}`)];
    super(parts.join('\n'), cause === undefined ? undefined : { cause });
    this.#further = further;
    this.code = code;
    this.kernel = details.kernel;
    this.place = details.place;
    this.hint = hint;
    // engines take the stack's first line from the name as it is when the error is made
    this.name = `IsokernelError [${code}]`;
    (Error as { captureStackTrace?: (error: Error, below: unknown) => void }).captureStackTrace?.(this, new.target);
    this.name = 'IsokernelError';
  }

  /** The same error, with others found after it. */
  with(further: readonly IsokernelError[]): IsokernelError {
    const { code, kernel, place, hint, cause } = this;
    return new IsokernelError(code, summaryOf(this), { kernel, place, hint, further, cause });
  }

  /** Others found with it. (A field, or the name `errors`, would have Node print them once more.) */
  get further(): readonly IsokernelError[] {
    return this.#further;
  }
}

/** By its name, not by its class: two copies of the package in one program know each other's errors. */
export function isIsokernelError(thrown: unknown): thrown is IsokernelError {
  return thrown instanceof Error && thrown.name === 'IsokernelError';
}

/** The message and code of anything thrown, for wrapping and for reports. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The message without its hint and what follows it, for use inside another message. */
export function summaryOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const hint = isIsokernelError(thrown) ? thrown.hint : undefined;
  return hint === undefined ? message : message.slice(0, message.indexOf(`\n${hint}`));
}
