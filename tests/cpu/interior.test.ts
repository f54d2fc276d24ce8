/**
 * Kernels that know something of a row before it starts, against the interpreter: indices and conditions that count up along it, with offsets
 * at which they are out of bounds, wrap, or hold nowhere; with and without barriers, after which other invocations may be in the interior.
 */

import { afterAll, expect, it } from 'vitest';
import { findInterior } from '../../backends/cpu/lanes/interior.ts';
import { analyseLanes } from '../../backends/cpu/lanes/shape.ts';
import { segmentsOf, splitRegions } from '../../backends/cpu/regions.ts';
import { Builder } from '../../src/ir/builder.ts';
import { definitionsOf, type Program, type Value } from '../../src/ir/program.ts';
import { uniformValues } from '../../src/ir/uniformity.ts';
import { Random } from '../support/random.ts';
import type { RandomLaunch } from '../support/random-launch.ts';
import { firstDifference, openOnCaller, runByDefinition, runOnCpu } from './on-cpu.ts';

const inLanes = openOnCaller();
const oneByOne = openOnCaller(1);
afterAll(async () => {
  await inLanes.close();
  await oneByOne.close();
});

const [width, height] = [37, 3];
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
/** With these much of a row may be in the interior. */
const mild = [0, 0, 1, -1, 2, -3];
const offsets = [...mild, 3, -4, 16, -17, 36, 40, 2 ** 31 - 1, 2 ** 31 - 20, -(2 ** 31), -(2 ** 31) + 9];

/** Loads, stores and branches at random affine places. */
function randomRows(seed: number): Program {
  const random = new Random(seed);
  const b = new Builder({ name: `rows${seed}`, workgroup: [16, 2, 1] });
  const input = b.buffer('x', 'read', 'i32', 2);
  const r = b.buffer('r', 'readWrite', 'i32', 3);
  const n = b.argument(b.scalar('n', 'i32'));
  const x = b.id(random.pick(['globalId', 'globalId', 'localId']), 0);
  const [own, y] = [b.id('globalId', 0), b.id('globalId', 1)];
  const tile = b.workgroupArray('tile', 'i32', 32);
  const barriers = random.chance(0.4);
  const pool = seed % 3 === 0 ? offsets : mild;
  let results = 0;
  const give = (value: Value) => {
    if (results < 6) b.store(r, [b.i32(results++), y, own], value);
  };

  const same = (): Value => random.pick([() => n, () => y, () => b.i32(random.pick(pool))])();
  const counting = (): Value => {
    const offset = same();
    return random.pick([
      () => x,
      () => b.op('add', x, offset),
      () => b.op('add', offset, x),
      () => b.op('sub', x, offset),
      () => b.op('add', b.id('localIndex', 0), b.op('mul', offset, y)),
    ])();
  };
  const condition = (depth = 0): Value => {
    if (depth < 2 && random.chance(0.5)) {
      const [c, d] = [condition(depth + 1), condition(depth + 1)];
      return random.pick([() => b.op('and', c, d), () => b.op('or', c, d), () => b.op('not', c)])();
    }
    const [c, d] = [random.chance(0.8) ? counting() : same(), same()];
    const unsigned = random.chance(0.3);
    const [left, right] = unsigned ? [b.convert(c, 'u32'), b.convert(d, 'u32')] : [c, d];
    return random.chance(0.5)
      ? b.op(random.pick(comparisons), left, right)
      : b.op(random.pick(comparisons), right, left);
  };
  const load = (): Value => {
    const index = random.chance(0.3) ? b.convert(counting(), 'u32') : counting();
    return b.load(input, [random.chance(0.7) ? y : same(), index]);
  };
  const branch = (depth: number): Value => {
    const arm = () => [
      b.op('add', b.op('mul', load(), b.i32(7)), depth > 0 && random.chance(0.4) ? branch(depth - 1) : n),
    ];
    const plain = () => [same()];
    const arms = [arm, arm, plain];
    const [accept, reject] = [random.pick(arms), random.pick(arms)];
    return b.if(condition(), accept, reject)[0]!;
  };
  const early = (): void => {
    b.if(condition(), () => b.return());
  };

  give(load());
  const kept = branch(1);
  give(kept);
  if (random.chance(0.5)) {
    const [sum] = b.loop([b.i32(0), kept], ['i32'], ([k, sum]) => {
      b.if(b.op('ge', k!, b.i32(3)), () => b.break(sum!));
      return [b.op('add', k!, b.i32(1)), b.op('add', b.op('mul', sum!, b.i32(3)), branch(1))];
    });
    give(sum!);
  }
  if (barriers) {
    b.store(tile, [b.id('localIndex', 0)], kept);
    b.barrier();
    give(b.op('sub', branch(0), b.load(tile, [b.op('add', b.id('localIndex', 0), same())])));
    give(kept);
  } else if (random.chance(0.4)) early();
  give(branch(0));
  return b.finish();
}

