/**
 * Which values and which control flow are the same in all invocations of a workgroup. The rule is that of WGSL's
 * uniformity analysis, or stricter, so that a barrier accepted here is accepted by every WGSL compiler; docs:
 * https://www.w3.org/TR/WGSL/#uniformity.
 *
 * As there, one walk builds a graph of "is divergent if that is", with a node for each value and for each stretch of
 * control flow, and one flood from the sources of divergence colours it. Both are linear.
 *
 *  - A value depends on its operands and on the flow that evaluates it.
 *  - An arm depends on its condition. After an `if` flow is as before it, unless an arm leaves the loop or the kernel:
 *    then it depends on the ends of both arms, which is to say on the condition.
 *  - A loop's body depends on the flow before the loop and on the end of the body, so a divergent `break` or `continue`
 *    makes all later iterations divergent. After the loop flow is as before it, unless the body returns.
 *  - Results of ifs and loops, and a loop's parameters, depend on the values given and on the flow that gives them.
 *
 * Expects a well-formed program.
 */

import { IsokernelError } from './error.ts';
import { type IdOp, ops, rowOf } from './ops.ts';
import type { Block, End, If, Instruction, Loop, Operation, Program, Value } from './program.ts';

/** Control flow at some point of the program. */
interface Flow {
  readonly kind: 'flow';
}
type Node = Value | Flow;

/** Errors that are told at once: an author mends some and tries again. */
const mostErrors = 5;

/** The uniform values. Throws `barrier-in-divergent-flow` where what needs all invocations may not get them. */
export function uniformValues(program: Program): ReadonlySet<Value> {
  const graph = new Graph();
  graph.block(program.body, graph.flow(), undefined);
  const divergent = graph.divergent();
  const refused = new Set<Node>();
  const errors: IsokernelError[] = [];
  /** One error for each stretch of flow, or index: meetings in the same one are mended together. */
  const refuse = ({ place }: Operation, node: Node, problem: string, hint: string): void => {
    if (refused.has(node) || refused.size === mostErrors) return;
    refused.add(node);
    errors.push(
      new IsokernelError(
        'barrier-in-divergent-flow',
        `${problem}, for it depends on ${graph.sourceOf(node, divergent)}`,
        {
          kernel: program.name,
          place,
          hint: `${hint} k.uniform(…) makes a value the same in all.`,
        },
      ),
    );
  };
  for (const { operation, flow } of graph.meetings) {
    const { op, args } = operation;
    if (divergent.has(flow)) {
      refuse(
        operation,
        flow,
        `${op} stands where not every invocation of the workgroup may come`,
        'Move it out of the branch or loop, or in front of the early return.',
      );
      continue;
    }
    const row = rowOf(op);
    const index = row.form === 'collective' && row.operand === 'index' ? args[0] : undefined;
    if (index !== undefined && divergent.has(index))
      refuse(operation, index, `the index of ${op} may differ between invocations`, 'Use one index for all.');
  }
  const [first, ...others] = errors;
  if (first !== undefined) throw others.length === 0 ? first : first.with(others);
  return new Set(graph.values.filter((value) => !divergent.has(value)));
}

/** Whether the operation gives different values to invocations even where its operands and flow are uniform. */
function isSource({ op, reference }: Operation): boolean {
  const row = rowOf(op);
  switch (row.form) {
    case 'scalar':
    case 'constant':
    case 'argument':
    case 'dimension':
    case 'compose':
    case 'extract':
      return false;
    case 'id':
      return !ops[op as IdOp].uniform;
    case 'load':
      // only memory that nothing in the dispatch writes is sure to give all the same
      return !(reference?.kind === 'buffer' && reference.access === 'read');
    case 'collective':
      return !row.uniform;
    case 'store':
    case 'clear':
    case 'atomic':
    case 'barrier':
      return true;
  }
}

/** How a block or an instruction ends: the flow after it, and whether anything in it leaves it another way. */
interface Exit {
  readonly flow: Flow;
  /** Holds a `break` or `continue` of the loop around it. */
  readonly leavesLoop: boolean;
  /** Holds a `return`. */
  readonly returns: boolean;
}

class Graph {
  /** From a node to the nodes that are divergent if it is. */
  readonly #dependents = new Map<Node, Node[]>();
  readonly #sources = new Map<Node, Operation>();
  /** Barriers and collectives, and the flow they stand in. */
  readonly meetings: { readonly operation: Operation; readonly flow: Flow }[] = [];
  readonly values: Value[] = [];

