/** What `kernel()` refuses at once: a definition that is wrong before its body is read. The message names the part of it. */

import { accesses, type Param } from '../ir/program.ts';
import { elementTypes, maxRank, maxWorkgroupInvocations, type ValueType, valueTypes } from '../ir/types.ts';
import type { AnyToken } from './elements.ts';
import type { KernelOptions } from './kernel.ts';
import type { AnyBufferToken } from './params.ts';

/** Throws `invalid-kernel`. */
export type Invalid = (message: string, hint: string) => never;

type Options = KernelOptions<unknown, unknown, unknown>;
const optionNames: Record<keyof Options, true> = {
  name: true,
  params: true,
  consts: true,
  uses: true,
  workgroup: true,
  mode: true,
  fuel: true,
  shapes: true,
  invocations: true,
  body: true,
};

/** Checks the names of the options, and the kind of each but for what has a check of its own. */
export function checkOptions(options: object, invalid: Invalid): void {
  for (const option of Object.keys(options)) {
    if (!Object.hasOwn(optionNames, option))
      invalid(`there is no option "${option}"`, `The options are ${Object.keys(optionNames).join(', ')}.`);
  }
  const { params, consts, uses, shapes, fuel, invocations, body } = options as {
    readonly [N in keyof Options]?: unknown;
  };
  if (typeof body !== 'function') invalid('it needs a body', 'Write body({ x, y }, k) { … }.');
  if (!isRecord(params)) invalid('it needs params', 'Write params: { x: read(f32), … }.');
  for (const [option, value] of Object.entries({ consts, uses, shapes })) {
    if (value !== undefined && !isRecord(value)) invalid(`${option} is no object`, `Write ${option}: { name: … }.`);
  }
  if (invocations !== undefined && typeof invocations !== 'function')
    invalid('invocations is no function', 'Write invocations: ({ x }) => x.length, or pass { invocations } to run().');
  if (fuel !== undefined && !(Number.isInteger(fuel) && (fuel as number) >= 1 && (fuel as number) <= 2 ** 32 - 1))
    invalid(`fuel ${String(fuel)}`, 'Write how many iterations a loop may take: a whole number from 1 to 2^32 - 1.');
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The IR parameter that a token declares. */
export function paramOf(name: string, token: AnyToken | AnyBufferToken, invalid: Invalid): Param {
  const label = `parameter "${name}"`;
  if (typeof token !== 'object' || token === null || !('access' in token))
    return {
      kind: 'scalar',
      name,
      type: checkValueType(token, (message, hint) => invalid(`${label} ${message}`, hint)),
    };
  const { access, element, rank } = token;
  if (!accesses.includes(access)) invalid(`${label} has no access "${access}"`, `There are ${accesses.join(', ')}.`);
  const type = element?.type;
  if ((type as string) === 'bool') invalid(`${label} is an array of bool`, 'Write u8.');
  if (type === undefined && isRecord(element) && Object.keys(element).length > 0) {
    const arrays = Object.entries(element).map(
      ([member, of]: [string, Partial<AnyToken> | undefined]) => `${name}_${member}: ${access}(${tokenName(of?.type)})`,
    );
    invalid(`${label} is an array of records`, `Write an array for each member: ${arrays.join(', ')}.`);
  }
  if (!elementTypes.includes(type)) invalid(`${label} has no element type`, `Write ${access}(f32), ${access}(u32), …`);
  if (!(rank >= 1 && rank <= maxRank && Number.isInteger(rank)))
    invalid(`${label} has rank ${rank}`, 'Ranks are 1 to 4.');
  if (access === 'atomic' && type !== 'i32' && type !== 'u32')
    invalid(`${label} is an atomic of ${type}`, 'Write atomic(u32) or atomic(i32).');
  return { kind: 'buffer', name, access, element: type, rank };
}

/** The name of the token of a type: `vec3f` of vec3<f32>. */
function tokenName(type = '…'): string {
  return type.replace('<f16>', 'h').replace(/<(\w)\d+>/, '$1');
}

/** The type of a value that a token names; `invalid` completes a sentence. */
export function checkValueType(token: AnyToken | undefined, invalid: Invalid): ValueType {
  const type = token?.type;
  if (type === 'i8' || type === 'u8' || type === 'i16' || type === 'u16') {
    const wide = type.startsWith('u') ? 'u32' : 'i32';
    return invalid(`is a single ${type}`, `Write ${wide}: packed integers exist in arrays only.`);
  }
  if (type === undefined || !valueTypes.includes(type))
    return invalid('has no type', 'Write f32, read(f32), write(f32), …');
  return type;
}

/** Checks that `shapes` are functions, of `write` parameters. */
export function checkShapes(shapes: object, params: readonly Param[], invalid: Invalid): void {
  for (const [name, shape] of Object.entries(shapes)) {
    if (typeof shape !== 'function')
      invalid(`shapes.${name} is no function`, `Write shapes: { ${name}: ({ x }) => x.length }.`);
    if (params.some((param) => param.kind === 'buffer' && param.name === name && param.access === 'write')) continue;
    invalid(
      `shapes has "${name}", which is no write parameter`,
      'Only write parameters get their shape from the kernel.',
    );
  }
}

/** The workgroup as [x, y, z]; undefined where it is left open. */
export function workgroupOf(size: Options['workgroup'], invalid: Invalid): [number, number, number] | undefined {
  if (size === undefined) return undefined;
  const axes: readonly unknown[] = Array.isArray(size) ? size : [size];
  const [x, y = 1, z = 1] = axes as [number, number?, number?];
  const whole = axes.length <= 3 && [x, y, z].every((axis) => Number.isInteger(axis) && axis >= 1);
  if (!whole || x * y * z > maxWorkgroupInvocations) {
    invalid(
      `a workgroup of ${axes.map(String).join(' x ')}`,
      `Write 64 or [8, 8, 1]: whole numbers from 1, at most ${maxWorkgroupInvocations} invocations together.`,
    );
  }
  return [x, y, z];
}
