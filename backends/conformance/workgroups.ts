/** The grid and the workgroup: ids, boxes, tails and ghosts, barriers, collectives, atomics, random numbers. */

import type { Device } from '../../src/device/index.ts';
import type { AtomicOp, Builder, CollectiveOp, Value } from '../../src/ir/index.ts';
import { type Case, check } from './suite.ts';
import { array, attempt, execute, numbersIn, type Trial, verified, zeros } from './trial.ts';

const trial = (group: string, name: string, what: Trial): Case => ({
  group,
  name,
  run: (device) => attempt(device, what),
});

/** Grids that leave tails in each axis. */
const grids = [
  { grid: [1, 1, 1], workgroup: [1, 1, 1] },
  { grid: [7, 1, 1], workgroup: [64, 1, 1] },
  { grid: [129, 1, 1], workgroup: [64, 1, 1] },
  { grid: [13, 9, 1], workgroup: [8, 8, 1] },
  { grid: [5, 3, 7], workgroup: [4, 4, 4] },
  { grid: [3, 200, 1], workgroup: [1, 64, 1] },
  { grid: [2, 2, 5], workgroup: [2, 1, 3] },
] as const;

/** Linear index of the invocation in a grid of that width and height. */
function linear(b: Builder, [width, height]: readonly number[]): Value {
  const plane = b.op('add', b.id('globalId', 1), b.op('mul', b.id('globalId', 2), b.i32(height!)));
  return b.op('add', b.id('globalId', 0), b.op('mul', plane, b.i32(width!)));
}
const size = (grid: readonly number[]) => grid.reduce((a, b) => a * b, 1);

function idCases(): Case[] {
  return grids.flatMap(({ grid, workgroup }) => {
    const build = (b: Builder) => {
      const to = b.buffer('to', 'readWrite', 'i32', 4);
      const at = [2, 1, 0].map((axis) => b.id('globalId', axis));
      const ops = ['globalId', 'localId', 'workgroupId', 'numWorkgroups', 'workgroupSize'] as const;
      const ids = [...ops.flatMap((op) => [0, 1, 2].map((axis) => b.id(op, axis))), b.id('localIndex')];
      for (const [k, id] of ids.entries()) b.store(to, [...at, b.i32(k)], id);
      b.store(to, [...at, b.i32(16)], b.convert(b.id('inGrid'), 'i32'));
    };
    const what: Trial = { workgroup, build, args: [zeros('i32', grid[2], grid[1], grid[0], 17)], grid };
    const groups = grid.map((n, axis) => Math.ceil(n / workgroup[axis]!)) as [number, number, number];
    const base = groups.map((n) => Math.floor(n / 2)) as [number, number, number];
    const count = groups.map((n, axis) => Math.min(1, n - base[axis]!)) as [number, number, number];
    const name = `${grid.join(' x ')} in workgroups of ${workgroup.join(' x ')}`;
    return [
      trial('grid', `ids: ${name}`, what),
      trial('grid', `one workgroup in the middle: ${name}`, { ...what, base, count }),
      trial('grid', `all but the first workgroups: ${name}`, {
        ...what,
        base: groups.map((n) => Math.min(1, n - 1)) as [number, number, number],
        count: groups.map((n) => Math.max(1, n - 1)) as [number, number, number],
      }),
      trial('barriers', `a tile is whole where the grid is not: ${name}`, {
        workgroup,
        build: (b) => {
          const to = b.buffer('to', 'write', 'i32');
          const length = size(workgroup);
          const tile = b.workgroupArray('tile', 'i32', length);
          const local = b.id('localIndex');
          b.store(tile, [local], b.op('add', b.op('mul', linear(b, grid), b.i32(3)), b.i32(1)));
          b.barrier();
          const [sum] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([k, s]) => {
            b.if(b.op('ge', k!, b.i32(length)), () => b.break(s!));
            return [b.op('add', k!, b.i32(1)), b.op('xor', b.op('mul', s!, b.i32(5)), b.load(tile, [k!]))];
          });
          const inside = [0, 1, 2].map((axis) => b.op('lt', b.id('globalId', axis), b.i32(grid[axis]!)));
          const at = b.op(
            'select',
            inside.reduce((x, y) => b.op('and', x, y)),
            linear(b, grid),
            b.i32(-1),
          );
          b.store(to, [at], sum!);
        },
        args: [zeros('i32', size(grid))],
        grid,
      }),
    ];
  });
}

