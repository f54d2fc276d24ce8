/** An array in memory as the interpreter sees it: bytes, a shape and an element type. */

import { halfBits, halfValue } from '../bits.ts';
import { IsokernelError } from '../error.ts';
import type { Memory } from '../program.ts';
import {
  componentBytes,
  componentCount,
  componentType,
  elementBytes,
  isVector,
  type NumericType,
  type PackedType,
} from '../types.ts';

interface Component {
  readonly read: (view: DataView, offset: number) => number;
  readonly write: (view: DataView, offset: number, value: number) => void;
}

/** Little-endian, as on every device. Writing a packed integer wraps; NaN is written with its canonical bits. */
const components: { readonly [T in NumericType | PackedType]: Component } = {
  i32: { read: (view, at) => view.getInt32(at, true), write: (view, at, value) => view.setInt32(at, value, true) },
  u32: { read: (view, at) => view.getUint32(at, true), write: (view, at, value) => view.setUint32(at, value, true) },
  f32: {
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) =>
      Number.isNaN(value) ? view.setUint32(at, 0x7fc00000, true) : view.setFloat32(at, value, true),
  },
  f16: {
    read: (view, at) => halfValue(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, halfBits(value), true),
  },
  i16: { read: (view, at) => view.getInt16(at, true), write: (view, at, value) => view.setInt16(at, value, true) },
  u16: { read: (view, at) => view.getUint16(at, true), write: (view, at, value) => view.setUint16(at, value, true) },
  i8: { read: (view, at) => view.getInt8(at), write: (view, at, value) => view.setInt8(at, value) },
  u8: { read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, value) },
};

export class Region {
  readonly memory: Memory;
  readonly shape: readonly number[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #component: Component;
  readonly #componentBytes: number;
  readonly #elementBytes: number;

  constructor(memory: Memory, shape: readonly number[], bytes: Uint8Array) {
    const { element, name } = memory;
    this.memory = memory;
    this.shape = shape;
    this.#elementBytes = elementBytes(element);
    this.#componentBytes = componentBytes(element);
    const needed = shape.reduce((a, b) => a * b, this.#elementBytes);
    if (bytes.length < needed)
      throw new IsokernelError(
        'argument-shape',
        `${name}: ${bytes.length} bytes for shape [${shape}]: ${needed} needed`,
      );
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, needed);
    this.#component = components[(isVector(element) ? componentType(element) : element) as NumericType | PackedType];
  }

  /** A fresh array of zeros. */
  static local(memory: Memory & { kind: 'local' }): Region {
    return new Region(memory, [memory.length], new Uint8Array(memory.length * elementBytes(memory.element)));
  }

  get components(): number {
    return componentCount(this.memory.element);
  }
  /** The number of the element at these indices, or -1 where one is not below its own dimension. */
  locate(values: Float64Array, indices: readonly number[]): number {
    let element = 0;
    for (let axis = 0; axis < indices.length; axis++) {
      const index = values[indices[axis]!]!;
      const length = this.shape[axis]!;
      if (!(index >= 0 && index < length)) return -1;
      element = element * length + index;
    }
    return element;
  }
  read(element: number, component: number): number {
    return this.#component.read(this.#view, element * this.#elementBytes + component * this.#componentBytes);
  }
  write(element: number, component: number, value: number): void {
    this.#component.write(this.#view, element * this.#elementBytes + component * this.#componentBytes, value);
  }
  clear(): void {
    this.#bytes.fill(0);
  }
}
