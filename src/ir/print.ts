/**
 * The text form of programs: for people to read and, by parse.ts, back into the same program.
 *
 *     kernel "rows" stable workgroup 64 1 1
 *
 *     param n: i32
 *     param x: read f32 [*, *]
 *     param sum: write f32 [*]
 *     workgroup tile: f32 [64]
 *
 *     {
 *       %0.row: i32 = globalId x
 *       %1: i32 = constant 0
 *       %2: f32 = constant 0
 *       %3: f32 = loop (%4.i: i32 = %1, %5: f32 = %2) {
 *         %6: i32 = dimension 1 x
 *         %7: bool = ge %4.i, %6
 *         if %7 {
 *           break %5
 *         }
 *         …
 *         continue %10, %9
 *       }
 *       store sum[%0.row], %3
 *       return
 *     }
 *
 * An operation is its name, its attribute, its reference with the indices in brackets, and its other operands. An arm
 * without an end yields nothing. `fuel` stands where it is not the default. Values are numbered as in numbering.ts; a
 * name that is no plain word is left out. `@line:column` is the place of an instruction, in the one `file` named at the
 * head if there is one; else `@"file":line:column`. `//` begins a comment. `proven` marks an access whose guard may go.
 */

import { numberOf, roundTo } from './bits.ts';
import type { Place } from './error.ts';
import { shapeOf } from './forms.ts';
import { numberingOf } from './numbering.ts';
import {
  type Block,
  endValues,
  forEachInstruction,
  type Instruction,
  type LocalArray,
  type Operation,
  type Param,
  type Program,
  rankOf,
  type Value,
} from './program.ts';
import { defaultFuel, isFloat, isScalar, type ScalarType } from './types.ts';

/** Names of axes and components, by number. */
export const letters = ['x', 'y', 'z', 'w'] as const;

export interface PrintOptions {
  /** Default true. */
  readonly places?: boolean;
}

export function print(program: Program, { places = true }: PrintOptions = {}): string {
  const { values } = numberingOf(program);
  const file = places ? commonFile(program) : undefined;

  const use = (value: Value): string => {
    const name = value.name !== undefined && /^[A-Za-z_$][\w$]*$/.test(value.name) ? `.${value.name}` : '';
    return `%${values.get(value) ?? '?'}${name}`;
  };
  const uses = (used: readonly Value[]) => used.map(use).join(', ');
  const definitions = (defined: readonly Value[]) =>
    defined.length === 0 ? '' : `${defined.map((value) => `${use(value)}: ${value.type}`).join(', ')} = `;
  const at = (place: Place | undefined): string => {
    if (place === undefined || !places) return '';
    const named = place.file === undefined || place.file === file ? '' : `${JSON.stringify(place.file)}:`;
    return ` @${named}${place.line}:${place.column}`;
  };

  const operation = (it: Operation): string => {
    const { op, args, attribute, reference, result, proven, place } = it;
    const parts: string[] = [op];
    const shape = shapeOf(op);
    if (shape.attribute === 'bits') parts.push(constantText(result!.type as ScalarType, attribute));
    else if (shape.attribute === 'dimension') parts.push(String(attribute));
    else if (shape.attribute !== 'none') parts.push(letters[attribute] ?? String(attribute));
    const indices = reference === undefined || shape.reference !== 'memory' ? 0 : rankOf(reference as LocalArray);
    if (reference !== undefined) parts.push(reference.name + (indices > 0 ? `[${uses(args.slice(0, indices))}]` : ''));
    const others = uses(args.slice(indices));
    const separator = indices > 0 && others !== '' ? ', ' : ' ';
    const text = parts.join(' ') + (others === '' ? '' : separator + others);
    return `${definitions(result === undefined ? [] : [result])}${text}${proven ? ' proven' : ''}${at(place)}`;
  };

  const block = ({ body, end }: Block, indent: string, implicitYield: boolean): string => {
    const lines = body.map((it) => `${indent}${instruction(it, indent)}\n`);
    const values = endValues(end);
    if (!(implicitYield && end.kind === 'yield' && values.length === 0))
      lines.push(`${indent}${end.kind}${values.length === 0 ? '' : ` ${uses(values)}`}\n`);
    return lines.join('');
  };
  const instruction = (it: Instruction, indent: string): string => {
    const inner = `${indent}  `;
    switch (it.kind) {
      case 'op':
        return operation(it);
      case 'if': {
        const accept = block(it.accept, inner, true);
        const reject = block(it.reject, inner, true);
        const otherwise = reject === '' ? '' : ` else {\n${reject}${indent}}`;
        return `${definitions(it.results)}if ${use(it.condition)}${at(it.place)} {\n${accept}${indent}}${otherwise}`;
      }
      case 'loop': {
        const params = it.params.map((param, i) => `${use(param)}: ${param.type} = ${uses(it.inits.slice(i, i + 1))}`);
        const list = params.length === 0 ? '' : ` (${params.join(', ')})`;
        return `${definitions(it.results)}loop${list}${at(it.place)} {\n${block(it.body, inner, false)}${indent}}`;
      }
    }
  };

  const { name, mode, workgroup, fuel, params, locals, body } = program;
  const head = [
    `kernel ${JSON.stringify(name)} ${mode}`,
    workgroup === undefined ? '' : ` workgroup ${workgroup.join(' ')}`,
    fuel === defaultFuel ? '' : ` fuel ${fuel}`,
    file === undefined ? '' : ` file ${JSON.stringify(file)}`,
  ];
  const declarations = [...params, ...locals].map((it) => `${declarationText(it)}\n`);
  if (declarations.length > 0) declarations.push('\n');
  return `${head.join('')}\n\n${declarations.join('')}{\n${block(body, '  ', false)}}\n`;
}

function declarationText(it: Param | LocalArray): string {
  switch (it.kind) {
    case 'scalar':
      return `param ${it.name}: ${it.type}`;
    case 'buffer':
      return `param ${it.name}: ${it.access} ${it.element} [${Array(it.rank).fill('*').join(', ')}]`;
    case 'local':
      return `${it.space} ${it.name}: ${it.atomic ? 'atomic ' : ''}${it.element} [${it.length}]`;
  }
}

/** The file of all places, where they have one and the same. */
function commonFile(program: Program): string | undefined {
  const files = new Set<string | undefined>();
  forEachInstruction(program.body, ({ place }) => {
    if (place !== undefined) files.add(place.file);
  });
  return files.size === 1 ? [...files][0] : undefined;
}

/** A constant, as short as it can be and still be the same number. */
function constantText(type: ScalarType, bits: number): string {
  if (!isScalar(type)) return String(bits);
  const value = numberOf(type, bits);
  if (type === 'bool') return value === 1 ? 'true' : 'false';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  if (!isFloat(type)) return String(value);
  // nine digits tell any two f32 apart
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (roundTo(type, short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
