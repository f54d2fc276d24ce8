/**
 * The core of a program in bytes: everything that it means and nothing for people. The canonical bytes hold it, and the
 * hash is taken of it.
 *
 * Operations, types and other words of the IR are written as symbols: the number of the word in a table of the words
 * used, in the order of their first use. So neither new operations nor a new order of the operation table change a byte.
 *
 *     core        = count { word } semanticsVersion mode workgroup fuel params locals block
 *     workgroup   = 0 | 1 x y z
 *     params      = count { 'scalar' type | access element rank }
 *     locals      = count { space element length atomic }
 *     block       = { instruction } end
 *     instruction = operation [attribute] [reference] uses results
 *                 | 'if' condition results block block
 *                 | 'loop' inits results params block
 *     end         = 'yield' uses | 'break' uses | 'continue' uses | 'return' | 'unreachable'
 *     uses, inits = count { value };  results, params of a loop = count { type }
 *
 * Values and references are numbered as in numbering.ts. What the verifier and the passes find out (`verified`, `proven`)
 * is no part of what a program means, and is not written.
 */

import type { Place } from './error.ts';
import { shapeOf } from './forms.ts';
import { maxNesting } from './limits.ts';
import { numberingOf } from './numbering.ts';
import { isOpName, type OpName, semanticsVersion } from './ops.ts';
import {
  accesses,
  type Block,
  type End,
  type Instruction,
  type LocalArray,
  type Operation,
  type Param,
  type Program,
  type Value,
} from './program.ts';
import { ByteReader, ByteWriter } from './stream.ts';
import { elementTypes, numericModes, type ValueType, valueTypes } from './types.ts';

/** The core of a well-formed program. */
export function writeCore(program: Program): Uint8Array {
  const { values, references } = numberingOf(program);
  const words = new Map<string, number>();
  const out = new ByteWriter();

  const symbol = (word: string) => {
    const number = words.get(word) ?? words.size;
    words.set(word, number);
    out.uint(number);
  };
  const types = (typed: readonly Value[]) => {
    out.uint(typed.length);
    for (const { type } of typed) symbol(type);
  };
  const uses = (used: readonly Value[]) => {
    out.uint(used.length);
    for (const value of used) out.uint(values.get(value)!);
  };
  const block = ({ body, end }: Block): void => {
    body.forEach(instruction);
    symbol(end.kind);
    if ('values' in end) uses(end.values);
  };
  const instruction = (it: Instruction): void => {
    switch (it.kind) {
      case 'op': {
        const shape = shapeOf(it.op);
        symbol(it.op);
        if (shape.attribute !== 'none') out.uint(it.attribute);
        if (shape.reference !== 'none') out.uint(references.get(it.reference!)!);
        uses(it.args);
        types(it.result === undefined ? [] : [it.result]);
        break;
      }
      case 'if':
        symbol('if');
        out.uint(values.get(it.condition)!);
        types(it.results);
        block(it.accept);
        block(it.reject);
        break;
      case 'loop':
        symbol('loop');
        uses(it.inits);
        types(it.results);
        types(it.params);
        block(it.body);
        break;
    }
  };

  out.uint(semanticsVersion);
  symbol(program.mode);
  out.uint(program.workgroup === undefined ? 0 : 1);
  for (const size of program.workgroup ?? []) out.uint(size);
  out.uint(program.fuel);
  out.uint(program.params.length);
  for (const param of program.params) {
    if (param.kind === 'scalar') {
      symbol('scalar');
      symbol(param.type);
    } else {
      symbol(param.access);
      symbol(param.element);
      out.uint(param.rank);
    }
  }
  out.uint(program.locals.length);
  for (const local of program.locals) {
    symbol(local.space);
    symbol(local.element);
    out.uint(local.length);
    out.uint(local.atomic ? 1 : 0);
  }
  block(program.body);

  const core = new ByteWriter();
  core.uint(words.size);
  for (const word of words.keys()) core.string(word);
  core.raw(out.finish());
  return core.finish();
}

/** What a program says to people, by the numbers of numbering.ts; instructions in program order, outer before inner. */
export interface Names {
  readonly kernel: string;
  readonly references: readonly string[];
  readonly values: readonly (string | undefined)[];
  readonly places: readonly (Place | undefined)[];
}

