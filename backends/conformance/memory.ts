/** Loads and stores: every element type and rank, in bounds and out, and the arrays of invocations and workgroups. */

import {
  type Builder,
  type ElementType,
  elementBytes,
  elementTypes,
  isPacked,
  type Memory,
  type Value,
} from '../../src/ir/index.ts';
import type { Case } from './suite.ts';
import { array, attempt, type Trial, zeros } from './trial.ts';

const group = 'memory';
const trial = (name: string, what: Trial): Case => ({ group, name, run: (device) => attempt(device, what) });

/** Bytes that mean a finite number in every type. */
function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i % 2 === 1 ? 0x30 + ((i * 5) % 12) : (i * 37) % 251));
}
const filled = (element: ElementType, ...shape: number[]) => ({
  bytes: pattern(shape.reduce((a, b) => a * b, elementBytes(element))),
  shape,
});
const ids = (b: Builder, rank: number): Value[] =>
  // rank 4 has its two slowest axes in z
  rank < 4
    ? Array.from({ length: rank }, (_, axis) => b.id('globalId', rank - 1 - axis))
    : [
        b.op('div', b.id('globalId', 2), b.i32(2)),
        b.op('rem', b.id('globalId', 2), b.i32(2)),
        b.id('globalId', 1),
        b.id('globalId', 0),
      ];

function elementCases(): Case[] {
  return elementTypes.flatMap((element) => [
    trial(`copy ${element}`, {
      build: (b) => {
        const [from, to] = [b.buffer('from', 'read', element), b.buffer('to', 'write', element)];
        const i = b.id('globalId');
        b.store(to, [i], b.load(from, [i]));
      },
      args: [filled(element, 203), zeros(element, 203)],
      grid: 203,
    }),
    trial(`scatter and gather ${element}`, {
      // 77 and 101 share no factor: every element has one writer, whose neighbours are others'
      build: (b) => {
        const [from, to] = [b.buffer('from', 'read', element), b.buffer('to', 'readWrite', element)];
        const spread = (n: number) => b.op('rem', b.op('mul', b.id('globalId'), b.i32(n)), b.i32(101));
        b.store(to, [spread(77)], b.load(from, [spread(30)]));
      },
      args: [filled(element, 101), filled(element, 101)],
      grid: 101,
    }),
    trial(`out of bounds ${element}`, {
      build: (b) => {
        const [from, to] = [b.buffer('from', 'read', element), b.buffer('to', 'readWrite', element)];
        const fixed = b.buffer('fixed', 'readWrite', element);
        b.store(to, [b.op('sub', b.id('globalId'), b.i32(9))], b.load(from, [b.op('sub', b.id('globalId'), b.i32(4))]));
        b.store(fixed, [b.i32(-2147483648)], b.load(from, [b.i32(0)]));
        b.store(fixed, [b.u32(0xffffffff)], b.load(from, [b.i32(0)]));
        b.store(fixed, [b.i32(2)], b.load(from, [b.u32(0x80000000)]));
        b.store(fixed, [b.i32(3)], b.load(from, [b.i32(-1)]));
      },
      args: [filled(element, 7), filled(element, 7), filled(element, 4)],
      grid: 29,
    }),
  ]);
}

function packedCases(): Case[] {
  return elementTypes.filter(isPacked).map((element) =>
    trial(`stores to ${element} wrap`, {
      build: (b) => {
        const [from, to] = [b.buffer('from', 'read', 'i32'), b.buffer('to', 'write', element)];
        const i = b.id('globalId');
        const value = b.load(from, [i]);
        b.store(to, [i], element.startsWith('u') ? b.convert(value, 'u32') : value);
      },
      args: [
        array('i32', [0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, -32769, 2 ** 31 - 1]),
        zeros(element, 13),
      ],
      grid: 13,
    }),
  );
}

function rankCases(): Case[] {
  const shapes = [[11], [5, 7], [3, 4, 5], [2, 2, 3, 5]] as const;
  return shapes.flatMap((shape) => {
    const rank = shape.length;
    const around = [...shape].reverse();
    const grid = [
      (around[0] ?? 1) + 2,
      (around[1] ?? 1) + (rank > 1 ? 2 : 0),
      rank === 4 ? shape[0] * shape[1]! : rank === 3 ? shape[0] + 2 : 1,
    ] as const;
    return [
      trial(`rank ${rank}: each index against its own dimension`, {
        build: (b) => {
          const [from, to] = [b.buffer('from', 'read', 'i32', rank), b.buffer('to', 'readWrite', 'i32', rank)];
          const at = ids(b, rank);
          const shifted = at.map((index, axis) => (axis < rank - 2 ? index : b.op('sub', index, b.i32(1))));
          b.store(to, at, b.load(from, shifted));
        },
        args: [filled('i32', ...shape), filled('i32', ...shape)],
        grid,
      }),
      trial(`rank ${rank}: dimensions`, {
        build: (b) => {
          const shaped = b.buffer('shaped', 'read', 'u8', rank);
          const to = b.buffer('to', 'write', 'i32');
          for (let axis = 0; axis < rank; axis++) b.store(to, [b.i32(axis)], b.dimension(shaped, axis));
        },
        args: [filled('u8', ...shape), zeros('i32', 4)],
        grid: 1,
      }),
    ];
  });
}

