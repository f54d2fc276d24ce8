/** Arrays in a body: parameters, `k.array` and `k.shared`; their elements, lengths and shapes. */

import { maxLocals, maxNameLength, maxPrivateBytes, maxWorkgroupBytes } from '../ir/limits.ts';
import type { BufferParam, Memory } from '../ir/program.ts';
import {
  componentCount,
  componentType,
  type ElementType,
  elementBytes,
  isPacked,
  isVector,
  loadedType,
  type ScalarType,
} from '../ir/types.ts';
import { TypeVariable } from './inference.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import { demand, integer, integers, ofType, scalarValue } from './scalars.ts';
import {
  type Argument,
  type ArrayValue,
  type Callable,
  constant,
  describe,
  nothing,
  Scalar,
  type Value,
} from './values.ts';

const infinite = Number.POSITIVE_INFINITY;

/** Names of element types after `k.array.` and `k.shared.`. */
export const elementNames: Readonly<Record<string, ElementType>> = {
  f32: 'f32',
  i32: 'i32',
  u32: 'u32',
  f16: 'f16',
  ...Object.fromEntries(
    [2, 3, 4].flatMap((n) =>
      Object.entries({ f: 'f32', i: 'i32', u: 'u32', h: 'f16' }).map(([letter, type]) => [
        `vec${n}${letter}`,
        `vec${n}<${type}>` as ElementType,
      ]),
    ),
  ),
};

/** Leaves room for a number. */
const longestName = maxNameLength / 2 - 8;
const mostBytes = { private: maxPrivateBytes, workgroup: maxWorkgroupBytes } as const;

/** `k.array.f32(n)`, `k.array.f32([a, b])`, `k.shared.f32(n)`, `k.shared.atomic(k.u32, n)`. */
export function declareArray(
  c: Lowering,
  space: 'private' | 'workgroup',
  element: ElementType,
  length: Argument | undefined,
  span: Span,
  atomic = false,
): Value {
  const given = length && c.read(length.value, length.span);
  const list = given?.kind === 'record' && given.what === 'a list' && space === 'private' ? given : undefined;
  const size =
    list?.members.size ??
    (given?.kind === 'constant' ? given.value : given?.kind === 'scalar' ? given.constant : undefined);
  if (typeof size !== 'number') {
    const message = 'the length of an array must be known when the kernel is compiled';
    const hint = given?.kind === 'record' ? 'It starts as zeros: store to it.' : 'Write a literal, or a const.';
    fail('not-constant', message, length?.span ?? span, hint);
  }
  if (!Number.isInteger(size) || size < 1 || size >= 2 ** 24) {
    fail(
      'not-constant',
      `${size} is no length of an array`,
      length?.span ?? span,
      'Write a whole number from 1 to 2^24.',
    );
  }
  c.arrayBytes[space] += Math.ceil((elementBytes(element) * size) / 4) * 4;
  if (c.arrayBytes[space] > mostBytes[space]) {
    fail(
      'too-large',
      `with ${quote(span)} the ${space} arrays have ${c.arrayBytes[space]} bytes, and ${mostBytes[space]} is the most`,
      span,
      space === 'private'
        ? 'Make it shorter, or use a parameter.'
        : 'Make it shorter: devices often have 16,384 bytes.',
    );
  }
  if (++c.arrays > maxLocals) {
    fail('too-large', `more than ${maxLocals} arrays, functions inlined`, span, 'Use parts of one array.');
  }
  const name = freshName(c, c.naming ?? (space === 'private' ? 'array' : 'shared'));
  if (space === 'workgroup') {
    return { kind: 'array', memory: c.builder.workgroupArray(name, element, size, atomic) };
  }
  const memory = c.builder.privateArray(name, element, size);
  const array: ArrayValue = { kind: 'array', memory };
  if (list !== undefined) {
    for (const [index, value] of list.members) {
      const at = new Scalar(new TypeVariable('i32'), span, Number(index));
      storeElement(c, array, [at], { value, span: length!.span }, span);
    }
  } else if (c.loops.length > 0) {
    // outside of loops a declaration is evaluated once, and arrays start as zeros
    c.push({ args: [], results: [], span, cost: infinite, build: (b) => b.clear(memory) });
  }
  return array;
}
function freshName(c: Lowering, naming: string): string {
  const wanted = [...naming].slice(0, longestName).join('');
  let name = wanted;
  for (let n = 1; c.names.has(name); n++) name = `${wanted}_${n}`;
  c.names.add(name);
  return name;
}

const rankOf = (memory: Memory): number => (memory.kind === 'buffer' ? memory.rank : 1);

/** Evaluated indices, as many as the rank. */
export function indicesOf(c: Lowering, { memory }: ArrayValue, given: readonly Argument[], span: Span): Scalar[] {
  const rank = rankOf(memory);
  if (given.length !== rank) {
    fail(
      'wrong-arity',
      `${quote(span)} has ${given.length} ${given.length === 1 ? 'index' : 'indices'}, and \`${memory.name}\` has rank ${rank}`,
      span,
    );
  }
  return given.map((arg) => integer(c, arg, 'an index'));
}