const zeroCases = [
  [0, 1, 1],
  [5, 0, 1],
  [5, 5, 0],
].map((grid) =>
  trial('grid', `nothing runs on ${grid.join(' x ')}`, {
    build: (b) => b.store(b.buffer('to', 'readWrite', 'i32'), [b.i32(0)], b.i32(1)),
    args: [array('i32', [7])],
    grid: grid as [number, number, number],
  }),
);

/** More workgroups along one axis than WebGPU dispatches at once. */
const bigGrids = [
  [70_000, 1, 1],
  [2, 70_000, 1],
  [1, 2, 66_000],
] as const;
const bigCases = bigGrids.map(
  (grid): Case => ({
    group: 'grid',
    name: `${grid.join(' x ')} workgroups`,
    run: async (device: Device) => {
      const program = await device.compile(
        verified({
          workgroup: [1, 1, 1],
          build: (b) => {
            const to = b.buffer('to', 'readWrite', 'i32');
            const at = linear(b, grid);
            b.store(to, [at], b.op('add', b.load(to, [at]), b.op('mul', at, b.i32(3))));
          },
        }),
      );
      const [bytes] = await execute(device, program, [array('i32', new Array(size(grid)).fill(1))], grid);
      const wrong = numbersIn('i32', bytes!).findIndex((value, i) => value !== 3 * i + 1);
      check(wrong < 0, `element ${wrong} is wrong`);
    },
  }),
);

function barrierCases(): Case[] {
  const grid = [150, 1, 1] as const;
  return [
    trial('barriers', 'a loop of exchanges between neighbours', {
      workgroup: [64, 1, 1],
      build: (b) => {
        const to = b.buffer('to', 'write', 'i32');
        const ring = b.workgroupArray('ring', 'i32', 64);
        const local = b.id('localIndex');
        const next = b.op('rem', b.op('add', local, b.i32(1)), b.i32(64));
        b.store(ring, [local], b.op('mul', local, local));
        b.barrier();
        b.loop([b.i32(0)], [], ([k]) => {
          b.if(b.op('ge', k!, b.i32(9)), () => b.break());
          const sum = b.op('add', b.load(ring, [next]), b.op('add', b.load(ring, [local]), k!));
          b.barrier();
          b.store(ring, [local], sum);
          b.barrier();
          return [b.op('add', k!, b.i32(1))];
        });
        b.store(to, [b.id('globalId')], b.load(ring, [local]));
      },
      args: [zeros('i32', 150)],
      grid,
    }),
    trial('barriers', 'storage written before is seen after, within the workgroup', {
      workgroup: [32, 1, 1],
      build: (b) => {
        const to = b.buffer('to', 'readWrite', 'i32');
        const out = b.buffer('out', 'write', 'i32');
        const i = b.id('globalId');
        b.store(to, [i], b.op('mul', i, b.i32(7)));
        b.barrier();
        b.store(out, [i], b.load(to, [b.op('xor', i, b.i32(31))]));
      },
      args: [zeros('i32', 128), zeros('i32', 128)],
      grid: 128,
    }),
    trial('barriers', 'a barrier in the taken arm of a uniform if; values live across it', {
      workgroup: [16, 1, 1],
      build: (b) => {
        const to = b.buffer('to', 'write', 'f32');
        const shared = b.workgroupArray('shared', 'f32', 16);
        const own = b.privateArray('own', 'i32', 2);
        const [i, local] = [b.id('globalId'), b.id('localIndex')];
        const kept = b.op('mul', b.convert(i, 'f32'), b.f32(0.5));
        b.store(own, [b.op('rem', local, b.i32(2))], i);
        const odd = b.op('eq', b.op('rem', b.id('workgroupId'), b.i32(2)), b.i32(1));
        const [value] = b.if(
          odd,
          () => {
            b.store(shared, [local], kept);
            b.barrier();
            return [b.load(shared, [b.op('sub', b.i32(15), local)])];
          },
          () => [b.op('neg', kept)],
        );
        const total = b.op('add', b.load(own, [b.i32(0)]), b.load(own, [b.i32(1)]));
        b.store(to, [i], b.op('add', value!, b.op('add', kept, b.convert(total, 'f32'))));
      },
      args: [zeros('f32', 70)],
      grid: 70,
    }),
    trial('barriers', 'ghosts touch no buffer', {
      workgroup: [64, 1, 1],
      build: (b) => {
        const to = b.buffer('to', 'readWrite', 'i32');
        const counter = b.buffer('counter', 'atomic', 'u32');
        const i = b.id('globalId');
        b.barrier();
        b.store(to, [b.op('rem', i, b.i32(80))], b.op('add', i, b.i32(1)));
        b.atomic('atomicAdd', counter, [b.i32(0)], b.u32(1));
      },
      args: [zeros('i32', 80), zeros('u32', 1)],
      grid: 70,
    }),
    trial('barriers', 'uniformLoad', {
      workgroup: [64, 1, 1],
      build: (b) => {
        const to = b.buffer('to', 'write', 'i32');
        const shared = b.workgroupArray('shared', 'i32', 2);
        const local = b.id('localIndex');
        const [sum] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([k, s]) => {
          b.if(b.op('ge', k!, b.i32(6)), () => b.break(s!));
          b.if(b.op('eq', local, b.op('mul', k!, b.i32(9))), () => b.store(shared, [b.i32(1)], b.op('add', local, k!)));
          const seen = b.uniformLoad(shared, b.i32(1));
          return [b.op('add', k!, b.i32(1)), b.op('add', b.op('mul', s!, b.i32(3)), seen)];
        });
        b.store(to, [b.id('globalId')], sum!);
      },
      args: [zeros('i32', 100)],
      grid: 100,
    }),
  ];
}

