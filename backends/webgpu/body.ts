/**
 * The body of a program as WGSL statements.
 *
 * A value that is used once, in the same loop, is written where it is used; others become `let`s. Nothing that reads
 * written memory moves over an effect, and nothing that reads a variable moves over its assignment. Loop parameters are
 * `var`s, assigned together at `continue`; results of `if` and loops are `var`s assigned in the arms and at `break`.
 */

import { operandType } from '../../src/ir/builder.ts';
import type { Place } from '../../src/ir/error.ts';
import { type IdOp, isScalarOp, ops, rowOf, type ScalarRow } from '../../src/ir/ops.ts';
import {
  type Block,
  type BufferParam,
  definitionsOf,
  type End,
  endValues,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type LoopFuel,
  type Memory,
  type Operation,
  rankOf,
  type ScalarParam,
  type Value,
} from '../../src/ir/program.ts';
import { componentCount, componentType, isVector, type ScalarType } from '../../src/ir/types.ts';
import { atom, call, combine, type Expression, infix, level, not, variable } from './expression.ts';
import type { UsedHelpers } from './helpers.ts';
import { axes, type LaunchBlock } from './layout.ts';
import { literal } from './literal.ts';
import type { Index, MemoryAccess } from './memory.ts';
import type { Names } from './names.ts';
import { scalarRenderings } from './scalar-ops.ts';
import { aliasOf, exitsOf, headOf, type LoopHead, mentions, type Uses, usesOf } from './uses.ts';

/** A value that is not written yet. */
interface Pending {
  readonly expression: Expression;
  readonly depth: number;
  readonly place: Place | undefined;
}

/** What a body is written against. */
export interface Surroundings {
  readonly names: Names;
  readonly launch: LaunchBlock;
  readonly memory: MemoryAccess;
  readonly helpers: UsedHelpers;
  /** Asks for a built-in input of the entry point; gives its name. */
  readonly input: (input: Input) => string;
  readonly workgroup: readonly [number, number, number];
  /** Kernels with barriers: the variable that is false in ghosts. */
  readonly inGrid: string | undefined;
  /** The barriers that order storage memory too. */
  readonly storageBarriers: ReadonlySet<Operation>;
  /** Every statement is followed by a comment with its place: ` // @line:column`. */
  readonly places: boolean;
  /** The statements that count an iteration of a fuelled loop. */
  readonly spendFuel: (fuel: Exclude<LoopFuel, 'none'>, loop: number) => readonly string[];
}
export type Input = 'global' | 'local' | 'group' | 'local_index';

type Lines = string[];

/** Where a block's end sends its values. */
interface Exits {
  /** Variables for the values of `yield`. */
  readonly yields: readonly (string | undefined)[];
  readonly loop: LoopForm | undefined;
  /** Nothing follows the block in its loop or function, so `continue` or `return` need not be said. */
  readonly tail: boolean;
}
interface LoopForm {
  /** Variables of the parameters; undefined where a `for` updates it. */
  readonly params: readonly (string | undefined)[];
  /** Variables of the results; undefined where nothing uses one, or a parameter's variable holds it. */
  readonly results: readonly (string | undefined)[];
}

export function emitBody(block: Block, surroundings: Surroundings): Lines {
  return new BodyEmitter(block, surroundings).lines(block);
}

/** Longer than this, an expression gets a line of its own. */
const longestInline = 88;

class BodyEmitter {
  readonly #s: Surroundings;
  readonly #uses: Uses;
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #expressions = new Map<Value, Expression>();
  /** Values not written yet: their expression will stand where they are used. In program order. */
  readonly #pending = new Map<Value, Pending>();
  /** Operations that a loop's header has said already. */
  readonly #absorbed = new Set<Operation>();
  /** Results of `if`s that live in a variable declared before. */
  readonly #coalesced = new Map<Value, string>();
  /** By variable of a loop: the parameter that it holds. */
  readonly #held = new Map<string, Value>();
  #out: Lines = [];
  /** Of the instruction that is being written. */
  #place: Place | undefined;
  /** Blocks that are open: a `let` made now ends with the innermost. */
  #depth = 0;

  constructor(block: Block, surroundings: Surroundings) {
    this.#s = surroundings;
    this.#uses = usesOf(block);
    this.#definitions = definitionsOf(block);
  }

  lines(block: Block): Lines {
    return this.#capture(() => this.#block(block, { yields: [], loop: undefined, tail: true }));
  }

  // ---- blocks and ends ----

