/**
 * Dead code: what no effect needs goes.
 *
 * Needed are: operations that act, `return`s before the end, loops that may run for ever (they spend fuel), and whatever
 * these stand in or use. An `if` or loop that is needed needs only those of its results and parameters that somebody
 * uses; a parameter that is used for nothing but its own next value is not.
 */

import {
  type Block,
  forEachInstruction,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type Operation,
  type Program,
  type Value,
} from '../ir/program.ts';
import { acts } from './effects.ts';
import type { Jump } from './rewrite.ts';

export function removeDead(program: Program): Program {
  const needs = new Needs(program);
  const locals = program.locals.filter((local) => needs.arrays.has(local));
  return { ...program, locals, body: needs.prune(program.body, undefined) };
}

/** What defines a value, and which of its results or parameters the value is. */
type Definition =
  | { readonly by: 'op'; readonly instruction: Operation }
  | { readonly by: 'if'; readonly instruction: If; readonly index: number }
  | { readonly by: 'loop' | 'param'; readonly instruction: Loop; readonly index: number };

/** A jump of a loop, and the instruction whose block it ends. */
interface PlacedJump {
  readonly jump: Jump;
  readonly parent: Instruction;
}

class Needs {
  readonly #definitions = new Map<Value, Definition>();
  /** The `if` or loop that an instruction stands in. */
  readonly #parents = new Map<Instruction, Instruction | undefined>();
  readonly #jumps = new Map<Loop, PlacedJump[]>();
  readonly #instructions = new Set<Instruction>();
  readonly #values = new Set<Value>();
  readonly #pending: (() => void)[] = [];
  /** The local arrays that something needed names. */
  readonly arrays = new Set<LocalArray>();

  constructor(program: Program) {
    const loaded = loadedArrays(program);
    const roots: Instruction[] = [];
    const walk = (block: Block, parent: Instruction | undefined, loop: Loop | undefined): void => {
      for (const instruction of block.body) {
        this.#parents.set(instruction, parent);
        this.#defineResults(instruction);
        switch (instruction.kind) {
          case 'op':
            if (acts(instruction) && !onlyWritten(instruction, loaded)) roots.push(instruction);
            break;
          case 'if':
            walk(instruction.accept, instruction, loop);
            walk(instruction.reject, instruction, loop);
            break;
          case 'loop':
            this.#jumps.set(instruction, []);
            if (instruction.verified?.fuel !== 'none') roots.push(instruction);
            walk(instruction.body, instruction, instruction);
        }
      }
      const { end } = block;
      if (parent === undefined) return;
      if (end.kind === 'return') roots.push(parent);
      if (end.kind === 'break' || end.kind === 'continue') this.#jumps.get(loop!)!.push({ jump: end as Jump, parent });
    };
    walk(program.body, undefined, undefined);
    for (const root of roots) this.#need(root);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next();
  }

  #defineResults(instruction: Instruction): void {
    if (instruction.kind === 'op') {
      if (instruction.result !== undefined) this.#definitions.set(instruction.result, { by: 'op', instruction });
      return;
    }
    instruction.results.forEach((value, index) => {
      this.#definitions.set(value, { by: instruction.kind, instruction, index } as Definition);
    });
    if (instruction.kind === 'loop')
      instruction.params.forEach((value, index) => {
        this.#definitions.set(value, { by: 'param', instruction, index });
      });
  }

  #need(instruction: Instruction | undefined): void {
    if (instruction === undefined || this.#instructions.has(instruction)) return;
    this.#instructions.add(instruction);
    this.#need(this.#parents.get(instruction));
    switch (instruction.kind) {
      case 'op':
        if (instruction.reference?.kind === 'local') this.arrays.add(instruction.reference);
        for (const arg of instruction.args) this.#needValue(arg);
        break;
      case 'if':
        this.#needValue(instruction.condition);
        break;
      case 'loop':
        // how often it runs is part of what it does
        for (const { parent } of this.#jumps.get(instruction)!) this.#pending.push(() => this.#need(parent));
    }
  }

  #needValue(value: Value): void {
    if (this.#values.has(value)) return;
    this.#values.add(value);
    // later, so that long chains of values need no deep stack
    this.#pending.push(() => this.#needDefinition(this.#definitions.get(value)!));
  }
  #needDefinition(definition: Definition): void {
    const { instruction } = definition;
    this.#need(instruction);
    switch (definition.by) {
      case 'op':
        break;
      case 'if':
        for (const { end } of [definition.instruction.accept, definition.instruction.reject])
          if (end.kind === 'yield') this.#needValue(end.values[definition.index]!);
        break;
      case 'loop':
        this.#needJumps(definition.instruction, 'break', definition.index);
        break;
      case 'param':
        this.#needValue(definition.instruction.inits[definition.index]!);
        this.#needJumps(definition.instruction, 'continue', definition.index);
    }
  }
  #needJumps(loop: Loop, kind: 'break' | 'continue', index: number): void {
    for (const { jump } of this.#jumps.get(loop)!) if (jump.kind === kind) this.#needValue(jump.values[index]!);
  }

  /** The block without what is not needed. `loop` is the one around it, `results` those of the `if` it is an arm of. */
  prune({ body, end }: Block, loop: Loop | undefined, results: readonly Value[] = []): Block {
    const targets = { yield: results, break: loop?.results ?? [], continue: loop?.params ?? [] };
    return {
      body: body.filter((instruction) => this.#instructions.has(instruction)).map((it) => this.#pruneInside(it, loop)),
      end: 'values' in end ? { kind: end.kind, values: this.#needed(end.values, targets[end.kind]) } : end,
    };
  }
  #pruneInside(instruction: Instruction, loop: Loop | undefined): Instruction {
    switch (instruction.kind) {
      case 'op':
        return instruction;
      case 'if': {
        const { accept, reject, results } = instruction;
        return {
          ...instruction,
          accept: this.prune(accept, loop, results),
          reject: this.prune(reject, loop, results),
          results: this.#needed(results, results),
        };
      }
      case 'loop': {
        const { params, inits, body, results } = instruction;
        return {
          ...instruction,
          params: this.#needed(params, params),
          inits: this.#needed(inits, params),
          body: this.prune(body, instruction),
          results: this.#needed(results, results),
        };
      }
    }
  }
  /** Those values whose target is used. */
  #needed(values: readonly Value[], targets: readonly Value[]): readonly Value[] {
    return values.filter((_, i) => this.#values.has(targets[i]!));
  }
}

/** The local arrays from which something is read. */
function loadedArrays(program: Program): ReadonlySet<object> {
  const loaded = new Set<object>();
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind !== 'op' || instruction.reference === undefined) return;
    if (instruction.op !== 'store' && instruction.op !== 'clear') loaded.add(instruction.reference);
  });
  return loaded;
}

/** Stores to a local array that nothing reads change nothing that matters. */
function onlyWritten({ op, reference }: Operation, loaded: ReadonlySet<object>): boolean {
  return (op === 'store' || op === 'clear') && reference?.kind === 'local' && !loaded.has(reference);
}
