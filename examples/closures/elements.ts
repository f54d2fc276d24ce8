/** Arrays as the closures see them: bytes read and written as the numbers of an element type. */

import {
  componentBytes,
  componentCount,
  componentType,
  type ElementType,
  halfBits,
  halfValue,
  isVector,
  type NumericType,
  type PackedType,
} from '../../src/ir/index.ts';

/** One component of an element; `at` is in bytes. */
export interface Component {
  read(view: DataView, at: number): number;
  write(view: DataView, at: number, value: number): void;
}

/** Little-endian. A packed integer wraps as it is written, and a NaN gets its canonical bits. */
const components: { readonly [T in NumericType | PackedType]: Component } = {
  i32: { read: (view, at) => view.getInt32(at, true), write: (view, at, x) => view.setInt32(at, x, true) },
  u32: { read: (view, at) => view.getUint32(at, true), write: (view, at, x) => view.setUint32(at, x, true) },
  f32: {
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, x) => (Number.isNaN(x) ? view.setUint32(at, 0x7fc00000, true) : view.setFloat32(at, x, true)),
  },
  f16: {
    read: (view, at) => halfValue(view.getUint16(at, true)),
    write: (view, at, x) => view.setUint16(at, halfBits(x), true),
  },
  i16: { read: (view, at) => view.getInt16(at, true), write: (view, at, x) => view.setInt16(at, x, true) },
  u16: { read: (view, at) => view.getUint16(at, true), write: (view, at, x) => view.setUint16(at, x, true) },
  i8: { read: (view, at) => view.getInt8(at), write: (view, at, x) => view.setInt8(at, x) },
  u8: { read: (view, at) => view.getUint8(at), write: (view, at, x) => view.setUint8(at, x) },
};

/** How an element lies in memory: its components, tight. */
export interface Layout extends Component {
  readonly components: number;
  /** Bytes of one component, and of the element. */
  readonly step: number;
  readonly bytes: number;
}
export function layoutOf(element: ElementType): Layout {
  const scalar = (isVector(element) ? componentType(element) : element) as NumericType | PackedType;
  const [count, step] = [componentCount(element), componentBytes(element)];
  return { ...components[scalar], components: count, step, bytes: count * step };
}

/** An array: its shape, and bytes of which it takes the first. */
export interface Region {
  readonly view: DataView;
  readonly shape: readonly number[];
}
