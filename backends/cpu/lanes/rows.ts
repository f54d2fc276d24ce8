/**
 * Four lanes' elements between memory and vectors, where they are known to be in bounds: side by side in one piece, at fixed distances, or
 * each at its own address.
 */

import type { Memory } from '../../../src/ir/program.ts';
import { componentBytes } from '../../../src/ir/types.ts';
import { accessOf } from '../access.ts';
import type { Push } from '../arithmetic.ts';
import type { Code } from '../wasm/encoder.ts';
import type { MemoryName, PlainName } from '../wasm/opcodes.ts';
import { laneCount, laneNumbers } from './values.ts';

/** A memory as lanes see it: `element` bytes from one index to the next, `component` from one component to the next. */
export interface Layout {
  readonly pushBase: Push;
  readonly offset: number;
  readonly dimensions: readonly Push[];
  readonly element: number;
  readonly component: number;
  /** Of one component. */
  readonly bytes: 1 | 2 | 4;
  readonly isPrivate: boolean;
}

/** Where the lanes' elements are: at fixed distances from one address, or each at its own. */
export interface Row {
  /** Locals. */
  readonly addresses: readonly number[];
  readonly offset: number;
  readonly stride: number;
}
function placeOf(
  { addresses, offset, stride }: Row,
  lane: number,
): { readonly address: number; readonly offset: number } {
  return { address: addresses[lane] ?? addresses[0]!, offset: offset + lane * stride };
}

/** How four neighbours of less than 32 bits become a vector, by what loads one. */
const packedRows: {
  readonly [M in MemoryName]?: { readonly load: MemoryName; readonly extend: readonly PlainName[] };
} = {
  'i32.load8_s': { load: 'v128.load32_zero', extend: ['i16x8.extend_low_i8x16_s', 'i32x4.extend_low_i16x8_s'] },
  'i32.load8_u': { load: 'v128.load32_zero', extend: ['i16x8.extend_low_i8x16_u', 'i32x4.extend_low_i16x8_u'] },
  'i32.load16_s': { load: 'v128.load16x4_s', extend: [] },
  'i32.load16_u': { load: 'v128.load16x4_u', extend: [] },
};

export class Rows {
  readonly #code: Code;

  constructor(code: Code) {
    this.#code = code;
  }

  load(memory: Memory, layout: Layout, row: Row, locals: readonly number[]): void {
    const code = this.#code;
    const { component, bytes } = layout;
    const { stride } = row;
    const { address, offset } = placeOf(row, 0);
    const isLong = bytes === 4 && locals.length === laneCount && !layout.isPrivate;
    if (isLong && (stride === 4 * laneCount || stride === 0)) {
      this.#transposed(row, locals);
      return;
    }
    locals.forEach((local, i) => {
      const start = offset + i * component;
      const packed = packedRows[accessOf(memory.element).load];
      if (bytes === 4 && stride === 4) code.get(address).memory('v128.load', start);
      else if (packed !== undefined && stride === bytes) {
        code
          .get(address)
          .memory(packed.load, start)
          .op(...packed.extend);
      } else {
        const places = laneNumbers.map((lane) => placeOf(row, lane));
        this.pushLanes(
          memory,
          places.map((place) => () => code.get(place.address)),
          places.map((place) => place.offset + i * component),
        );
      }
      code.set(local);
    });
  }
  /** Four vectors of four words, one of each lane, become one of each component. */
  #transposed(row: Row, locals: readonly number[]): void {
    const code = this.#code;
    const rows = laneNumbers.map((lane) => {
      const { address, offset } = placeOf(row, lane);
      const words = code.local('v128');
      code.get(address).memory('v128.load', offset).set(words);
      return words;
    });
    const [a, b, c, d] = rows as [number, number, number, number];
    const pair = (x: number, y: number, ...words: [number, number, number, number]): number => {
      const made = code.local('v128');
      code
        .get(x)
        .get(y)
        .shuffleWords(...words)
        .set(made);
      return made;
    };
    const lowAB = pair(a, b, 0, 4, 1, 5);
    const highAB = pair(a, b, 2, 6, 3, 7);
    const lowCD = pair(c, d, 0, 4, 1, 5);
    const highCD = pair(c, d, 2, 6, 3, 7);
    code.get(lowAB).get(lowCD).shuffleWords(0, 1, 4, 5).set(locals[0]!);
    code.get(lowAB).get(lowCD).shuffleWords(2, 3, 6, 7).set(locals[1]!);
    code.get(highAB).get(highCD).shuffleWords(0, 1, 4, 5).set(locals[2]!);
    code.get(highAB).get(highCD).shuffleWords(2, 3, 6, 7).set(locals[3]!);
  }
  store(memory: Memory, layout: Layout, row: Row, values: readonly Push[]): void {
    const code = this.#code;
    const { component, bytes } = layout;
    const { stride } = row;
    const { address, offset } = placeOf(row, 0);
    values.forEach((push, i) => {
      const start = offset + i * component;
      if (bytes === 4 && stride === 4) {
        code.get(address);
        push();
        code.memory('v128.store', start);
      } else if (stride === bytes) {
        // their low bits, side by side
        const mask = bytes === 1 ? 0xff : 0xffff;
        code.get(address);
        push();
        code.v128(mask, mask, mask, mask).op('v128.and');
        // of numbers that fit anyway, of which the instruction takes one vector or two
        const narrow = (name: PlainName): void => {
          code.v128(0, 0, 0, 0).op(name);
        };
        narrow('i16x8.narrow_i32x4_u');
        if (bytes === 1) narrow('i8x16.narrow_i16x8_u');
        code.laneMemory(bytes === 1 ? 'v128.store32_lane' : 'v128.store64_lane', 0, start);
      } else
        for (const lane of laneNumbers) {
          const place = placeOf(row, lane);
          this.storeLane(memory, place.address, place.offset + i * component, push, lane);
        }
    });
  }

  /** Into the lanes' own words, which nobody else writes: those that do not take part keep theirs. */
  blend({ component }: Layout, row: Row, values: readonly Push[], mask: number): void {
    const code = this.#code;
    const { address, offset } = placeOf(row, 0);
    values.forEach((push, i) => {
      const start = offset + i * component;
      code.get(address);
      push();
      code.get(address).memory('v128.load', start).get(mask).op('v128.bitselect').memory('v128.store', start);
    });
  }

  /** Pushes a vector of what is at these addresses. */
  pushLanes(memory: Memory, addresses: readonly Push[], offsets: readonly number[]): void {
    const code = this.#code;
    const { load } = accessOf(memory.element);
    if (componentBytes(memory.element) === 4) {
      for (const lane of laneNumbers.toReversed()) addresses[lane]!();
      code.memory('v128.load32_zero', offsets[0]!);
      for (const lane of laneNumbers.slice(1)) code.laneMemory('v128.load32_lane', lane, offsets[lane]!);
      return;
    }
    for (const lane of laneNumbers) {
      addresses[lane]!();
      code.memory(load, offsets[lane]!);
      if (lane === 0) code.op('i32x4.splat');
      else code.lane('i32x4.replace_lane', lane);
    }
  }

  storeLane(memory: Memory, address: number, offset: number, push: Push, lane: number): void {
    const code = this.#code;
    code.get(address);
    push();
    if (componentBytes(memory.element) === 4) code.laneMemory('v128.store32_lane', lane, offset);
    else code.lane('i32x4.extract_lane', lane).memory(accessOf(memory.element).store, offset);
  }
}
