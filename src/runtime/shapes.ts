/** Shapes of arrays and grids: from what people write to checked numbers. */

import { type ErrorCode, IsokernelError } from '../ir/error.ts';
import { maxDimension, maxInvocations } from '../ir/types.ts';
import { describe } from './arrays.ts';

export type Grid = readonly [number, number, number];

/** Elements of an array of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A shape of the rank, every dimension and the product within the limits. */
export function checkShape(shape: unknown, rank: number, label: string, code: ErrorCode = 'argument-shape'): number[] {
  const dimensions = typeof shape === 'number' ? [shape] : shape;
  const form = rank === 1 ? 'a length' : `${rank} lengths, the slowest first`;
  if (!Array.isArray(dimensions) || dimensions.length !== rank || !dimensions.every(isDimension)) {
    throw new IsokernelError(code, `${label} is ${shown(shape)}, not a shape of rank ${rank}`, {
      hint: `Give ${form}: whole numbers from 0 to ${maxDimension}.`,
    });
  }
  if (elementsOf(dimensions) > maxDimension) {
    throw new IsokernelError(code, `${label}, [${dimensions.join(', ')}], has more than ${maxDimension} elements`, {
      hint: 'Split the work into several arrays and jobs.',
    });
  }
  return [...(dimensions as number[])];
}

/** A shape that is none, as its author would write it. */
function shown(shape: unknown): string {
  const one = (length: unknown) => (typeof length === 'number' ? String(length) : describe(length));
  return Array.isArray(shape) ? `[${shape.map(one).join(', ')}]` : one(shape);
}

function isDimension(length: unknown): boolean {
  return typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= maxDimension;
}

/** The grid that people write as n, [x], [x, y] or [x, y, z]. */
export function checkGrid(invocations: unknown, kernel: string): Grid {
  const axes = typeof invocations === 'number' ? [invocations] : invocations;
  const whole =
    Array.isArray(axes) &&
    axes.length >= 1 &&
    axes.length <= 3 &&
    axes.every((axis) => typeof axis === 'number' && Number.isInteger(axis) && axis >= 0);
  if (!whole) {
    throw new IsokernelError('invalid-option', `invocations are ${shown(invocations)}`, {
      kernel,
      hint: 'Give a whole number, or [x, y, z] of them; 0 runs nothing.',
    });
  }
  const [x, y = 1, z = 1] = axes as [number, number?, number?];
  if (Math.max(x, y, z) > maxDimension || x * y * z >= maxInvocations) {
    throw new IsokernelError('too-many-invocations', `a grid of ${x} × ${y} × ${z} invocations is too large`, {
      kernel,
      hint: 'Up to 2^31 - 2^16 along an axis and fewer than 2^32 in all: let each invocation do more, or run several jobs.',
    });
  }
  return [x, y, z];
}

/** The grid with one invocation for each element: the last index is x, and rank 4 folds its two slowest into z. */
export function gridOfShape(shape: readonly number[]): Grid {
  const [x = 1, y = 1, z = 1, w = 1] = [...shape].reverse();
  return [x, y, z * w];
}
