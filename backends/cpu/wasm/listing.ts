/**
 * What is in a module of `encodeModule`, for people: its functions as instructions, and these as the text format of WebAssembly
 * (https://webassembly.github.io/spec/core/text). Instructions are read by the tables they are written by.
 */

import { lane, laneMemory, memory, plain, valueTypes, type WasmType } from './opcodes.ts';

export interface Instruction {
  /** Its place among the bytes of the function's instructions. */
  readonly offset: number;
  /** As the specification names it. */
  readonly name: string;
  /** As they are written behind the name. */
  readonly immediates: readonly string[];
  /** Bytes that it touches in memory; 0 for all others. */
  readonly width: number;
}

export interface ListedFunction {
  readonly exported: string | undefined;
  readonly parameters: readonly WasmType[];
  readonly locals: readonly WasmType[];
  readonly instructions: readonly Instruction[];
  /** Bytes of its body. */
  readonly bytes: number;
}

export interface ListedModule {
  readonly memory: { readonly pages: number; readonly maximum: number; readonly shared: boolean };
  readonly functions: readonly ListedFunction[];
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }
  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }
  byte(): number {
    return this.#bytes[this.at++]!;
  }
  take(count: number): Uint8Array {
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
  signed(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
  }
  word(): number {
    const [a, b, c, d] = this.take(4);
    return (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0;
  }
  list<T>(each: () => T): T[] {
    return Array.from({ length: this.unsigned() }, each);
  }
  text(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }
}

/** What follows an opcode. */
type Immediates = (from: Reader) => { readonly immediates: readonly string[]; readonly width?: number };

const none: Immediates = () => ({ immediates: [] });
const index: Immediates = (from) => ({ immediates: [String(from.unsigned())] });
const access =
  (width: number, more: Immediates = none): Immediates =>
  (from) => {
    const align = 2 ** from.unsigned();
    const offset = from.unsigned();
    const immediates = [
      ...(offset === 0 ? [] : [`offset=${offset}`]),
      ...(align === width ? [] : [`align=${align}`]),
      ...more(from).immediates,
    ];
    return { immediates, width };
  };
const laneNumber: Immediates = (from) => ({ immediates: [String(from.byte())] });
const blockType: Immediates = (from) => {
  const code = from.byte();
  return { immediates: code === 0x40 ? [] : [`(result ${typeOf(code)})`] };
};
const floatConstant: Immediates = (from) => {
  const bits = from.word();
  const value = new Float32Array(Uint32Array.of(bits).buffer)[0]!;
  if (Number.isNaN(value))
    return { immediates: [`${bits >>> 31 === 1 ? '-' : ''}nan:0x${(bits & 0x7fffff).toString(16)}`] };
  if (!Number.isFinite(value)) return { immediates: [value > 0 ? 'inf' : '-inf'] };
  return { immediates: [Object.is(value, -0) ? '-0' : String(value)] };
};

const control = {
  block: [0x02, blockType],
  loop: [0x03, blockType],
  if: [0x04, blockType],
  else: [0x05, none],
  end: [0x0b, none],
  br: [0x0c, index],
  br_if: [0x0d, index],
  call: [0x10, index],
  'local.get': [0x20, index],
  'local.set': [0x21, index],
  'local.tee': [0x22, index],
  'i32.const': [0x41, (from) => ({ immediates: [String(from.signed())] })],
  'i64.const': [0x42, (from) => ({ immediates: [String(from.signed())] })],
  'f32.const': [0x43, floatConstant],
} as const satisfies Readonly<Record<string, readonly [code: number, immediates: Immediates]>>;

/** By the bytes of the opcode. */
const opcodes = new Map<string, { readonly name: string; readonly immediates: Immediates }>();
const add = (code: readonly number[], name: string, immediates: Immediates) =>
  opcodes.set(code.join(), { name, immediates });
for (const [name, [code, immediates]] of Object.entries(control)) add([code], name, immediates);
for (const [name, code] of Object.entries(plain)) add(code, name, none);
for (const [name, { code, align }] of Object.entries(memory)) add(code, name, access(2 ** align));
for (const [name, { code, align }] of Object.entries(laneMemory)) add(code, name, access(2 ** align, laneNumber));
for (const [name, code] of Object.entries(lane)) add(code, name, laneNumber);
add([0xfd, 0x0c], 'v128.const', (from) => ({
  immediates: ['i32x4', ...[0, 1, 2, 3].map(() => String(from.word() | 0))],
}));
add([0xfd, 0x0d], 'i8x16.shuffle', (from) => ({ immediates: [...from.take(16)].map(String) }));
add([0xfc, 11], 'memory.fill', (from) => {
  from.byte();
  return { immediates: [] };
});

function instruction(from: Reader, start: number): Instruction {
  const offset = from.at - start;
  const code = [from.byte()];
  if (code[0]! >= 0xfc) {
    do code.push(from.byte());
    while (code.at(-1)! >= 0x80);
  }
  const known = opcodes.get(code.join());
  if (known === undefined)
    throw new Error(`no instruction has the opcode ${code.map((byte) => byte.toString(16)).join(' ')}`);
  const { immediates, width = 0 } = known.immediates(from);
  return { offset, name: known.name, immediates, width };
}

function typeOf(code: number): WasmType {
  return (Object.keys(valueTypes) as WasmType[]).find((name) => valueTypes[name] === code)!;
}

export function listModule(bytes: Uint8Array): ListedModule {
  const from = new Reader(bytes, 8);
  const types: WasmType[][] = [];
  const bodies: Omit<ListedFunction, 'exported' | 'parameters'>[] = [];
  const exported = new Map<number, string>();
  let imported = { pages: 0, maximum: 0, shared: false };
  const sections: Readonly<Record<number, () => void>> = {
    1: () => {
      from.list(() => {
        from.byte();
        types.push(from.list(() => typeOf(from.byte())));
        from.list(() => from.byte());
      });
    },
    2: () => {
      from.unsigned();
      from.text();
      from.text();
      from.byte();
      const shared = from.byte() === 0x03;
      imported = { pages: from.unsigned(), maximum: from.unsigned(), shared };
    },
    7: () => {
      from.list(() => {
        const name = from.text();
        from.byte();
        exported.set(from.unsigned(), name);
      });
    },
    10: () => {
      from.list(() => bodies.push(functionBody(from)));
    },
  };
  while (!from.ended) {
    const id = from.byte();
    const end = from.unsigned() + from.at;
    sections[id]?.();
    from.at = end;
  }
  const functions = bodies.map((body, i) => ({ ...body, parameters: types[i]!, exported: exported.get(i) }));
  return { memory: imported, functions };
}

function functionBody(from: Reader): Omit<ListedFunction, 'exported' | 'parameters'> {
  const bytes = from.unsigned();
  const end = from.at + bytes;
  const locals: WasmType[] = [];
  from.list(() => {
    const count = from.unsigned();
    const type = typeOf(from.byte());
    for (let i = 0; i < count; i++) locals.push(type);
  });
  const start = from.at;
  const instructions: Instruction[] = [];
  // the last byte ends the function
  while (from.at < end - 1) instructions.push(instruction(from, start));
  from.at = end;
  return { locals, instructions, bytes };
}

// ---- as text ----

export interface TextLine {
  readonly text: string;
  /** Of the instruction on it, for those of the function that is exported first. */
  readonly offset?: number;
}

/** The module in the text format; `names` are those of the first function's locals. */
export function moduleText(
  { memory: { pages, maximum, shared }, functions }: ListedModule,
  names: ReadonlyMap<number, string>,
): TextLine[] {
  const limits = `${pages} ${maximum}${shared ? ' shared' : ''}`;
  return [
    { text: '(module' },
    { text: `  (import "env" "memory" (memory ${limits}))` },
    ...functions.flatMap((it, i) => functionText(it, i, i === 0 ? names : new Map())),
    { text: ')' },
  ];
}

function functionText(it: ListedFunction, number: number, names: ReadonlyMap<number, string>): TextLine[] {
  const types = [...it.parameters, ...it.locals];
  const identifiers = identifiersOf(types.length, names);
  const exported = it.exported === undefined ? `$f${number}` : `$${it.exported} (export "${it.exported}")`;
  const declare = (kind: string, i: number): TextLine => ({ text: `    (${kind} ${identifiers[i]} ${types[i]})` });
  const lines = [
    { text: `  (func ${exported}` },
    ...types.map((_, i) => declare(i < it.parameters.length ? 'param' : 'local', i)),
  ];
  let depth = 0;
  for (const { name, immediates, offset } of it.instructions) {
    if (name === 'end' || name === 'else') depth--;
    const shown = name.startsWith('local.') ? [identifiers[Number(immediates[0])]!] : immediates;
    lines.push({ text: `${'  '.repeat(depth + 2)}${[name, ...shown].join(' ')}`, ...(number === 0 && { offset }) });
    if (name === 'block' || name === 'loop' || name === 'if' || name === 'else') depth++;
  }
  return [...lines, { text: '  )' }];
}

/** `$name` where a local has a name of its own, with its number where others have the same, else `$number`. */
function identifiersOf(count: number, names: ReadonlyMap<number, string>): string[] {
  const wanted = Array.from({ length: count }, (_, i) => names.get(i)?.replace(/[^\w.$]/g, '_'));
  const taken = new Map<string, number>();
  for (const name of wanted) if (name !== undefined) taken.set(name, (taken.get(name) ?? 0) + 1);
  return wanted.map((name, i) => (name === undefined ? `$${i}` : `$${name}${taken.get(name)! > 1 ? `.${i}` : ''}`));
}
