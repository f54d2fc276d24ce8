/** Finds typed arrays that are uploaded again and again, where a buffer would stay on its device. */

import type { Call } from './arguments.ts';
import { isTypedArray } from './arrays.ts';

/** An array is worth a word when it has come so often, and has so many bytes. */
const often = 10;
const large = 2 ** 16;

export class Uploads {
  /** By the memory that is passed, how often it came: views of it are made anew for each call. */
  readonly #counts = new WeakMap<object, number>();

  /** What is to be said of a call, once for each array. */
  note({ kernel, buffers }: Call): string | undefined {
    for (const { param, value, bytes, shape } of buffers) {
      if (param.access !== 'read' || bytes < large || !isTypedArray(value)) continue;
      const count = (this.#counts.get(value.buffer) ?? 0) + 1;
      this.#counts.set(value.buffer, count);
      if (count !== often) continue;
      const size = bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 10).toFixed(0)} KiB`;
      const type = param.element.replace(/vec(\d)<(\w).*>/, 'vec$1$2');
      return (
        `${param.name} of ${kernel.name} has been uploaded ${often} times from the same array, ${size} each. ` +
        `Where its elements stay, make it a buffer once: rt.buffer(${type}, [${shape.join(', ')}], array).`
      );
    }
    return undefined;
  }
}
