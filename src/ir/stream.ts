/** Unsigned LEB128 integers and strings, one after the other: how the canonical bytes are written and read. */

import { IsokernelError } from './error.ts';

export class ByteWriter {
  readonly #bytes: number[] = [];

  /** A whole number in [0, 2^32), seven bits a byte, the lowest first. */
  uint(value: number): void {
    while (value >= 0x80) {
      this.#bytes.push((value & 0x7f) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.#bytes.push(value);
  }
  string(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }
  /** Their number, then themselves. */
  bytes(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.raw(bytes);
  }
  raw(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads what a writer wrote. Every failure is `malformed-ir`; nothing is allocated that the bytes do not hold. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  uint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.malformed('the bytes end too early');
      this.#at++;
      value += (byte & 0x7f) * scale;
      if (value >= 2 ** 32) throw this.malformed('a number of more than 32 bits');
      if (byte < 0x80) return value;
      if (scale >= 2 ** 28) throw this.malformed('a number of more than five bytes');
    }
  }
  string(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch (cause) {
      if (cause instanceof IsokernelError) throw cause;
      throw this.malformed('a string that is not UTF-8');
    }
  }
  bytes(): Uint8Array {
    const length = this.uint();
    if (length > this.#bytes.length - this.#at) throw this.malformed('the bytes end too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
  /** As many items as a number says that stands before them. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.uint(); left > 0; left--) items.push(item());
    return items;
  }
  /** One of a list, by its number. */
  pick<T>(items: readonly T[], what: string): T {
    const index = this.uint();
    if (index >= items.length) throw this.malformed(`no ${what} ${index}`);
    return items[index]!;
  }
  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
  malformed(problem: string): IsokernelError {
    return new IsokernelError('malformed-ir', `not a program: ${problem} (byte ${this.#at} of ${this.#bytes.length})`, {
      hint: 'The bytes must be as encode gave them: whole, and of this version.',
    });
  }
}
