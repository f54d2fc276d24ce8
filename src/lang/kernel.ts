/**
 * `kernel()` and `fn()`: what an author writes, checked and kept; nothing is parsed here.
 *
 * A kernel's body is compiled at first use, by a front end that is loaded then (compile.ts, which brings the parser).
 */

import { IsokernelError, type Place } from '../ir/error.ts';
import type { Printout } from '../ir/printout.ts';
import type { BufferParam, Param } from '../ir/program.ts';
import { defaultFuel, type NumericMode, numericModes, type ValueType } from '../ir/types.ts';
import type { Verified } from '../ir/verified.ts';
import type { Simulation } from '../simulate.ts';
import { checkOptions, checkShapes, checkValueType, type Invalid, paramOf, workgroupOf } from './check.ts';
import type { Definition, FunctionDefinition } from './definition.ts';
import type { AnyToken, InBody } from './elements.ts';
import { callSite, explain, type SourceLine, sourceLines } from './explain.ts';
import type { K } from './k.ts';
import { LanguageError } from './language-error.ts';
import type { Args, HostArgs, ParamInBody, ParamTokens, ShapesOf } from './params.ts';
import type { Site } from './print.ts';
import { mayPrint, printParam, printWords } from './printing.ts';

export type Constants = { readonly [name: string]: number | boolean };

// ---- fn ----

/** A function that kernels share: named in `uses`, called in their bodies, typed at the call. */
export interface Fn<A extends readonly AnyToken[], R extends AnyToken> {
  readonly args: A;
  readonly returns: R;
  readonly definition: FunctionDefinition;
}
type InBodies<A extends readonly AnyToken[]> = { [I in keyof A]: InBody<A[I]> };

export interface FnOptions<C, U> {
  /** Compile-time numbers and bools. */
  readonly consts?: C;
  /** Functions made by `fn`. */
  readonly uses?: U & Disjoint<C, U>;
}

/**
 * A function to be used by kernels: the types of its arguments, the type it returns, and its body, which sees `k`, its
 * arguments, `Math` and nothing else.
 *
 *     const smooth = fn([f32, f32], f32, (k, a, b) => k.sqrt(a * b));
 *     kernel({ uses: { smooth }, body({ x, smooth }, k) { … smooth(x.at(0), 1) … } })
 *
 * It may have consts and use other functions. They come by name in one more argument, the last:
 *
 *     const smoother = fn([f32], f32, (k, a, { smooth, BASE }) => smooth(a, BASE), { uses: { smooth }, consts: { BASE: 2 } });
 *
 * Throws `invalid-kernel` where the definition is wrong. A call is inlined; a function that comes to call itself is refused
 * when a kernel that uses it is compiled.
 */
export function fn<
  const A extends readonly AnyToken[],
  R extends AnyToken,
  const C extends Constants = Record<never, never>,
  U extends Functions = Record<never, never>,
>(
  args: A,
  returns: R,
  body: (k: K, ...args: [...InBodies<A>, names: Names<Record<never, never>, C, U>]) => InBody<R>,
  options: FnOptions<C, U> = {},
): Fn<A, R> {
  if (!Array.isArray(args) || typeof body !== 'function') {
    throw new IsokernelError('invalid-kernel', 'fn() takes types of arguments, the type it returns, and a body', {
      hint: 'Write fn([f32, f32], f32, (k, a, b) => …).',
    });
  }
  const { consts = {} as Constants } = options;
  const uses = (options.uses ?? {}) as Functions;
  const invalid: Invalid = (message, hint) => {
    throw new IsokernelError('invalid-kernel', `fn(): ${message}`, { hint });
  };
  for (const [name, value] of Object.entries(consts)) checkConstant(name, value, invalid);
  const definition = {
    args: args.map(valueType),
    returns: valueType(returns),
    body,
    consts,
    uses: definitionsOf(uses, invalid),
  };
  return { args, returns, definition };
}
function definitionsOf(uses: Functions, invalid: Invalid): Definition['uses'] {
  for (const [name, value] of Object.entries(uses)) {
    if (value?.definition === undefined)
      invalid(`"${name}" in uses is no function of fn()`, 'Write fn([f32], f32, (k, x) => …).');
  }
  return Object.fromEntries(Object.entries(uses).map(([name, value]) => [name, value.definition]));
}
function valueType(token: AnyToken): ValueType {
  return checkValueType(token, (message, hint) => {
    throw new IsokernelError('invalid-kernel', `fn(): an argument or the result ${message}`, { hint });
  });
}

