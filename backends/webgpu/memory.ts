/**
 * Memory accesses in WGSL: `x_at(i)`, `x_set(i, v)`, `x_atomicAdd(i, v)`.
 *
 * Each is a function of the shader that holds the guard: out of bounds a load gives 0, and a store or an atomic does
 * nothing; from a ghost nothing reaches storage. Where the bounds are proven and nothing else needs a function, the access
 * is written where it stands. With that no access can leave its array, so the driver's own clamping can be off.
 */

import { type AtomicOp, ops } from '../../src/ir/ops.ts';
import type { BufferParam, LocalArray, Memory, Value } from '../../src/ir/program.ts';
import { rankOf } from '../../src/ir/program.ts';
import { componentBytes, isPacked, loadedType } from '../../src/ir/types.ts';
import type { BufferFacts } from '../../src/ir/verified.ts';
import { atom, call, combine, type Expression, infix, level } from './expression.ts';
import { type LaunchBlock, type Layout, layoutOf, zeroOf } from './layout.ts';
import { unsigned } from './literal.ts';
import type { Names } from './names.ts';

interface Place {
  readonly memory: Memory;
  readonly name: string;
  readonly layout: Layout;
  /** Names of its functions, by what they do. */
  readonly functions: Map<string, { readonly name: string; readonly source: string }>;
}

export type Index = { readonly expression: Expression; readonly type: Value['type'] };

const indexNames = ['i', 'j', 'k', 'l'] as const;

/** What the functions here call their parameters and values: an array of that name could not be reached from them. */
const ownNames = [
  ...indexNames,
  ...['index', 'inside', 'value', 'expected', 'first', 'word', 'shift', 'field', 'old', 'result'],
];

/** WGSL's own name for an atomic operation, for those that have one with the same meaning. */
const atomicCallees: { readonly [N in AtomicOp]: string | undefined } = {
  atomicLoad: 'atomicLoad',
  atomicStore: 'atomicStore',
  atomicAdd: 'atomicAdd',
  atomicSub: 'atomicSub',
  atomicMin: 'atomicMin',
  atomicMax: 'atomicMax',
  atomicAnd: 'atomicAnd',
  atomicOr: 'atomicOr',
  atomicXor: 'atomicXor',
  atomicExchange: 'atomicExchange',
  atomicCompareExchange: undefined, // WGSL's may fail for no reason
};

export class MemoryAccess {
  readonly #places = new Map<Memory, Place>();
  readonly #names: Names;
  readonly #launch: LaunchBlock;
  /** Name of the variable that is false in ghosts, where there are any. */
  readonly #inGrid: string | undefined;

  constructor(names: Names, launch: LaunchBlock, inGrid: string | undefined) {
    this.#names = names;
    this.#launch = launch;
    this.#inGrid = inGrid;
  }

