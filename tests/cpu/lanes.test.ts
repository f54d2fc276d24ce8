/** Kernels in lanes against the interpreter and against the scalar form, where lanes part and where they reach past the end. */

import { afterAll, expect, it } from 'vitest';
import { analyseLanes } from '../../backends/cpu/lanes/shape.ts';
import { Builder } from '../../src/ir/builder.ts';
import { forEachInstruction, type Program, type Value } from '../../src/ir/program.ts';
import type { ElementType } from '../../src/ir/types.ts';
import { perInvocation, randomDivergence } from '../support/random-divergence.ts';
import type { RandomLaunch } from '../support/random-launch.ts';
import { randomProgram } from '../support/random-program.ts';
import { firstDifference, openOnCaller, runByDefinition, runOnCpu } from './on-cpu.ts';

const inLanes = openOnCaller();
const oneByOne = openOnCaller(1);
afterAll(async () => {
  await inLanes.close();
  await oneByOne.close();
});

async function agree(program: Program, launch: RandomLaunch, what: string): Promise<void> {
  const wanted = runByDefinition(program, launch);
  for (const [form, device] of Object.entries({ inLanes, oneByOne })) {
    const difference = firstDifference(program, await runOnCpu(device, program, launch), wanted);
    expect(difference, `${what}, ${form}`).toBeUndefined();
  }
}

it('random programs', { timeout: 60_000 }, async () => {
  let wide = 0;
  for (let seed = 20_000; wide < 40; seed++) {
    const options = { floats: 'basic', f16: seed % 2 === 0, packedStores: true, size: 60 } as const;
    const { program, launch } = randomProgram(seed, options);
    if (launch.workgroup[0] < 4 || launch.grid[0]! < 4) continue;
    wide++;
    await agree(program, launch, `seed ${seed}`);
  }
});

it('random programs in which lanes part', { timeout: 60_000 }, async () => {
  for (let seed = 0; seed < 80; seed++) {
    const program = randomDivergence(seed);
    const data = Int32Array.from({ length: 40 }, (_, k) => Math.imul(k + seed, 2654435761) >>> 28);
    const args = [
      { shape: [40], bytes: new Uint8Array(data.buffer) },
      { shape: [13, perInvocation], bytes: new Uint8Array(13 * perInvocation * 4) },
      [seed % 7],
    ];
    await agree(program, { args, grid: [13, 1, 1], workgroup: [8, 1, 1] }, `seed ${seed}`);
  }
});

it('functions that are formulas give the same bits in both forms', { timeout: 60_000 }, async () => {
  let wide = 0;
  for (let seed = 30_000; wide < 20; seed++) {
    const { program, launch } = randomProgram(seed, { floats: 'all' });
    if (launch.workgroup[0] < 4 || launch.grid[0]! < 4) continue;
    wide++;
    const wanted = await runOnCpu(oneByOne, program, launch);
    expect(firstDifference(program, await runOnCpu(inLanes, program, launch), wanted), `seed ${seed}`).toBeUndefined();
  }
});

interface Parts {
  readonly b: Builder;
  /** The invocation's place, and a number of its own, small and mixed. */
  readonly i: Value;
  readonly x: Value;
  readonly n: Value;
  readonly load: (index: Value) => Value;
  /** To the invocation's own element. */
  readonly give: (value: Value) => void;
}
const odd = (b: Builder, x: Value) => b.op('eq', b.op('and', x, b.i32(1)), b.i32(1));
const less = (b: Builder, x: Value, y: number) => b.op('lt', x, b.i32(y));
const plus = (b: Builder, x: Value, y: number) => b.op('add', x, b.i32(y));

