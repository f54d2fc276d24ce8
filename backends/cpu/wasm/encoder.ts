/**
 * A small assembler for WebAssembly modules: bytes, function bodies, sections.
 *
 * `Code` writes one function body, instruction by instruction; `encodeModule` wraps bodies into a module that imports one
 * memory as `env.memory` and exports functions. Structured control is kept by depth: `block`, `loop` and `if` return a label, and `br` takes
 * labels, so that nobody counts nesting by hand.
 */

import type { Place } from '../../../src/ir/error.ts';
import {
  type LaneMemoryName,
  type LaneName,
  lane,
  laneMemory,
  type MemoryName,
  memory,
  type PlainName,
  plain,
  valueTypes,
  type WasmType,
} from './opcodes.ts';

/** Bytes that grow. */
export class Bytes {
  #data = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }
  byte(value: number): void {
    if (this.#length === this.#data.length) this.#reserve(1);
    this.#data[this.#length++] = value;
  }
  append(values: ArrayLike<number>): void {
    const { length } = values;
    if (this.#length + length > this.#data.length) this.#reserve(length);
    // an instruction is a few bytes, for which a call would take longer
    if (length > 16) this.#data.set(values, this.#length);
    else for (let i = 0; i < length; i++) this.#data[this.#length + i] = values[i]!;
    this.#length += length;
  }
  /** Unsigned LEB128 of a whole number in [0, 2^32). */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }
  /** Signed LEB128 of a whole number in [-2^31, 2^31). */
  signed(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const signFits = (low & 0x40) === 0 ? rest === 0 : rest === -1;
      this.byte(signFits ? low : low | 0x80);
      if (signFits) return;
    }
  }
  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.unsigned(encoded.length);
    this.append(encoded);
  }
  /** What was written, as a view: valid until the next write. */
  view(): Uint8Array {
    return this.#data.subarray(0, this.#length);
  }
  #reserve(more: number): void {
    const grown = new Uint8Array(Math.max(this.#data.length * 2, this.#length + more));
    grown.set(this.view());
    this.#data = grown;
  }
}

/** A place that `br` can go to: past the end of a block or `if`, or to the start of a loop. */
export interface Label {
  readonly depth: number;
}

/** Where the code for a place in the source begins: an offset into the instructions of a function. */
export interface Mark {
  readonly offset: number;
  readonly place: Place;
}

/** One function body. */
export class Code {
  readonly #bytes = new Bytes();
  readonly #parameters: number;
  readonly #locals: WasmType[] = [];
  /** For people: names of locals by their index, and what the code comes from. */
  readonly names = new Map<number, string>();
  readonly marks: Mark[] = [];
  #depth = 0;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new local of this type, zero when the function is entered. */
  local(type: WasmType, name?: string): number {
    const index = this.#parameters + this.#locals.push(type) - 1;
    if (name !== undefined) this.names.set(index, name);
    return index;
  }
  get localCount(): number {
    return this.#parameters + this.#locals.length;
  }

