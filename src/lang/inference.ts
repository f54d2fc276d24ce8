/**
 * Types of scalars while a body is read: unknown until something typed is met.
 *
 * An untyped number has a type variable. Where two meet they become one (union-find); where one meets something typed, an
 * operand, a store, an argument or a use, that is a vote, and its place is kept for the message about a second, different
 * one. When the body has been read, `finish` gives the variables without a vote their type, i32 if all their
 * numbers are whole, else f32, and checks what operations demanded.
 */

import type { ScalarType } from '../ir/types.ts';
import { fail, quote, type Span } from './parse.ts';

export class TypeVariable {
  #parent: TypeVariable | undefined;
  #type: ScalarType | undefined;
  /** Of an untyped number: the place that gave it its type. */
  #vote: Span | undefined;
  /** Every literal of the variable is whole. */
  #whole = true;
  /** What operations leave as possible types, where no vote decides. */
  #allowed: readonly ScalarType[] | undefined;

  /** With a type, it stays that type; without, it is for numbers that have none yet. */
  constructor(type?: ScalarType) {
    this.#type = type;
  }

  get type(): ScalarType | undefined {
    return this.#root().#type;
  }
  /** One of the numbers of this type. */
  literal(value: number): void {
    if (!Number.isInteger(value)) this.#root().#whole = false;
  }
  allow(types: readonly ScalarType[]): void {
    const root = this.#root();
    root.#allowed = root.#allowed === undefined ? types : root.#allowed.filter((type) => types.includes(type));
  }
  /** Settles a variable that nobody voted on. */
  settle(): ScalarType {
    const root = this.#root();
    const may = (type: ScalarType) => root.#allowed === undefined || root.#allowed.includes(type);
    root.#type ??= may('i32') && (root.#whole || !may('f32')) ? 'i32' : 'f32';
    return root.#type;
  }

  /** Two values meet at `place` and so have one type. `here` and `there` are the operands. */
  meet(other: TypeVariable, place: Span, here: Span, there: Span): void {
    const a = this.#root();
    const b = other.#root();
    if (a === b) return;
    if (a.#type === undefined && b.#type === undefined) a.#absorb(b);
    else if (a.#type === undefined) a.#accept(b.#type!, there);
    else if (b.#type === undefined) b.#accept(a.#type, here);
    else if (a.#type !== b.#type) conflict(a, b, place, here, there);
  }
  #absorb(other: TypeVariable): void {
    other.#parent = this;
    this.#whole &&= other.#whole;
    if (other.#allowed !== undefined) this.allow(other.#allowed);
  }
  #accept(type: ScalarType, vote: Span): void {
    this.#type = type;
    this.#vote = vote;
  }
  /** Where an untyped number got its type. */
  get vote(): Span | undefined {
    return this.#root().#vote;
  }

  #root(): TypeVariable {
    let root: TypeVariable = this;
    while (root.#parent !== undefined) root = root.#parent;
    if (this !== root) this.#parent = root;
    return root;
  }
}

function conflict(x: TypeVariable, y: TypeVariable, place: Span, here: Span, there: Span): never {
  const [xs, ys] = [x.type!, y.type!];
  if (x.vote === undefined && y.vote === undefined) {
    const [left, right] = [quote(here), quote(there)];
    const which = left === right ? `${xs} and ${ys} meet` : `${left} is ${xs} and ${right} is ${ys}`;
    fail('type-mismatch', `${which}: nothing converts by itself`, place, convertHint(xs, ys));
  }
  fail(
    'ambiguous-type',
    `an untyped number is ${xs} because of ${quote(x.vote ?? here)} and ${ys} because of ${quote(y.vote ?? there)}`,
    place,
    `Give it a type where it starts, as in k.${xs}(0), and convert it where it is used, as in k.${ys}(…).`,
  );
}
function convertHint(x: ScalarType, y: ScalarType): string {
  if (x !== 'bool' && y !== 'bool') return `Convert one of them: k.${x}(…) or k.${y}(…).`;
  return `Write k.${x === 'bool' ? y : x}(…) to convert the bool, or compare the number with 0.`;
}

/** That a value be of one of some types. */
interface Demand {
  readonly variable: TypeVariable;
  readonly types: readonly ScalarType[];
  readonly refuse: Refuse;
}
/** Reports a type that is not wanted; `vote` is what gave an untyped number that type. */
export type Refuse = (type: ScalarType, vote: Span | undefined) => never;

export class Inference {
  readonly #demands: Demand[] = [];

  /** `refuse` reports a type that is not among them: at once where it is known, else when the body has been read. */
  demand(variable: TypeVariable, types: readonly ScalarType[], refuse: Refuse): void {
    const { type } = variable;
    if (type !== undefined) {
      if (!types.includes(type)) refuse(type, variable.vote);
      return;
    }
    variable.allow(types);
    this.#demands.push({ variable, types, refuse });
  }

  finish(): void {
    for (const { variable, types, refuse } of this.#demands) {
      const type = variable.settle();
      if (!types.includes(type)) refuse(type, variable.vote);
    }
  }
}