const kernels: Record<string, (parts: Parts) => void> = {
  'a loop that lanes leave at different times, with its counter': ({ b, x, give }) => {
    const [k, v] = b.loop([b.i32(0), x], ['i32', 'i32'], ([k, v]) => {
      b.if(b.op('ge', k!, b.i32(40)), () => b.break(k!, v!));
      b.if(less(b, v!, 3), () => b.break(k!, plus(b, v!, 100)));
      return [plus(b, k!, 1), b.op('sub', v!, b.i32(3))];
    });
    give(b.op('add', b.op('mul', k!, b.i32(1000)), v!));
  },
  'values that change places while lanes leave': ({ b, x, give }) => {
    const [u, v] = b.loop([x, b.i32(7), b.i32(0)], ['i32', 'i32'], ([u, v, k]) => {
      b.if(b.op('gt', k!, b.op('and', x, b.i32(7))), () => b.break(v!, u!));
      return [v!, plus(b, u!, 1), plus(b, k!, 1)];
    });
    give(b.op('sub', b.op('mul', u!, b.i32(64)), v!));
  },
  'continue in some lanes, with values of their own': ({ b, x, give }) => {
    const [sum] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([k, sum]) => {
      b.if(b.op('ge', k!, b.i32(9)), () => b.break(sum!));
      b.if(odd(b, b.op('add', k!, x)), () => b.continue(plus(b, k!, 2), plus(b, sum!, 5)));
      return [plus(b, k!, 1), b.op('add', sum!, b.op('mul', k!, x))];
    });
    give(sum!);
  },
  'a loop that goes on from inside an arm and breaks from the other': ({ b, x, give }) => {
    const [v] = b.loop([x], ['i32'], ([v]) => {
      b.if(
        b.op('gt', v!, b.i32(4)),
        () => b.continue(b.op('shr', v!, b.u32(1))),
        () => b.break(b.op('neg', v!)),
      );
      b.unreachable();
      return undefined as never;
    });
    give(v!);
  },
  'return from two loops deep': ({ b, x, give }) => {
    give(b.i32(-1));
    b.loop([b.i32(0)], [], ([k]) => {
      b.if(b.op('ge', k!, b.i32(5)), () => b.break());
      b.loop([b.i32(0)], [], ([m]) => {
        b.if(b.op('ge', m!, b.i32(4)), () => b.break());
        b.if(b.op('eq', b.op('add', b.op('mul', k!, b.i32(4)), m!), x), () => {
          give(b.op('add', b.op('mul', k!, b.i32(100)), m!));
          b.return();
        });
        return [plus(b, m!, 1)];
      });
      return [plus(b, k!, 1)];
    });
    give(b.i32(-2));
  },
  'a uniform break after lanes have continued': ({ b, x, n, give }) => {
    const [v] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([k, v]) => {
      b.if(b.op('gt', k!, b.i32(20)), () => b.break(b.i32(-5)));
      b.if(b.op('gt', x, k!), () => b.continue(plus(b, k!, 1), plus(b, v!, 3)));
      b.if(b.op('gt', n, b.i32(2)), () => b.break(v!));
      return [plus(b, k!, 1), plus(b, v!, 50)];
    });
    give(v!);
  },
  'effects in arms, of which a lane takes one': ({ b, i, x, load, give }) => {
    give(b.i32(1));
    b.if(
      odd(b, x),
      () => give(b.op('add', load(plus(b, i, 1)), b.i32(1000))),
      () => b.if(less(b, x, 9), () => give(b.op('div', b.i32(99), x))),
    );
  },
  'arms that are cheap': ({ b, x, give }) => {
    const [u, v] = b.if(
      less(b, x, 8),
      () => [b.op('mul', x, b.i32(3)), b.i32(4)],
      () => [b.i32(1), b.op('xor', x, b.i32(255))],
    );
    give(b.op('add', b.op('mul', u!, b.i32(512)), v!));
  },
  'neighbours and strangers, in bounds and out': ({ b, i, x, n, load, give }) => {
    const indices = [
      plus(b, i, -2),
      plus(b, i, 3),
      b.op('add', i, n),
      b.op('sub', n, i),
      b.op('mul', i, b.i32(3)),
      b.op('sub', x, b.i32(5)),
      b.op('mul', x, b.i32(0x12345678)),
      b.op('sub', b.i32(-(2 ** 31)), i),
      plus(b, i, 2 ** 31 - 1),
      n,
    ];
    give(indices.reduce((sum, index) => b.op('add', b.op('mul', sum, b.i32(31)), load(index)), b.i32(0)));
  },
  'a grid-stride loop': ({ b, i, n, load, give }) => {
    const [sum] = b.loop([i, b.i32(0)], ['i32'], ([k, sum]) => {
      b.if(b.op('ge', k!, b.i32(23)), () => b.break(sum!));
      return [b.op('add', k!, plus(b, n, 1)), b.op('add', b.op('mul', sum!, b.i32(7)), load(k!))];
    });
    give(sum!);
  },
  'integer operations that no vector has': ({ b, i, x, n, give }) => {
    const u = b.convert(b.op('mul', x, b.i32(0x9e3779b1 | 0)), 'u32');
    const parts = [
      b.op('div', b.bitcast(u, 'i32'), b.op('sub', x, b.i32(4))),
      b.op('rem', b.bitcast(u, 'i32'), b.op('sub', i, b.i32(4))),
      b.op('shl', x, b.op('add', i, n)),
      b.op('shr', b.bitcast(u, 'i32'), b.op('sub', n, b.i32(40))),
      b.convert(b.op('shr', u, x), 'i32'),
      b.convert(b.op('mulHigh', u, b.op('not', u)), 'i32'),
      b.op('mulHigh', b.bitcast(u, 'i32'), b.op('sub', b.i32(0), x)),
      b.convert(b.op('countLeadingZeros', b.op('shr', u, x)), 'i32'),
      b.convert(b.op('countTrailingZeros', u), 'i32'),
      b.convert(b.op('countOneBits', u), 'i32'),
    ];
    give(parts.reduce((sum, part) => b.op('add', b.op('mul', sum, b.i32(31)), part), b.i32(0)));
  },
};