  flow(...causes: Node[]): Flow {
    const flow: Flow = { kind: 'flow' };
    this.#depends(flow, causes);
    return flow;
  }

  /** Walks a block that is entered with this flow; `loop` is the innermost one around it. */
  block({ body, end }: Block, flow: Flow, loop: Loop | undefined): Exit {
    let leavesLoop = end.kind === 'break' || end.kind === 'continue';
    let returns = end.kind === 'return';
    for (const instruction of body) {
      const exit = this.#instruction(instruction, flow, loop);
      flow = exit.flow;
      leavesLoop ||= exit.leavesLoop;
      returns ||= exit.returns;
    }
    if (end.kind === 'break') this.#give(end, loop!.results, flow);
    if (end.kind === 'continue') this.#give(end, loop!.params, flow);
    return { flow, leavesLoop, returns };
  }

  /** The divergent nodes, each with one that makes it so; a source has none. */
  divergent(): ReadonlyMap<Node, Node | undefined> {
    const divergent = new Map<Node, Node | undefined>();
    for (const source of this.#sources.keys()) divergent.set(source, undefined);
    // a Map's iteration also visits what is added while it runs
    for (const node of divergent.keys())
      for (const next of this.#dependents.get(node) ?? []) if (!divergent.has(next)) divergent.set(next, node);
    return divergent;
  }

  /** What makes a divergent node so in the end, for people. */
  sourceOf(node: Node, divergent: ReadonlyMap<Node, Node | undefined>): string {
    for (let cause = divergent.get(node); cause !== undefined; cause = divergent.get(node)) node = cause;
    const { op, reference, place } = this.#sources.get(node)!;
    const what = reference === undefined ? op : `what ${op} finds in "${reference.name}"`;
    return place === undefined ? what : `${what} (line ${place.line})`;
  }

  #instruction(instruction: Instruction, flow: Flow, loop: Loop | undefined): Exit {
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction, flow);
        return { flow, leavesLoop: false, returns: false };
      case 'if':
        return this.#if(instruction, flow, loop);
      case 'loop':
        return this.#loop(instruction, flow);
    }
  }

  #operation(operation: Operation, flow: Flow): void {
    const row = rowOf(operation.op);
    if (row.form === 'barrier' || row.form === 'collective') this.meetings.push({ operation, flow });
    const { result } = operation;
    if (result === undefined) return;
    // a collective that gives all the same does so whatever they bring
    const unites = row.form === 'collective' && row.uniform;
    this.#define(result, unites ? [flow] : [flow, ...operation.args]);
    if (isSource(operation)) this.#sources.set(result, operation);
  }

  #if({ condition, accept, reject, results }: If, flow: Flow, loop: Loop | undefined): Exit {
    const arm = this.flow(flow, condition);
    const exits = [accept, reject].map((block) => {
      const exit = this.block(block, arm, loop);
      if (block.end.kind === 'yield') this.#give(block.end, results, exit.flow);
      return exit;
    });
    const leavesLoop = exits.some((exit) => exit.leavesLoop);
    const returns = exits.some((exit) => exit.returns);
    const after = leavesLoop || returns ? this.flow(...exits.map((exit) => exit.flow)) : flow;
    for (const result of results) this.#define(result, [after]);
    return { flow: after, leavesLoop, returns };
  }

  #loop(loop: Loop, flow: Flow): Exit {
    const { params, inits, body, results } = loop;
    const iteration = this.flow(flow);
    params.forEach((param, i) => {
      this.#define(param, [iteration, inits[i]!]);
    });
    const { flow: end, returns } = this.block(body, iteration, loop);
    this.#depends(iteration, [end]);
    const after = returns ? end : flow;
    for (const result of results) this.#define(result, [after]);
    return { flow: after, leavesLoop: false, returns };
  }

  #give(end: End & { values: readonly Value[] }, targets: readonly Value[], flow: Flow): void {
    targets.forEach((target, i) => {
      this.#depends(target, [flow, end.values[i]!]);
    });
  }
  #define(value: Value, causes: readonly Node[]): void {
    this.values.push(value);
    this.#depends(value, causes);
  }
  #depends(node: Node, causes: readonly Node[]): void {
    for (const cause of causes) {
      const dependents = this.#dependents.get(cause);
      if (dependents === undefined) this.#dependents.set(cause, [node]);
      else dependents.push(node);
    }
  }
}
