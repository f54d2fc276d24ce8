/**
 * Types of the IR.
 *
 * A value is a scalar or a vector of 2 to 4 scalars. Arithmetic is on scalars only: the front end writes vector
 * expressions component by component, as every GPU compiler does. A vector value exists between a load and an `extract`,
 * or between a `compose` and a store, so that one memory access stays one access.
 *
 * An element is what an array in memory holds: a numeric scalar, a vector of tight components (a vec3<f32> is 12 bytes),
 * or a packed integer that widens when loaded. bool has no place in memory.
 */

export type ScalarType = 'bool' | 'i32' | 'u32' | 'f16' | 'f32';
export type NumericType = Exclude<ScalarType, 'bool'>;
export type VectorType = `vec${2 | 3 | 4}<${NumericType}>`;
export type ValueType = ScalarType | VectorType;
export type PackedType = 'i8' | 'u8' | 'i16' | 'u16';
export type ElementType = NumericType | VectorType | PackedType;

export const scalarTypes = ['bool', 'i32', 'u32', 'f16', 'f32'] as const satisfies readonly ScalarType[];
export const numericTypes = ['i32', 'u32', 'f16', 'f32'] as const satisfies readonly NumericType[];
const lengths = [2, 3, 4] as const;
export const vectorTypes: readonly VectorType[] = lengths.flatMap((n) =>
  numericTypes.map((t) => `vec${n}<${t}>` as const),
);
export const packedTypes = ['i8', 'u8', 'i16', 'u16'] as const satisfies readonly PackedType[];
export const valueTypes: readonly ValueType[] = [...scalarTypes, ...vectorTypes];
export const elementTypes: readonly ElementType[] = [...numericTypes, ...vectorTypes, ...packedTypes];

/** Numeric modes: DESIGN's promise of a kernel about the bits of its results. */
export type NumericMode = 'fast' | 'stable' | 'exact';
export const numericModes = ['fast', 'stable', 'exact'] as const satisfies readonly NumericMode[];

export function isScalar(type: ValueType | ElementType): type is ScalarType {
  return (scalarTypes as readonly string[]).includes(type);
}
export function isVector(type: ValueType | ElementType): type is VectorType {
  return type.startsWith('vec');
}
export function isPacked(type: ElementType): type is PackedType {
  return (packedTypes as readonly string[]).includes(type);
}
export function isFloat(type: ValueType): type is 'f16' | 'f32' {
  return type === 'f32' || type === 'f16';
}
export function isInteger(type: ValueType): type is 'i32' | 'u32' {
  return type === 'i32' || type === 'u32';
}

/** Number of scalar components: 1 for a scalar. */
export function componentCount(type: ValueType | ElementType): number {
  return isVector(type) ? Number(type[3]) : 1;
}
/** The scalar type of a value's components; a scalar's own type. */
export function componentType(type: ValueType): ScalarType {
  return (isVector(type) ? type.slice(5, -1) : type) as ScalarType;
}
export function vectorOf(type: NumericType, length: 2 | 3 | 4): VectorType {
  return `vec${length}<${type}>`;
}

/** The type that a load of such an element gives: packed integers widen to 32 bits. */
export function loadedType(element: ElementType): ValueType {
  if (!isPacked(element)) return element;
  return element.startsWith('u') ? 'u32' : 'i32';
}

const scalarBytes: Record<NumericType | PackedType, 1 | 2 | 4> = {
  i32: 4,
  u32: 4,
  f32: 4,
  f16: 2,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
};
/** Bytes of one scalar component in memory. */
export function componentBytes(element: ElementType): 1 | 2 | 4 {
  return scalarBytes[(isVector(element) ? componentType(element) : element) as NumericType | PackedType];
}
/** Bytes of one element in memory; vectors are tight. */
export function elementBytes(element: ElementType): number {
  return componentBytes(element) * componentCount(element);
}

/**
 * Largest array dimension, element count and grid dimension. 2^16 below 2^31, so that a loop that strides by up to 2^16
 * over a dimension never wraps: that is what lets the verifier bound such loops.
 */
export const maxDimension = 2 ** 31 - 2 ** 16;
/** Largest number of invocations of one grid, exclusive. */
export const maxInvocations = 2 ** 32;
export const maxRank = 4;
/** Largest workgroup, so that a workgroup collective is one block of the canonical tree. */
export const maxWorkgroupInvocations = 1024;
/** Fuel of a kernel that does not say: iterations of the loops that the verifier cannot bound. */
export const defaultFuel = 2 ** 26;
