/**
 * Which values are computed where they are used, and so need no local: pure ones with one use, in the same stretch of straight code as
 * their definition. (Further on, inside a loop, they would be computed again and again.)
 */

import { blocksOf, endValues, type Instruction, type Operation, type Value } from '../../src/ir/program.ts';
import type { RegionBlock, Regions } from './regions.ts';
import { isEverywhere, isPure } from './values.ts';

/** Deeper expressions are cut, so that no program makes the emitter recurse without end. */
const maxDepth = 50;

export function inlineValues(regions: Regions, definitions: ReadonlyMap<Value, Operation>): ReadonlySet<Value> {
  const finder = new Finder(definitions, regions.slots);
  finder.regionBlock(regions.body);
  return finder.inline;
}

class Finder {
  readonly inline = new Set<Value>();
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #kept: ReadonlySet<Value>;
  readonly #uses = new Map<Value, number>();
  readonly #depth = new Map<Value, number>();
  /** Stretch of straight code that each operation's value is defined in. */
  readonly #home = new Map<Value, object>();

  constructor(definitions: ReadonlyMap<Value, Operation>, kept: ReadonlySet<Value>) {
    this.#definitions = definitions;
    this.#kept = kept;
  }

  regionBlock({ regions }: RegionBlock): void {
    for (const region of regions) {
      if (region.kind === 'segment') {
        this.#code(
          region,
          region.body,
          region.gives.map(({ source }) => source),
        );
      } else if (region.kind === 'if') {
        this.#use(region, region.condition);
        this.regionBlock(region.accept);
        this.regionBlock(region.reject);
      } else if (region.kind === 'loop') this.regionBlock(region.body);
      else if (region.kind === 'load') for (const arg of region.operation.args) this.#use(region, arg);
      else for (const { source } of region.assignments) this.#use(region, source);
    }
  }

  #code(home: object, body: readonly Instruction[], last: readonly Value[]): void {
    for (const instruction of body) {
      if (instruction.kind === 'op') {
        for (const arg of instruction.args) this.#use(home, arg);
        if (instruction.result !== undefined) this.#home.set(instruction.result, home);
      } else if (instruction.kind === 'if') this.#use(home, instruction.condition);
      else for (const init of instruction.inits) this.#use(home, init);
      for (const block of blocksOf(instruction)) this.#code(block, block.body, endValues(block.end));
    }
    for (const value of last) this.#use(home, value);
  }

  #use(home: object, value: Value): void {
    const definition = this.#definitions.get(value);
    if (definition === undefined || isEverywhere(definition)) return;
    const uses = (this.#uses.get(value) ?? 0) + 1;
    this.#uses.set(value, uses);
    const depth = 1 + Math.max(0, ...definition.args.map((arg) => (this.inline.has(arg) ? this.#depth.get(arg)! : 0)));
    if (
      uses === 1 &&
      this.#home.get(value) === home &&
      isPure(definition) &&
      !this.#kept.has(value) &&
      depth < maxDepth
    ) {
      this.inline.add(value);
      this.#depth.set(value, depth);
    } else this.inline.delete(value);
  }
}