  #capture(fill: () => void): Lines {
    const outer = this.#out;
    const place = this.#place;
    this.#out = [];
    this.#depth++;
    this.#s.names.scope(fill);
    this.#depth--;
    const lines = this.#out;
    this.#out = outer;
    this.#place = place;
    return lines;
  }
  #write(line: string, place = this.#place): void {
    const shown = this.#s.places && place !== undefined;
    this.#out.push(shown ? `${line} // @${place.line}:${place.column}` : line);
  }

  #block(block: Block, exits: Exits, from = 0): void {
    block.body.forEach((instruction, i) => {
      if (i < from) return;
      const last = i === block.body.length - 1 && block.end.kind === 'unreachable';
      if (instruction.kind === 'if') this.#coalesce(instruction, block, i, exits);
      this.#instruction(instruction, { ...exits, yields: [], tail: exits.tail && last });
    });
    this.#end(block.end, exits);
  }

  #instruction(instruction: Instruction, exits: Exits): void {
    this.#place = instruction.place;
    if (instruction.kind === 'op') this.#operation(instruction);
    else if (instruction.kind === 'if') this.#if(instruction, exits);
    else this.#loop(instruction);
  }

  #end(end: End, { yields, loop, tail }: Exits): void {
    switch (end.kind) {
      case 'yield':
        this.#assign(yields, end.values);
        return;
      case 'break':
        this.#assign(loop!.results, end.values);
        this.#write('break;');
        return;
      case 'continue':
        this.#assign(loop!.params, end.values);
        if (!tail) this.#write('continue;');
        return;
      case 'return':
        if (!tail || loop !== undefined) this.#write('return;');
        return;
      case 'unreachable':
        return;
    }
  }

  /** Assigns all at once, as far as values that read the targets can tell. */
  #assign(targets: readonly (string | undefined)[], values: readonly Value[]): void {
    let open = targets
      .flatMap((target, i) => (target === undefined ? [] : [{ target, expression: this.#use(values[i]!) }]))
      .filter(({ target, expression }) => expression.text !== target);
    this.#flush((expression) => expression.ordered);
    while (open.length > 0) {
      const ready = open.find(
        ({ target }) => !open.some((other) => other.target !== target && other.expression.reads.has(target)),
      );
      if (ready === undefined) {
        // a cycle: one value is kept aside
        const [first, ...rest] = open;
        open = [...rest, { target: first!.target, expression: this.#let('next', first!.expression) }];
        continue;
      }
      this.#write(`${assignment(ready.target, ready.expression)};`);
      open = open.filter((each) => each !== ready);
    }
  }

  // ---- values ----

  #use(value: Value): Expression {
    this.#pending.delete(value);
    return this.#expressions.get(value)!;
  }
  #let(name: string, expression: Expression, place = this.#place): Expression {
    const declared = this.#s.names.fresh(name);
    this.#write(`let ${declared} = ${expression.text};`, place);
    return atom(declared);
  }
  /** Writes now what was kept for later. */
  #flush(which: (expression: Expression) => boolean): void {
    for (const [value, { expression, place }] of this.#pending) {
      if (!which(expression)) continue;
      this.#pending.delete(value);
      this.#expressions.set(value, this.#let(nameOf(value), expression, place));
    }
  }

  #define(value: Value, expression: Expression): void {
    const use = this.#uses.get(value);
    if (use === undefined) return;
    if (isCheap(expression, value.name)) {
      this.#expressions.set(value, expression);
    } else if (use.once && expression.text.length <= longestInline) {
      this.#expressions.set(value, expression);
      this.#pending.set(value, { expression, depth: this.#depth, place: this.#place });
    } else {
      this.#expressions.set(value, this.#let(nameOf(value), expression));
    }
  }

  // ---- operations ----

  #operation(operation: Operation): void {
    if (this.#absorbed.has(operation)) return;
    const expression = this.#expressionOf(operation);
    if (expression === undefined) this.#effect(operation);
    else this.#define(operation.result!, expression);
  }

  /** What an operation gives; undefined for one that has an effect. */
  #expressionOf(operation: Operation): Expression | undefined {
    const { op, args, attribute, reference, result } = operation;
    if (isScalarOp(op)) return this.#scalar(operation);
    switch (rowOf(op).form) {
      case 'constant':
        return op === 'opaque'
          ? this.#opaque(result!.type as ScalarType, attribute)
          : literal(result!.type as ScalarType, attribute, this.#s.helpers);
      case 'argument':
        return this.#argument(reference as ScalarParam);
      case 'id':
        return this.#id(op as IdOp, attribute);
      case 'dimension':
        return atom(this.#s.launch.dimension(reference as BufferParam, attribute));
      case 'compose':
        return call(
          result!.type,
          args.map((arg) => this.#use(arg)),
        );
      case 'extract': {
        const vector = this.#use(args[0]!);
        return combine(`${vector.text}.${'xyzw'[attribute]}`, level.primary, [vector]);
      }
      case 'load':
        return this.#s.memory.load(reference as Memory, this.#indices(operation), operation.proven === true);
      default:
        return undefined;
    }
  }

  #effect(operation: Operation): void {
    switch (rowOf(operation.op).form) {
      case 'store':
        this.#store(operation);
        break;
      case 'clear':
        this.#clear(operation.reference as LocalArray);
        break;
      case 'atomic':
        this.#atomic(operation);
        break;
      case 'barrier':
        this.#flush((expression) => expression.ordered);
        this.#write('workgroupBarrier();');
        if (this.#s.storageBarriers.has(operation)) this.#write('storageBarrier();');
        break;
      case 'collective':
        this.#uniformLoad(operation);
        break;
    }
  }

  #scalar(operation: Operation): Expression {
    const operands = operation.args.map((arg) => this.#use(arg));
    // an expression of constants alone WGSL would evaluate itself, and refuse where it overflows
    if (operands.every((each) => each.constant !== undefined)) operands[0] = this.#let('constant', operands[0]!);
    return this.#render(operation, operands);
  }
  #render({ op, args, result }: Operation, operands: readonly Expression[]): Expression {
    const render = scalarRenderings[op as keyof typeof scalarRenderings];
    const type = operandType(ops[op] as ScalarRow, args)!;
    return render(operands, { type, result: result!.type as ScalarType }, this.#s.helpers);
  }

  #argument(param: ScalarParam): Expression {
    const scalar = componentType(param.type);
    const component = (n: number) => fromWord(scalar, this.#s.launch.scalar(param, n));
    if (!isVector(param.type)) return component(0);
    return call(
      param.type,
      Array.from({ length: componentCount(param.type) }, (_, n) => component(n)),
    );
  }

  /** Read where it stands, so that no loop reads it again. */
  #opaque(type: ScalarType, bits: number): Expression {
    return this.#let('opaque', fromWord(type, this.#s.launch.constant(type, bits)));
  }

  #id(op: IdOp, axis: number): Expression {
    const { input, launch, inGrid, workgroup } = this.#s;
    const name = axes[axis]!;
    switch (op) {
      case 'globalId':
        return atom(`${input('global')}.${name}`);
      case 'localId':
        return atom(`i32(${input('local')}.${name})`);
      case 'localIndex':
        return atom(`i32(${input('local_index')})`);
      case 'workgroupId': {
        const group = atom(`i32(${input('group')}.${name})`);
        return infix('+', group, atom(launch.group('base', axis)));
      }
      case 'numWorkgroups':
        return atom(launch.group('groups', axis));
      case 'workgroupSize':
        return { ...atom(`${workgroup[axis]}`), constant: workgroup[axis]! };
      case 'inGrid':
        // without barriers, ghosts have left
        return inGrid === undefined ? { ...atom('true'), constant: 1 } : atom(inGrid);
    }
  }

  #indices({ args, reference }: Operation): Index[] {
    return args.slice(0, rankOf(reference as Memory)).map((arg) => ({ expression: this.#use(arg), type: arg.type }));
  }
  #store(operation: Operation): void {
    const memory = operation.reference as Memory;
    const indices = this.#indices(operation);
    const value = this.#use(operation.args[indices.length]!);
    this.#flush((expression) => expression.ordered);
    this.#write(this.#s.memory.store(memory, indices, value, operation.proven === true));
  }
  #clear(array: LocalArray): void {
    this.#flush((expression) => expression.ordered);
    this.#write(`${this.#s.memory.nameOf(array)} = ${this.#s.memory.zeroArray(array)};`);
  }
  #atomic({ op, args, reference, result, proven }: Operation): void {
    const memory = reference as Memory;
    const rank = rankOf(memory);
    const indices = args.slice(0, rank).map((arg) => ({ expression: this.#use(arg), type: arg.type }));
    const values = args.slice(rank).map((arg) => this.#use(arg));
    this.#flush((expression) => expression.ordered);
    const text = this.#s.memory.atomic(op as never, memory, indices, values, proven === true);
    const used = result !== undefined && this.#uses.has(result);
    if (used) this.#expressions.set(result, this.#let(nameOf(result, 'old'), atom(text)));
    // an unused result is only a load's, and a load alone is no statement
    else this.#write(op === 'atomicLoad' ? `_ = ${text};` : `${text};`);
  }
  #uniformLoad(operation: Operation): void {
    const { op, args, reference, result, proven } = operation;
    if (op !== 'uniformLoad') throw new Error(`${op} is written out before a program is emitted`);
    const index = { expression: this.#use(args[0]!), type: args[0]!.type };
    this.#flush((expression) => expression.ordered);
    if (this.#s.storageBarriers.has(operation)) this.#write('storageBarrier();');
    const expression = this.#s.memory.uniformLoad(reference as LocalArray, index, proven === true);
    if (!this.#uses.has(result!)) this.#write(`_ = ${expression.text};`);
    else this.#expressions.set(result!, this.#let(nameOf(result!), expression));
  }

  // ---- if ----

  /**
   * A result of an `if` that only becomes what a variable holds next can live in that variable, if nothing after the `if`
   * asks for what it held before.
   */
  #coalesce(instruction: If, { body, end }: Block, position: number, { loop, yields }: Exits): void {
    const targets = end.kind === 'continue' ? loop!.params : end.kind === 'yield' ? yields : [];
    const passed = endValues(end);
    for (const result of instruction.results) {
      const at = passed.indexOf(result);
      const target = targets[at];
      if (target === undefined || !this.#uses.get(result)?.once) continue;
      const old = this.#held.get(target);
      const asksOld = (it: Instruction) => old !== undefined && mentions(it, old);
      const reading = [...this.#pending.values()].filter(({ expression }) => expression.reads.has(target));
      if (body.slice(position + 1).some(asksOld) || passed.some((value, i) => i !== at && value === old)) continue;
      if (reading.some(({ depth }) => depth !== this.#depth)) continue;
      const condition = this.#expressions.get(instruction.condition);
      this.#flush((expression) => expression.reads.has(target) && expression !== condition);
      this.#coalesced.set(result, target);
    }
  }

  #if(instruction: If, exits: Exits): void {
    const { accept, reject, results } = instruction;
    const condition = this.#use(instruction.condition);
    this.#flush((expression) => expression.ordered);
    const yields = results.map((result) => {
      if (!this.#uses.has(result)) return undefined;
      const name = this.#coalesced.get(result);
      this.#expressions.set(result, name === undefined ? atom(this.#declare(result)) : variable(name));
      return this.#expressions.get(result)!.text;
    });
    const inner = { ...exits, yields };
    const accepted = this.#capture(() => this.#block(accept, inner));
    const rejected = this.#capture(() => this.#block(reject, inner));
    if (accepted.length === 0 && rejected.length === 0) return;
    if (accepted.length === 0) {
      this.#write(`if (${not(condition).text}) {`);
      this.#out.push(...indented(rejected), '}');
      return;
    }
    this.#write(`if (${condition.text}) {`);
    this.#out.push(...indented(accepted));
    if (rejected.length === 0) this.#out.push('}');
    else if (isOneIf(rejected)) this.#out.push(`} else ${rejected[0]}`, ...rejected.slice(1));
    else this.#out.push('} else {', ...indented(rejected), '}');
  }
  #declare(result: Value): string {
    const name = this.#s.names.fresh(nameOf(result));
    this.#write(`var ${name}: ${result.type};`);
    return name;
  }

  // ---- loops ----

  #loop(loop: Loop): void {
    const breaks = exitsOf(loop.body, 'break');
    const inits = loop.inits.map((init) => this.#use(init));
    this.#flush((expression) => expression.ordered);
    const aliases = loop.results.map((_, i) => aliasOf(loop, breaks, i));
    const declared = loop.results.map((result, i) =>
      this.#uses.has(result) && aliases[i] === undefined ? this.#declare(result) : undefined,
    );
    let opening = 'loop {';
    let step: Step | undefined;
    let params: string[] = [];
    const body = this.#capture(() => {
      params = loop.params.map((param) => this.#s.names.fresh(nameOf(param)));
      params.forEach((name, i) => {
        this.#expressions.set(loop.params[i]!, variable(name));
        this.#held.set(name, loop.params[i]!);
      });
      const exits: Exits = { yields: [], loop: { params, results: declared }, tail: true };
      const { id, fuel } = loop.verified!;
      if (fuel !== 'none') for (const line of this.#s.spendFuel(fuel, id)) this.#write(line);
      const head = fuel === 'none' ? headOf(loop) : undefined;
      if (head === undefined) {
        this.#block(loop.body, exits);
        return;
      }

      for (const instruction of loop.body.body.slice(0, head.at)) this.#instruction(instruction, exits);
      // a test that takes lines of its own, or has results to assign, can't stand in a header
      if (this.#out.length > 0 || declared.some((name) => name !== undefined)) {
        this.#block(loop.body, exits, head.at);
        return;
      }
      const condition = this.#use(head.condition);
      this.#flush((expression) => expression.ordered);
      const stay = (head.stayIfTrue ? condition : not(condition)).text;
      step = this.#stepOf(loop, head, aliases);
      opening = `while (${stay}) {`;
      if (step !== undefined) {
        const name = params[step.at]!;
        opening = `for (var ${name} = ${inits[step.at]!.text}; ${stay}; ${assignment(name, step.expression)}) {`;
        this.#absorbed.add(step.operation);
      }
      const stepped = params.map((name, i) => (i === step?.at ? undefined : name));
      const inside: Exits = { ...exits, loop: { params: stepped, results: declared } };
      this.#block(head.stay, { ...inside, tail: head.stayEnds });
      if (!head.stayEnds) this.#block(loop.body, inside, head.at + 1);
    });
    params.forEach((name, i) => {
      if (i === step?.at) return;
      this.#s.names.claim(name);
      this.#write(`var ${name} = ${inits[i]!.text};`);
    });
    this.#write(opening);
    this.#out.push(...indented(body), '}');
    loop.results.forEach((result, i) => {
      const name = declared[i] ?? params[aliases[i] ?? -1];
      if (name !== undefined) this.#expressions.set(result, atom(name));
    });
  }

  /** The parameter that a `for` can step: what the test looks at, and the one `continue` moves by something fixed. */
  #stepOf(loop: Loop, head: LoopHead, aliases: readonly (number | undefined)[]): Step | undefined {
    const continues = exitsOf(loop.body, 'continue');
    const last = head.stayEnds ? head.stay.end : loop.body.end;
    if (continues.length !== 1 || continues[0] !== last) return undefined;
    const tested = this.#definitions.get(head.condition)?.args ?? [];
    for (const [at, param] of loop.params.entries()) {
      const next = continues[0]!.values[at]!;
      const operation = this.#definitions.get(next);
      if (operation === undefined || !tested.includes(param) || !this.#uses.get(next)?.once) continue;
      if (aliases.some((alias, i) => alias === at && this.#uses.has(loop.results[i]!))) continue;
      const [base, amount] = operation.args;
      const constant = amount === undefined ? undefined : this.#definitions.get(amount);
      if (base !== param || constant?.op !== 'constant' || !isScalarOp(operation.op)) continue;
      const by = literal(amount!.type as ScalarType, constant.attribute, this.#s.helpers);
      return { at, operation, expression: this.#render(operation, [this.#use(param), by]) };
    }
    return undefined;
  }
}

interface Step {
  readonly at: number;
  readonly operation: Operation;
  readonly expression: Expression;
}

/** A value that travels in a word of the uniform block. */
function fromWord(type: ScalarType, name: string): Expression {
  if (type === 'bool') return infix('!=', atom(name), atom('0u'));
  return type === 'f16' ? call('f16', [atom(name)]) : atom(name);
}

const nameOf = (value: Value, otherwise = 't') => value.name ?? otherwise;
const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

/** Text that names something that doesn't change, where the author has no other name for it. */
const isCheap = (expression: Expression, name: string | undefined) =>
  expression.constant !== undefined ||
  ((name === undefined || expression.text.endsWith(`.${name}`)) &&
    /^[\w.]+$/.test(expression.text) &&
    expression.reads.size === 0);

function assignment(name: string, { text, infix: update }: Expression): string {
  if (update?.left !== name) return `${name} = ${text}`;
  const isOne = update.right === '1' || update.right === '1u';
  return isOne && update.operator === '+' ? `${name}++` : `${name} ${update.operator}= ${update.right}`;
}

/** Whether lines are one `if` with its `else`s, which then may follow an `else`. */
function isOneIf(lines: readonly string[]): boolean {
  const outer = lines.filter((line) => !line.startsWith(' '));
  return (
    outer[0]!.startsWith('if (') &&
    outer.slice(1).every((line, i) => line.startsWith('}') && (line === '}') === (i === outer.length - 2))
  );
}
