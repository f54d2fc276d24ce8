/** Collectives and threefry written out, against the interpreter's own and against published answers. */

import { describe, expect, test } from 'vitest';
import { Builder } from '../../src/ir/builder.ts';
import { interpretProgram } from '../../src/ir/interpreter.ts';
import { forEachInstruction, type Program } from '../../src/ir/program.ts';
import type { ScalarType } from '../../src/ir/types.ts';
import { verify } from '../../src/ir/verify.ts';
import { expandCollectives, expandThreefry, foldConstants } from '../../src/passes/index.ts';
import { outcome } from '../support/outcome.ts';
import { Random } from '../support/random.ts';
import { copyOf, type RandomLaunch, randomBytes } from '../support/random-launch.ts';

type Shape = readonly [number, number, number];
const collectives = ['groupSum', 'groupMin', 'groupMax', 'groupScan', 'groupBroadcast', 'uniform'] as const;

/** Each invocation gives its element of x to a collective, twice over, and stores what it gets. */
function collecting(op: (typeof collectives)[number], type: ScalarType & ('i32' | 'u32' | 'f32'), workgroup: Shape) {
  const b = new Builder({ name: op, workgroup });
  const x = b.buffer('x', 'read', type, 3);
  const r = b.buffer('r', 'write', type, 3);
  const at = [b.id('globalId', 2), b.id('globalId', 1), b.id('globalId', 0)];
  const once = b.collective(op, b.load(x, at));
  b.store(r, at, b.op('sub', b.collective(op, b.op('add', b.load(x, at), b.constant(type, 1))), once));
  return verify(b.finish()).program;
}

function launchOf(program: Program, workgroup: Shape, grid: Shape, seed: number): RandomLaunch {
  const shape = [...grid].reverse();
  const size = grid[0] * grid[1] * grid[2];
  const { element } = program.params[0] as { element: 'i32' | 'u32' | 'f32' };
  const random = new Random(seed);
  const args = [
    { shape, bytes: randomBytes(random, element, size) },
    { shape, bytes: new Uint8Array(size * 4) },
  ];
  return { grid, workgroup, args };
}

describe('collectives written out give the bits of the interpreter', () => {
  const shapes: readonly Shape[] = [
    ...[1, 2, 3, 5, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 200, 256, 1000, 1024].map((x): Shape => [x, 1, 1]),
    ...([
      [7, 9, 1],
      [16, 16, 1],
      [1, 70, 1],
      [8, 4, 4],
      [3, 5, 7],
      [32, 8, 4],
    ] as const),
  ];
  for (const op of collectives)
    test(op, () => {
      for (const [i, workgroup] of shapes.entries())
        for (const type of ['f32', 'i32', 'u32'] as const) {
          const program = collecting(op, type, workgroup);
          // two workgroups in x, the second cut short, so that ghosts stand among the others
          const grid = workgroup.map((size, axis) => (axis === 0 ? size + Math.ceil(size / 3) : Math.max(1, size - 1)));
          const launch = launchOf(program, workgroup, grid as unknown as Shape, i);
          const expanded = expandCollectives(program, workgroup);
          expect(outcome(expanded, launch), `${op} ${type} ${workgroup}`).toBe(outcome(program, launch));
        }
    });

  test('without races, and without what WGSL lacks', () => {
    for (const op of collectives)
      for (const workgroup of [
        [1, 1, 1],
        [50, 1, 1],
        [16, 8, 2],
      ] as const) {
        const expanded = expandCollectives(collecting(op, 'f32', workgroup), workgroup);
        verify(expanded);
        const findings = interpretProgram(expanded, copyOf(launchOf(expanded, workgroup, [60, 9, 1], 1)), {
          detect: true,
        });
        expect(findings.filter(({ code }) => code === 'data-race')).toEqual([]);
        forEachInstruction(expanded.body, (it) => {
          if (it.kind === 'op') expect(collectives).not.toContain(it.op);
        });
      }
  });

  test('min keeps to the order of its operands where one is NaN', () => {
    const b = new Builder({ name: 'least', workgroup: [4, 1, 1] });
    const x = b.buffer('x', 'read', 'f32');
    const r = b.buffer('r', 'write', 'f32');
    const i = b.id('globalId');
    b.store(r, [i], b.collective('groupMin', b.load(x, [i])));
    const program = expandCollectives(verify(b.finish()).program, [4, 1, 1]);
    const bytesOf = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
    // y < x ? y : x, halves first: (v0, v2), (v1, v3), then the two
    for (const [values, least] of [
      [[Number.NaN, 1, 2, 3], Number.NaN],
      [[5, Number.NaN, 4, 3], 4],
      [[5, 7, Number.NaN, 3], 3],
    ] as const) {
      const args = [bytesOf(values), new Uint8Array(16)].map((bytes) => ({ shape: [4], bytes }));
      const result = outcome(program, { grid: [4, 1, 1], workgroup: [4, 1, 1], args }).split('\n')[1];
      expect(result).toBe(Buffer.from(bytesOf(Array(4).fill(least))).toString('hex'));
    }
  });
});

describe('threefry written out', () => {
  const words = (seeds: readonly (readonly [number, number])[]): Program => {
    const b = new Builder({ name: 'random' });
    const r = b.buffer('r', 'write', 'u32');
    for (const [i, [seed, counter]] of seeds.entries())
      b.store(r, [b.i32(i)], b.op('threefry', b.u32(seed), b.u32(counter)));
    return verify(b.finish()).program;
  };
  const run = (program: Program, count: number): string =>
    outcome(program, {
      grid: [1, 1, 1],
      workgroup: [1, 1, 1],
      args: [{ shape: [count], bytes: new Uint8Array(count * 4) }],
    });

  test("gives Random123's known answer", () => {
    // kat_vectors: threefry2x32 20, counter 0 0, key 0 0
    const bytes = run(expandThreefry(words([[0, 0]])), 1);
    expect(Buffer.from(bytes, 'hex').readUInt32LE()).toBe(0x6b200159);
  });

  test('gives what the operation means, folded or not', () => {
    const random = new Random(7);
    const seeds = Array.from({ length: 50 }, () => [random.bits(), random.bits()] as const);
    const program = words([...seeds, [0, 0], [2 ** 32 - 1, 2 ** 32 - 1]]);
    const expected = run(program, 52);
    expect(run(expandThreefry(program), 52)).toBe(expected);
    expect(run(foldConstants(expandThreefry(program)), 52)).toBe(expected);
  });
});