  addBuffer(param: BufferParam, facts: BufferFacts | undefined): Place {
    return this.#add(param, layoutOf(param, facts));
  }
  addLocal(local: LocalArray): Place {
    const word = isPacked(local.element) ? loadedType(local.element) : local.element;
    return this.#add(local, {
      kind: 'plain',
      word: local.atomic ? `atomic<${word}>` : word,
      atomic: local.atomic,
      writable: true,
      singleWriter: false,
    });
  }
  #add(memory: Memory, layout: Layout): Place {
    const name = this.#names.scope(() => {
      for (const own of ownNames) this.#names.claim(own);
      return this.#names.freshGlobal(memory.name);
    });
    const place: Place = { memory, name, layout, functions: new Map() };
    this.#places.set(memory, place);
    return place;
  }

  nameOf(memory: Memory): string {
    return this.#place(memory).name;
  }
  /** The value of a local array that is all zeros. */
  zeroArray(array: LocalArray): string {
    return `array<${this.#place(array).layout.word}, ${array.length}>()`;
  }
  /** Declarations of the functions used. */
  get sources(): readonly string[] {
    return [...this.#places.values()].flatMap((place) => [...place.functions.values()].map(({ source }) => source));
  }

  load(memory: Memory, indices: readonly Index[], proven: boolean): Expression {
    const place = this.#place(memory);
    const ordered = !(memory.kind === 'buffer' && memory.access === 'read');
    const access =
      proven && place.layout.kind === 'plain' && !place.layout.atomic
        ? this.#element(place, indices)
        : call(this.#loader(place), asUnsigned(indices));
    return { ...access, ordered: access.ordered || ordered };
  }

  /** The statement that stores. */
  store(memory: Memory, indices: readonly Index[], value: Expression, proven: boolean): string {
    const place = this.#place(memory);
    const { layout } = place;
    const direct = proven && layout.kind === 'plain' && !layout.atomic && !isPacked(memory.element);
    if (!direct) return `${call(this.#storer(place), [...asUnsigned(indices), value]).text};`;
    const assignment = `${this.#element(place, indices).text} = ${value.text};`;
    return this.#masks(memory) ? `if (${this.#inGrid}) { ${assignment} }` : assignment;
  }

  /** The call of an atomic: an expression with an effect, to be evaluated exactly once. */
  atomic(
    op: AtomicOp,
    memory: Memory,
    indices: readonly Index[],
    values: readonly Expression[],
    proven: boolean,
  ): string {
    const place = this.#place(memory);
    const callee = atomicCallees[op];
    if (proven && callee !== undefined && !this.#masks(memory)) {
      const pointer = this.#element(place, indices);
      return call(callee, [combine(`&${pointer.text}`, level.unary, [pointer]), ...values]).text;
    }
    return call(this.#atomicFunction(place, op), [...asUnsigned(indices), ...values]).text;
  }

  uniformLoad(array: LocalArray, index: Index, proven: boolean): Expression {
    const place = this.#place(array);
    if (proven) return atom(`workgroupUniformLoad(&${this.#element(place, [index]).text})`);
    const name = this.#function(place, 'uniform_at', (name) =>
      source(`fn ${name}(i: u32) -> ${loadedType(array.element)}`, [
        ...this.#guard(place, false),
        `return select(${zeroOf(array.element)}, workgroupUniformLoad(&${place.name}[index]), inside);`,
      ]),
    );
    return call(name, asUnsigned([index]));
  }

  // ---- inside ----

  #place(memory: Memory): Place {
    return this.#places.get(memory)!;
  }
  /** Whether ghosts must be kept from it. */
  #masks(memory: Memory): boolean {
    return memory.kind === 'buffer' && this.#inGrid !== undefined;
  }
  #function(place: Place, what: string, source: (name: string) => string): string {
    let known = place.functions.get(what);
    if (known === undefined) {
      const name = this.#names.freshGlobal(`${place.name}_${what}`);
      known = { name, source: source(name) };
      place.functions.set(what, known);
    }
    return known.name;
  }

  /** The element where its indices are proven. */
  #element(place: Place, indices: readonly Index[]): Expression {
    const { memory } = place;
    let linear = indices[0]!.expression;
    if (indices.length > 1) {
      const signed = indices.map(({ expression, type }) => (type === 'u32' ? call('i32', [expression]) : expression));
      linear = signed[0]!;
      for (let axis = 1; axis < signed.length; axis++) {
        const length = atom(this.#launch.dimension(memory as BufferParam, axis));
        linear = infix('+', infix('*', linear, length), signed[axis]!);
      }
    }
    return combine(`${place.name}[${linear.text}]`, level.primary, [linear]);
  }

  #parameters(memory: Memory): string {
    return indexNames
      .slice(0, rankOf(memory))
      .map((name) => `${name}: u32`)
      .join(', ');
  }
  #length(memory: Memory, axis: number): string {
    return memory.kind === 'local' ? `${memory.length}u` : `u32(${this.#launch.dimension(memory, axis)})`;
  }
  #linear({ memory }: Place): string {
    return indexNames.slice(1, rankOf(memory)).reduce<string>((text, name, i) => {
      return `${i === 0 ? text : `(${text})`} * ${this.#length(memory, i + 1)} + ${name}`;
    }, 'i');
  }
  /**
   * Lines that say whether the indices are inside, and an index that always is: some drivers touch memory for
   * invocations that have not taken a branch.
   */
  #guard(place: Place, isWrite: boolean): string[] {
    const { memory } = place;
    const tests = indexNames.slice(0, rankOf(memory)).map((name, axis) => `${name} < ${this.#length(memory, axis)}`);
    if (isWrite && this.#masks(memory)) tests.unshift(this.#inGrid!);
    const all = tests.length === 1 ? tests[0] : tests.map((test) => (/\W/.test(test) ? `(${test})` : test)).join(' & ');
    return [`let inside = ${all};`, `let index = select(0u, ${this.#linear(place)}, inside);`];
  }

  #loader(place: Place): string {
    const { memory, name: array, layout } = place;
    const type = loadedType(memory.element);
    return this.#function(place, 'at', (name) => {
      const head = `fn ${name}(${this.#parameters(memory)}) -> ${type}`;
      const lines = this.#guard(place, false);
      const word = (index: string) => (layout.atomic ? `atomicLoad(&${array}[${index}])` : `${array}[${index}]`);
      let value = word('index');
      if (layout.kind === 'components') {
        lines.push('let first = 3u * index;');
        value = `${type}(${word('first')}, ${word('first + 1u')}, ${word('first + 2u')})`;
      } else if (layout.kind === 'packed') {
        const { perWord, bits } = packing(memory);
        const whole = word(`index / ${perWord}u`);
        const signed = type === 'i32' ? `bitcast<i32>(${whole})` : whole;
        value = `extractBits(${signed}, index % ${perWord}u * ${bits}u, ${bits}u)`;
      }
      return source(head, [...lines, `return select(${zeroOf(memory.element)}, ${value}, inside);`]);
    });
  }

  #storer(place: Place): string {
    const { memory, name: array, layout } = place;
    const type = loadedType(memory.element);
    return this.#function(place, 'set', (name) => {
      const stores = () => {
        if (layout.kind === 'packed') return packedStore(place, type);
        if (layout.kind === 'components')
          return ['x', 'y', 'z'].map((component, n) => `${array}[3u * index + ${n}u] = value.${component};`);
        const stored = isPacked(memory.element) ? `extractBits(value, 0u, ${packing(memory).bits}u)` : 'value';
        return [layout.atomic ? `atomicStore(&${array}[index], ${stored});` : `${array}[index] = ${stored};`];
      };
      return source(`fn ${name}(${this.#parameters(memory)}, value: ${type})`, [
        ...this.#guard(place, true),
        'if (inside) {',
        ...stores().map((line) => `  ${line}`),
        '}',
      ]);
    });
  }

  #atomicFunction(place: Place, op: AtomicOp): string {
    const { memory, name: array } = place;
    const type = loadedType(memory.element);
    const { returns, values } = ops[op];
    const valueNames = op === 'atomicCompareExchange' ? ['expected', 'value'] : ['value'].slice(0, values);
    const callee = atomicCallees[op];
    const pointer = `&${array}[index]`;
    const body =
      callee === undefined
        ? [
            '  loop {',
            `    let result = atomicCompareExchangeWeak(${pointer}, expected, value);`,
            '    if (result.exchanged || result.old_value != expected) { return result.old_value; }',
            '  }',
          ]
        : [`  ${returns ? 'return ' : ''}${callee}(${[pointer, ...valueNames].join(', ')});`];
    return this.#function(place, op, (name) => {
      const parameters = [this.#parameters(memory), ...valueNames.map((value) => `${value}: ${type}`)].join(', ');
      return source(`fn ${name}(${parameters})${returns ? ` -> ${type}` : ''}`, [
        ...this.#guard(place, op !== 'atomicLoad'),
        'if (inside) {',
        ...body,
        '}',
        ...(returns ? [`return ${zeroOf(memory.element)};`] : []),
      ]);
    });
  }
}

