/**
 * From a program that fails to a small one that still does: takes parts away as long as the failure stays (the idea is that
 * of Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002; what is taken away are pieces of IR,
 * so that what is left is a valid program).
 */

import {
  type Block,
  bitsOf,
  componentCount,
  componentType,
  type End,
  endValues,
  type Instruction,
  isVector,
  type LocalArray,
  type Operation,
  operandsOf,
  type Param,
  type Program,
  type ScalarType,
  type Value,
  verify,
} from '../../../src/ir/index.ts';
import type { RandomLaunch } from './random-launch.ts';

export interface Subject {
  readonly program: Program;
  readonly launch: RandomLaunch;
}

/**
 * What may be done to an instruction: `drop` it, with zeros for what it gave; take an arm of an `if` for the whole; take an
 * operand of its type for its result.
 */
type Edit = 'drop' | 'accept' | 'reject' | 'operand';
const edits: readonly Edit[] = ['accept', 'reject', 'operand', 'drop'];

/** Programs tried at most; each costs a run on the device that fails. */
const patience = 600;

/** `fails` must say whether it still fails in the way that is looked for; what it throws counts as another way. */
export async function shrink(subject: Subject, fails: (smaller: Subject) => Promise<boolean>): Promise<Subject> {
  let best = subject;
  let left = patience;
  const better = async (candidate: Subject): Promise<boolean> => {
    if (left-- <= 0 || !isValid(candidate.program)) return false;
    if (!(await fails(candidate).catch(() => false))) return false;
    best = candidate;
    return true;
  };
  const attempt = (edit: Edit, from: number, to: number) => {
    const program = edited(best.program, (index) => (index >= from && index < to ? edit : undefined));
    return program === undefined ? false : better({ ...best, program });
  };

  for (let progress = true; progress && left > 0; ) {
    progress = false;
    for (let size = Math.max(1, sizeOf(best.program) >> 1); ; size >>= 1) {
      for (let from = 0; from < sizeOf(best.program) && left > 0; ) {
        if (await attempt('drop', from, from + size)) progress = true;
        else from += size;
      }
      await better(withoutUnused(best));
      if (size <= 1) break;
    }
    for (let at = 0; at < sizeOf(best.program) && left > 0; at++) {
      for (const edit of edits) if (edit !== 'drop' && (await attempt(edit, at, at + 1))) progress = true;
    }
    for (const launch of smallerLaunches(best.launch)) if (await better({ ...best, launch })) progress = true;
    await better(withoutUnused(best));
  }
  return best;
}

function isValid(program: Program): boolean {
  try {
    verify(program);
    return true;
  } catch {
    return false;
  }
}

// ---- a program with some instructions changed ----

function sizeOf({ body }: Program): number {
  const count = (block: Block): number =>
    block.body.reduce((sum, instruction) => sum + 1 + blocks(instruction).reduce((n, inner) => n + count(inner), 0), 0);
  return count(body);
}
function blocks(instruction: Instruction): readonly Block[] {
  if (instruction.kind === 'if') return [instruction.accept, instruction.reject];
  return instruction.kind === 'loop' ? [instruction.body] : [];
}

