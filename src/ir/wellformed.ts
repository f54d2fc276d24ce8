/**
 * Whether a program keeps the rules that need no analysis of flow: declarations, types, attributes, references, access,
 * scopes, ends of blocks, sizes. Throws `invalid-ir` or `loop-without-exit` at the first rule broken.
 *
 * One walk in program order. It stops at the limits of limits.ts, so a program that contains itself, or shares a block a
 * million times, is refused as quickly as any other.
 */

import { checkDeclarations, isWhole, unprintable } from './declarations.ts';
import { IsokernelError, type Place } from './error.ts';
import { shapeOf } from './forms.ts';
import { maxFileName, maxInstructions, maxNameLength, maxNesting } from './limits.ts';
import { OperationTypes } from './operation-types.ts';
import { isOpName } from './ops.ts';
import {
  type Block,
  type End,
  endValues,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type Operation,
  type Param,
  type Program,
  type Value,
} from './program.ts';
import { valueTypes } from './types.ts';

export function checkWellFormed(program: Program): void {
  new Checker(program).check();
}

/** A loop around the block being checked. */
interface LoopScope {
  readonly loop: Loop;
  breaks: number;
  returns: number;
}
/** Where a block stands: which ends it may have. */
type Position = 'kernel' | 'arm' | 'loop';

