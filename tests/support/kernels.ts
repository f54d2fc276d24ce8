/** Kernels for tests, built without the front end. */

import { Builder } from '../../src/ir/builder.ts';
import type { BufferParam, ScalarParam } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import type { RunnableKernel } from '../../src/runtime/kernel.ts';

/** A kernel from a builder, with what the front end would add. */
export function kernelOf(
  name: string,
  build: (b: Builder) => void,
  extra: Partial<Pick<RunnableKernel, 'shapes' | 'invocations'>> = {},
  fuel?: number,
): RunnableKernel {
  const b = new Builder({ name, ...(fuel === undefined ? {} : { fuel }) });
  build(b);
  const verified = verify(b.finish());
  return {
    name,
    params: verified.program.params,
    shapes: extra.shapes ?? {},
    invocations: extra.invocations,
    verified: async () => verified,
  };
}

const sameAs = (name: string) => ({
  r: (args: Parameters<RunnableKernel['shapes'][string]>[0]) => lengthOf(args[name]),
});
function lengthOf(argument: unknown): number {
  return (argument as { length: number }).length;
}

/** r[i] = a * x[i] + y[i], in f32 */
export const saxpy = kernelOf(
  'saxpy',
  (b) => {
    const a = b.scalar('a', 'f32');
    const [x, y] = [b.buffer('x', 'read', 'f32'), b.buffer('y', 'read', 'f32')];
    const r = b.buffer('r', 'write', 'f32');
    const i = b.id('globalId');
    b.store(r, [i], b.op('add', b.op('mul', b.argument(a), b.load(x, [i])), b.load(y, [i])));
  },
  { shapes: sameAs('x') },
);

/** r[i] = x[i] + n, in i32 */
export const plus = kernelOf(
  'plus',
  (b) => {
    const n = b.scalar('n', 'i32');
    const x = b.buffer('x', 'read', 'i32');
    const r = b.buffer('r', 'write', 'i32');
    const i = b.id('globalId');
    b.store(r, [i], b.op('add', b.load(x, [i]), b.argument(n)));
  },
  { shapes: sameAs('x') },
);

/** x[i] = x[i] * 3 + n, in i32: running it twice shows, and so does the order of two */
export const advance = kernelOf('advance', (b) => {
  const n = b.scalar('n', 'i32');
  const x = b.buffer('x', 'readWrite', 'i32');
  const i = b.id('globalId');
  b.store(x, [i], b.op('add', b.op('mul', b.load(x, [i]), b.i32(3)), b.argument(n)));
});

/** x[i] counts up to limit[0], a bound that only memory knows: it carries fuel of 1000 iterations */
export const climb = kernelOf(
  'climb',
  (b) => {
    const limit = b.buffer('limit', 'read', 'i32');
    const x = b.buffer('x', 'readWrite', 'i32');
    const i = b.id('globalId');
    const [end] = b.loop([b.load(x, [i])], ['i32'], ([value]) => {
      b.if(b.op('eq', value!, b.load(limit, [b.i32(0)])), () => b.break(value!));
      return [b.op('add', value!, b.i32(1))];
    });
    b.store(x, [i], end!);
  },
  {},
  1000,
);

/** total[0] += x[i], atomically */
export const total = kernelOf(
  'total',
  (b) => {
    const x = b.buffer('x', 'read', 'u32');
    const sum = b.buffer('total', 'atomic', 'u32');
    b.atomic('atomicAdd', sum, [b.i32(0)], b.load(x, [b.id('globalId')]));
  },
  { invocations: ({ x }) => lengthOf(x) },
);

/** A kernel of these parameters that does nothing, for what is checked before anything runs. */
export function idle(
  declare: (b: Builder) => (BufferParam | ScalarParam)[],
  extra: Partial<Pick<RunnableKernel, 'shapes' | 'invocations'>> = { invocations: () => 1 },
): RunnableKernel {
  return kernelOf('idle', (b) => void declare(b), extra);
}