/** The program that a core means, with these names. Throws `malformed-ir`. The program may still break rules of the IR. */
export function readCore(bytes: Uint8Array, names: Names): Program {
  const input = new ByteReader(bytes);
  const words = input.list(() => input.string());
  const values: Value[] = [];
  const references: (Param | LocalArray)[] = [];
  let instructions = 0;

  const word = () => input.pick(words, 'word');
  const oneOf = <T extends string>(wanted: readonly T[], what: string): T => {
    const found = word();
    if (!(wanted as readonly string[]).includes(found))
      throw input.malformed(`${JSON.stringify(found.slice(0, 40))} is no ${what}`);
    return found as T;
  };
  const define = (type: ValueType): Value => {
    const name = names.values[values.length];
    const value: Value = name === undefined ? { type } : { type, name };
    values.push(value);
    return value;
  };
  const types = () => input.list(() => define(oneOf(valueTypes, 'type')));
  const use = () => input.pick(values, 'value');
  const uses = () => input.list(use);
  const nameOfReference = () => names.references[references.length] ?? `unnamed${references.length}`;
  const declare = <R extends Param | LocalArray>(reference: R): R => {
    references.push(reference);
    return reference;
  };

  const param = (): Param => {
    const name = nameOfReference();
    const kind = oneOf(['scalar', ...accesses] as const, 'kind of parameter');
    if (kind === 'scalar') return declare({ kind, name, type: oneOf(valueTypes, 'type') });
    const element = oneOf(elementTypes, 'element type');
    return declare({ kind: 'buffer', name, access: kind, element, rank: input.uint() });
  };
  const local = (): LocalArray => {
    const name = nameOfReference();
    const space = oneOf(['private', 'workgroup'] as const, 'space');
    const element = oneOf(elementTypes, 'element type');
    return declare({ kind: 'local', space, name, element, length: input.uint(), atomic: input.uint() === 1 });
  };

  const block = (depth: number): Block => {
    if (depth > maxNesting) throw input.malformed(`blocks nest deeper than ${maxNesting}`);
    const body: Instruction[] = [];
    for (;;) {
      const what = word();
      const end = endOf(what);
      if (end !== undefined) return { body, end };
      body.push(instruction(what, depth));
    }
  };
  const endOf = (what: string): End | undefined => {
    switch (what) {
      case 'yield':
      case 'break':
      case 'continue':
        return { kind: what, values: uses() };
      case 'return':
      case 'unreachable':
        return { kind: what };
      default:
        return undefined;
    }
  };
  const instruction = (what: string, depth: number): Instruction => {
    const place = names.places[instructions++];
    if (what === 'if') {
      const condition = use();
      const results = types();
      return { kind: 'if', condition, results, accept: block(depth + 1), reject: block(depth + 1), place };
    }
    if (what === 'loop') {
      const inits = uses();
      const results = types();
      return { kind: 'loop', inits, results, params: types(), body: block(depth + 1), place };
    }
    if (!isOpName(what)) throw input.malformed(`${JSON.stringify(what.slice(0, 40))} is no operation`);
    return operation(what, place);
  };
  const operation = (op: OpName, place: Place | undefined): Operation => {
    const shape = shapeOf(op);
    const attribute = shape.attribute === 'none' ? 0 : input.uint();
    const reference = shape.reference === 'none' ? undefined : input.pick(references, 'parameter or local array');
    const args = uses();
    const results = types();
    if (results.length > 1) throw input.malformed(`${op} with ${results.length} results`);
    return { kind: 'op', op, args, result: results[0], attribute, reference, place };
  };

  const version = input.uint();
  if (version !== semanticsVersion)
    throw input.malformed(`meanings of version ${version}, and this library has ${semanticsVersion}`);
  const mode = oneOf(numericModes, 'numeric mode');
  const workgroup = input.uint() === 0 ? undefined : ([input.uint(), input.uint(), input.uint()] as const);
  const fuel = input.uint();
  const params = input.list(param);
  const locals = input.list(local);
  const body = block(1);
  if (!input.atEnd) throw input.malformed('more bytes after its end');
  return { name: names.kernel, mode, workgroup, fuel, params, locals, body };
}