function localCases(): Case[] {
  const spaces = ['private', 'workgroup'] as const;
  const elements: readonly ElementType[] = [
    'f32',
    'i32',
    'u32',
    'f16',
    'u8',
    'i16',
    'vec2<f32>',
    'vec3<i32>',
    'vec4<u32>',
  ];
  const make = (b: Builder, space: (typeof spaces)[number], element: ElementType, length: number): Memory =>
    space === 'private' ? b.privateArray('local', element, length) : b.workgroupArray('local', element, length);
  return spaces.flatMap((space) =>
    elements.flatMap((element) => [
      trial(`${space} array of ${element}: zero, written, out of bounds`, {
        workgroup: [8, 1, 1],
        build: (b) => {
          const [from, to] = [b.buffer('from', 'read', element), b.buffer('to', 'write', element, 2)];
          const local = make(b, space, element, 8);
          const [i, own] = [b.id('globalId'), b.id('localIndex')];
          const read = (column: number, index: Value) => b.store(to, [i, b.i32(column)], b.load(local, [index]));
          read(0, own);
          b.store(local, [own], b.load(from, [i]));
          read(1, own);
          b.store(local, [b.op('sub', own, b.i32(100))], b.load(from, [i]));
          b.store(local, [b.op('add', own, b.i32(8))], b.load(from, [i]));
          read(2, own);
          read(3, b.op('sub', own, b.i32(9)));
          read(4, b.u32(0xfffffff0));
          read(5, b.op('add', own, b.i32(8)));
        },
        args: [filled(element, 20), zeros(element, 20, 6)],
        grid: 20,
      }),
    ]),
  );
}

const otherCases: readonly Case[] = [
  trial('clear sets a private array to zero, in a loop too', {
    build: (b) => {
      const to = b.buffer('to', 'write', 'i32', 2);
      const local = b.privateArray('local', 'i32', 3);
      const i = b.id('globalId');
      b.loop([b.i32(0)], [], ([k]) => {
        b.if(b.op('ge', k!, b.i32(5)), () => b.break());
        b.if(b.op('eq', b.op('rem', k!, b.i32(2)), b.i32(0)), () => b.clear(local));
        const at = b.op('rem', b.op('add', i, k!), b.i32(3));
        b.store(local, [at], b.op('add', b.load(local, [at]), b.op('add', i, b.i32(1))));
        b.store(to, [i, k!], b.load(local, [b.i32(1)]));
        return [b.op('add', k!, b.i32(1))];
      });
    },
    args: [zeros('i32', 9, 5)],
    grid: 9,
  }),
  trial('vector components', {
    build: (b) => {
      const [from, to] = [b.buffer('from', 'read', 'vec4<i32>'), b.buffer('to', 'write', 'vec3<i32>')];
      const vector = b.load(from, [b.id('globalId')]);
      const [x, y, z, w] = [0, 1, 2, 3].map((c) => b.extract(vector, c)) as [Value, Value, Value, Value];
      b.store(to, [b.id('globalId')], b.compose(b.op('add', x, w), b.op('sub', y, z), b.op('mul', z, w)));
    },
    args: [filled('vec4<i32>', 13), zeros('vec3<i32>', 13)],
    grid: 13,
  }),
  ...(['i32', 'u32', 'f32'] as const).map((type) =>
    trial(`scalar and vector arguments of ${type}`, {
      build: (b) => {
        const scalar = b.scalar('scalar', type);
        const vector = b.scalar('vector', `vec3<${type}>`);
        const flag = b.scalar('flag', 'bool');
        const to = b.buffer('to', 'write', type);
        const given = b.argument(vector);
        b.store(to, [b.i32(0)], b.argument(scalar));
        for (const c of [0, 1, 2]) b.store(to, [b.i32(c + 1)], b.extract(given, c));
        b.store(to, [b.i32(4)], b.op('select', b.argument(flag), b.constant(type, 1), b.constant(type, 2)));
      },
      args: [
        [7],
        type === 'i32' ? [-1, 2, -2147483648] : [1, 2.5, 4294967040].map(type === 'u32' ? Math.trunc : Number),
        [1],
        zeros(type, 5),
      ],
      grid: 1,
    }),
  ),
  trial('several invocations store one value to one element', {
    build: (b) => {
      const [bytes, words] = [b.buffer('bytes', 'readWrite', 'u8'), b.buffer('words', 'readWrite', 'u32')];
      const at = b.op('rem', b.id('globalId'), b.i32(3));
      b.store(bytes, [at], b.u32(0xa5));
      b.store(words, [at], b.u32(77));
    },
    args: [filled('u8', 5), filled('u32', 5)],
    grid: 300,
  }),
  trial('arrays of length 0 are all out of bounds', {
    build: (b) => {
      const [from, to] = [b.buffer('from', 'read', 'i32', 2), b.buffer('to', 'readWrite', 'u8', 2)];
      const out = b.buffer('out', 'write', 'i32');
      const i = b.id('globalId');
      b.store(to, [i, b.i32(0)], b.u32(1));
      b.store(out, [i], b.op('add', b.load(from, [b.i32(0), i]), b.dimension(from, 1)));
    },
    args: [zeros('i32', 0, 5), zeros('u8', 3, 0), zeros('i32', 4)],
    grid: 4,
  }),
];

export function memoryCases(): Case[] {
  return [...elementCases(), ...packedCases(), ...rankCases(), ...localCases(), ...otherCases];
}
