/** Vectors as a kernel body sees them: immutable values with methods, since TypeScript has no operators on them. */

interface VectorOps<V, Component extends string> {
  /** Component by component; a number stands for a vector of it. */
  add(other: V | number): V;
  /** Component by component. */
  sub(other: V | number): V;
  /** Component by component; the dot product is `dot`. */
  mul(other: V | number): V;
  /** Floats only; integers have `k.idiv`. */
  div(other: V | number): V;
  /** Each component negated. */
  neg(): V;
  /** Each component without its sign. */
  abs(): V;
  /** The lesser of each two components. */
  min(other: V | number): V;
  /** The greater of each two components. */
  max(other: V | number): V;
  /** Sum of the products of the components, first to last. */
  dot(other: V): number;
  /** Euclidean length: sqrt of the dot product with itself. Floats only. */
  length(): number;
  /** The vector divided by its length. Floats only. */
  normalize(): V;
  /** A copy with one component replaced: `v.with('x', 0)`. */
  with(component: Component, value: number): V;
}

/** Any two, three or four of a vector's components, in any order: `v.zyx`. */
type Swizzles<C extends string> = { readonly [N in `${C}${C}`]: Vec2 } & { readonly [N in `${C}${C}${C}`]: Vec3 } & {
  readonly [N in `${C}${C}${C}${C}`]: Vec4;
};

/** Two numbers. Immutable: methods give new ones. */
export interface Vec2 extends VectorOps<Vec2, 'x' | 'y'>, Swizzles<'x' | 'y'> {
  readonly x: number;
  readonly y: number;
}
/** Three numbers. Immutable: methods give new ones. */
export interface Vec3 extends VectorOps<Vec3, 'x' | 'y' | 'z'>, Swizzles<'x' | 'y' | 'z'> {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Cross product. */
  cross(other: Vec3): Vec3;
}
/** Four numbers. Immutable: methods give new ones. */
export interface Vec4 extends VectorOps<Vec4, 'x' | 'y' | 'z' | 'w'>, Swizzles<'x' | 'y' | 'z' | 'w'> {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly w: number;
}
export type Vec = Vec2 | Vec3 | Vec4;
