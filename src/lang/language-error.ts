/** An error about a place in the text of a kernel's body. `explain.ts` turns it into what an author sees. */

import type { ErrorCode } from '../ir/error.ts';

export class LanguageError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The text that was parsed: of the body, or of a function in `uses`. */
  readonly source: string;
  /** Offsets into it: the words that are meant. */
  readonly start: number;
  readonly end: number;

  constructor(code: ErrorCode, message: string, place: { source: string; start: number; end: number }, hint?: string) {
    super(message);
    this.name = 'LanguageError';
    this.code = code;
    this.hint = hint;
    this.source = place.source;
    this.start = place.start;
    this.end = place.end;
  }
}