// ---- kernel ----

type AnyFn = Fn<readonly AnyToken[], AnyToken>;
export type Functions = { readonly [name: string]: AnyFn };
type CallOf<F> = F extends Fn<infer A, infer R> ? (...args: InBodies<A>) => InBody<R> : never;

/** The first parameter of a body: parameters, consts and functions by name. */
export type Names<P, C, U> = { readonly [N in keyof P]: ParamInBody<P[N]> } & {
  readonly [N in keyof C]: C[N] extends boolean ? boolean : number;
} & { readonly [N in keyof U]: CallOf<U[N]> };

type Disjoint<A, B> = keyof A & keyof B extends never
  ? unknown
  : { readonly error: 'a name is used twice'; readonly names: keyof A & keyof B };

/** What `kernel()` takes: the kernel by its parts. */
export interface KernelOptions<P, C, U> {
  /** For errors and reports. */
  readonly name: string;
  /** Types of the arguments, by name. */
  readonly params: P;
  /** Compile-time numbers and bools. */
  readonly consts?: C & Disjoint<P, C>;
  /** Functions made by `fn`. */
  readonly uses?: U & Disjoint<P, U>;
  /** Invocations of a workgroup in x, y, z, at most 1,024 together; left open, the device chooses. */
  readonly workgroup?: number | readonly [x: number, y?: number, z?: number];
  /** `stable` where not given. */
  readonly mode?: NumericMode;
  /** Iterations that loops without a known bound may take before the job fails; 2^26 where not given. */
  readonly fuel?: number;
  /** Shapes of `write` parameters from the other arguments, slowest dimension first. */
  readonly shapes?: NoInfer<ShapesOf<P>>;
  /** Default grid, x first; else the shape of the first `write` or `readWrite` parameter. */
  readonly invocations?: (args: HostArgs<P>) => number | readonly number[];
  /** Run once by every invocation. Sees its two parameters and `Math`. */
  body(names: Names<P, C, U>, k: K): void;
}

export interface SimulateOptions {
  /** The invocation to look at: its index in the grid; 0 where not given. */
  readonly invocation?: number | readonly [x: number, y?: number, z?: number];
  /** The grid, x first; as for a launch. */
  readonly invocations?: number | readonly number[] | undefined;
}

/** What the runtime needs to let a kernel print. */
export interface Printing {
  readonly param: BufferParam;
  readonly words: number;
  decode(words: Uint32Array): Promise<Printout>;
}

/** A kernel: written once, compiled for each device at first use. */
export class Kernel<P = ParamTokens, C = Constants> {
  /** As errors and reports show it. */
  readonly name: string;
  /** IR parameters, in declaration order. */
  readonly params: readonly Param[];
  /** By output: its shape, from the other arguments. */
  readonly shapes: Readonly<Record<string, (args: never) => number | readonly number[]>>;
  /** The grid from the arguments, where the kernel says. */
  readonly invocations: ((args: never) => number | readonly number[]) | undefined;
  /** For TypeScript only. */
  readonly tokens?: P;
  /** What it was made of, for tools. */
  readonly definition: Definition;
  readonly #site: ReturnType<typeof callSite>;
  #verified: Promise<Verified> | undefined;
  #sites: readonly Site[] = [];
  #printing: Printing | false | undefined;