const width = 23;
function build(name: string, write: (parts: Parts) => void): Program {
  const b = new Builder({ name, workgroup: [16, 1, 1] });
  const input = b.buffer('x', 'read', 'i32');
  const r = b.buffer('r', 'readWrite', 'i32');
  const n = b.argument(b.scalar('n', 'i32'));
  const i = b.id('globalId', 0);
  const load = (index: Value) => b.load(input, [index]);
  write({ b, i, x: load(i), n, load, give: (value) => b.store(r, [i], value) });
  return b.finish();
}
function launchOf(n: number): RandomLaunch {
  const data = Int32Array.from({ length: width }, (_, k) => Math.imul(k + 1, 2654435761) >>> 27);
  const args = [
    { shape: [width], bytes: new Uint8Array(data.buffer) },
    { shape: [width], bytes: new Uint8Array(width * 4) },
    [n],
  ];
  return { args, grid: [width, 1, 1], workgroup: [16, 1, 1] };
}
it.each(Object.keys(kernels))('%s', async (name) => {
  const program = build(name, kernels[name]!);
  for (const n of [0, 3, 20]) await agree(program, launchOf(n), `n = ${n}`);
});

const elements = ['f32', 'vec2<i32>', 'vec3<f32>', 'vec4<f32>', 'vec4<f16>', 'f16', 'u8', 'i16'] as const;
it.each(elements)(
  'arrays of %s: neighbours, strided, private, some of them under a mask',
  async (element: ElementType) => {
    for (const guarded of [false, true]) {
      const b = new Builder({ name: 'arrays', workgroup: [16, 1, 1] });
      const input = b.buffer('x', 'read', element, 2);
      const r = b.buffer('r', 'readWrite', element, 2);
      const strided = b.buffer('strided', 'readWrite', element, 2);
      const own = b.privateArray('own', element, 5);
      const i = b.id('globalId', 0);
      const small = b.op('rem', b.op('mul', i, b.i32(7)), b.i32(6)); // one past the end for some
      const body = () => {
        b.store(own, [b.i32(2)], b.load(input, [b.i32(0), i]));
        b.store(own, [small], b.load(input, [small, b.i32(3)]));
        b.store(r, [b.i32(0), i], b.load(own, [b.i32(2)]));
        b.store(r, [b.i32(1), b.op('sub', b.i32(width), i)], b.load(own, [small]));
        b.store(strided, [i, b.i32(2)], b.load(input, [b.i32(1), b.op('add', i, b.i32(1))]));
        b.if(b.op('gt', small, b.i32(2)), () => b.clear(own));
        b.store(r, [b.i32(2), b.op('add', i, b.i32(24))], b.load(own, [b.i32(2)]));
      };
      if (guarded) b.if(b.op('ne', b.op('and', i, b.i32(3)), b.i32(1)), body);
      else body();
      const program = b.finish();
      const bytes = (size: number) => Uint8Array.from({ length: size }, (_, k) => (k * 37 + 11) & 0x3f);
      const perElement = 16;
      const shape = [3, 64];
      const args = [
        { shape, bytes: bytes(3 * 64 * perElement) },
        { shape, bytes: new Uint8Array(3 * 64 * perElement) },
        { shape: [width - 1, 3], bytes: new Uint8Array((width - 1) * 3 * perElement) },
      ];
      await agree(program, { args, grid: [width, 1, 1], workgroup: [16, 1, 1] }, `guarded: ${guarded}`);
    }
  },
);

it('a loop counter stays uniform while lanes leave, what they leave with varies', () => {
  const seen: Record<string, Value> = {};
  const program = build('shapes', ({ b, i, x, n, give }) => {
    const [out] = b.loop([b.i32(0), i, x], ['i32'], ([k, at, v]) => {
      Object.assign(seen, { k, at, v });
      b.if(b.op('gt', v!, k!), () => b.break(k!));
      return [plus(b, k!, 1), b.op('add', at!, n), b.op('sub', v!, at!)];
    });
    seen['out'] = out!;
    give(out!);
  });
  const lanes = analyseLanes(program, { leavesEarly: false });
  const shapes = Object.fromEntries(Object.entries(seen).map(([name, value]) => [name, lanes.shape(value)]));
  expect(shapes).toEqual({ k: 'uniform', at: 'consecutive', v: 'varying', out: 'varying' });
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind === 'loop') {
      expect(lanes.diverges(instruction)).toBe(true);
      expect(lanes.loses(instruction)).toBe(false);
    }
  });
});
