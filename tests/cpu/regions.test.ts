/** Kernels with barriers whose control flow and values are awkward to split, against the interpreter. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Segment, splitRegions } from '../../backends/cpu/regions.ts';
import type { Device } from '../../src/device/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { BufferParam, LocalArray, Value } from '../../src/ir/program.ts';
import { uniformValues } from '../../src/ir/uniformity.ts';
import { firstDifference, openCpu, runByDefinition, runOnCpu } from './on-cpu.ts';

let device: Device;
beforeAll(async () => {
  device = await openCpu();
});
afterAll(() => device.close());

interface Parts {
  readonly b: Builder;
  /** A number for each invocation, and where its result goes. */
  readonly x: Value;
  readonly i: Value;
  readonly r: BufferParam;
  readonly shared: LocalArray;
  /** The same for all. */
  readonly n: Value;
}
const size = 16;
/** A value of the invocation that many places further on. */
function exchange({ b, shared }: Parts, value: Value, distance: number): Value {
  const me = b.id('localIndex');
  b.barrier();
  b.store(shared, [me], value);
  b.barrier();
  return b.load(shared, [b.op('and', b.op('add', me, b.i32(distance)), b.i32(size - 1))]);
}
const odd = ({ b }: Parts, x: Value) => b.op('eq', b.op('and', x, b.u32(1)), b.u32(1));
/** A loop of n rounds over values. */
function rounds({ b, n }: Parts, inits: Value[], body: (values: Value[], round: Value) => Value[]): Value[] {
  return [
    ...b.loop(
      [b.i32(0), ...inits],
      inits.map(({ type }) => type),
      ([k, ...values]) => {
        b.if(b.op('ge', k!, n), () => b.break(...values));
        return [b.op('add', k!, b.i32(1)), ...body(values, k!)];
      },
    ),
  ];
}

const kernels: Record<string, (parts: Parts) => Value | undefined> = {
  'a value kept over a barrier': (p) => p.b.op('sub', p.x, exchange(p, p.x, 1)),
  'values that swap in a loop around barriers': (p) => {
    const [u, v] = rounds(p, [p.x, p.b.op('mul', p.x, p.x)], ([u, v]) => [v!, p.b.op('add', u!, exchange(p, v!, 3))]);
    return p.b.op('xor', u!, p.b.op('mul', v!, p.b.u32(31)));
  },
  'a uniform counter beside varying values': (p) => {
    const [v, c] = rounds(p, [p.x, p.b.u32(1)], ([v, c]) => [exchange(p, v!, 1), p.b.op('mul', c!, p.b.u32(3))]);
    return p.b.op('add', v!, c!);
  },
  'nested loops around barriers': (p) => {
    const [v] = rounds(p, [p.x], ([v], k) => {
      const [inner] = rounds(p, [v!], ([w]) => [p.b.op('add', w!, exchange(p, w!, 5))]);
      return [p.b.op('add', inner!, p.b.bitcast(k, 'u32'))];
    });
    return v;
  },
  'a divergent loop between barriers': (p) => {
    const first = exchange(p, p.x, 2);
    const [n] = p.b.loop([first], ['u32'], ([v]) => {
      p.b.if(p.b.op('lt', v!, p.b.u32(3)), () => p.b.break(v!));
      return [p.b.op('div', v!, p.b.u32(2))];
    });
    return p.b.op('add', exchange(p, n!, 1), n!);
  },
  'a uniform branch with a barrier in one arm': (p) => {
    const [v] = p.b.if(
      p.b.op('gt', p.n, p.b.i32(2)),
      () => [exchange(p, p.x, 1)],
      () => [p.b.op('not', p.x)],
    );
    return p.b.op('add', v!, p.x);
  },
  'a uniform return before a barrier': (p) => {
    p.b.store(p.r, [p.i], p.b.u32(5));
    p.b.if(p.b.op('eq', p.n, p.b.i32(3)), () => p.b.return());
    return exchange(p, p.x, 1);
  },
  'a uniform return out of a loop around a barrier': (p) => {
    p.b.store(p.r, [p.i], p.b.u32(6));
    const [v] = rounds(p, [p.x], ([v], k) => {
      p.b.if(p.b.op('eq', k, p.b.i32(2)), () => p.b.return());
      return [exchange(p, v!, 1)];
    });
    return v;
  },
  'a uniform continue past a barrier': (p) => {
    const { b } = p;
    const [, v] = b.loop([b.i32(0), p.x], ['i32', 'u32'], ([k, v]) => {
      b.if(b.op('ge', k!, p.n), () => b.break(k!, v!));
      const next = b.op('add', k!, b.i32(1));
      b.if(b.op('eq', k!, b.i32(1)), () => b.continue(next, b.op('add', v!, b.u32(100))));
      return [next, exchange(p, v!, 1)];
    });
    return v;
  },
  'a divergent return after the last barrier, before code behind the branch around it': (p) => {
    p.b.store(p.r, [p.i], p.b.u32(7));
    p.b.if(p.b.op('gt', p.n, p.b.i32(0)), () => {
      const v = exchange(p, p.x, 1);
      p.b.if(odd(p, v), () => p.b.return());
    });
    return p.b.u32(8);
  },
  'a divergent return in a divergent loop after the last barrier': (p) => {
    const v = exchange(p, p.x, 1);
    p.b.store(p.r, [p.i], p.b.u32(9));
    p.b.loop([v], [], ([w]) => {
      p.b.if(p.b.op('eq', w!, p.b.u32(0)), () => p.b.break());
      p.b.if(odd(p, w!), () => p.b.return());
      return [p.b.op('div', w!, p.b.u32(2))];
    });
    return p.b.u32(10);
  },
  'vectors kept over a barrier': (p) => {
    const v = p.b.compose(p.x, p.b.op('not', p.x), p.b.bitcast(p.i, 'u32'));
    const got = exchange(p, p.b.extract(v, 1), 1);
    return p.b.op('add', got, p.b.op('xor', p.b.extract(v, 0), p.b.extract(v, 2)));
  },
  'private arrays kept over a barrier': (p) => {
    const own = p.b.privateArray('own', 'u32', 5);
    p.b.store(own, [p.b.op('rem', p.x, p.b.u32(5))], p.x);
    const got = exchange(p, p.x, 4);
    return p.b.op(
      'add',
      p.b.load(own, [p.b.op('rem', got, p.b.u32(5))]),
      p.b.load(own, [p.b.op('rem', p.x, p.b.u32(5))]),
    );
  },
  'a uniform load': (p) => {
    exchange(p, p.x, 1);
    const first = p.b.uniformLoad(p.shared, p.b.i32(3));
    const [v] = p.b.if(
      p.b.op('gt', first, p.b.u32(50)),
      () => [exchange(p, p.x, 1)],
      () => [exchange(p, p.x, 2)],
    );
    return p.b.op('add', v!, first);
  },
  'every collective': (p) => {
    const { b } = p;
    const values = (['groupSum', 'groupMin', 'groupMax', 'groupScan', 'groupBroadcast', 'uniform'] as const).map((op) =>
      b.collective(op, p.x),
    );
    return values.reduce((sum, value) => b.op('add', b.op('mul', sum, b.u32(7)), value));
  },
  'fuel counted over barriers': (p) => {
    const [v] = rounds(p, [p.x], ([v]) => {
      const [w] = p.b.loop([v!], ['u32'], ([w]) => {
        p.b.if(p.b.op('lt', w!, p.b.u32(9)), () => p.b.break(w!));
        return [p.b.op('div', w!, p.b.u32(3))];
      });
      return [p.b.op('add', exchange(p, w!, 1), p.x)];
    });
    return v;
  },
};

