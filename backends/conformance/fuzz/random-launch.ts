/** Random arguments and grids for a program, and the numbers with which programs go wrong. */

import type { BufferParam, Launch, Param } from '../../../src/ir/index.ts';
import {
  bitsOf,
  componentBytes,
  componentCount,
  componentType,
  elementBytes,
  isPacked,
  isVector,
  roundTo,
  type ScalarType,
} from '../../../src/ir/index.ts';
import type { Random } from './random.ts';

/** A launch with everything said; buffers' bytes are written in place by whoever runs it, so copy them first. */
export interface RandomLaunch extends Launch {
  readonly workgroup: readonly [number, number, number];
}

/** The same launch over copies of its buffers. */
export function copyOf<L extends Launch>(launch: L): L {
  return {
    ...launch,
    args: launch.args.map((arg) => ('bytes' in arg ? { shape: arg.shape, bytes: arg.bytes.slice() } : arg)),
  };
}

const integerEdges = [0, 1, 2, 3, 7, 31, 32, 33, 255, 65535, -1, -2, -31, 2 ** 31 - 1, -(2 ** 31), 0x7f800000];
const floatEdges = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, 3, 1 / 3, 100, -1e6, 2 ** 24, 2 ** 31, -(2 ** 31), 2 ** 32, 3.4e38, -3.4e38],
  ...[2 ** -14, 65504, 65520, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
  // where f32 and f16 lose their bits, and what multiplies to there
  ...[2 ** -126, 2 ** -127, 2 ** -149, -1.5 * 2 ** -127, (2 - 2 ** -23) * 2 ** -127, 2 ** -63, -1.25 * 2 ** -64, 1e-20],
  ...[2 ** -24, 2 ** -25, 3 * 2 ** -24, 1023 * 2 ** -24],
];

/** A number of the type: an edge case, a small one, or any. */
export function randomNumber(random: Random, type: ScalarType): number {
  if (type === 'bool') return random.below(2);
  const kind = random.weighted({ edge: 3, small: 4, any: 2 });
  if (type === 'i32' || type === 'u32') {
    const value = { edge: () => random.pick(integerEdges), small: () => random.below(12), any: () => random.bits() };
    return roundTo(type, value[kind]());
  }
  const value = {
    edge: () => random.pick(floatEdges),
    small: () => random.between(-64, 64) / 8,
    any: () => (random.bits() / 2 ** 32 - 0.5) * 2 ** random.between(-8, 20),
  };
  return roundTo(type, value[kind]());
}

/** Contents of an array of so many elements: numbers of its type, or bytes for packed ones. */
export function randomBytes(random: Random, element: BufferParam['element'], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length * elementBytes(element));
  if (isPacked(element)) return bytes.map(() => random.below(256));
  const view = new DataView(bytes.buffer);
  const type = isVector(element) ? componentType(element) : element;
  for (let offset = 0; offset < bytes.length; offset += componentBytes(element)) {
    const bits = bitsOf(type, randomNumber(random, type));
    if (componentBytes(element) === 4) view.setUint32(offset, bits, true);
    else view.setUint16(offset, bits, true);
  }
  return bytes;
}

/** `shapeOf` says how large each buffer is. */
export function randomArguments(
  random: Random,
  params: readonly Param[],
  shapeOf: (param: BufferParam) => readonly number[],
): Launch['args'] {
  return params.map((param) => {
    if (param.kind === 'scalar') {
      const type = componentType(param.type);
      return Array.from({ length: componentCount(param.type) }, () => randomNumber(random, type));
    }
    const shape = shapeOf(param);
    const length = shape.reduce((product, size) => product * size, 1);
    // what a kernel finds in a `write` parameter is zeros
    const bytes =
      param.access === 'write'
        ? new Uint8Array(length * elementBytes(param.element))
        : randomBytes(random, param.element, length);
    return { shape, bytes };
  });
}
