/**
 * Reads the text form of print.ts. What it gives has the shape of a program; `verify` has the last word.
 *
 * Throws `malformed-ir` with line and column. Time and memory are linear in the text, and the stack is bounded.
 */

import { bitsOf, roundTo } from './bits.ts';
import { IsokernelError, type Place } from './error.ts';
import { shapeOf } from './forms.ts';
import { maxNesting } from './limits.ts';
import { isOpName, type OpName, rowOf } from './ops.ts';
import { letters } from './print.ts';
import {
  accesses,
  type Block,
  type End,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type Operation,
  type Param,
  type Program,
  type Value,
} from './program.ts';
import {
  defaultFuel,
  elementTypes,
  isFloat,
  isScalar,
  numericModes,
  type ScalarType,
  type ValueType,
  valueTypes,
} from './types.ts';

export function parse(text: string): Program {
  return new Parser(text).program();
}

type TokenKind = 'value' | 'string' | 'number' | 'word' | 'punctuation' | 'end';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const blank = /\s+|\/\/[^\n]*/y;
/** Repetitions are bounded, so that no text makes the matcher's own stack overflow. */
const tokens: readonly (readonly [TokenKind, RegExp])[] = [
  ['value', /%\d{1,9}(?:\.[A-Za-z_$][\w$]{0,255})?/y],
  ['string', /"(?:[^"\\\n]|\\.){0,8192}"/y],
  ['number', /-?\d{1,50}(?:\.\d{1,50})?(?:e[+-]?\d{1,3})?|-inf/y],
  ['word', /vec[234]<\w{3}>|[\p{ID_Start}_$][\p{ID_Continue}$]{0,255}/uy],
  ['punctuation', /[{}()[\]:,=@*]/y],
];

