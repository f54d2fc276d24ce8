/**
 * A program as WGSL that a person can read: the author's names, guards in small functions, the rest as it was written.
 *
 * Takes what `optimize` gives: value collectives and threefry are written out, the workgroup is known. The result says
 * what the device must bind: the uniform block at 0, the buffer parameters in declaration order from 1, and after them,
 * for programs with fuel, the status word.
 */

import { isBuffer, type LocalArray, type LoopFuel, type Program } from '../../src/ir/program.ts';
import { componentBytes, componentCount, isPacked } from '../../src/ir/types.ts';
import type { Facts } from '../../src/ir/verified.ts';
import { emitBody, type Input } from './body.ts';
import { UsedHelpers } from './helpers.ts';
import { axes, type Field, LaunchBlock } from './layout.ts';
import { MemoryAccess } from './memory.ts';
import { Names } from './names.ts';
import { storageBarriers } from './storage-order.ts';

export interface Shader {
  readonly code: string;
  /** Words of the uniform block, and its size. */
  readonly fields: readonly { readonly word: number; readonly field: Field }[];
  readonly uniformBytes: number;
  /** By buffer parameter. */
  readonly bindings: readonly ('read-only-storage' | 'storage')[];
  /** Whether the status word follows the buffers. */
  readonly hasStatus: boolean;
}

const inputs: Record<Input, string> = {
  global: '@builtin(global_invocation_id) invocation: vec3<u32>',
  local: '@builtin(local_invocation_id) local: vec3<u32>',
  group: '@builtin(workgroup_id) group: vec3<u32>',
  local_index: '@builtin(local_invocation_index) local_index: u32',
};
const reserved = [
  'main',
  'Launch',
  'launch',
  'status',
  'out_of_fuel',
  'global',
  'invocation',
  'local',
  'group',
  'local_index',
];

/** `places`: statements are followed by comments with the places they come from, ` // @line:column`. */
export function emitWgsl(
  program: Program,
  facts: Facts,
  workgroup: readonly [number, number, number],
  places = false,
): Shader {
  const names = new Names();
  for (const name of reserved) names.reserve(name);
  const members = new Names();
  const launch = new LaunchBlock((wanted) => members.fresh(wanted));
  members.reserve('origin');
  members.reserve('grid');
  const helpers = new UsedHelpers(names);
  const inGrid = facts.hasBarrier ? names.fresh('in_grid') : undefined;
  const memory = new MemoryAccess(names, launch, inGrid);

  const buffers = program.params.flatMap((param, i) =>
    isBuffer(param) ? [memory.addBuffer(param, facts.buffers[i])] : [],
  );
  const locals = program.locals.map((local) => ({ space: local.space, ...memory.addLocal(local) }));
  const fuels: Record<Exclude<LoopFuel, 'none'>, string> = {
    invocation: names.fresh('fuel'),
    workgroup: names.fresh('group_fuel'),
  };
  const spent = new Set<Exclude<LoopFuel, 'none'>>();

  const used = new Set<Input>();
  const body = emitBody(program.body, {
    names,
    launch,
    memory,
    helpers,
    input: (input) => {
      used.add(input);
      return input;
    },
    workgroup,
    inGrid,
    places,
    storageBarriers: storageBarriers(program, facts, workgroup),
    spendFuel: (fuel, loop) => {
      spent.add(fuel);
      // where others wait at a barrier, whoever is out of fuel only leaves the loop
      const leave = facts.hasBarrier ? 'break' : 'return';
      const counter = fuels[fuel];
      return [`if (${counter} == 0u) { out_of_fuel(${loop}u); ${leave}; }`, `${counter} -= 1u;`];
    },
  });

  const prologue: string[] = [];
  const hasStatus = spent.size > 0;
  const statusBase = hasStatus ? launch.status() : '';
  const ghostAxes = axes.filter((_, i) => workgroup[i]! > 1);
  const functions = [...helpers.sources, ...memory.sources];
  if (inGrid !== undefined) {
    const inside = ghostAxes.map((axis) => `global.${axis} < launch.grid.${axis}`).join(' && ') || 'true';
    const asked = [...body, ...functions].some((line) => new RegExp(`\\b${inGrid}\\b`).test(line));
    if (asked) prologue.push(`${inGrid} = ${inside};`);
    if (asked && ghostAxes.length > 0) used.add('global');
  } else if (ghostAxes.length > 0) {
    used.add('global');
    const outside = ghostAxes.map((axis) => `global.${axis} >= launch.grid.${axis}`).join(' || ');
    prologue.push(`if (${outside}) { return; }`);
  }
  // one invocation out of fuel fails the job: the others need not run
  if (hasStatus && !facts.hasBarrier) prologue.push('if (atomicLoad(&status) != 0u) { return; }');
  for (const fuel of spent) prologue.push(`var ${fuels[fuel]} = ${launch.fuel()};`);
  if (used.has('global')) prologue.unshift('let global = vec3<i32>(invocation) + launch.origin;');

  const bindings = buffers.map(({ layout }) => (layout.writable ? 'storage' : 'read-only-storage'));
  const declarations = [
    '@group(0) @binding(0) var<uniform> launch: Launch;',
    ...buffers.map(
      ({ name, layout }, i) =>
        `@group(0) @binding(${i + 1}) var<storage, ${layout.writable ? 'read_write' : 'read'}> ${name}: array<${layout.word}>;`,
    ),
    ...(hasStatus ? [`@group(0) @binding(${buffers.length + 1}) var<storage, read_write> status: atomic<u32>;`] : []),
    ...program.locals.map((local, i) => {
      const { name, layout } = locals[i]!;
      return `var<${local.space}> ${name}: array<${layout.word}, ${local.length}>;`;
    }),
    ...(inGrid === undefined ? [] : [`var<private> ${inGrid}: bool;`]),
  ];
  const trap = `fn out_of_fuel(number: u32) {
  atomicMax(&status, ~(${statusBase} + number));
}`;
  const parameters = [...used].map((input) => inputs[input]).join(', ');
  const main = [
    `@compute @workgroup_size(${workgroup.join(', ')})`,
    `fn main(${parameters}) {`,
    ...[...prologue, ...body].map((line) => `  ${line}`),
    '}',
  ];
  const parts = [
    ...(facts.usesF16 ? ['enable f16;'] : []),
    launch.source,
    declarations.join('\n'),
    ...(hasStatus ? [trap] : []),
    ...functions,
    main.join('\n'),
  ];
  return {
    code: `${parts.join('\n\n')}\n`,
    fields: launch.fields,
    uniformBytes: launch.bytes,
    bindings,
    hasStatus,
  };
}

/** Workgroup memory of the program's arrays, as WGSL lays them out. */
export function sharedBytes({ locals }: Program): number {
  return locals.reduce((sum, local) => sum + workgroupBytesOf(local), 0);
}

/** vec3 is padded to four components, and a packed integer takes a whole word. */
function workgroupBytesOf({ space, element, length }: LocalArray): number {
  if (space !== 'workgroup') return 0;
  if (isPacked(element)) return 4 * length;
  return componentBytes(element) * (componentCount(element) === 3 ? 4 : componentCount(element)) * length;
}
