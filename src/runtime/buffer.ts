/**
 * A buffer: a name for contents that live on devices. What moves, moves when a job needs it, and no more than that.
 *
 * Writing gives the buffer another content, at once and in the order of the calls; a job that fails leaves it where it
 * was.
 */

import { IsokernelError } from '../ir/error.ts';
import { componentCount, type ElementType, elementBytes } from '../ir/types.ts';
import { arrayOver, bytesOf, captureBytes, checkArray, describe, type HostArray, newArray } from './arrays.ts';
import { Content, type Origin } from './content.ts';
import { Patch } from './patch.ts';
import { elementsOf } from './shapes.ts';

/** What the runtime does with buffers, and their users do not. */
export interface Holding {
  /** Throws unless the buffer is this runtime's and not freed. */
  check(buffer: DeviceBuffer, owner: object, label: string): void;
  /** What it holds now: what its last writer made or is making, unless that failed. */
  current(buffer: DeviceBuffer): Content;
  /** Its next content, made by `origin`; goes back where that fails. */
  next(buffer: DeviceBuffer, origin: Origin): Content;
}
export let holding: Holding;

export class DeviceBuffer {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Elements. */
  readonly length: number;
  /** Told when it is freed. */
  onFree: (() => void) | undefined;
  readonly #owner: object;
  /** Undefined once freed. */
  #content: Content | undefined;

  static {
    holding = {
      check: (buffer, owner, label) => buffer.#check(owner, label),
      current: (buffer) => buffer.#current(),
      next: (buffer, origin) => buffer.#replace(new Content(buffer.#bytes, { origin, previous: buffer.#current() })),
    };
  }

  /** Made by `Runtime.buffer`, which has checked type and shape. */
  constructor(owner: object, type: ElementType, shape: readonly number[], data: HostArray | undefined) {
    this.#owner = owner;
    this.type = type;
    this.shape = shape;
    this.length = elementsOf(shape);
    const from = data === undefined ? {} : { host: captureBytes(this.#whole(data)) };
    this.#content = new Content(this.#bytes, from).retain();
  }

  /** Elements from `offset` on, in a new array. Rejects where the job that writes them fails. */
  async read(offset = 0, length: number = this.length - offset): Promise<HostArray> {
    this.#checkRange(offset, length);
    const content = this.#surfaced();
    const array = newArray(this.type, length);
    try {
      await content.read(offset * elementBytes(this.type), bytesOf(array));
    } catch (error) {
      content.failure?.origin?.observe();
      throw error;
    }
    return array;
  }

  /** Replaces elements from `offset` on; the data is captured before it returns. */
  write(data: HostArray, offset = 0): void {
    const array = checkArray(data, this.type, 'the data of write()');
    const elements = array.length / componentCount(this.type);
    this.#checkRange(offset, elements);
    const bytes = captureBytes(array);
    if (elements === this.length) this.#replace(new Content(this.#bytes, { host: bytes }));
    else if (elements > 0) {
      const base = this.#current();
      const patch = new Patch(base, bytes, offset * elementBytes(this.type));
      patch.start(this.#replace(new Content(this.#bytes, { origin: patch, previous: base })));
    }
  }

  /** Takes over all that another buffer of the same type and length holds. Nothing moves. */
  copyFrom(source: DeviceBuffer): void {
    this.#checkFreed();
    if (!(source instanceof DeviceBuffer)) {
      throw new IsokernelError('argument-type', `copyFrom() takes a buffer, and got ${describe(source)}`, {
        hint: 'Write buffer.write(array) for an array.',
      });
    }
    source.#check(this.#owner, 'the source of copyFrom()');
    if (source.type !== this.type || source.length !== this.length) {
      throw new IsokernelError(
        'argument-shape',
        `copyFrom() of ${source.length} ${source.type} into a buffer of ${this.length} ${this.type}`,
        { hint: 'Both need the same element type and length.' },
      );
    }
    this.#replace(source.#current());
  }

  /**
   * Lends the elements to `fn` once the jobs submitted before have run, without a copy where a device's memory is the host's (the CPU's
   * is). They are to be read, and while `fn` runs: what the array shows afterwards, and what writing to it does, is open.
   * `fn` is not asynchronous: no job of the device runs before it returns. Rejects with what `fn` throws.
   */
  async map<R>(fn: (array: HostArray) => R): Promise<R> {
    if (typeof fn !== 'function') {
      throw new IsokernelError('argument-type', `map() takes a function, and got ${describe(fn)}`, {
        hint: 'Write buffer.map((elements) => …), or buffer.read() for a copy.',
      });
    }
    const content = this.#surfaced();
    let result: R | undefined;
    try {
      await content.lend((bytes) => {
        result = fn(arrayOver(this.type, bytes));
      });
    } catch (error) {
      content.failure?.origin?.observe();
      throw error;
    }
    if (!(result instanceof Promise)) return result as R;
    result.catch(() => {});
    throw new IsokernelError('argument-type', 'the function given to map() is asynchronous', {
      hint: 'Use the elements before it returns, or await buffer.read() for a copy.',
    });
  }

  /** Ends the buffer, after the jobs already submitted; twice is once. */
  free(): void {
    this.#content?.release();
    this.#content = undefined;
    this.onFree?.();
  }
  [Symbol.dispose](): void {
    this.free();
  }

  // ---- inside ----

  get #bytes(): number {
    return this.length * elementBytes(this.type);
  }

  #current(): Content {
    let content = this.#checkFreed();
    while (content.failure !== undefined && content.previous !== undefined) content = this.#replace(content.previous);
    return content;
  }
  /** The content to read; throws a failure that nobody has seen yet. */
  #surfaced(): Content {
    const failure = this.#checkFreed().failure;
    if (failure?.origin?.observe()) throw failure.error;
    return this.#current();
  }
  #replace(next: Content): Content {
    next.retain();
    this.#content?.release();
    this.#content = next;
    return next;
  }

  #check(owner: object, label: string): void {
    if (owner !== this.#owner) {
      throw new IsokernelError('foreign-buffer', `${label} is a buffer of another runtime`, {
        hint: 'Read it there, and write it to a buffer of this one.',
      });
    }
    this.#checkFreed();
  }
  #checkFreed(): Content {
    if (this.#content !== undefined) return this.#content;
    throw new IsokernelError('freed-buffer', 'the buffer was freed', { hint: 'Free a buffer after its last use.' });
  }
  #checkRange(offset: number, length: number): void {
    this.#checkFreed();
    const whole = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0;
    if (whole && offset + length <= this.length) return;
    throw new IsokernelError(
      'argument-range',
      `elements ${offset} to ${offset + length} of a buffer that has ${this.length}`,
      { hint: 'Offset and length count elements, and lie within the buffer.' },
    );
  }
  #whole(data: HostArray): HostArray {
    const array = checkArray(data, this.type, 'the data of a buffer');
    const elements = array.length / componentCount(this.type);
    if (elements === this.length) return array;
    throw new IsokernelError(
      'argument-shape',
      `the data of a buffer has ${elements} elements, and its shape [${this.shape.join(', ')}] has ${this.length}`,
      { hint: 'Pass as many elements as the shape has.' },
    );
  }
}