export function loadElement(c: Lowering, array: ArrayValue, indices: readonly Scalar[], span: Span): Value {
  const { memory } = array;
  refuseAtomic(array, span, 'Read it with k.atomicLoad(array, i).');
  const type = loadedType(memory.element);
  const variable = new TypeVariable(componentType(type));
  const results = Array.from({ length: componentCount(type) }, () => new Scalar(variable, span));
  c.push({
    args: indices,
    results,
    span,
    cost: infinite,
    build(b, at) {
      const value = b.load(memory, at);
      return isVector(type) ? results.map((_, i) => b.extract(value, i)) : value;
    },
  });
  return isVector(type) ? { kind: 'vector', type: variable, components: results } : results[0]!;
}

export function storeElement(
  c: Lowering,
  array: ArrayValue,
  indices: readonly Scalar[],
  given: Argument,
  span: Span,
): void {
  const { memory } = array;
  refuseAtomic(array, span, 'Write it with k.atomicStore(array, i, value).');
  if (memory.kind === 'buffer' && memory.access === 'read') {
    fail('read-only', `\`${memory.name}\` is a read parameter`, span, `Declare it as write(…) or readWrite(…).`);
  }
  const { element } = memory;
  const values = componentsFor(c, element, given, memory.name, span);
  const count = indices.length;
  c.push({
    args: [...indices, ...values],
    results: [],
    span,
    cost: infinite,
    build(b, args) {
      const [at, components] = [args.slice(0, count), args.slice(count)];
      // a packed element takes i32 and u32 alike
      const type = loadedType(element) as ScalarType;
      b.store(memory, at, isVector(element) ? b.compose(...components) : b.convert(components[0]!, type));
    },
  });
}
function componentsFor(
  c: Lowering,
  element: ElementType,
  given: Argument,
  name: string,
  place: Span,
): readonly Scalar[] {
  const what = `an element of \`${name}\``;
  if (isVector(element)) {
    const value = c.read(given.value, given.span);
    const count = componentCount(element);
    if (value.kind !== 'vector' || value.components.length !== count) {
      fail(
        'type-mismatch',
        `${quote(given.span)} is ${describe(value)}, and ${what} is a vector of ${count}`,
        given.span,
        `Write k.vec${count}(…).`,
      );
    }
    return value.components.map((component) =>
      ofType(c, { value: component, span: given.span }, componentType(element), what, place),
    );
  }
  if (!isPacked(element)) return [ofType(c, given, element, what, place)];
  const value = scalarValue(c, given);
  if (value.kind === 'constant') return [ofType(c, given, loadedType(element) as ScalarType, what, place)];
  if (value.type.type === 'bool') ofType(c, given, loadedType(element) as ScalarType, what, place);
  demand(c, value, integers, what, given.span);
  return [value];
}
function refuseAtomic({ memory }: ArrayValue, span: Span, hint: string): void {
  const atomic = memory.kind === 'buffer' ? memory.access === 'atomic' : memory.atomic;
  if (atomic) fail('not-a-value', `\`${memory.name}\` is an array of atomics`, span, hint);
}

// ---- members ----

const members = ['at', 'set', 'length', 'shape'];

export function arrayMember(c: Lowering, array: ArrayValue, name: string, span: Span): Value {
  const { memory } = array;
  switch (name) {
    case 'at':
      return method('at', (lowering, args, place) =>
        loadElement(lowering, array, indicesOf(lowering, array, args, place), place),
      );
    case 'set':
      return method('set', (lowering, args, place) => {
        const value = args[args.length - 1];
        if (value === undefined) fail('wrong-arity', 'set takes indices and a value', place);
        storeElement(lowering, array, indicesOf(lowering, array, args.slice(0, -1), place), value, place);
        return nothing;
      });
    case 'length':
      return lengthOf(c, memory, span);
    case 'shape':
      return shapeOf(memory);
    default:
      fail('unknown-builtin', `an array has no \`${name}\``, span, `It has ${members.join(', ')}.`);
  }
}
function method(name: string, call: Callable['call']): Callable {
  return { kind: 'callable', name, call };
}

function dimension(c: Lowering, buffer: BufferParam, axis: number, span: Span): Scalar {
  const key = `dimension ${axis} ${buffer.name}`;
  const [result] = c.once(key, span, [new TypeVariable('i32')], (b) => b.dimension(buffer, axis));
  return result!;
}
function lengthOf(c: Lowering, memory: Memory, span: Span): Value {
  if (memory.kind === 'local') return new Scalar(new TypeVariable('i32'), span, memory.length);
  const dimensions = Array.from({ length: memory.rank }, (_, axis) => dimension(c, memory, axis, span));
  if (dimensions.length === 1) return dimensions[0]!;
  const key = `length ${memory.name}`;
  const product = c.once(
    key,
    span,
    [new TypeVariable('i32')],
    (b, args) => args.reduce((x, y) => b.op('mul', x, y)),
    dimensions,
  );
  return product[0]!;
}
function shapeOf(memory: Memory): Value {
  const rank = rankOf(memory);
  return {
    kind: 'namespace',
    what: 'a shape',
    names: Array.from({ length: rank }, (_, axis) => String(axis)),
    member(c, name, span) {
      if (name === 'length') return constant(rank);
      const axis = Number(name);
      if (!(axis >= 0 && axis < rank)) return undefined;
      return memory.kind === 'buffer' ? dimension(c, memory, axis, span) : lengthOf(c, memory, span);
    },
  };
}
