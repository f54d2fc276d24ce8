/**
 * What one call of a compiled kernel keeps in locals throughout, and where things lie in a worker's scratch memory.
 *
 * `run(arguments, scratch, first, count)` runs workgroups first to first + count of the box. Addresses, dimensions and scalars are
 * read into locals once at its start.
 */

import {
  type BufferParam,
  forEachInstruction,
  type LocalArray,
  type Param,
  type Program,
} from '../../src/ir/program.ts';
import { componentCount, componentType, elementBytes } from '../../src/ir/types.ts';
import { type ArgumentLayout, launchWords, layoutArguments } from './arguments.ts';
import { wasmTypes } from './native.ts';
import type { Code } from './wasm/encoder.ts';

/** Parameters of `run`, by their local index. */
export const runParameters = { arguments: 0, scratch: 1, first: 2, count: 3 } as const;

export type Axes = readonly [number, number, number];

export interface HoistedBuffer {
  readonly address: number;
  readonly dimensions: readonly number[];
}

/** Locals of the launch and of the invocation; all are i32 but scalar arguments. */
export interface Frame {
  readonly buffers: ReadonlyMap<BufferParam, HoistedBuffer>;
  readonly scalars: ReadonlyMap<Param, readonly number[]>;
  readonly grid: Axes;
  readonly groups: Axes;
  readonly base: Axes;
  readonly count: Axes;
  readonly group: Axes;
  readonly local: Axes;
  readonly global: Axes;
  readonly localIndex: number;
}

/** A local that holds a word of the arguments. */
type Word = (index: number, name: string, type?: 'i32' | 'f32') => number;

/** Declares the locals and fills those of the launch. */
export function openFrame(code: Code, program: Program): Frame {
  const layout = layoutArguments(program);
  for (const [name, index] of Object.entries(runParameters)) code.names.set(index, name);
  const word: Word = (index, name, type = 'i32') => {
    const local = code.local(type, name);
    code
      .get(runParameters.arguments)
      .memory(`${type}.load`, index * 4)
      .set(local);
    return local;
  };
  const three = (start: number, name: string): Axes => [
    word(start, `${name}.x`),
    word(start + 1, `${name}.y`),
    word(start + 2, `${name}.z`),
  ];
  const axes = (name: string): Axes => [
    code.local('i32', `${name}.x`),
    code.local('i32', `${name}.y`),
    code.local('i32', `${name}.z`),
  ];
  return {
    ...hoistParams(program, layout, word),
    grid: three(launchWords.grid, 'grid'),
    groups: three(launchWords.groups, 'groups'),
    base: three(launchWords.base, 'base'),
    count: three(launchWords.count, 'count'),
    group: axes('group'),
    local: axes('local'),
    global: axes('global'),
    localIndex: code.local('i32', 'localIndex'),
  };
}

function hoistParams(program: Program, layout: ArgumentLayout, word: Word): Pick<Frame, 'buffers' | 'scalars'> {
  const used = new Set<unknown>();
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind === 'op') used.add(instruction.reference);
  });
  const buffers = new Map<BufferParam, HoistedBuffer>();
  const scalars = new Map<Param, readonly number[]>();
  for (const [param, first] of layout.words) {
    if (!used.has(param)) continue;
    if (param.kind === 'buffer') {
      const dimensions = Array.from({ length: param.rank }, (_, axis) =>
        word(first + 1 + axis, `${param.name}.shape.${axis}`),
      );
      buffers.set(param, { address: word(first, `${param.name}.address`), dimensions });
    } else {
      const type = wasmTypes[componentType(param.type)] === 'f32' ? 'f32' : 'i32';
      scalars.set(
        param,
        Array.from({ length: componentCount(param.type) }, (_, i) => word(first + i, param.name, type)),
      );
    }
  }
  return { buffers, scalars };
}

/**
 * A worker's scratch memory: workgroup arrays; private arrays, one set per invocation that is under way at once; then the slots, each an
 * array of one word per invocation.
 */
export interface ScratchLayout {
  /** Offset of each array; of a private one in its invocation's set. */
  readonly arrays: ReadonlyMap<LocalArray, number>;
  readonly workgroupBytes: number;
  readonly privateStart: number;
  readonly privateBytes: number;
  readonly slotStart: number;
  readonly bytes: number;
}

/** `underWay`: invocations whose private arrays exist at once; `slots`: words that each invocation keeps between segments. */
export function layoutScratch({ locals }: Program, underWay: number, size: number, slots: number): ScratchLayout {
  const arrays = new Map<LocalArray, number>();
  const place = (space: LocalArray['space']): number => {
    let end = 0;
    for (const array of locals) {
      if (array.space !== space) continue;
      arrays.set(array, end);
      end = roundUp(end + array.length * elementBytes(array.element), 4);
    }
    return end;
  };
  const workgroupBytes = place('workgroup');
  const privateBytes = place('private');
  const privateStart = roundUp(workgroupBytes, 16);
  const slotStart = roundUp(privateStart + privateBytes * underWay, 16);
  return { arrays, workgroupBytes, privateStart, privateBytes, slotStart, bytes: slotStart + slots * size * 4 };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