it('a value that is uniform in the interior of one segment only', async () => {
  const b = new Builder({ name: 'kept', workgroup: [16, 1, 1] });
  const x = b.buffer('x', 'read', 'i32');
  const r = b.buffer('r', 'readWrite', 'i32');
  const i = b.id('globalId', 0);
  const [kept] = b.if(
    b.op('gt', i, b.i32(0)),
    () => [b.load(x, [b.i32(1)])],
    () => [b.load(x, [b.i32(0)])],
  );
  b.barrier();
  b.store(r, [i], kept!);
  const launch: RandomLaunch = {
    args: [
      { shape: [2], bytes: new Uint8Array(Int32Array.of(-5, 7).buffer) },
      { shape: [16], bytes: new Uint8Array(64) },
    ],
    grid: [16, 1, 1],
    workgroup: [16, 1, 1],
  };
  const program = b.finish();
  const [, bytes] = await runOnCpu(inLanes, program, launch);
  expect([...new Int32Array(bytes!.buffer)]).toEqual([-5, ...Array(15).fill(7)]);
});

it('random rows', { timeout: 60_000 }, async () => {
  for (let seed = 0; seed < 100; seed++) {
    const program = randomRows(seed);
    const data = Int32Array.from({ length: width * height }, (_, k) => Math.imul(k + seed, 2654435761) >>> 20);
    const launch: RandomLaunch = {
      args: [
        { shape: [height, width], bytes: new Uint8Array(data.buffer) },
        { shape: [6, height, width - 2], bytes: new Uint8Array(6 * height * (width - 2) * 4) },
        [new Random(seed + 1000).pick(seed % 3 === 0 ? offsets : mild)],
      ],
      grid: [width, height, 1],
      workgroup: [16, 2, 1],
    };
    const wanted = runByDefinition(program, launch);
    for (const [form, device] of Object.entries({ inLanes, oneByOne })) {
      const difference = firstDifference(program, await runOnCpu(device, program, launch), wanted);
      expect(difference, `seed ${seed}, ${form}`).toBeUndefined();
    }
  }
});

it('finds the usual arm of branches and the guards of a stencil', () => {
  const b = new Builder({ name: 'stencil', workgroup: [16, 1, 1] });
  const input = b.buffer('x', 'read', 'f32');
  const r = b.buffer('r', 'write', 'f32');
  const i = b.id('globalId', 0);
  const last = b.op('sub', b.dimension(input, 0), b.i32(1));
  const inner = b.op('and', b.op('gt', i, b.i32(0)), b.op('lt', i, last));
  const [value] = b.if(
    inner,
    () => [b.op('add', b.load(input, [b.op('sub', i, b.i32(1))]), b.load(input, [b.op('add', i, b.i32(1))]))],
    () => [b.load(input, [b.op('mul', i, i)])],
  );
  b.store(r, [i], value!);
  const program = b.finish();
  const definitions = definitionsOf(program.body);
  const uniform = uniformValues(program);
  const lanes = analyseLanes(program, { leavesEarly: false });
  const regions = splitRegions(program.body, uniform, () => false);
  const { assumed, sure, requirements } = findInterior(segmentsOf(regions.body), {
    definitions,
    uniform,
    diverges: (branch) => lanes.diverges(branch),
  });
  expect([...assumed.values()]).toEqual([true]);
  // both loads of the usual arm and the store, but not the load that the other arm makes
  expect(sure.size).toBe(3);
  const kinds = [...requirements.values()].flat().map((requirement) => requirement.kind);
  expect(kinds.toSorted()).toEqual(['compares', 'compares', 'inside', 'inside', 'inside']);
});
