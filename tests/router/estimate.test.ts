/** Estimates against counts made by hand. */

import { describe, expect, test } from 'vitest';
import { Builder } from '../../src/ir/builder.ts';
import { ops } from '../../src/ir/ops.ts';
import type { LaunchShape } from '../../src/ir/verified.ts';
import { verify } from '../../src/ir/verify.ts';
import { costOf, workTime } from '../../src/router/estimate.ts';

const launch = (args: LaunchShape['args'], grid: LaunchShape['grid']): LaunchShape => ({
  args,
  grid,
  workgroup: [64, 1, 1],
});

function costOfBody(
  build: (b: Builder) => void,
  args: LaunchShape['args'] = [],
  grid: LaunchShape['grid'] = [10, 1, 1],
) {
  const b = new Builder({ name: 'k' });
  build(b);
  return costOf(verify(b.finish()), launch(args, grid));
}

describe('cost', () => {
  test('of straight code is the table’s, for each invocation', () => {
    const cost = costOfBody(
      (b) => {
        const x = b.buffer('x', 'read', 'f32');
        const r = b.buffer('r', 'write', 'f32');
        const i = b.id('globalId');
        b.store(r, [i], b.op('sin', b.op('mul', b.load(x, [i]), b.f32(2))));
      },
      [[30], [30]],
      [5, 3, 2],
    );
    expect(cost.f32).toBe(30 * (ops.sin.cost + ops.mul.cost));
    expect(cost.i32).toBe(30 * (ops.load.cost + ops.store.cost));
    expect(cost.bytes).toBe(2 * 30 * 4);
  });

  test('of loops is their bound, and a guess where there is none', () => {
    const body = (until: 'argument' | 'memory') => (b: Builder) => {
      const n = b.argument(b.scalar('n', 'i32'));
      const x = b.buffer('x', 'readWrite', 'i32');
      const [end] = b.loop([b.i32(0), b.f32(0)], ['f32'], ([i, sum]) => {
        b.if(b.op('ge', i!, until === 'argument' ? n : b.load(x, [i!])), () => b.break(sum!));
        return [b.op('add', i!, b.i32(1)), b.op('exp', sum!)];
      });
      b.store(x, [b.id('globalId')], b.convert(end!, 'i32'));
    };
    const [few, many] = [10, 1000].map((n) => costOfBody(body('argument'), [[n], [4]]).f32);
    expect(few).toBeGreaterThanOrEqual(10 * 10 * ops.exp.cost);
    expect(few).toBeLessThanOrEqual(10 * 12 * (ops.exp.cost + 4));
    expect(many! / few!).toBeGreaterThan(85);
    expect(many! / few!).toBeLessThanOrEqual(100);
    const guess = costOfBody(body('memory'), [[10], [4]]).f32;
    expect(Number.isFinite(guess)).toBe(true);
    expect(guess).toBe(costOfBody(body('memory'), [[1000], [4]]).f32);
  });

  test('of an if is its longer arm', () => {
    const both = (first: number, second: number) =>
      costOfBody((b) => {
        const value = b.convert(b.id('globalId'), 'f32');
        const chain = (length: number) => () => {
          let v = value;
          for (let i = 0; i < length; i++) v = b.op('exp', v);
          return [v];
        };
        b.if(b.op('lt', value, b.f32(3)), chain(first), chain(second));
      }).f32;
    expect(both(1, 5)).toBe(both(5, 1));
    expect(both(5, 5)).toBe(both(5, 1));
    expect(both(6, 1)).toBeGreaterThan(both(5, 1));
  });

  test('of memory is never more than the arrays hold', () => {
    const cost = costOfBody(
      (b) => {
        const x = b.buffer('x', 'read', 'vec4<f32>');
        const r = b.buffer('r', 'write', 'u8');
        for (let i = 0; i < 20; i++) b.load(x, [b.i32(i)]);
        b.store(r, [b.id('globalId')], b.u32(1));
      },
      [[5], [1000]],
      [100, 1, 1],
    );
    expect(cost.bytes).toBe(5 * 16 + 100);
  });

  test('of nothing is nothing', () => {
    const cost = costOfBody((b) => b.op('exp', b.f32(1)), [], [0, 1, 1]);
    expect(cost).toEqual({ f32: 0, i32: 0, bytes: 0 });
  });
});

test('the roofline is the larger of computing and moving', () => {
  const rates = { f32: 100, i32: 50, bandwidth: 10, upload: 1, readback: 1, launch: 0.5 };
  expect(workTime({ f32: 100, i32: 50, bytes: 1 }, rates)).toBe(2000);
  expect(workTime({ f32: 1, i32: 1, bytes: 100 }, rates)).toBe(10_000);
  expect(workTime({ f32: 0, i32: 0, bytes: 0 }, rates)).toBe(0);
});
