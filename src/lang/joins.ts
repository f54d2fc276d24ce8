/** What variables hold where paths meet. */

import type { Join, Merge } from './draft.ts';
import { TypeVariable } from './inference.ts';
import type { Environment, Path, Place } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import {
  constant,
  dead,
  describe,
  isBool,
  nothing,
  Phi,
  type RecordValue,
  Scalar,
  same,
  type Value,
  type Vector,
} from './values.ts';

const notLeft = constant(false);

/** The environment where paths meet that parted, or entered a loop, with the environment `before`. */
export function joinPaths(join: Join, paths: readonly Path[], before: Environment): Environment {
  const joined: Environment = new Map();
  const places = new Set<Place>();
  for (const { environment } of paths) for (const place of environment.keys()) places.add(place);
  for (const place of places) {
    const inputs: Value[] = [];
    for (const { environment, flow } of paths) {
      const value = environment.get(place) ?? absent(place);
      if (value !== undefined) inputs.push(value === nothing && flow === 'left' ? dead : value);
    }
    // a variable that some path never declared is out of scope here
    if (inputs.length < paths.length) continue;
    const value = inputs[0]!;
    const name = place.kind === 'target' || place.kind === 'slot' ? undefined : place.name;
    const agreed = inputs.every((input) => same(input, value)) && (!isComputed(value) || before.get(place) === value);
    joined.set(place, agreed ? value : new Phi(join, name, inputs));
  }
  return joined;
}
/** Whether a value exists only where it was computed: in one of the paths. */
function isComputed({ kind }: Value): boolean {
  return kind === 'scalar' || kind === 'vector' || kind === 'record' || kind === 'phi';
}
function absent(place: Place): Value | undefined {
  if (place.kind === 'target') return notLeft;
  return place.kind === 'slot' ? dead : undefined;
}

/** All edges of a loop's head are known: links what was read while they were not. */
export function closeLoop(head: Join): void {
  head.closed = true;
  for (const phi of head.read) link(phi);
}

/** What a variable is where paths met: makes it cross the join. */
export function readPhi(phi: Phi, span: Span): Value {
  if (phi.settled !== undefined) return phi.settled;
  phi.read = span;
  const { join, inputs, name } = phi;
  // the head of an open loop is decided by what enters it
  const known = join.closed ? inputs : inputs.slice(0, 1);
  let value: Value = dead;
  for (const input of known) {
    value = input.kind === 'phi' ? readPhi(input, span) : input;
    if (phi.settled !== undefined) return phi.settled;
    if (value.kind !== 'dead') break;
  }
  const merge = (type: TypeVariable, component?: number): Scalar => {
    const result = new Scalar(type, span);
    result.name = component === undefined ? name : `${name}_${'xyzw'[component]}`;
    join.merges.push({ result, inputs: [] });
    return result;
  };
  if (value.kind === 'constant' || value.kind === 'scalar') {
    phi.settled = merge(isBool(value) ? new TypeVariable('bool') : typeFrom(value));
  } else if (value.kind === 'vector') {
    const type = typeFrom(value);
    phi.settled = { kind: 'vector', type, components: value.components.map((_, i) => merge(type, i)) };
  } else if (value.kind === 'record') {
    // each member is a variable of its own, and crosses the join if it is read
    const member = (of: string) => new Phi(join, name === undefined ? of : `${name}_${of}`, []);
    const members = new Map(Array.from(value.members.keys(), (of) => [of, member(of)]));
    phi.settled = { ...value, members };
  } else {
    phi.settled = value;
  }
  join.read.push(phi);
  link(phi);
  return phi.settled;
}

/** The type of what enters first, where it has one. */
function typeFrom(value: Value): TypeVariable {
  const typed = (value.kind === 'scalar' || value.kind === 'vector') && value.type.type !== undefined;
  return typed ? value.type : new TypeVariable();
}

/** Connects what a variable became with the values that reach the join. */
function link(phi: Phi): void {
  const { settled, inputs, join } = phi;
  while (phi.linked < inputs.length && (join.closed || phi.linked === 0)) {
    const edge = phi.linked++;
    const given = inputs[edge]!;
    const input = given.kind === 'phi' ? readPhi(given, phi.read!) : given;
    if (settled!.kind === 'scalar') connect(phi, settled as Scalar, edge, input);
    else if (settled!.kind === 'vector') connectVector(phi, settled as Vector, edge, input);
    else if (settled!.kind === 'record') connectRecord(phi, settled as RecordValue, edge, input);
    else if (input.kind !== 'dead' && !same(settled!, input)) refuse(phi, settled!, input);
  }
}
function mergeOf(join: Join, result: Scalar): Merge {
  return join.merges.find((merge) => merge.result === result)!;
}
function connect(phi: Phi, result: Scalar, edge: number, input: Value): void {
  const span = phi.read!;
  const { inputs } = mergeOf(phi.join, result);
  if (input.kind === 'dead') {
    inputs[edge] = new Scalar(result.type, span, 0);
  } else if (isBool(input) !== isBool(result)) {
    refuse(phi, result, input);
  } else if (input.kind === 'constant') {
    const value = Number(input.value);
    result.type.literal(value);
    inputs[edge] = new Scalar(result.type, span, value);
  } else if (input.kind === 'scalar') {
    result.type.meet(input.type, span, earlier(inputs, edge) ?? span, input.span);
    inputs[edge] = input;
  } else refuse(phi, result, input);
}
function earlier(inputs: readonly Scalar[], edge: number): Span | undefined {
  return inputs.slice(0, edge).find((input) => input?.constant === undefined)?.span;
}
function connectVector(phi: Phi, result: Vector, edge: number, input: Value): void {
  if (input.kind === 'vector' && input.components.length === result.components.length) {
    result.components.forEach((component, i) => {
      connect(phi, component, edge, input.components[i]!);
    });
  } else if (input.kind === 'dead') {
    for (const component of result.components) connect(phi, component, edge, dead);
  } else refuse(phi, result, input);
}
function connectRecord(phi: Phi, result: RecordValue, edge: number, input: Value): void {
  const alike =
    input.kind === 'dead' ||
    (input.kind === 'record' &&
      input.members.size === result.members.size &&
      [...result.members.keys()].every((name) => input.members.has(name)));
  if (!alike) refuse(phi, result, input);
  for (const [name, member] of result.members)
    (member as Phi).inputs[edge] = input.kind === 'record' ? input.members.get(name)! : dead;
}
function refuse(phi: Phi, one: Value, other: Value): never {
  const span = phi.read!;
  const name = phi.name === undefined ? quote(span) : `\`${phi.name}\``;
  if (one.kind === 'nothing' || other.kind === 'nothing') {
    fail('not-a-value', `${name} may have no value here`, span, 'Give it one on every way to this place.');
  }
  if (one.kind === 'record' && other.kind === 'record') {
    fail(
      'type-mismatch',
      `${name} has other members on one way to this place than on another`,
      span,
      'Give it the same members on every way.',
    );
  }
  if (one.kind === other.kind && one.kind !== 'vector' && one.kind !== 'scalar') {
    fail(
      'not-a-value',
      `${name} may be ${describe(one)} or another`,
      span,
      'Choose between values, not between arrays or functions.',
    );
  }
  fail(
    'type-mismatch',
    `${name} is ${describe(one)} on one way to this place and ${describe(other)} on another`,
    span,
    'Use a variable for each.',
  );
}