  /** Use `kernel()`. */
  constructor(
    definition: Definition,
    launch: Pick<Kernel, 'shapes' | 'invocations'>,
    site: ReturnType<typeof callSite>,
  ) {
    this.name = definition.name;
    this.params = definition.params;
    this.shapes = launch.shapes;
    this.invocations = launch.invocations;
    this.definition = definition;
    this.#site = site;
  }

  /** The body's own text, as it is compiled. */
  get source(): string {
    return this.definition.body.toString();
  }
  /** Its numeric mode: `fast`, `stable` or `exact`. */
  get mode(): NumericMode {
    return this.definition.mode;
  }

  /** A copy with other consts. Throws `unknown-name` for a const it has not. */
  with<D extends { readonly [N in keyof C]?: C[N] extends boolean ? boolean : number }>(
    consts: D & { readonly [N in Exclude<keyof D, keyof C>]: never },
  ): Kernel<P, C> {
    for (const [name, value] of Object.entries(consts ?? {})) {
      if (!Object.hasOwn(this.definition.consts, name)) {
        throw new IsokernelError('unknown-name', `kernel "${this.name}" has no const "${name}"`, {
          kernel: this.name,
          hint: `Its consts: ${Object.keys(this.definition.consts).join(', ') || 'none'}.`,
        });
      }
      checkConstant(name, value, refuserOf(this.name));
    }
    return this.#copy({ consts: { ...this.definition.consts, ...(consts as Constants) } });
  }

  /** A copy in another numeric mode. */
  as(mode: NumericMode): Kernel<P, C> {
    checkMode(this.name, mode);
    return this.#copy({ mode });
  }

  /** The verified program; compiled at the first call, here and never on a device. Rejects with the language's errors. */
  verified(): Promise<Verified> {
    this.#verified ??= this.#compile();
    return this.#verified;
  }

  /** Where it prints to, if it has the word `print` somewhere. For the runtime. */
  get printing(): Printing | undefined {
    this.#printing ??= mayPrint(this.definition) && {
      param: printParam,
      words: printWords,
      decode: async (words) => (await import('./print.ts')).decodePrints(this.#sites, words),
    };
    return this.#printing || undefined;
  }

  /** The kernel's identity: SHA-256 of its verified, unoptimised program, in hex. */
  async hash(): Promise<string> {
    const [{ hash }, verified] = await Promise.all([import('../ir/hash.ts'), this.verified()]);
    return hash(verified);
  }

  /**
   * Runs one invocation on the interpreter, stopping after each operation:
   *
   *     for (const step of await axpy.simulate({ a: 2, x, y }, { invocation: 3 }))
   *       console.log(step.source?.line, step.text, step.values);
   *
   * Arguments are those of a launch, but for buffers of devices, and are copied: nothing of the caller's changes. The rest of
   * its workgroup runs as far as it meets them at barriers; other workgroups do not run. Rejects as a launch would, and
   * with `invalid-option` for an invocation that the grid has not.
   */
  async simulate(args: Args<P>, options: SimulateOptions = {}): Promise<Simulation> {
    const { simulate } = await import('../simulate.ts');
    return simulate(this as unknown as Kernel, args as never, options);
  }