  /** What follows comes from this place. */
  mark(place: Place | undefined): void {
    if (place !== undefined) this.marks.push({ offset: this.#bytes.length, place });
  }

  op(...names: PlainName[]): this {
    for (const name of names) this.#bytes.append(plain[name]);
    return this;
  }
  /** A load, store or atomic at the address on the stack (below the value stored) plus a fixed offset. */
  memory(name: MemoryName, offset = 0): this {
    const { code, align } = memory[name];
    this.#bytes.append(code);
    this.#bytes.unsigned(align);
    this.#bytes.unsigned(offset);
    return this;
  }
  /** An instruction on one lane. */
  lane(name: LaneName, index: number): this {
    this.#bytes.append(lane[name]);
    this.#bytes.byte(index);
    return this;
  }
  /** A load or store of one lane: the address below the vector on the stack. */
  laneMemory(name: LaneMemoryName, index: number, offset = 0): this {
    const { code, align } = laneMemory[name];
    this.#bytes.append(code);
    this.#bytes.unsigned(align);
    this.#bytes.unsigned(offset);
    this.#bytes.byte(index);
    return this;
  }
  /** A vector constant by the bits of its four words. */
  v128(...words: readonly [number, number, number, number]): this {
    this.#bytes.append([0xfd, 0x0c]);
    for (const word of words) this.#bytes.append([word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]);
    return this;
  }
  /** Four words out of the eight of the two vectors on the stack, by their numbers. */
  shuffleWords(...words: readonly [number, number, number, number]): this {
    this.#bytes.append([0xfd, 0x0d]);
    for (const word of words) this.#bytes.append([word * 4, word * 4 + 1, word * 4 + 2, word * 4 + 3]);
    return this;
  }
  /** memory.fill of the address, byte and length on the stack. */
  fill(): this {
    this.#bytes.append([0xfc, 11, 0]);
    return this;
  }
  /** memory.copy of the target, source and length on the stack. */
  copy(): this {
    this.#bytes.append([0xfc, 10, 0, 0]);
    return this;
  }
  get(local: number): this {
    return this.#indexed(0x20, local);
  }
  set(local: number): this {
    return this.#indexed(0x21, local);
  }
  tee(local: number): this {
    return this.#indexed(0x22, local);
  }
  call(index: number): this {
    return this.#indexed(0x10, index);
  }
  i32(value: number): this {
    this.#bytes.byte(0x41);
    this.#bytes.signed(value);
    return this;
  }
  i64(value: number): this {
    this.#bytes.byte(0x42);
    this.#bytes.signed(value);
    return this;
  }
  /** An f32 constant by its bits, so that a NaN keeps them. */
  f32(bits: number): this {
    this.#bytes.append([0x43, bits & 0xff, (bits >>> 8) & 0xff, (bits >>> 16) & 0xff, bits >>> 24]);
    return this;
  }

  block(): Label {
    return this.#open(0x02);
  }
  loop(): Label {
    return this.#open(0x03);
  }
  /** Takes the condition from the stack; `result` is what both arms leave on it. */
  if(result?: WasmType): Label {
    return this.#open(0x04, result);
  }
  else(): this {
    this.#bytes.byte(0x05);
    return this;
  }
  end(): this {
    this.#depth--;
    this.#bytes.byte(0x0b);
    return this;
  }
  br(label: Label): this {
    return this.#indexed(0x0c, this.#depth - label.depth);
  }
  brIf(label: Label): this {
    return this.#indexed(0x0d, this.#depth - label.depth);
  }

  /** The body as the code section holds it: locals in runs of one type, instructions, end. */
  finish(): Uint8Array {
    const runs: { type: WasmType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const body = new Bytes();
    body.unsigned(runs.length);
    for (const { type, count } of runs) {
      body.unsigned(count);
      body.byte(valueTypes[type]);
    }
    body.append(this.#bytes.view());
    body.byte(0x0b);
    return body.view();
  }

  #indexed(opcode: number, index: number): this {
    this.#bytes.byte(opcode);
    this.#bytes.unsigned(index);
    return this;
  }
  #open(opcode: number, result?: WasmType): Label {
    this.#bytes.byte(opcode);
    this.#bytes.byte(result === undefined ? 0x40 : valueTypes[result]);
    return { depth: ++this.#depth };
  }
}

export interface FunctionDefinition {
  readonly parameters: readonly WasmType[];
  readonly results: readonly WasmType[];
  readonly body: Uint8Array;
  /** Its name outside, where it has one. */
  readonly exported?: string;
}

/** How the memory is imported: pages of 64 KiB; a shared one must say its maximum. */
export interface MemoryImport {
  readonly maximum: number;
  readonly shared: boolean;
}

/** A module of these functions, in this order of indices, over the imported memory `env.memory`. */
export function encodeModule(
  functions: readonly FunctionDefinition[],
  imported: MemoryImport,
): Uint8Array<ArrayBuffer> {
  const module = new Bytes();
  module.append([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(module, 1, (types) =>
    vector(types, functions, ({ parameters, results }) => {
      types.byte(0x60);
      vector(types, parameters, (type) => types.byte(valueTypes[type]));
      vector(types, results, (type) => types.byte(valueTypes[type]));
    }),
  );
  section(module, 2, (imports) => {
    imports.unsigned(1);
    imports.text('env');
    imports.text('memory');
    imports.append([0x02, imported.shared ? 0x03 : 0x01]);
    imports.unsigned(0);
    imports.unsigned(imported.maximum);
  });
  section(module, 3, (indices) => vector(indices, functions, (_, i) => indices.unsigned(i)));
  section(module, 7, (exports) => {
    const named = functions.flatMap(({ exported }, index) => (exported === undefined ? [] : [{ exported, index }]));
    vector(exports, named, ({ exported, index }) => {
      exports.text(exported);
      exports.byte(0x00);
      exports.unsigned(index);
    });
  });
  section(module, 10, (code) =>
    vector(code, functions, ({ body }) => {
      code.unsigned(body.length);
      code.append(body);
    }),
  );
  return module.view().slice() as Uint8Array<ArrayBuffer>;
}

function section(module: Bytes, id: number, fill: (content: Bytes) => void): void {
  const content = new Bytes();
  fill(content);
  module.byte(id);
  module.unsigned(content.length);
  module.append(content.view());
}
function vector<T>(bytes: Bytes, items: readonly T[], each: (item: T, index: number) => void): void {
  bytes.unsigned(items.length);
  items.forEach(each);
}