it.each(Object.keys(kernels))('%s', async (name) => {
  const b = new Builder({ name, workgroup: [8, 2, 1] });
  const input = b.buffer('x', 'read', 'u32', 2);
  const r = b.buffer('r', 'readWrite', 'u32');
  const shared = b.workgroupArray('shared', 'u32', size);
  const count = b.scalar('n', 'i32');
  const [gx, gy] = [b.id('globalId', 0), b.id('globalId', 1)];
  const i = b.op('add', b.op('mul', gy, b.dimension(input, 1)), gx);
  const result = kernels[name]!({ b, x: b.load(input, [gy, gx]), i, r, shared, n: b.argument(count) });
  if (result !== undefined && !b.ended) b.store(r, [i], result);
  const program = b.finish();
  // two and a half workgroups across, one and a half down: some are partly, some wholly ghosts
  const [width, height] = [20, 3];
  const data = Uint32Array.from({ length: width * height }, (_, k) => Math.imul(k + 1, 2654435761) >>> 23);
  for (const n of [0, 1, 3, 4]) {
    const args = [
      { shape: [height, width], bytes: new Uint8Array(data.slice().buffer) },
      { shape: [width * height], bytes: new Uint8Array(width * height * 4) },
      [n],
    ];
    const launch = { args, grid: [width, height, 1], workgroup: [8, 2, 1] } as const;
    const wanted = runByDefinition(program, launch);
    expect(firstDifference(program, await runOnCpu(device, program, launch), wanted), `n = ${n}`).toBeUndefined();
  }
});

it('keeps for each invocation only what varies and is used behind a barrier', () => {
  const b = new Builder({ name: 'kept', workgroup: [size, 1, 1] });
  const r = b.buffer('r', 'readWrite', 'u32');
  const shared = b.workgroupArray('shared', 'u32', size);
  const me = b.id('localIndex');
  const kept = b.load(r, [me]);
  const before = b.op('not', b.load(r, [me]));
  const uniform = b.op('mul', b.dimension(r), b.i32(3));
  b.store(shared, [me], before);
  b.barrier();
  const sum = b.op('add', b.op('add', kept, b.load(shared, [me])), b.bitcast(uniform, 'u32'));
  b.store(r, [me], sum);
  const program = b.finish();
  const everywhere = (value: Value) => value === me;
  const { body, slots, leavesEarly } = splitRegions(program.body, uniformValues(program), everywhere);
  expect([...slots]).toEqual([kept]);
  expect(leavesEarly).toBe(false);
  expect(body.regions.map(({ kind }) => kind)).toEqual(['segment', 'segment']);
  const [first, second] = body.regions as [Segment, Segment];
  expect([...first.reads]).toEqual([]);
  expect([...second.reads]).toEqual([kept]);
});
