/**
 * What a shader sees from outside: the uniform block of a dispatch, and how elements lie in its storage buffers.
 *
 * The uniform block begins with the grid's origin and size; after that it holds only the words that the body asks for.
 * The device fills it by `fields`.
 */

import type { BufferParam, ScalarParam } from '../../src/ir/program.ts';
import {
  componentCount,
  componentType,
  type ElementType,
  isPacked,
  isVector,
  type NumericType,
  type ScalarType,
} from '../../src/ir/types.ts';
import type { BufferFacts } from '../../src/ir/verified.ts';

/** One 32-bit word of the uniform block: where its value comes from. */
export type Field =
  | { readonly from: 'dimension'; readonly param: BufferParam; readonly axis: number }
  | { readonly from: 'scalar'; readonly param: ScalarParam; readonly component: number }
  /** Number of the first workgroup of this box, and workgroups of the whole grid. */
  | { readonly from: 'base' | 'groups'; readonly axis: number }
  /** What to add to a loop's number in the status word: tells the dispatches of a submission apart. */
  | { readonly from: 'status' }
  /** A constant that the driver's compiler is not to know. */
  | { readonly from: 'constant'; readonly type: ScalarType; readonly bits: number }
  /** The program's fuel. As a constant it would have compilers look at every iteration. */
  | { readonly from: 'fuel' };

/** Word offsets of the fixed part: `origin` (invocations before this box) and `grid`, each vec3<i32>. */
export const originWord = 0;
export const gridWord = 4;
const firstFreeWord = 7;

export const axes = ['x', 'y', 'z'] as const;

export class LaunchBlock {
  readonly #names: (wanted: string) => string;
  readonly #fields: { readonly name: string; readonly type: string; readonly field: Field }[] = [];

  /** `names` gives member names that are free. */
  constructor(names: (wanted: string) => string) {
    this.#names = names;
  }

  /** The i32 length of one axis of a buffer. */
  dimension(param: BufferParam, axis: number): string {
    const same = (field: Field) => field.from === 'dimension' && field.param === param && field.axis === axis;
    return this.#member(same, param.rank === 1 ? `${param.name}_length` : `${param.name}_dim${axis}`, 'i32', {
      from: 'dimension',
      param,
      axis,
    });
  }
  scalar(param: ScalarParam, component: number): string {
    const same = (field: Field) => field.from === 'scalar' && field.param === param && field.component === component;
    const name = isVector(param.type) ? `${param.name}_${'xyzw'[component]}` : param.name;
    return this.#member(same, name, fieldTypes[componentType(param.type)], { from: 'scalar', param, component });
  }
  group(from: 'base' | 'groups', axis: number): string {
    const same = (field: Field) => field.from === from && field.axis === axis;
    return this.#member(same, `${from}_${axes[axis]}`, 'i32', { from, axis });
  }
  status(): string {
    return this.#member((field) => field.from === 'status', 'status_base', 'u32', { from: 'status' });
  }
  /** A word of its own, also where another one holds the same. */
  constant(type: ScalarType, bits: number): string {
    return this.#member(() => false, 'opaque', fieldTypes[type], { from: 'constant', type, bits });
  }
  fuel(): string {
    return this.#member((field) => field.from === 'fuel', 'fuel', 'u32', { from: 'fuel' });
  }
  #member(same: (field: Field) => boolean, wanted: string, type: string, field: Field): string {
    const known = this.#fields.find((each) => same(each.field));
    if (known !== undefined) return `launch.${known.name}`;
    const name = this.#names(wanted);
    this.#fields.push({ name, type, field });
    return `launch.${name}`;
  }

  get fields(): readonly { readonly word: number; readonly field: Field }[] {
    return this.#fields.map(({ field }, i) => ({ word: firstFreeWord + i, field }));
  }
  /** A uniform block's size is a multiple of its alignment. */
  get bytes(): number {
    return Math.ceil((firstFreeWord + this.#fields.length) / 4) * 16;
  }
  get source(): string {
    const members = [
      'origin: vec3<i32>',
      'grid: vec3<i32>',
      ...this.#fields.map(({ name, type }) => `${name}: ${type}`),
    ];
    return `struct Launch {\n${members.map((member) => `  ${member},\n`).join('')}}`;
  }
}

/** bool is no type of uniform memory; an f16 travels as the f32 of the same value. */
const fieldTypes: Record<ScalarType, 'u32' | 'i32' | 'f32'> = {
  bool: 'u32',
  i32: 'i32',
  u32: 'u32',
  f16: 'f32',
  f32: 'f32',
};

/**
 * How elements lie in a storage buffer's array:
 *  - `plain`: one element of WGSL's type each
 *  - `components`: vec3, whose WGSL type would be padded, as three scalars
 *  - `packed`: 8 and 16-bit integers, in words of 32 bits
 */
export interface Layout {
  readonly kind: 'plain' | 'components' | 'packed';
  /** Element type of the WGSL array. */
  readonly word: string;
  /** The array's words are atomic. */
  readonly atomic: boolean;
  /** Whether the binding may be written. */
  readonly writable: boolean;
  /** Packed, written: each element has one writer, so one exclusive-or sets it. */
  readonly singleWriter: boolean;
}

export function layoutOf(param: BufferParam, facts: BufferFacts | undefined): Layout {
  const writable = param.access !== 'read';
  const { element } = param;
  if (isPacked(element)) {
    const atomic = facts?.written ?? writable;
    const word = atomic ? 'atomic<u32>' : 'u32';
    // below rank 3, a grid may have further axes, along which invocations share an element
    const singleWriter = facts?.stores === 'own' && param.rank === 3;
    return { kind: 'packed', word, atomic, writable, singleWriter };
  }
  const atomic = param.access === 'atomic';
  const padded = componentCount(element) === 3;
  const word = padded ? componentType(element) : element;
  return {
    kind: padded ? 'components' : 'plain',
    word: atomic ? `atomic<${word}>` : word,
    atomic,
    writable,
    singleWriter: false,
  };
}

/** Zero of what a load gives, as WGSL. */
export function zeroOf(element: ElementType): string {
  if (isPacked(element)) return element.startsWith('u') ? '0u' : '0';
  return isVector(element) ? `${element}()` : zeros[element as NumericType];
}
const zeros: Record<NumericType, string> = { i32: '0', u32: '0u', f16: '0.0h', f32: '0.0' };