function collectiveCases(): Case[] {
  const ops = [
    'groupSum',
    'groupMin',
    'groupMax',
    'groupScan',
    'groupBroadcast',
    'uniform',
  ] as const satisfies readonly CollectiveOp[];
  const types = ['i32', 'u32', 'f32'] as const;
  // awkward floats: a sum in another order has other bits
  const data = Array.from({ length: 1200 }, (_, i) => Math.fround(Math.sin(i * 12.9898) * 10 ** ((i * 7) % 6)));
  const inRow = { grid: [129, 1, 1], workgroup: [64, 1, 1] } as const;
  const inPlane = { grid: [13, 9, 1], workgroup: [8, 8, 1] } as const;
  const odd = [
    { grid: [7, 1, 1], workgroup: [64, 1, 1] },
    { grid: [5, 3, 7], workgroup: [4, 4, 4] },
    { grid: [300, 1, 1], workgroup: [256, 1, 1] },
    { grid: [200, 1, 1], workgroup: [100, 1, 1] },
    { grid: [2, 2, 5], workgroup: [2, 1, 3] },
  ] as const;
  const cases = ops.flatMap((op) =>
    types.flatMap((type) => {
      const ordered = type === 'f32' && (op === 'groupSum' || op === 'groupScan');
      return (ordered ? [inRow, inPlane, ...odd] : [inRow, inPlane]).map(({ grid, workgroup }) =>
        trial('collectives', `${op} of ${type}: ${grid.join(' x ')} in ${workgroup.join(' x ')}`, {
          workgroup,
          build: (b) => {
            const [from, to] = [b.buffer('from', 'read', type), b.buffer('to', 'write', type, 3)];
            const at = [2, 1, 0].map((axis) => b.id('globalId', axis));
            b.store(to, at, b.collective(op, b.load(from, [linear(b, grid)])));
          },
          args: [array(type, type === 'f32' ? data : data.map(Math.trunc)), zeros(type, grid[2], grid[1], grid[0])],
          grid,
        }),
      );
    }),
  );
  return [
    ...cases,
    trial('collectives', 'several, and in a loop', {
      workgroup: [64, 1, 1],
      build: (b) => {
        const [from, to] = [b.buffer('from', 'read', 'i32'), b.buffer('to', 'write', 'i32')];
        const i = b.id('globalId');
        const [state] = b.loop([b.i32(0), b.load(from, [i])], ['i32'], ([k, own]) => {
          b.if(b.op('ge', k!, b.i32(4)), () => b.break(own!));
          const sum = b.collective('groupSum', own!);
          const scan = b.collective('groupScan', b.op('xor', own!, sum));
          return [b.op('add', k!, b.i32(1)), b.op('add', scan, b.op('mul', b.collective('groupMin', scan), b.i32(3)))];
        });
        b.store(to, [i], state!);
      },
      args: [array('i32', data.map(Math.trunc)), zeros('i32', 100)],
      grid: 100,
    }),
  ];
}

