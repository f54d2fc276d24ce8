/** Whether what a program declares keeps the rules of the IR: its name, mode, workgroup and fuel, parameters, local arrays. */

import type { IsokernelError } from './error.ts';
import { maxFuel, maxLocals, maxNameLength, maxParams, maxPrivateBytes, maxWorkgroupBytes } from './limits.ts';
import { accesses, type BufferParam, type LocalArray, type Program } from './program.ts';
import {
  type ElementType,
  elementBytes,
  elementTypes,
  maxRank,
  maxWorkgroupInvocations,
  numericModes,
  valueTypes,
} from './types.ts';

/** Makes the error that refuses a program. */
export type Refuse = (message: string, hint?: string) => IsokernelError;

/** Control characters, and halves of characters. */
export const unprintable = /[\p{Cc}\p{Cs}]/u;
const identifier = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

export function checkDeclarations(program: Program, refuse: Refuse): void {
  checkHeader(program, refuse);
  const { params, locals } = program;
  if (params.length > maxParams) throw refuse(`more than ${maxParams} parameters`);
  if (locals.length > maxLocals) throw refuse(`more than ${maxLocals} local arrays`);
  const names = new Set<string>();
  for (const { name } of [...params, ...locals]) {
    if (typeof name !== 'string' || name.length > maxNameLength || !identifier.test(name))
      throw refuse(`"${String(name).slice(0, 80)}" is no name: an identifier of at most ${maxNameLength}`);
    if (names.has(name)) throw refuse(`the name "${name}" is declared twice`);
    names.add(name);
  }
  for (const param of params) {
    if (param.kind === 'buffer') checkBuffer(param, refuse);
    else if (param.kind !== 'scalar' || !valueTypes.includes(param.type))
      throw refuse(`"${param.name}" has no type ${String(param.type)}`);
  }
  for (const local of locals) checkLocal(local, refuse);
  for (const [space, most] of [
    ['private', maxPrivateBytes],
    ['workgroup', maxWorkgroupBytes],
  ] as const) {
    const bytes = localBytes(program, space);
    if (bytes > most) throw refuse(`${bytes} bytes of ${space} arrays; at most ${most}`, 'Make the arrays shorter.');
  }
}

/** Bytes of the arrays of one space, each rounded up to whole words. */
export function localBytes(program: Program, space: LocalArray['space']): number {
  return program.locals
    .filter((local) => local.space === space)
    .reduce((sum, local) => sum + Math.ceil((elementBytes(local.element) * local.length) / 4) * 4, 0);
}

/** A whole number in [least, end). */
export function isWhole(value: number, least: number, end: number): boolean {
  return Number.isInteger(value) && value >= least && value < end;
}

function checkHeader({ name, mode, workgroup, fuel }: Program, refuse: Refuse): void {
  if (typeof name !== 'string' || name === '' || name.length > maxNameLength || unprintable.test(name))
    throw refuse(`a kernel's name is 1 to ${maxNameLength} printable characters`);
  if (!numericModes.includes(mode)) throw refuse(`no numeric mode ${String(mode)}`);
  if (workgroup !== undefined) {
    const positive = workgroup.length === 3 && workgroup.every((n) => isWhole(n, 1, maxWorkgroupInvocations + 1));
    if (!positive || workgroup[0] * workgroup[1] * workgroup[2] > maxWorkgroupInvocations)
      throw refuse(
        `a workgroup is three whole numbers from 1 with a product of at most ${maxWorkgroupInvocations}, not ${workgroup.join(', ')}`,
      );
  }
  if (!isWhole(fuel, 1, maxFuel)) throw refuse(`fuel is a whole number in [1, 2^31), not ${fuel}`);
}

function checkBuffer({ name, access, element, rank }: BufferParam, refuse: Refuse): void {
  if (!accesses.includes(access)) throw refuse(`"${name}" has no access ${String(access)}`);
  if (!isWhole(rank, 1, maxRank + 1)) throw refuse(`"${name}" has rank ${rank}; ranks are 1 to ${maxRank}`);
  checkElement(name, element, access === 'atomic', refuse);
}
function checkLocal({ name, space, element, length, atomic }: LocalArray, refuse: Refuse): void {
  if (space !== 'private' && space !== 'workgroup') throw refuse(`"${name}" has no space ${String(space)}`);
  if (!isWhole(length, 1, 2 ** 31)) throw refuse(`"${name}" has length ${length}; it is at least 1`);
  if (atomic && space === 'private') throw refuse(`"${name}" is private, so it cannot be atomic`);
  checkElement(name, element, atomic, refuse);
}
function checkElement(name: string, element: ElementType, atomic: boolean, refuse: Refuse): void {
  if (!elementTypes.includes(element)) throw refuse(`"${name}" has no element type ${String(element)}`);
  if (atomic && element !== 'i32' && element !== 'u32')
    throw refuse(`"${name}" is atomic, so its elements are i32 or u32, not ${element}`);
}