/** A function of the shader. */
function source(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n');
}

function packing(memory: Memory): { perWord: number; bits: number } {
  const bytes = componentBytes(memory.element);
  return { perWord: 4 / bytes, bits: bytes * 8 };
}

/** Lines that set one element of a word whose other elements other invocations may be setting. */
function packedStore({ memory, name: array, layout }: Place, type: string): string[] {
  const { perWord, bits } = packing(memory);
  const mask = `0x${(2 ** bits - 1).toString(16)}u`;
  const field = [
    `let word = index / ${perWord}u;`,
    `let shift = index % ${perWord}u * ${bits}u;`,
    `let field = (${type === 'i32' ? 'bitcast<u32>(value)' : 'value'} & ${mask}) << shift;`,
  ];
  if (layout.singleWriter)
    return [
      ...field,
      `let old = atomicLoad(&${array}[word]) & (${mask} << shift);`,
      `atomicXor(&${array}[word], old ^ field);`,
    ];
  return [
    ...field,
    `var old = atomicLoad(&${array}[word]);`,
    'loop {',
    `  let result = atomicCompareExchangeWeak(&${array}[word], old, (old & ~(${mask} << shift)) | field);`,
    '  if (result.exchanged) { break; }',
    '  old = result.old_value;',
    '}',
  ];
}

function asUnsigned(indices: readonly Index[]): Expression[] {
  return indices.map(({ expression, type }) => {
    if (type === 'u32') return expression;
    // a negative index is out of bounds; as a constant WGSL would refuse to convert it
    if (expression.constant !== undefined) return unsigned(expression.constant);
    return call('u32', [expression]);
  });
}
