/** Vectors in a body: made, taken apart, and computed with, component by component. */

import { componentCount, componentType, isVector, type ScalarType, type ValueType } from '../ir/types.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import { type Computed, floats, numbers, ofType, operation, scalarValue, unify } from './scalars.ts';
import { type Argument, type Callable, constant, describe, type Scalar, type Value, type Vector } from './values.ts';

const axes = 'xyzw';

/** A vector of scalars and constants, which get one type. */
export function vectorOf(c: Lowering, args: readonly Argument[], span: Span): Vector {
  const components = unify(c, args, numbers, span);
  return { kind: 'vector', type: components[0]!.type, components };
}

/** `k.vec3(x)`, `k.vec3(x, y, z)`, `k.vec3(xy, z)`, … */
export function makeVector(c: Lowering, length: number, args: readonly Argument[], span: Span): Vector {
  const parts = args.flatMap((arg): Argument[] => {
    const value = c.read(arg.value, arg.span);
    if (value.kind !== 'vector') return [{ value: scalarValue(c, arg), span: arg.span }];
    return value.components.map((component) => ({ value: component, span: arg.span }));
  });
  const single = parts[0];
  if (parts.length === 1 && single !== undefined) return vectorOf(c, new Array<Argument>(length).fill(single), span);
  if (parts.length !== length) {
    fail('wrong-arity', `k.vec${length} takes ${length} components, or one for all, not ${parts.length}`, span);
  }
  return vectorOf(c, parts, span);
}

function asVector(c: Lowering, { value, span }: Argument): Vector {
  const read = c.read(value, span);
  if (read.kind !== 'vector')
    fail('type-mismatch', `${quote(span)} is ${describe(read)}, and a vector is wanted here`, span);
  return read;
}

/** A function of scalars on vectors: by components, a scalar standing for a vector of it. Scalars alone give a scalar. */
export function byComponent(
  c: Lowering,
  args: readonly Argument[],
  span: Span,
  compute: (args: readonly Argument[]) => Value,
): Value {
  const values = args.map(({ value, span: place }) => c.read(value, place));
  const lengths = values.flatMap((value) => (value.kind === 'vector' ? [value.components.length] : []));
  const [length] = lengths;
  if (length === undefined) return compute(args);
  if (lengths.some((each) => each !== length)) {
    fail('type-mismatch', `vectors of ${lengths.join(' and ')} components do not mix`, span);
  }
  const components = Array.from({ length }, (_, i): Argument => {
    const at = values.map((value, n) => ({
      value: value.kind === 'vector' ? value.components[i]! : value,
      span: args[n]!.span,
    }));
    return { value: compute(at), span };
  });
  return vectorOf(c, components, span);
}

/** A value given to something that has a type; `what` is its name in messages. */
export function ofValueType(c: Lowering, arg: Argument, type: ValueType, what: string): Value {
  if (!isVector(type)) return ofType(c, arg, type as ScalarType, what);
  const value = c.read(arg.value, arg.span);
  const count = componentCount(type);
  if (value.kind !== 'vector' || value.components.length !== count) {
    fail('type-mismatch', `${quote(arg.span)} is ${describe(value)}, and ${what} is a vector of ${count}`, arg.span);
  }
  const parts = value.components.map((component) => ({
    value: ofType(c, { value: component, span: arg.span }, componentType(type), what),
    span: arg.span,
  }));
  return vectorOf(c, parts, arg.span);
}

// ---- geometry ----

export function dot(c: Lowering, a: Argument, b: Argument, span: Span): Scalar {
  const [x, y] = [asVector(c, a), asVector(c, b)];
  if (x.components.length !== y.components.length) {
    fail('type-mismatch', `vectors of ${x.components.length} and ${y.components.length} components do not mix`, span);
  }
  const products = x.components.map((each, i) =>
    operation(
      c,
      'mul',
      [
        { value: each, span: a.span },
        { value: y.components[i]!, span: b.span },
      ],
      span,
    ),
  );
  return products.reduce((sum, product) => apply(c, 'add', span, sum, product));
}
export function lengthOf(c: Lowering, v: Argument, span: Span): Scalar {
  return apply(c, 'sqrt', span, dot(c, v, v, span));
}
export function normalize(c: Lowering, v: Argument, span: Span): Value {
  const length = lengthOf(c, v, span);
  return byComponent(c, [v, { value: length, span }], span, (args) => operation(c, 'div', args, span));
}
/** e - 2 (n · e) n */
export function reflect(c: Lowering, e: Argument, n: Argument, span: Span): Value {
  const twice: Argument = { value: apply(c, 'mul', span, constant(2), dot(c, n, e, span)), span };
  const along: Argument = {
    value: byComponent(c, [twice, n], span, (parts) => operation(c, 'mul', parts, span)),
    span,
  };
  return byComponent(c, [e, along], span, (parts) => operation(c, 'sub', parts, span));
}
/** With eta the ratio of indices and d = n · e: eta e - (eta d + sqrt k) n for k = 1 - eta² (1 - d²), or 0 where k < 0. */
export function refract(c: Lowering, e: Argument, n: Argument, eta: Argument, span: Span): Value {
  const at = (value: Value): Argument => ({ value, span });
  const d = dot(c, n, e, span);
  const ratio = scalarValue(c, eta);
  const op = (name: Computed, ...values: Value[]) => apply(c, name, span, ...values);
  const rest = op('mul', op('mul', ratio, ratio), op('sub', constant(1), op('mul', d, d)));
  const k = op('sub', constant(1), rest);
  const along = op('add', op('mul', ratio, d), op('sqrt', k));
  const none = op('lt', k, constant(0));
  return byComponent(c, [e, n], span, ([x, y]) => {
    const bent = op('sub', op('mul', ratio, x!.value), op('mul', along, y!.value));
    return operation(c, 'select', [at(none), at(constant(0)), at(bent)], span);
  });
}
/** e where n · i is below 0, else -e. */
export function faceForward(c: Lowering, e: Argument, i: Argument, n: Argument, span: Span): Value {
  const at = (value: Value): Argument => ({ value, span });
  const behind = apply(c, 'lt', span, dot(c, i, n, span), constant(0));
  return byComponent(c, [e], span, ([x]) =>
    operation(c, 'select', [at(behind), x!, at(operation(c, 'neg', [x!], span))], span),
  );
}
export function cross(c: Lowering, a: Argument, b: Argument, span: Span): Value {
  const [x, y] = [asVector(c, a).components, asVector(c, b).components];
  if (x.length !== 3 || y.length !== 3) fail('type-mismatch', 'a cross product is of vectors of 3 components', span);
  const minor = (i: number, j: number): Argument => ({
    value: apply(c, 'sub', span, apply(c, 'mul', span, x[i]!, y[j]!), apply(c, 'mul', span, x[j]!, y[i]!)),
    span,
  });
  return vectorOf(c, [minor(1, 2), minor(2, 0), minor(0, 1)], span);
}
function apply(c: Lowering, op: Computed, span: Span, ...values: Value[]): Scalar {
  return operation(
    c,
    op,
    values.map((value) => ({ value, span })),
    span,
  );
}

