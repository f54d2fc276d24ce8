/**
 * Finds what hardware hides: races, indices out of bounds, reads of memory that nothing wrote, values said to be uniform
 * that are not. It watches the accesses of one dispatch and keeps one finding per code and place in the program.
 */

import type { ErrorCode, Place } from '../error.ts';
import type { Operation } from '../program.ts';
import type { Invocation } from './invocation.ts';
import type { Region } from './region.ts';

export interface Finding {
  readonly code: Extract<
    ErrorCode,
    'data-race' | 'out-of-bounds' | 'uninitialised-read' | 'divergent-barrier' | 'non-uniform'
  >;
  readonly message: string;
  readonly place: Place | undefined;
}

type Kind = 'read' | 'write' | 'atomic';

interface Access {
  readonly invocation: number;
  readonly group: number;
  /** Barriers that the workgroup had passed. */
  readonly epoch: number;
  readonly text: string;
  /** What a write stored. */
  readonly stored: readonly number[];
}

/**
 * The accesses of one kind to one element that a later one can race with. Workgroups run one after the other, so three
 * stand for all: the latest, the latest of another invocation in that workgroup, and one of another workgroup.
 */
class History {
  #latest: Access | undefined;
  #other: Access | undefined;
  #foreign: Access | undefined;

  add(access: Access): void {
    const latest = this.#latest;
    if (latest !== undefined && latest.group !== access.group) {
      this.#foreign = latest;
      this.#other = undefined;
    } else if (latest !== undefined && latest.invocation !== access.invocation) this.#other = latest;
    this.#latest = access;
  }
  /** One that nothing orders against this access. */
  racing(access: Access): Access | undefined {
    return [this.#latest, this.#other, this.#foreign].find(
      (earlier) =>
        earlier !== undefined &&
        earlier.invocation !== access.invocation &&
        (earlier.group !== access.group || earlier.epoch === access.epoch),
    );
  }
}

/** Pairs that race. Atomics don't with each other. */
const racesWith: Record<Kind, readonly Kind[]> = {
  read: ['write', 'atomic'],
  write: ['read', 'write', 'atomic'],
  atomic: ['read', 'write'],
};

interface Shadow {
  readonly histories: Record<Kind, Map<number, History>>;
  /** Elements that something wrote; undefined where the memory came with contents. */
  readonly written: Set<number> | undefined;
}

export class Detector {
  readonly findings: Finding[] = [];
  readonly #seen = new Map<Operation, Set<string>>();
  #shadows = new Map<Region, Shadow>();
  #group = 0;
  #epoch = 0;

  startGroup(): void {
    this.#group++;
    this.#epoch = 0;
    // memory of the workgroup before is gone
    for (const region of this.#shadows.keys()) if (region.memory.kind === 'local') this.#shadows.delete(region);
  }
  barrier(): void {
    this.#epoch++;
  }

  report(code: Finding['code'], operation: Operation, message: string): void {
    const codes = this.#seen.get(operation) ?? new Set();
    if (codes.has(code)) return;
    this.#seen.set(operation, codes.add(code));
    this.findings.push({ code, message, place: operation.place });
  }

  /** A ghost may leave a buffer: what it loads there is 0 by design, and what it stores is dropped. */
  outOfBounds(operation: Operation, invocation: Invocation, region: Region, indices: readonly number[]): void {
    if (invocation.drops(region)) return;
    const { name } = region.memory;
    this.report(
      'out-of-bounds',
      operation,
      `${invocation.describe()} ${operation.op}: index [${indices}] of ${name}, whose shape is [${region.shape}]`,
    );
  }

  /** `stored`: the components that a write or an atomic puts there. */
  access(
    kind: Kind,
    operation: Operation,
    invocation: Invocation,
    region: Region,
    element: number,
    stored: readonly number[],
  ): void {
    const { memory } = region;
    if (memory.kind === 'local' ? memory.space === 'private' : memory.access === 'read') return;
    const shadow = this.#shadowOf(region);
    const what = `${invocation.describe()}`;
    if (kind === 'read' && shadow.written?.has(element) === false)
      this.report(
        'uninitialised-read',
        operation,
        `${what} reads element ${element} of ${memory.name}, which nothing wrote`,
      );
    if (kind !== 'read') shadow.written?.add(element);
    const access: Access = {
      invocation: this.#number(invocation),
      group: this.#group,
      epoch: this.#epoch,
      text: `${what} (${operation.op})`,
      stored,
    };
    for (const earlierKind of racesWith[kind]) {
      const earlier = shadow.histories[earlierKind].get(element)?.racing(access);
      if (earlier === undefined) continue;
      const sameValue =
        kind === 'write' && earlierKind === 'write' && stored.every((value, i) => Object.is(value, earlier.stored[i]));
      if (!sameValue)
        this.report(
          'data-race',
          operation,
          `${access.text} and ${earlier.text} touch element ${element} of ${memory.name} without order`,
        );
    }
    const history = shadow.histories[kind].get(element) ?? new History();
    history.add(access);
    shadow.histories[kind].set(element, history);
  }

  #number({ localIndex, around: { workgroup } }: Invocation): number {
    return this.#group * workgroup[0] * workgroup[1] * workgroup[2] + localIndex;
  }
  #shadowOf(region: Region): Shadow {
    const known = this.#shadows.get(region);
    if (known !== undefined) return known;
    const { memory } = region;
    const empty = memory.kind === 'buffer' ? memory.access === 'write' : !memory.atomic;
    const shadow: Shadow = {
      histories: { read: new Map(), write: new Map(), atomic: new Map() },
      written: empty ? new Set() : undefined,
    };
    this.#shadows.set(region, shadow);
    return shadow;
  }
}