function atomicCases(): Case[] {
  /** Operations whose outcome does not depend on the order. */
  const commuting = ['atomicAdd', 'atomicSub', 'atomicMin', 'atomicMax', 'atomicAnd', 'atomicOr', 'atomicXor'] as const;
  const types = ['i32', 'u32'] as const;
  const start = [0, -1, 5, -100, 0x0f0f0f0f];
  return types.flatMap((type) => [
    ...commuting.flatMap((op: AtomicOp) => {
      const value = (b: Builder) =>
        b.convert(b.op('sub', b.op('mul', b.id('globalId'), b.i32(2654435)), b.i32(99)), type);
      return [
        trial('atomics', `${op} on a buffer of ${type}`, {
          build: (b) => {
            const words = b.buffer('words', 'atomic', type);
            const at = b.op('sub', b.op('rem', b.id('globalId'), b.i32(7)), b.i32(1));
            b.atomic(op, words, [at], value(b));
          },
          args: [array(type, start)],
          grid: 500,
        }),
        trial('atomics', `${op} in a workgroup of ${type}`, {
          workgroup: [32, 1, 1],
          build: (b) => {
            const to = b.buffer('to', 'write', type);
            const words = b.workgroupArray('words', type, 4, true);
            const at = b.op('rem', b.id('localIndex'), b.i32(5));
            b.atomic(op, words, [at], value(b));
            b.barrier();
            b.store(to, [b.id('globalId')], b.atomic('atomicLoad', words, [at])!);
          },
          args: [zeros(type, 90)],
          grid: 90,
        }),
      ];
    }),
    trial('atomics', `what they return, ${type}`, {
      build: (b) => {
        const words = b.buffer('words', 'atomic', type);
        const to = b.buffer('to', 'write', type, 2);
        const i = b.id('globalId');
        const c = (n: number) => b.constant(type, n);
        for (const [k, op] of [...commuting, 'atomicExchange' as const].entries())
          b.store(to, [i, b.i32(k)], b.atomic(op, words, [i], c(k + 2))!);
        b.store(to, [i, b.i32(8)], b.atomic('atomicCompareExchange', words, [i], c(9), c(1))!);
        b.store(to, [i, b.i32(9)], b.atomic('atomicCompareExchange', words, [i], c(9), c(2))!);
        b.store(to, [i, b.i32(10)], b.atomic('atomicLoad', words, [i])!);
        b.atomic('atomicStore', words, [i], c(77));
        b.store(to, [i, b.i32(11)], b.atomic('atomicLoad', words, [b.op('add', i, b.i32(100))])!);
      },
      args: [array(type, start), zeros(type, 5, 12)],
      grid: 5,
    }),
    trial('atomics', `compare and exchange counts every invocation, ${type}`, {
      build: (b) => {
        const words = b.buffer('words', 'atomic', type);
        const zero = b.i32(0);
        b.loop([], [], () => {
          const old = b.atomic('atomicLoad', words, [zero])!;
          const seen = b.atomic('atomicCompareExchange', words, [zero], old, b.op('add', old, b.constant(type, 1)))!;
          b.if(b.op('eq', seen, old), () => b.break());
        });
      },
      args: [zeros(type, 1)],
      grid: 200,
    }),
  ]);
}

const randomCases: readonly Case[] = [
  trial('random', 'threefry', {
    build: (b) => {
      const to = b.buffer('to', 'write', 'u32', 2);
      const i = b.convert(b.id('globalId'), 'u32');
      const seeds = [b.u32(0), b.u32(0xffffffff), i, b.op('mul', i, b.u32(0x9e3779b9))];
      for (const [k, seed] of seeds.entries()) b.store(to, [b.id('globalId'), b.i32(k)], b.op('threefry', seed, i));
    },
    args: [zeros('u32', 100, 4)],
    grid: 100,
  }),
];

export function workgroupCases(): Case[] {
  return [
    ...idCases(),
    ...zeroCases,
    ...bigCases,
    ...barrierCases(),
    ...collectiveCases(),
    ...atomicCases(),
    ...randomCases,
  ];
}
