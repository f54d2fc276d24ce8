/**
 * Collectives written out for a workgroup of known size: workgroup arrays, barriers and `uniformLoad`.
 *
 * Values combine in the canonical tree, whatever the device: lane l of 64 takes elements l, l + 64, … in local-index
 * order, then the lanes fold in halves, the left operand first. Ghosts, which may sit anywhere in that order, give the
 * operation's identity.
 *
 * The scratch arrays are shared by all collectives of a type: each expansion ends with a barrier, after which nothing of
 * it is read any more.
 */

import type { Builder } from '../ir/builder.ts';
import type { CollectiveOp } from '../ir/ops.ts';
import type { LocalArray, Program, Value } from '../ir/program.ts';
import type { ScalarType } from '../ir/types.ts';
import { type Expansion, expand } from './expand.ts';

type ValueCollective = Exclude<CollectiveOp, 'uniformLoad'>;
/** The types that collectives take. */
type Word = 'i32' | 'u32' | 'f32';
type Combine = 'add' | 'min' | 'max';

/** Lanes of a block of the canonical tree, and elements of a row of the canonical scan. */
const lanes = 64;

const identities: { readonly [C in Combine]: Readonly<Record<Word, number>> } = {
  add: { i32: 0, u32: 0, f32: -0 },
  min: { i32: 2 ** 31 - 1, u32: 2 ** 32 - 1, f32: Number.POSITIVE_INFINITY },
  max: { i32: -(2 ** 31), u32: 0, f32: Number.NEGATIVE_INFINITY },
};

/** Where an expansion happens. */
interface Workgroup {
  /** Invocations. */
  readonly size: number;
  /** The first or second scratch array of the type, an element for each invocation. */
  readonly scratch: (type: Word, which: 0 | 1) => LocalArray;
}

export function expandCollectives(program: Program, workgroup: readonly [number, number, number]): Program {
  const size = workgroup[0] * workgroup[1] * workgroup[2];
  const arrays = new Map<string, LocalArray>();
  const scratch = (element: Word, which: 0 | 1): LocalArray => {
    const name = `group_${element}_${which}`;
    const array = arrays.get(name) ?? { kind: 'local', space: 'workgroup', name, element, length: size, atomic: false };
    arrays.set(name, array);
    return array;
  };
  const group: Workgroup = { size, scratch };
  const expansions: { readonly [C in ValueCollective]: Expansion } = {
    groupSum: (b, value) => reduce(b, 'add', value, group),
    groupMin: (b, value) => reduce(b, 'min', value, group),
    groupMax: (b, value) => reduce(b, 'max', value, group),
    groupScan: (b, value) => scan(b, value, group),
    groupBroadcast: (b, value) => broadcast(b, value, group),
    uniform: (b, value) => broadcast(b, value, group),
  };
  const expanded = expand(program, expansions);
  return { ...expanded, locals: [...expanded.locals, ...arrays.values()] };
}

/** The value, or what leaves the others unchanged where the invocation is a ghost. */
function orIdentity(b: Builder, combine: Combine, value: Value): Value {
  return b.op(
    'select',
    b.id('inGrid'),
    value,
    b.constant(value.type as ScalarType, identities[combine][value.type as Word]),
  );
}

function reduce(b: Builder, combine: Combine, value: Value, { size, scratch }: Workgroup): Value {
  const array = scratch(value.type as Word, 0);
  const l = b.id('localIndex');
  const element = (offset: number) => b.load(array, [b.op('add', l, b.i32(offset))]);
  b.store(array, [l], orIdentity(b, combine, value));
  if (size > lanes) {
    b.barrier();
    b.if(b.op('lt', l, b.i32(lanes)), () => {
      let sum = b.load(array, [l]);
      for (let row = lanes; row < size; row += lanes) {
        const longer = b.op(combine, sum, element(row));
        const whole = row + lanes <= size;
        sum = whole ? longer : b.op('select', b.op('lt', l, b.i32(size - row)), longer, sum);
      }
      b.store(array, [l], sum);
    });
  }
  const used = Math.min(lanes, size);
  for (let half = lanes / 2; half >= 1; half /= 2) {
    if (half >= used) continue;
    b.barrier();
    b.if(b.op('lt', l, b.i32(Math.min(half, used - half))), () => {
      b.store(array, [l], b.op(combine, b.load(array, [l]), element(half)));
    });
  }
  return b.uniformLoad(array, b.i32(0));
}

/** Rows of 64 by doubling, from one array into the other and back; then the totals of the rows before, left to right. */
function scan(b: Builder, value: Value, { size, scratch }: Workgroup): Value {
  const type = value.type as Word;
  const l = b.id('localIndex');
  const lane = b.op('and', l, b.i32(lanes - 1));
  let from = scratch(type, 0);
  let own = orIdentity(b, 'add', value);
  b.store(from, [l], own);
  b.barrier();
  for (let distance = 1; distance < Math.min(lanes, size); distance *= 2) {
    const before = b.load(from, [b.op('sub', l, b.i32(distance))]);
    own = b.op('select', b.op('ge', lane, b.i32(distance)), b.op('add', before, own), own);
    from = scratch(type, from === scratch(type, 0) ? 1 : 0);
    b.store(from, [l], own);
    b.barrier();
  }
  if (size <= lanes) return own;
  const total = (row: number) => b.load(from, [b.i32(row * lanes + lanes - 1)]);
  const isAfter = (row: number) => b.op('ge', l, b.i32((row + 1) * lanes));
  let before = total(0);
  for (let row = 1; (row + 1) * lanes < size; row++)
    before = b.op('select', isAfter(row), b.op('add', before, total(row)), before);
  const result = b.op('select', isAfter(0), b.op('add', before, own), own);
  b.barrier();
  return result;
}

/** Invocation 0 is in the grid wherever a workgroup runs. */
function broadcast(b: Builder, value: Value, { scratch }: Workgroup): Value {
  const array = scratch(value.type as Word, 0);
  b.if(b.op('eq', b.id('localIndex'), b.i32(0)), () => b.store(array, [b.i32(0)], value));
  return b.uniformLoad(array, b.i32(0));
}
