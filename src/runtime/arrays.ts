/**
 * Typed arrays of the host: which one stands for each element type, and their bytes.
 *
 * f16 arrays are Uint16Array of bits, since not every engine has Float16Array; where there is one it is accepted.
 */

import { IsokernelError } from '../ir/error.ts';
import {
  componentBytes,
  componentCount,
  componentType,
  type ElementType,
  isPacked,
  isVector,
  type NumericType,
  type PackedType,
} from '../ir/types.ts';

/** A typed array that holds elements on the host. */
export type HostArray =
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

type Component = NumericType | PackedType;
interface ArrayKind {
  /** Names of the classes that are accepted, the one that results come in first. */
  readonly accepted: readonly [string, ...string[]];
  readonly make: (length: number) => HostArray;
  /** Over so many numbers of memory that is there. */
  readonly over: (buffer: ArrayBufferLike, offset: number, length: number) => HostArray;
}
const arrayKinds: Record<Component, ArrayKind> = {
  f32: {
    accepted: ['Float32Array'],
    make: (length) => new Float32Array(length),
    over: (...at) => new Float32Array(...at),
  },
  i32: { accepted: ['Int32Array'], make: (length) => new Int32Array(length), over: (...at) => new Int32Array(...at) },
  u32: {
    accepted: ['Uint32Array'],
    make: (length) => new Uint32Array(length),
    over: (...at) => new Uint32Array(...at),
  },
  f16: {
    accepted: ['Uint16Array', 'Float16Array'],
    make: (length) => new Uint16Array(length),
    over: (...at) => new Uint16Array(...at),
  },
  i16: { accepted: ['Int16Array'], make: (length) => new Int16Array(length), over: (...at) => new Int16Array(...at) },
  u16: {
    accepted: ['Uint16Array'],
    make: (length) => new Uint16Array(length),
    over: (...at) => new Uint16Array(...at),
  },
  i8: { accepted: ['Int8Array'], make: (length) => new Int8Array(length), over: (...at) => new Int8Array(...at) },
  u8: {
    accepted: ['Uint8Array', 'Uint8ClampedArray'],
    make: (length) => new Uint8Array(length),
    over: (...at) => new Uint8Array(...at),
  },
};

function kindOf(element: ElementType): ArrayKind {
  return arrayKinds[componentOf(element)];
}
function componentOf(element: ElementType): Component {
  return isVector(element) ? (componentType(element) as NumericType) : element;
}

/** A new array for so many elements. */
export function newArray(element: ElementType, elements: number): HostArray {
  return kindOf(element).make(elements * componentCount(element));
}
/** These bytes as an array of elements. */
export function arrayOver(element: ElementType, bytes: Uint8Array): HostArray {
  const length = bytes.byteLength / componentBytes(element);
  return kindOf(element).over(bytes.buffer, bytes.byteOffset, length);
}
export function arrayName(element: ElementType): string {
  return kindOf(element).accepted[0];
}

/** The class of a typed array, also of another realm; Node's Buffer is a Uint8Array. Undefined for anything else. */
function className(value: unknown): string | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  return (value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
}
export function isTypedArray(value: unknown): value is HostArray {
  return className(value) !== undefined;
}

/** Checks that a value is a typed array for this element type, whole elements long and not detached. */
export function checkArray(value: unknown, element: ElementType, label: string): HostArray {
  const kind = kindOf(element);
  const name = className(value);
  if (name === undefined || !kind.accepted.includes(name)) throw wrongArray(value, name, element, label);
  const array = value as HostArray;
  if (isDetached(array)) {
    throw new IsokernelError('detached-array', `${label}: the memory of the array was transferred away`, {
      hint: 'Pass an array that this thread still owns.',
    });
  }
  const components = componentCount(element);
  if (array.length % components !== 0) {
    throw new IsokernelError(
      'argument-shape',
      `${label}: ${array.length} numbers are no whole number of ${element}, which has ${components}`,
      { hint: `Pass ${components} numbers for each element, side by side.` },
    );
  }
  return array;
}

function wrongArray(value: unknown, name: string | undefined, element: ElementType, label: string): IsokernelError {
  const wanted = arrayName(element);
  const convertible = Array.isArray(value) || name === 'Float64Array';
  const offered = Array.isArray(value) ? 'a plain array' : (name ?? describe(value));
  const sameNumbers = isPacked(element) || element === 'f16' ? 'its numbers must be in range already' : 'it rounds';
  return new IsokernelError('argument-type', `${label} takes a ${wanted} for ${element}, and got ${offered}`, {
    hint: convertible
      ? element === 'f16'
        ? 'Write f16.encode(values).'
        : `Write new ${wanted}(values); ${sameNumbers}.`
      : `Pass a ${wanted}, or a buffer of ${element}.`,
  });
}

/** What a value is, in a word or two, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `${typeof value} ${value}`;
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 20))}`;
  return value instanceof Object ? `an object (${value.constructor?.name ?? 'no class'})` : typeof value;
}

export function isDetached(array: HostArray): boolean {
  const { buffer } = array as { buffer: { byteLength: number; detached?: boolean } };
  // engines without `detached` show it by a length of 0, which an empty array has too: a new view on it throws
  if (buffer.detached !== undefined) return buffer.detached;
  if (buffer.byteLength !== 0) return false;
  try {
    new Uint8Array(array.buffer);
    return false;
  } catch {
    return true;
  }
}

/** The bytes of an array, as a view. */
export function bytesOf(array: HostArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
/** The bytes of an array, copied; shared memory too. */
export function captureBytes(array: HostArray): Uint8Array {
  const copy = new Uint8Array(array.byteLength);
  copy.set(bytesOf(array));
  return copy;
}

/** Whether two views lie on a byte in common. */
export function overlap(a: HostArray, b: HostArray): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