class Checker {
  readonly #program: Program;
  readonly #references: ReadonlySet<Param | LocalArray>;
  /** Every value defined so far; false once its block has ended. */
  readonly #values = new Map<Value, boolean>();
  readonly #loops: LoopScope[] = [];
  readonly #types = new OperationTypes((message, hint) => this.#invalid(message, hint));
  #instructions = 0;
  #place: Place | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#references = new Set([...program.params, ...program.locals]);
  }

  check(): void {
    checkDeclarations(this.#program, (message, hint) => this.#invalid(message, hint));
    this.#block(this.#program.body, 'kernel', undefined, [], 1);
  }

  // ---- blocks and control flow ----

  /** `results`: what a `yield` gives. Returns whether control goes on after it: it yields. */
  #block(
    { body, end }: Block,
    position: Position,
    results: readonly Value[] | undefined,
    params: readonly Value[],
    depth: number,
  ): boolean {
    if (depth > maxNesting)
      throw this.#invalid(
        `blocks nest deeper than ${maxNesting}`,
        'Move inner code into fewer levels: combine conditions with && or return early.',
      );
    for (const param of params) this.#define(param);
    const defined = [...params];
    let falls = true;
    for (const instruction of body) {
      this.#place = instruction.place;
      if (!falls) throw this.#invalid('an instruction after an if or loop that never falls through');
      falls = this.#instruction(instruction, depth, defined);
    }
    if (falls === (end.kind === 'unreachable'))
      throw this.#invalid(
        falls
          ? 'unreachable, in a block whose end can be reached'
          : `${end.kind} after an if or loop that never falls through; it must be unreachable`,
      );
    this.#end(end, position, results);
    for (const value of defined) this.#values.set(value, false);
    return end.kind === 'yield';
  }

  #end(end: End, position: Position, results: readonly Value[] | undefined): void {
    for (const value of endValues(end)) this.#use(value, end.kind);
    switch (end.kind) {
      case 'yield':
        if (position !== 'arm') throw this.#invalid('yield ends an arm of an if, and nothing else');
        this.#match(end.values, results ?? [], 'yield', 'results');
        break;
      case 'break':
      case 'continue': {
        const scope = this.#loops.at(-1);
        if (scope === undefined) throw this.#invalid(`${end.kind} outside a loop`);
        if (end.kind === 'break') {
          scope.breaks++;
          this.#match(end.values, scope.loop.results, 'break', 'results');
        } else this.#match(end.values, scope.loop.params, 'continue', 'parameters');
        break;
      }
      case 'return':
        for (const scope of this.#loops) scope.returns++;
        break;
      case 'unreachable':
        break;
      default:
        throw this.#invalid(`a block cannot end in ${String((end as End).kind)}`);
    }
  }

  #match(given: readonly Value[], wanted: readonly Value[], who: string, what: string): void {
    if (given.length !== wanted.length)
      throw this.#invalid(`${who} gives ${given.length} values for ${wanted.length} ${what}`);
    given.forEach((value, i) => {
      if (value.type !== wanted[i]!.type)
        throw this.#invalid(`${who} gives ${value.type} for ${wanted[i]!.type} in position ${i}`);
    });
  }

  /** Checks an instruction and adds what it defines to `defined`. Returns whether control goes on after it. */
  #instruction(instruction: Instruction, depth: number, defined: Value[]): boolean {
    if (++this.#instructions > maxInstructions)
      throw this.#invalid(`more than ${maxInstructions} instructions`, 'Use a loop instead of unrolled code.');
    this.#checkPlace();
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        if (instruction.result !== undefined) this.#define(instruction.result, defined);
        return true;
      case 'if':
        return this.#if(instruction, depth, defined);
      case 'loop':
        return this.#loop(instruction, depth, defined);
      default:
        throw this.#invalid(`no instruction of kind ${String((instruction as Instruction).kind)}`);
    }
  }

  #checkPlace(): void {
    if (this.#place === undefined) return;
    const { file = '', line, column } = this.#place;
    if (!isWhole(line, 1, 2 ** 32) || !isWhole(column, 1, 2 ** 32))
      throw this.#invalid('a place whose line or column is no whole number from 1');
    if (typeof file !== 'string' || file.length > maxFileName || unprintable.test(file))
      throw this.#invalid(`a place whose file is not at most ${maxFileName} printable characters`);
  }

  #if({ condition, accept, reject, results, place }: If, depth: number, defined: Value[]): boolean {
    this.#use(condition, 'if');
    if (condition.type !== 'bool') throw this.#invalid(`the condition of an if is bool, not ${condition.type}`);
    const accepts = this.#block(accept, 'arm', results, [], depth + 1);
    const rejects = this.#block(reject, 'arm', results, [], depth + 1);
    this.#place = place;
    if (!accepts && !rejects && results.length > 0) throw this.#invalid('an if with results that no arm yields');
    for (const result of results) this.#define(result, defined);
    return accepts || rejects;
  }

  #loop(loop: Loop, depth: number, defined: Value[]): boolean {
    for (const init of loop.inits) this.#use(init, 'loop');
    this.#match(loop.inits, loop.params, 'loop', 'parameters');
    const scope: LoopScope = { loop, breaks: 0, returns: 0 };
    this.#loops.push(scope);
    this.#block(loop.body, 'loop', undefined, loop.params, depth + 1);
    this.#loops.pop();
    this.#place = loop.place;
    if (scope.breaks === 0 && scope.returns === 0)
      throw new IsokernelError('loop-without-exit', 'nothing leaves this loop', {
        ...this.#details(),
        hint: 'Give it a condition, or a break or return that can be reached.',
      });
    if (scope.breaks === 0 && loop.results.length > 0) throw this.#invalid('a loop with results that no break gives');
    for (const result of loop.results) this.#define(result, defined);
    return scope.breaks > 0;
  }

  // ---- values ----

  #define(value: Value, defined?: Value[]): void {
    if (!valueTypes.includes(value.type)) throw this.#invalid(`no value type ${String(value.type)}`);
    const { name = '' } = value;
    if (typeof name !== 'string' || name.length > maxNameLength || unprintable.test(name))
      throw this.#invalid(`the name of a value is at most ${maxNameLength} printable characters`);
    if (this.#values.has(value)) throw this.#invalid(`${label(value)} is defined twice`);
    this.#values.set(value, true);
    defined?.push(value);
  }
  #use(value: Value, user: string): void {
    const visible = this.#values.get(value);
    if (visible === undefined) throw this.#invalid(`${user} uses ${label(value)} before or without its definition`);
    if (!visible) throw this.#invalid(`${user} uses ${label(value)} outside the block that defines it`);
  }

  // ---- operations ----

  #operation(operation: Operation): void {
    const { op, args, attribute, reference } = operation;
    if (!isOpName(op)) throw this.#invalid(`no operation ${String(op)}`);
    if (operation.proven !== undefined)
      throw this.#invalid(`${op} claims proven bounds`, 'Only the bounds pass may say so, after verification.');
    for (const arg of args) this.#use(arg, op);
    const shape = shapeOf(op);
    if (!isWhole(attribute, 0, 2 ** 32) || (shape.attribute === 'none' && attribute !== 0))
      throw this.#invalid(`${op} has the attribute ${attribute}`);
    if (shape.reference === 'none') {
      if (reference !== undefined) throw this.#invalid(`${op} refers to "${reference.name}"`);
    } else if (reference === undefined || !this.#references.has(reference)) {
      throw this.#invalid(`${op} refers to ${reference ? `"${reference.name}", which is not declared` : 'nothing'}`);
    }
    const wanted = this.#types.resultOf(operation);
    const given = operation.result?.type;
    if (wanted !== given) throw this.#invalid(`${op} gives ${wanted ?? 'nothing'}, not ${given ?? 'nothing'}`);
  }

  // ---- errors ----

  #details() {
    return { kernel: this.#program.name, place: this.#place };
  }
  #invalid(message: string, hint?: string): IsokernelError {
    return new IsokernelError('invalid-ir', message, { ...this.#details(), hint });
  }
}

function label(value: Value): string {
  return value.name === undefined ? `a value of type ${value.type}` : `"${value.name}" (${value.type})`;
}
