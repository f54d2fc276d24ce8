/** A value given at each run of a graph, in place of an argument while it is recorded. */

import { IsokernelError } from '../ir/error.ts';
import type { ValueType } from '../ir/types.ts';
import { DeviceBuffer } from './buffer.ts';

export class Slot {
  readonly name: string;
  /** The type of a scalar, or the buffer that stands in while recording and where a run gives none. */
  readonly declaration: ValueType | DeviceBuffer;
  /** The number by which a recording on a device knows it. */
  readonly index: number;

  constructor(name: string, declaration: ValueType | DeviceBuffer, index: number) {
    this.name = name;
    this.declaration = declaration;
    this.index = index;
  }

  /** Itself, where it stands for a scalar of that type. */
  ofScalar(type: ValueType, label: string): this {
    if (this.declaration === type) return this;
    throw this.#mismatch(`${label} takes ${type}`);
  }
  /** The buffer it stands in for. */
  ofBuffer(label: string): DeviceBuffer {
    if (this.declaration instanceof DeviceBuffer) return this.declaration;
    throw this.#mismatch(`${label} takes a buffer`);
  }
  #mismatch(wanted: string): IsokernelError {
    const is = this.declaration instanceof DeviceBuffer ? 'a buffer' : this.declaration;
    return new IsokernelError('argument-type', `${wanted}, and the slot ${this.name} is ${is}`, {
      hint: `Declare the slot with the parameter's type, or a buffer for a buffer.`,
    });
  }
}