  async #compile(): Promise<Verified> {
    const [{ compileKernel }, { verify }] = await Promise.all([import('./compile.ts'), import('../ir/verify.ts')]);
    try {
      const { program, sites } = compileKernel(this.definition);
      this.#sites = sites;
      return verify(program);
    } catch (error) {
      if (!(error instanceof LanguageError)) throw this.explain(error);
      const { furtherErrors } = await import('./further-errors.ts');
      const [first, ...others] = furtherErrors(this.definition, error);
      throw this.explain(first, others);
    }
  }

  /**
   * An error about a place in the body, with the author's own file and line where they can be found, and further ones behind
   * it; other errors as they are.
   */
  explain(error: unknown, further: readonly unknown[] = error instanceof IsokernelError ? error.further : []): unknown {
    const context = { kernel: this.name, site: this.#site, source: this.source };
    return explain(
      error,
      context,
      further.map((other) => explain(other, context) as IsokernelError),
    );
  }

  /** Finds the author's lines of places in the body: as they are in the author's file where it can be read. */
  sourceLines(): (place: Place) => SourceLine {
    return sourceLines({ site: this.#site, source: this.source });
  }

  #copy(change: Partial<Definition>): Kernel<P, C> {
    return new Kernel({ ...this.definition, ...change }, this, this.#site);
  }
}

/**
 * Makes a kernel. The body is ordinary TypeScript that is read from the function's own text at first use: it sees its two
 * parameters and `Math`, nothing else.
 *
 *     const axpy = kernel({
 *       name: 'axpy',
 *       params: { a: f32, x: read(f32), y: read(f32), r: write(f32) },
 *       shapes: { r: ({ x }) => x.length },
 *       body({ a, x, y, r }, k) {
 *         const i = k.global.x;
 *         r[i] = a * x.at(i) + y.at(i);
 *       },
 *     });
 *
 * Throws `invalid-kernel` where the definition itself is wrong. What is wrong in the body is found at first use.
 */
export function kernel<
  const P extends ParamTokens,
  const C extends Constants = Record<never, never>,
  U extends Functions = Record<never, never>,
>(options: KernelOptions<P, C, U>): Kernel<P, C> {
  const site = callSite(kernel);
  if (typeof options !== 'object' || options === null) {
    throw new IsokernelError('invalid-kernel', 'kernel() got no definition', {
      hint: 'Write kernel({ name, params, body({ x }, k) { … } }).',
    });
  }
  const { name, consts = {}, mode = 'stable', fuel = defaultFuel, shapes = {} } = options;
  const uses: Functions = options.uses ?? {};
  const invalid: Invalid = refuserOf(name);
  if (typeof name !== 'string' || name === '')
    invalid('it needs a name', "Write name: 'axpy': errors and reports show it.");
  checkOptions(options, invalid);
  checkMode(name, mode);
  const params = Object.entries(options.params).map(([param, token]) => paramOf(param, token, invalid));
  for (const [constant, value] of Object.entries(consts)) checkConstant(constant, value, invalid);
  const names = [...params.map((param) => param.name), ...Object.keys(consts), ...Object.keys(uses)];
  const twice = names.find((each, i) => names.indexOf(each) !== i);
  if (twice !== undefined) invalid(`"${twice}" is used twice`, 'Parameters, consts and functions share one namespace.');
  checkShapes(shapes, params, invalid);
  const definition: Definition = {
    name,
    mode,
    workgroup: workgroupOf(options.workgroup, invalid),
    fuel,
    params,
    consts,
    uses: definitionsOf(uses, invalid),
    body: options.body,
  };
  return new Kernel<P, C>(
    definition,
    { shapes: shapes as Kernel['shapes'], invocations: options.invocations as Kernel['invocations'] },
    site,
  );
}

function checkMode(name: string, mode: NumericMode): void {
  if (numericModes.includes(mode)) return;
  throw new IsokernelError('invalid-kernel', `kernel "${name}": there is no numeric mode ${JSON.stringify(mode)}`, {
    kernel: name,
    hint: `Write one of ${numericModes.join(', ')}.`,
  });
}
function refuserOf(name: string): Invalid {
  return (message, hint) => {
    throw new IsokernelError('invalid-kernel', `kernel ${JSON.stringify(name)}: ${message}`, {
      kernel: String(name),
      hint,
    });
  };
}
function checkConstant(name: string, value: unknown, invalid: Invalid): void {
  if (typeof value === 'number' || typeof value === 'boolean') return;
  invalid(
    `const "${name}" is neither a number nor a bool`,
    'What varies between launches is a parameter; functions go in uses.',
  );
}
