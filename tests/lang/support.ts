/** Compiles bodies, runs them on the interpreter, and catches what the front end refuses. */

import { runInNewContext } from 'node:vm';
import * as isokernel from '../../src/index.ts';
import { interpret } from '../../src/ir/interpreter.ts';
import type { Access, Param } from '../../src/ir/program.ts';
import { type ElementType, elementTypes, type NumericMode, type ValueType } from '../../src/ir/types.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { verify } from '../../src/ir/verify.ts';
import { compile } from '../../src/lang/compile.ts';
import type { Definition, FunctionDefinition } from '../../src/lang/definition.ts';
import { LanguageError } from '../../src/lang/language-error.ts';

export type Params = Readonly<Record<string, string>>;
export interface Options {
  readonly consts?: Readonly<Record<string, number | boolean>>;
  readonly uses?: Readonly<Record<string, Omit<FunctionDefinition, 'consts' | 'uses'> & Partial<FunctionDefinition>>>;
  readonly workgroup?: readonly [number, number, number];
  readonly mode?: NumericMode;
}

/** `{ x: 'read f32', n: 'i32', a: 'readWrite f32 2' }` */
export function paramsOf(params: Params): Param[] {
  return Object.entries(params).map(([name, text]) => {
    const [first, element, rank = '1'] = text.split(' ');
    if (element === undefined) return { kind: 'scalar', name, type: first as ValueType };
    if (!(elementTypes as readonly string[]).includes(element)) throw new Error(`no element type ${element}`);
    return { kind: 'buffer', name, access: first as Access, element: element as ElementType, rank: Number(rank) };
  });
}
// biome-ignore lint/suspicious/noExplicitAny: bodies under test are untyped
export type AnyBody = ((p: any, k: any) => unknown) | string;

export function define(params: Params, body: AnyBody, options: Options = {}): Definition {
  return {
    name: 'test',
    mode: options.mode ?? 'stable',
    workgroup: options.workgroup,
    fuel: 2 ** 20,
    params: paramsOf(params),
    consts: options.consts ?? {},
    uses: Object.fromEntries(
      Object.entries(options.uses ?? {}).map(([used, each]) => [used, { consts: {}, uses: {}, ...each }]),
    ),
    body: typeof body === 'string' ? { toString: () => body } : body,
  };
}
export const build = (params: Params, body: AnyBody, options?: Options) => compile(define(params, body, options));

type View = Float32Array | Int32Array | Uint32Array | Uint8Array | Int8Array | Uint16Array | Int16Array;
export type Argument = View | number | boolean | readonly number[] | { data: View; shape: readonly number[] };

/** Compiles, verifies and runs a body; arrays are changed in place. Gives the arguments. */
export function run<A extends Readonly<Record<string, Argument>>>(
  params: Params,
  args: A,
  grid: number | readonly [number, number, number],
  body: AnyBody,
  options?: Options,
): A {
  launch(verify(build(params, body, options)), args, grid);
  return args;
}
/** Runs a program; arrays are changed in place. */
export function launch(
  verified: Verified,
  args: Readonly<Record<string, Argument>>,
  grid: number | readonly [number, number, number],
): void {
  interpret(verified, {
    grid: typeof grid === 'number' ? [grid, 1, 1] : grid,
    args: verified.program.params.map((param) => {
      const arg = args[param.name]!;
      if (typeof arg === 'number' || typeof arg === 'boolean') return [Number(arg)];
      if (Array.isArray(arg)) return arg as number[];
      const { data, shape } = 'data' in arg ? arg : { data: arg as View, shape: undefined };
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const element = param.kind === 'buffer' ? param.element : 'f32';
      const per = element.startsWith('vec') ? Number(element[3]) : 1;
      return { bytes, shape: shape ?? [data.length / per] };
    }),
  });
}

/** The values that a body leaves in `y`, one invocation, from a fresh array of `length`. */
export function values(
  type: 'f32' | 'i32' | 'u32',
  length: number,
  body: AnyBody,
  x: readonly number[] = [],
  options?: Options,
) {
  const make = { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[type];
  const { y } = run(
    { x: `read ${type}`, y: `readWrite ${type}` },
    { x: make.from(x), y: new make(length) },
    1,
    body,
    options,
  );
  return [...y];
}

/** The error of a body that is refused, with the words it points at. */
export function refused(
  params: Params,
  body: AnyBody,
  options?: Options,
): { code: string; words: string; message: string; hint: string } {
  try {
    build(params, body, options);
  } catch (error) {
    if (!(error instanceof LanguageError)) throw error;
    return {
      code: error.code,
      words: error.source.slice(error.start, error.end),
      message: error.message,
      hint: error.hint ?? '',
    };
  }
  throw new Error('the body was accepted');
}

/** What a text that ends with a call of `kernel` becomes, with the names of the package in sight. */
export async function verified(text: string): Promise<Verified> {
  return (runInNewContext(text, { ...isokernel }) as isokernel.Kernel).verified();
}
