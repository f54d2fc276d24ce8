/**
 * A kernel's definition to an IR program: its body's text is parsed, names are resolved, statements are lowered to a draft
 * in which types are found, and the draft becomes IR.
 *
 * Loaded at the first compilation: it brings the parser.
 */

import { Builder } from '../ir/builder.ts';
import type { BufferParam, Param, Program, ScalarParam } from '../ir/program.ts';
import { componentCount, componentType, isVector } from '../ir/types.ts';
import { k } from './builtins.ts';
import type { Definition } from './definition.ts';
import { DraftBlock } from './draft.ts';
import { emit } from './emit.ts';
import { bindParameters, membersOf } from './functions.ts';
import { TypeVariable } from './inference.ts';
import { type FunctionFrame, Functions, Lowering, Target } from './lowering.ts';
import { fail, spanOf } from './parse.ts';
import type { Site } from './print.ts';
import { mayPrint, printParam } from './printing.ts';
import { lowerBody } from './statements.ts';
import type { Namespace } from './values.ts';

/** Throws `LanguageError`, with the place in the text of the body or of a function in `uses`. */
export function compile(definition: Definition): Program {
  return compileKernel(definition).program;
}

export interface Compiled {
  readonly program: Program;
  /** What each `k.print` of it shows. */
  readonly sites: readonly Site[];
}

/** As `compile`, with what is not in the program. */
export function compileKernel(definition: Definition): Compiled {
  try {
    return lower(definition);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // the only way to run out of stack is a body nested beyond reason
    const text = definition.body.toString();
    fail(
      'syntax',
      'it nests too deeply',
      { source: { text, offset: 0 }, start: 0, end: text.length },
      'Use variables.',
    );
  }
}

function lower(definition: Definition): Compiled {
  const functions = new Functions();
  for (;;) {
    const { name, mode, workgroup, fuel } = definition;
    const c = new Lowering(new Builder({ name, mode, workgroup, fuel }), functions);
    try {
      lowerKernel(c, definition);
    } catch (error) {
      if (!c.lostTrack) throw error;
    }
    // each new try knows of one more variable at least
    if (!c.lostTrack) return { program: finish(c), sites: c.prints?.sites ?? [] };
  }
}

function lowerKernel(c: Lowering, definition: Definition): void {
  const { node, source, resolution } = c.functions.of(definition.body);
  const frame: FunctionFrame = {
    node,
    source,
    resolution,
    returns: new Target('end', 0),
    result: { kind: 'slot' },
  };
  c.frames.push(frame);
  const [first, second] = [names(c, definition), k];
  if (mayPrint(definition)) {
    const { name, access, element, rank } = printParam;
    c.prints = { memory: c.builder.buffer(name, access, element, rank), sites: [] };
  }
  const span = spanOf(source, { start: node.start, end: node.start });
  bindParameters(
    c,
    node,
    [
      { value: first, span },
      { value: second, span },
    ],
    definition.name,
  );
  lowerBody(c, frame);
}

function finish(c: Lowering): Program {
  c.inference.finish();
  const body = new DraftBlock();
  body.body = [...c.prologue.body, ...c.block.body];
  body.end = c.block.end;
  return emit(c.builder, body);
}

/** The first parameter of a body: parameters, consts and functions by name. */
function names(c: Lowering, { params, consts, uses }: Definition): Namespace {
  const members = membersOf({ consts, uses });
  const scalars = new Map<string, ScalarParam>();
  for (const param of params) {
    c.names.add(param.name);
    const declared = declare(c, param);
    if (declared.kind === 'scalar') scalars.set(param.name, declared);
    else members.set(param.name, { kind: 'array', memory: declared });
  }
  return {
    kind: 'namespace',
    what: 'the first parameter',
    unknown: 'unknown-name',
    names: [...params.map((param) => param.name), ...Object.keys(consts), ...Object.keys(uses)],
    member(lowering, name, span) {
      const scalar = scalars.get(name);
      if (scalar === undefined) return members.get(name);
      const { type } = scalar;
      const variable = new TypeVariable(componentType(type));
      const variables = new Array<TypeVariable>(componentCount(type)).fill(variable);
      const components = lowering.once(`argument ${name}`, span, variables, (b) => {
        const value = b.argument(scalar);
        return isVector(type) ? variables.map((_, i) => b.extract(value, i)) : value;
      });
      components.forEach((component, i) => {
        component.name ??= isVector(type) ? `${name}_${'xyzw'[i]}` : name;
      });
      return isVector(type) ? { kind: 'vector', type: components[0]!.type, components } : components[0];
    },
  };
}
function declare(c: Lowering, param: Param): ScalarParam | BufferParam {
  if (param.kind === 'scalar') return c.builder.scalar(param.name, param.type);
  return c.builder.buffer(param.name, param.access, param.element, param.rank);
}
