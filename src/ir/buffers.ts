/**
 * How a program touches its buffers: which it reads and writes, and whether each invocation keeps to the element that is
 * its own. Expects a well-formed program.
 */

import { rowOf } from './ops.ts';
import {
  type Block,
  type BufferParam,
  definitionsOf,
  forEachInstruction,
  type Operation,
  type Program,
  type Value,
} from './program.ts';
import { isInteger } from './types.ts';
import type { BufferFacts } from './verified.ts';

/** By parameter, in declaration order; undefined for scalars. */
export function bufferFacts(program: Program): readonly (BufferFacts | undefined)[] {
  const definitions = definitionsOf(program.body);
  const touches = new Map<BufferParam, Touch>();
  for (const param of program.params)
    if (param.kind === 'buffer') touches.set(param, { read: false, written: false, allOwn: true });

  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind !== 'op' || instruction.reference?.kind !== 'buffer') return;
    const touch = touches.get(instruction.reference)!;
    const row = rowOf(instruction.op);
    switch (row.form) {
      case 'load':
        touch.read = true;
        break;
      case 'store':
        touch.written = true;
        break;
      case 'atomic':
        touch.read ||= row.returns;
        touch.written ||= row.values > 0;
        break;
      default:
        return;
    }
    touch.allOwn &&= row.form !== 'atomic' && isOwnElement(instruction, instruction.reference, definitions);
  });

  const surely = surelyStored(program);
  return program.params.map((param) => {
    if (param.kind !== 'buffer') return undefined;
    const { read, written, allOwn } = touches.get(param)!;
    const stores = !written ? 'none' : allOwn ? 'own' : 'any';
    return { param, read, written, stores, storesAlways: stores === 'own' && surely.has(param) };
  });
}

interface Touch {
  read: boolean;
  written: boolean;
  /** Every access so far was to the invocation's own element. */
  allOwn: boolean;
}

/** Whether the indices are globalId's z, y, x, as many as the rank. Rank 4 has no such element: z is folded. */
function isOwnElement({ args }: Operation, { rank }: BufferParam, definitions: ReadonlyMap<Value, Operation>): boolean {
  if (rank > 3) return false;
  return args.slice(0, rank).every((index, dimension) => {
    let definition = definitions.get(index);
    // conversions between i32 and u32 keep the bits
    while (definition !== undefined && (definition.op === 'convert' || definition.op === 'bitcast')) {
      const from = definition.args[0]!;
      if (!isInteger(from.type) || !isInteger(definition.result!.type)) return false;
      definition = definitions.get(from);
    }
    return definition?.op === 'globalId' && definition.attribute === rank - 1 - dimension;
  });
}

/** The buffers that every invocation stores to, whichever way it goes. */
function surelyStored(program: Program): ReadonlySet<BufferParam> {
  let always: ReadonlySet<BufferParam> | undefined;
  const ending = (stored: ReadonlySet<BufferParam>) => {
    always = always === undefined ? stored : intersection(always, stored);
  };
  /** Stored to at the end of the block, when `before` was on entering it. */
  const walk = ({ body, end }: Block, before: ReadonlySet<BufferParam>): ReadonlySet<BufferParam> => {
    const stored = new Set(before);
    for (const instruction of body) {
      switch (instruction.kind) {
        case 'op':
          if (instruction.op === 'store' && instruction.reference?.kind === 'buffer') stored.add(instruction.reference);
          break;
        case 'if': {
          const arms = [instruction.accept, instruction.reject];
          const ends = arms.map((arm) => ({ yields: arm.end.kind === 'yield', stored: walk(arm, stored) }));
          // an arm that does not yield does not come here
          const coming = ends.filter(({ yields }) => yields).map((it) => it.stored);
          if (coming.length > 0) for (const buffer of coming.reduce(intersection)) stored.add(buffer);
          break;
        }
        case 'loop':
          walk(instruction.body, stored);
          break;
      }
    }
    if (end.kind === 'return') ending(stored);
    return stored;
  };
  walk(program.body, new Set());
  return always ?? new Set();
}

function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((it) => b.has(it)));
}
