/** Counts of what a kernel became: instructions of its WebAssembly by class, operations of its WGSL by class. */

import Table from 'cli-table3';
import type { Instruction, ListedModule } from '../../backends/cpu/wasm/listing.ts';
import { rowOf } from '../ir/ops.ts';
import { forEachInstruction, type Operation, type Program } from '../ir/program.ts';
import { isFloat } from '../ir/types.ts';

type Counts = Map<string, number>;
const count = (counts: Counts, what: string, by = 1) => counts.set(what, (counts.get(what) ?? 0) + by);

/** Classes of WebAssembly instructions but those that touch memory; the first that fits. */
const wasmClasses: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\.const$/, 'constants'],
  [/^local\./, 'locals read and written'],
  [/(splat|_lane|shuffle|swizzle)$/, 'moves between vectors and scalars'],
  [/^(v128|[if]\d+x\d+)\./, 'arithmetic on vectors'],
  [/^f32\./, 'arithmetic on floats'],
  [/^(i32|i64)\.|^select$/, 'arithmetic on integers'],
  [/^(if|br|br_if|br_table)$/, 'branches'],
  [/^loop$/, 'loops'],
  [/^(call|return|drop|unreachable)$/, 'calls and returns'],
  [/^memory\./, 'fills'],
];

function wasmClass({ name, width }: Instruction): string | undefined {
  if (width > 0) {
    if (name.includes('atomic')) return 'atomic accesses';
    return `${name.includes('load') ? 'loads' : 'stores'} of ${width} ${width === 1 ? 'byte' : 'bytes'}`;
  }
  return wasmClasses.find(([pattern]) => pattern.test(name))?.[1];
}

function operationClass(operation: Operation): string | undefined {
  const { op, args, reference } = operation;
  const { form, cost } = rowOf(op);
  const where = reference?.kind === 'local' ? `${reference.space} arrays` : 'buffers';
  switch (form) {
    case 'scalar': {
      if (op === 'convert' || op === 'bitcast') return 'conversions';
      if (/^(select|eq|ne|lt|le|gt|ge)$/.test(op)) return 'comparisons and choices';
      const floats = args.some(({ type }) => isFloat(type as 'f32'));
      if (!floats) return 'arithmetic on integers';
      return cost > 4 ? 'functions of floats' : 'arithmetic on floats';
    }
    case 'load':
      return `loads from ${where}`;
    case 'store':
    case 'clear':
      return `stores to ${where}`;
    case 'atomic':
      return `atomics on ${where}`;
    case 'barrier':
    case 'collective':
      return 'barriers';
    default:
      return undefined;
  }
}

/** The tables; a program as WGSL gets it. */
export function statisticsTable({ functions }: ListedModule, program: Program): string {
  const wasm: Counts = new Map();
  for (const { instructions, locals, parameters, bytes } of functions) {
    for (const instruction of instructions) {
      const what = wasmClass(instruction);
      if (what !== undefined) count(wasm, what);
    }
    count(wasm, 'locals declared', locals.length + parameters.length);
    count(wasm, 'bytes of code', bytes);
  }
  const wgsl: Counts = new Map();
  forEachInstruction(program.body, (instruction) => {
    const what =
      instruction.kind === 'op' ? operationClass(instruction) : instruction.kind === 'if' ? 'branches' : 'loops';
    if (what !== undefined) count(wgsl, what);
  });
  const size = program.workgroup?.join(' x ');
  return `${table('WebAssembly: instructions', wasm)}\n${table(`WGSL: operations, workgroup ${size}`, wgsl)}\n`;
}

function table(head: string, counts: Counts): string {
  const made = new Table({
    head: [head, 'count'],
    colAligns: ['left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  made.push(...[...counts].sort(([a], [b]) => a.localeCompare(b)).map(([what, n]) => [what, String(n)]));
  return made.toString();
}
