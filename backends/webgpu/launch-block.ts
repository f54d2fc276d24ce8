/** Fills the uniform blocks of a slice's dispatches: one after the other, at offsets that WebGPU accepts. */

import { bitsOf, halfValue } from '../../src/ir/bits.ts';
import { isBuffer, type Param } from '../../src/ir/program.ts';
import { componentType, type ScalarType } from '../../src/ir/types.ts';
import type { Box } from './boxes.ts';
import type { ReadyDispatch } from './commands.ts';
import { gridWord, originWord } from './layout.ts';
import type { WebGpuProgram } from './program.ts';

export class LaunchBlocks {
  readonly #stride: number;
  #bytes = new ArrayBuffer(64 * 256);
  #view = new DataView(this.#bytes);
  #count = 0;

  /** `alignment`: what offsets of uniform blocks are multiples of. */
  constructor(alignment: number) {
    this.#stride = alignment;
  }

  reset(): void {
    this.#count = 0;
  }
  /** What to upload. */
  get filled(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes, 0, this.#count);
  }

  /** Writes a dispatch's block; gives its offset. */
  add({ program, buffers, scalars, grid, groups, statusBase }: ReadyDispatch, box: Box): number {
    const at = this.#count;
    this.#count += Math.ceil(program.shader.uniformBytes / this.#stride) * this.#stride;
    if (this.#count > this.#bytes.byteLength) this.#grow();
    const view = this.#view;
    const word = (n: number, value: number) => view.setInt32(at + 4 * n, value, true);
    for (const axis of [0, 1, 2] as const) {
      word(originWord + axis, box.base[axis] * program.workgroup[axis]);
      word(gridWord + axis, grid[axis]);
    }
    const places = placesOf(program);
    for (const { word: n, field } of program.shader.fields) {
      switch (field.from) {
        case 'dimension':
          word(n, buffers[places.get(field.param)!]!.shape[field.axis]!);
          break;
        case 'scalar': {
          const value = scalars[places.get(field.param)!]![field.component]!;
          if (isWord(componentType(field.param.type))) word(n, value);
          else view.setFloat32(at + 4 * n, value, true);
          break;
        }
        case 'constant':
          word(n, wordOf(field.type, field.bits));
          break;
        case 'base':
          word(n, box.base[field.axis]!);
          break;
        case 'groups':
          word(n, groups[field.axis]!);
          break;
        case 'fuel':
          word(n, program.verified.program.fuel);
          break;
        case 'status':
          word(n, statusBase);
          break;
      }
    }
    return at;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#count);
    larger.set(new Uint8Array(this.#bytes));
    this.#bytes = larger.buffer;
    this.#view = new DataView(this.#bytes);
  }
}

/** Bits of a constant as they travel: those of the f32 of the same value for an f16. */
const wordOf = (type: ScalarType, bits: number) => (type === 'f16' ? bitsOf('f32', halfValue(bits)) : bits);
const isWord = (type: ScalarType) => type === 'i32' || type === 'u32' || type === 'bool';

const places = new WeakMap<WebGpuProgram, Map<Param, number>>();
/** Where each parameter's argument is among the buffers or among the scalars. */
function placesOf(program: WebGpuProgram): Map<Param, number> {
  let known = places.get(program);
  if (known === undefined) {
    known = new Map();
    const { params } = program.verified.program;
    for (const kind of [params.filter(isBuffer), params.filter((param) => param.kind === 'scalar')])
      for (const [i, param] of kind.entries()) known.set(param, i);
    places.set(program, known);
  }
  return known;
}
