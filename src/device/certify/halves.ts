/** Whether f16 are exact on a device: through memory, conversions and arithmetic, all subnormal ones and many others. */

import { Builder } from '../../ir/builder.ts';
import type { NumericClass } from '../../ir/numeric-class.ts';
import type { Verified } from '../../ir/verified.ts';
import { verify } from '../../ir/verify.ts';
import type { Device } from '../contract.ts';
import { run } from './ask.ts';

const count = 2 ** 13;

export async function hasExactHalves(device: Device, numeric: NumericClass): Promise<boolean> {
  if (!device.capabilities.features.f16) return false;
  // up to 2^11 in order: 0, the subnormal numbers, and the least normal ones
  const many = Uint16Array.from({ length: count }, (_, i) => (i < 2 ** 11 ? i : Math.imul(i, 0x9e35)));
  const others = many.map((i) => Math.imul(i, 0x6c07) + 0x3c01);
  const { given, expected } = await run(device, program(), {
    inputs: [many, others].map(({ buffer }) => ({ bytes: new Uint8Array(buffer), shape: [count] })),
    outputs: [
      { bytes: 4 * count, shape: [count] },
      { bytes: 2 * count * operations.length, shape: [operations.length, count] },
    ],
    count,
    options: { numeric },
  });
  return given.every((bytes, k) => bytes.every((byte, i) => byte === expected[k]![i]));
}

const operations = ['add', 'mul', 'div', 'min'] as const;

/** Each x as f32, and x with y by each of the operations. */
function program(): Verified {
  const b = new Builder({ name: 'certify-halves', mode: 'exact' });
  const [x, y] = (['x', 'y'] as const).map((name) => b.buffer(name, 'read', 'f16'));
  const wide = b.buffer('wide', 'write', 'f32');
  const halves = b.buffer('halves', 'write', 'f16', 2);
  const i = b.id('globalId', 0);
  const [a, c] = [b.load(x!, [i]), b.load(y!, [i])];
  b.store(wide, [i], b.convert(a, 'f32'));
  for (const [row, op] of operations.entries()) b.store(halves, [b.i32(row), i], b.op(op, a, c));
  return verify(b.finish());
}