// ---- members ----

type Method = (c: Lowering, vector: Argument, args: readonly Argument[], span: Span) => Value;

/** A method that is one operation on components. */
const componentwise =
  (op: Computed): Method =>
  (c, vector, args, span) =>
    byComponent(c, [vector, ...args], span, (parts) => operation(c, op, parts, span));

const methods: Readonly<Record<string, { readonly arity: number; readonly call: Method }>> = {
  add: { arity: 1, call: componentwise('add') },
  sub: { arity: 1, call: componentwise('sub') },
  mul: { arity: 1, call: componentwise('mul') },
  div: { arity: 1, call: divide },
  neg: { arity: 0, call: componentwise('neg') },
  abs: { arity: 0, call: componentwise('abs') },
  min: { arity: 1, call: componentwise('min') },
  max: { arity: 1, call: componentwise('max') },
  dot: { arity: 1, call: (c, vector, [other], span) => dot(c, vector, other!, span) },
  cross: { arity: 1, call: (c, vector, [other], span) => cross(c, vector, other!, span) },
  length: { arity: 0, call: (c, vector, _, span) => lengthOf(c, vector, span) },
  normalize: { arity: 0, call: (c, vector, _, span) => normalize(c, vector, span) },
  with: { arity: 2, call: withComponent },
};

function divide(c: Lowering, vector: Argument, args: readonly Argument[], span: Span): Value {
  c.inference.demand(asVector(c, vector).type, floats, (type) =>
    fail('integer-division', `this divides vectors of ${type}`, span, 'Use k.idiv(x, y) on the components.'),
  );
  return byComponent(c, [vector, ...args], span, (parts) => operation(c, 'div', parts, span));
}
function withComponent(c: Lowering, vector: Argument, [name, value]: readonly Argument[], span: Span): Value {
  const { components } = asVector(c, vector);
  const axis = name!.value.kind === 'text' ? axes.slice(0, components.length).indexOf(name!.value.text) : -1;
  if (axis < 0 || (name!.value.kind === 'text' && name!.value.text.length !== 1)) {
    fail(
      'not-constant',
      `${quote(name!.span)} is no component of this vector`,
      name!.span,
      `Write v.with('x', value).`,
    );
  }
  const parts = components.map((each, i) => (i === axis ? value! : { value: each, span: vector.span }));
  return vectorOf(c, parts, span);
}

export function vectorMember(vector: Vector, name: string, span: Span): Value {
  const { components } = vector;
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method !== undefined) return bind(vector, name, method, span);
  const picked = [...name].map((letter) => components[axes.indexOf(letter)]);
  if (picked.length >= 1 && picked.length <= 4 && picked.every((component) => component !== undefined)) {
    const [first] = picked;
    return picked.length === 1 ? first! : { kind: 'vector', type: vector.type, components: picked as Scalar[] };
  }
  fail(
    'unknown-builtin',
    `a vector of ${components.length} has no \`${name}\``,
    span,
    `It has ${[...axes.slice(0, components.length)].join(', ')}, swizzles, and ${Object.keys(methods).join(', ')}.`,
  );
}
function bind(vector: Vector, name: string, { arity, call }: (typeof methods)[string], place: Span): Callable {
  return {
    kind: 'callable',
    name,
    call(c, args, span) {
      if (args.length !== arity)
        fail(
          'wrong-arity',
          `${name} takes ${arity} ${arity === 1 ? 'argument' : 'arguments'}, not ${args.length}`,
          span,
        );
      return call(c, { value: vector, span: place }, args, span);
    },
  };
}