/** The program after an edit of each instruction, numbered in program order; undefined where nothing changed. */
function edited(program: Program, editOf: (index: number) => Edit | undefined): Program | undefined {
  const replaced = new Map<Value, Value>();
  const current = (value: Value): Value => replaced.get(value) ?? value;
  let index = 0;
  let changed = false;

  const block = ({ body, end }: Block): Block => {
    const out: Instruction[] = [];
    for (const instruction of body) out.push(...rebuild(instruction));
    return { body: out, end: endOf(end) };
  };
  const endOf = (end: End): End => ('values' in end ? { ...end, values: end.values.map(current) } : end);
  /** Numbers of what is inside a dropped instruction are passed over. */
  const skip = (instruction: Instruction): void => {
    for (const inner of blocks(instruction))
      for (const one of inner.body) {
        index++;
        skip(one);
      }
  };

  const rebuild = (instruction: Instruction): Instruction[] => {
    const edit = editOf(index++);
    if (edit === 'drop' && !isConstant(instruction)) {
      changed = true;
      skip(instruction);
      const results = instruction.kind === 'op' ? [instruction.result] : instruction.results;
      return results.flatMap((result) => (result === undefined ? [] : zero(result)));
    }
    if (instruction.kind === 'if') {
      const accept = block(instruction.accept);
      const reject = block(instruction.reject);
      const arm = edit === 'accept' ? accept : edit === 'reject' ? reject : undefined;
      if (arm?.end.kind === 'yield') {
        changed = true;
        const { values } = arm.end;
        instruction.results.forEach((result, i) => {
          replaced.set(result, values[i]!);
        });
        return [...arm.body];
      }
      return [{ ...instruction, condition: current(instruction.condition), accept, reject }];
    }
    if (instruction.kind === 'loop') {
      const inits = instruction.inits.map(current);
      return [{ ...instruction, inits, body: block(instruction.body) }];
    }
    const args = instruction.args.map(current);
    const { result } = instruction;
    const same = edit === 'operand' ? args.find(({ type }) => type === result?.type) : undefined;
    if (same !== undefined) {
      changed = true;
      replaced.set(result!, same);
      return [];
    }
    return [{ ...instruction, args }];
  };

  const body = block(program.body);
  return changed ? { ...program, body } : undefined;
}

/** What stands for dropped instructions itself. */
function isConstant(instruction: Instruction): boolean {
  return instruction.kind === 'op' && (instruction.op === 'constant' || instruction.op === 'compose');
}

/** What stands for a value that is gone: zeros. */
function zero(result: Value): Operation[] {
  const constant = (value: Value): Operation => ({
    kind: 'op',
    op: 'constant',
    args: [],
    result: value,
    attribute: bitsOf(value.type as ScalarType, 0),
    reference: undefined,
  });
  if (!isVector(result.type)) return [constant(result)];
  const components = Array.from(
    { length: componentCount(result.type) },
    (): Value => ({ type: componentType(result.type) }),
  );
  const compose: Operation = { ...constant(result), op: 'compose', args: components, attribute: 0 };
  return [...components.map(constant), compose];
}

// ---- what is left over ----

/** Without constants, parameters and arrays that nothing uses. */
function withoutUnused({ program, launch }: Subject): Subject {
  const used = new Set<Value>();
  const references = new Set<Param | LocalArray>();
  const scan = (block: Block): void => {
    for (const instruction of block.body) {
      for (const value of operandsOf(instruction)) used.add(value);
      if (instruction.kind === 'op' && instruction.reference !== undefined) references.add(instruction.reference);
      for (const inner of blocks(instruction)) scan(inner);
    }
    for (const value of endValues(block.end)) used.add(value);
  };
  scan(program.body);
  const clean = (block: Block): Block => ({
    ...block,
    body: block.body
      .filter((one) => one.kind !== 'op' || !/^(constant|compose)$/.test(one.op) || used.has(one.result!))
      .map((one): Instruction => {
        if (one.kind === 'if') return { ...one, accept: clean(one.accept), reject: clean(one.reject) };
        return one.kind === 'loop' ? { ...one, body: clean(one.body) } : one;
      }),
  });
  const kept = program.params.map((param) => references.has(param));
  return {
    program: {
      ...program,
      body: clean(program.body),
      params: program.params.filter((_, i) => kept[i]),
      locals: program.locals.filter((local) => references.has(local)),
    },
    launch: { ...launch, args: launch.args.filter((_, i) => kept[i]) },
  };
}

/** The launch with fewer invocations, or with a simpler argument. */
function* smallerLaunches(launch: RandomLaunch): Generator<RandomLaunch> {
  for (const axis of [0, 1, 2]) {
    for (const length of [1, launch.grid[axis]! >> 1]) {
      if (length < 1 || length >= launch.grid[axis]!) continue;
      const grid = launch.grid.map((all, i) => (i === axis ? length : all)) as [number, number, number];
      yield { ...launch, grid };
    }
  }
  for (const [i, arg] of launch.args.entries()) {
    const simpler = 'bytes' in arg ? { ...arg, bytes: new Uint8Array(arg.bytes.length) } : arg.map(() => 0);
    if ('bytes' in arg ? arg.bytes.some((byte) => byte !== 0) : arg.some((value) => value !== 0))
      yield { ...launch, args: launch.args.map((other, j) => (j === i ? simpler : other)) };
  }
}