class Parser {
  readonly #text: string;
  #token: Token;
  #end = 0;
  readonly #values = new Map<string, Value>();
  readonly #references = new Map<string, Param | LocalArray>();
  #file: string | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#next();
  }

  program(): Program {
    this.#keyword('kernel');
    const name = this.#string();
    const mode = this.#oneOf(numericModes, 'numeric mode');
    let workgroup: [number, number, number] | undefined;
    let fuel = defaultFuel;
    if (this.#accept('workgroup')) workgroup = [this.#whole(), this.#whole(), this.#whole()];
    if (this.#accept('fuel')) fuel = this.#whole();
    if (this.#accept('file')) this.#file = this.#string();

    const params: Param[] = [];
    const locals: LocalArray[] = [];
    while (!this.#at('{')) {
      const start = this.#token;
      const kind = this.#oneOf(['param', 'private', 'workgroup'] as const, 'declaration');
      const declared = kind === 'param' ? this.#param() : this.#local(kind);
      if (this.#references.has(declared.name)) throw this.#malformed(`"${declared.name}" is declared twice`, start);
      this.#references.set(declared.name, declared);
      if (declared.kind === 'local') locals.push(declared);
      else params.push(declared);
    }
    const body = this.#block(false, 1);
    if (this.#token.kind !== 'end') throw this.#malformed('text after the end of the kernel');
    return { name, mode, workgroup, fuel, params, locals, body };
  }

  // ---- declarations ----

  #param(): Param {
    const name = this.#word('a name');
    this.#punctuation(':');
    if (!(accesses as readonly string[]).includes(this.#token.text))
      return { kind: 'scalar', name, type: this.#oneOf(valueTypes, 'type') };
    const access = this.#oneOf(accesses, 'access');
    const element = this.#oneOf(elementTypes, 'element type');
    let rank = 0;
    this.#list('[', ']', () => {
      this.#punctuation('*');
      rank++;
    });
    return { kind: 'buffer', name, access, element, rank };
  }
  #local(space: LocalArray['space']): LocalArray {
    const name = this.#word('a name');
    this.#punctuation(':');
    const atomic = this.#accept('atomic');
    const element = this.#oneOf(elementTypes, 'element type');
    this.#punctuation('[');
    const length = this.#whole();
    this.#punctuation(']');
    return { kind: 'local', space, name, element, length, atomic };
  }

  // ---- blocks and control flow ----

  #block(arm: boolean, depth: number): Block {
    if (depth > maxNesting) throw this.#malformed(`blocks nest deeper than ${maxNesting}`);
    this.#punctuation('{');
    const body: Instruction[] = [];
    let end: End | undefined;
    while (end === undefined) {
      if (this.#at('}') && arm) end = { kind: 'yield', values: [] };
      else end = this.#endOfBlock();
      if (end === undefined) body.push(this.#instruction(depth));
    }
    this.#punctuation('}');
    return { body, end };
  }

  #endOfBlock(): End | undefined {
    const kind = this.#token.text;
    switch (kind) {
      case 'yield':
      case 'break':
      case 'continue':
        this.#advance();
        return { kind, values: this.#token.kind === 'value' ? this.#uses() : [] };
      case 'return':
      case 'unreachable':
        this.#advance();
        return { kind };
      default:
        return undefined;
    }
  }

  #instruction(depth: number): Instruction {
    const results: Value[] = [];
    if (this.#token.kind === 'value') {
      do results.push(this.#definition());
      while (this.#accept(','));
      this.#punctuation('=');
    }
    if (this.#accept('if')) return this.#if(results, depth);
    if (this.#accept('loop')) return this.#loop(results, depth);
    const start = this.#token;
    const op = this.#word('an operation');
    if (!isOpName(op)) throw this.#malformed(`there is no operation ${op}`, start);
    if (results.length > 1) throw this.#malformed(`${op} has one result`, start);
    return this.#operation(op, results[0], start);
  }

  #if(results: readonly Value[], depth: number): If {
    const condition = this.#use();
    const place = this.#place();
    const accept = this.#block(true, depth + 1);
    const reject: Block = this.#accept('else')
      ? this.#block(true, depth + 1)
      : { body: [], end: { kind: 'yield', values: [] } };
    return { kind: 'if', condition, accept, reject, results, place };
  }

  #loop(results: readonly Value[], depth: number): Loop {
    const params: Value[] = [];
    const inits: Value[] = [];
    if (this.#at('('))
      this.#list('(', ')', () => {
        params.push(this.#definition());
        this.#punctuation('=');
        inits.push(this.#use());
      });
    const place = this.#place();
    return { kind: 'loop', params, inits, body: this.#block(false, depth + 1), results, place };
  }

  // ---- operations ----

  #operation(op: OpName, result: Value | undefined, start: Token): Operation {
    const shape = shapeOf(op);
    let attribute = 0;
    if (shape.attribute === 'bits') attribute = this.#constant(result?.type, start);
    else if (shape.attribute === 'dimension') attribute = this.#whole();
    else if (shape.attribute !== 'none') attribute = letters.indexOf(this.#oneOf(letters, 'axis or component'));
    const reference = shape.reference === 'none' ? undefined : this.#reference();
    const args: Value[] = [];
    if (shape.reference === 'memory') {
      this.#list('[', ']', () => {
        args.push(this.#use());
      });
      while (this.#accept(',')) args.push(this.#use());
    } else if (hasOperands(op)) args.push(...this.#uses());
    const proven = this.#accept('proven');
    const operation = { kind: 'op', op, args, result, attribute, reference, place: this.#place() } as const;
    return proven ? { ...operation, proven } : operation;
  }

  #constant(type: ValueType | undefined, start: Token): number {
    if (type === undefined || !isScalar(type)) throw this.#malformed('a constant has one scalar result', start);
    const token = this.#advance();
    const value = constantOf(type, token);
    if (value === undefined) throw this.#malformed(`${token.text || 'the end'} is no ${type}`, token);
    return bitsOf(type, value);
  }

  #reference(): Param | LocalArray {
    const token = this.#token;
    const reference = this.#references.get(this.#word('a parameter or local array'));
    if (reference === undefined) throw this.#malformed(`"${token.text}" is not declared`, token);
    return reference;
  }

  // ---- values and places ----

  #definition(): Value {
    const token = this.#expect('value', 'a value');
    const [number, name] = token.text.split('.') as [string, string | undefined];
    if (this.#values.has(number)) throw this.#malformed(`${number} is defined twice`, token);
    this.#punctuation(':');
    const type = this.#oneOf(valueTypes, 'type');
    const value: Value = name === undefined ? { type } : { type, name };
    this.#values.set(number, value);
    return value;
  }
  #use(): Value {
    const token = this.#expect('value', 'a value');
    const [number, name] = token.text.split('.') as [string, string | undefined];
    const value = this.#values.get(number);
    if (value === undefined) throw this.#malformed(`${number} is not defined before this`, token);
    if (name !== undefined && name !== value.name) throw this.#malformed(`${number} is not called ${name}`, token);
    return value;
  }
  #uses(): Value[] {
    const values = [this.#use()];
    while (this.#accept(',')) values.push(this.#use());
    return values;
  }
  #place(): Place | undefined {
    if (!this.#accept('@')) return undefined;
    let file = this.#file;
    if (this.#token.kind === 'string') {
      file = this.#string();
      this.#punctuation(':');
    }
    const line = this.#whole();
    this.#punctuation(':');
    const column = this.#whole();
    return file === undefined ? { line, column } : { file, line, column };
  }

  // ---- tokens ----

  #next(): Token {
    let at = this.#end;
    for (blank.lastIndex = at; blank.test(this.#text); ) at = blank.lastIndex;
    if (at === this.#text.length) return { kind: 'end', text: '', at };
    for (const [kind, pattern] of tokens) {
      pattern.lastIndex = at;
      const text = pattern.exec(this.#text)?.[0];
      if (text === undefined) continue;
      this.#end = at + text.length;
      return { kind, text, at };
    }
    throw this.#malformed(`what is ${JSON.stringify(String.fromCodePoint(this.#text.codePointAt(at)!))}?`, { at });
  }
  #advance(): Token {
    const token = this.#token;
    this.#token = this.#next();
    return token;
  }
  #at(text: string): boolean {
    return this.#token.text === text && this.#token.kind !== 'string';
  }
  #accept(text: string): boolean {
    if (!this.#at(text)) return false;
    this.#advance();
    return true;
  }
  #expect(kind: TokenKind, what: string): Token {
    if (this.#token.kind !== kind) throw this.#unexpected(what);
    return this.#advance();
  }
  #keyword(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected(`"${text}"`);
  }
  #punctuation(text: string): void {
    this.#keyword(text);
  }
  #word(what: string): string {
    return this.#expect('word', what).text;
  }
  #oneOf<T extends string>(wanted: readonly T[], what: string): T {
    const token = this.#token;
    if (!(wanted as readonly string[]).includes(token.text) || token.kind !== 'word')
      throw this.#unexpected(`${what} (${wanted.slice(0, 8).join(', ')}${wanted.length > 8 ? ', …' : ''})`);
    this.#advance();
    return token.text as T;
  }
  #string(): string {
    const token = this.#expect('string', 'a string in double quotes');
    try {
      return JSON.parse(token.text) as string;
    } catch {
      throw this.#malformed('a string with an escape that JSON does not know', token);
    }
  }
  #whole(): number {
    const token = this.#expect('number', 'a whole number');
    const value = Number(token.text);
    if (!/^\d+$/.test(token.text) || value >= 2 ** 32) throw this.#malformed(`${token.text} is no u32`, token);
    return value;
  }
  #list(open: string, close: string, item: () => void): void {
    this.#punctuation(open);
    do item();
    while (this.#accept(','));
    this.#punctuation(close);
  }

  // ---- errors ----

  #unexpected(wanted: string): IsokernelError {
    const { kind, text } = this.#token;
    return this.#malformed(`expected ${wanted}, found ${kind === 'end' ? 'the end' : text.slice(0, 40)}`);
  }
  #malformed(message: string, { at }: { readonly at: number } = this.#token): IsokernelError {
    const before = this.#text.slice(0, at).split('\n');
    const place: Place = { line: before.length, column: before.at(-1)!.length + 1 };
    return new IsokernelError('malformed-ir', `${message} (line ${place.line}, column ${place.column})`, { place });
  }
}

/** Whether operands follow the name of an operation without indices. */
function hasOperands(op: OpName): boolean {
  const { form } = rowOf(op);
  return form === 'scalar' || form === 'compose' || form === 'extract' || form === 'collective';
}

/** The number that a token says, or undefined where it is none of the type. */
function constantOf(type: ScalarType, { kind, text }: Token): number | undefined {
  if (type === 'bool') return text === 'true' ? 1 : text === 'false' ? 0 : undefined;
  if (isFloat(type)) {
    if (text === 'nan') return Number.NaN;
    if (text === 'inf') return Number.POSITIVE_INFINITY;
    if (text === '-inf') return Number.NEGATIVE_INFINITY;
    return kind === 'number' ? roundTo(type, Number(text)) : undefined;
  }
  const value = kind === 'number' ? Number(text) : Number.NaN;
  const fits = Number.isInteger(value) && roundTo(type, value) === value;
  return fits ? value : undefined;
}
