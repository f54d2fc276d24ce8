/**
 * A program as source of the kernel language: for people who look at what a fuzzer found. Compiled, it means the same.
 *
 * Every value is a `const` of its own; loops carry their values in `let`. What the language cannot say (whether an invocation
 * is a ghost) has no source.
 */

import {
  type AtomicOp,
  type Block,
  type CollectiveOp,
  type End,
  type IdOp,
  type Instruction,
  isFloat,
  isInteger,
  type LocalArray,
  type Memory,
  numberOf,
  type Operation,
  type Param,
  type Program,
  rankOf,
  rowOf,
  type ScalarOp,
  type ScalarType,
  type Value,
} from '../../../src/ir/index.ts';

type Render = (...operands: string[]) => string;

const call =
  (name: string): Render =>
  (...operands) =>
    `k.${name}(${operands.join(', ')})`;
const infix =
  (operator: string): Render =>
  (x, y) =>
    `${x} ${operator} ${y}`;
/** By the type of the operands. */
const byType =
  (bool: Render, number: Render) =>
  (type: ScalarType): Render =>
    type === 'bool' ? bool : number;
const always = (render: Render) => () => render;

const scalarOps: { readonly [N in Exclude<ScalarOp, 'convert' | 'bitcast'>]?: (type: ScalarType) => Render } = {
  add: always(infix('+')),
  sub: always(infix('-')),
  mul: always(infix('*')),
  div: (type) => (isInteger(type) ? call('idiv') : infix('/')),
  rem: always(infix('%')),
  neg: (type) => (type === 'u32' ? (x) => `k.u32(0) - ${x}` : (x) => `-${x}`),
  and: byType(infix('&&'), infix('&')),
  or: byType(infix('||'), infix('|')),
  xor: byType(infix('!=='), infix('^')),
  not: byType(
    (x) => `!${x}`,
    (x) => `~${x}`,
  ),
  shl: always(infix('<<')),
  shr: always(infix('>>')),
  eq: always(infix('===')),
  ne: always(infix('!==')),
  lt: always(infix('<')),
  le: always(infix('<=')),
  gt: always(infix('>')),
  ge: always(infix('>=')),
  select: always((condition, x, y) => `${condition} ? ${x} : ${y}`),
  packHalf: always((x) => `k.pack2x16float(${x}, 0)`),
  unpackHalf: always((x) => `k.unpack2x16float(${x}).x`),
  threefry: always(call('randomU32')),
};

const ids: { readonly [N in IdOp]?: string } = {
  globalId: 'global',
  localId: 'local',
  workgroupId: 'group',
  numWorkgroups: 'groups',
  workgroupSize: 'size',
};
const axes = ['x', 'y', 'z', 'w'];

/** Thrown where the language has no words for something. */
class Wordless extends Error {}

/** The text of the `kernel({ … })` call; undefined where the language cannot say it. */
export function kernelSource(program: Program): string | undefined {
  try {
    return new Printer(program).text();
  } catch (error) {
    if (error instanceof Wordless) return undefined;
    throw error;
  }
}

class Printer {
  readonly #program: Program;
  readonly #names = new Map<Value | LocalArray, string>();
  readonly #lines: string[] = [];
  readonly #prefix: string;
  #indent = '    ';
  /** What the loop around passes on: its parameters, and the results it leaves with. */
  readonly #loops: { readonly params: readonly string[]; readonly results: readonly string[] }[] = [];

  constructor(program: Program) {
    this.#program = program;
    // a name that no parameter begins with
    this.#prefix =
      ['v', 'value', 'theValue'].find((p) => !program.params.some(({ name }) => name.startsWith(p))) ?? 'v_';
  }

  text(): string {
    const { name, mode, workgroup, params, locals, fuel } = this.#program;
    for (const [i, local] of locals.entries()) {
      const where = local.space === 'private' ? 'array' : 'shared';
      const as = `${this.#prefix}Array${i}`;
      this.#names.set(local, as);
      const made = local.atomic
        ? `k.shared.atomic(k.${local.element}, ${local.length})`
        : `k.${where}.${token(local.element)}(${local.length})`;
      this.#line(`const ${as} = ${made};`);
    }
    this.#block(this.#program.body);
    const declared = params.map((param) => `    ${param.name}: ${declaration(param)},`);
    const tokens = [...new Set(params.flatMap((param) => (param.kind === 'buffer' ? [param.access] : [])))];
    const types = [...new Set(params.map((param) => token(param.kind === 'buffer' ? param.element : param.type)))];
    return [
      `import { ${['kernel', ...[...tokens, ...types].sort()].join(', ')} } from 'isokernel';`,
      '',
      `export const ${name} = kernel({`,
      `  name: '${name}',`,
      `  mode: '${mode}',`,
      ...(workgroup === undefined ? [] : [`  workgroup: [${workgroup.join(', ')}],`]),
      `  fuel: ${fuel},`,
      '  params: {',
      ...declared,
      '  },',
      `  body({ ${params.map((param) => param.name).join(', ')} }, k) {`,
      ...this.#lines,
      '  },',
      '});',
      '',
    ].join('\n');
  }

  #line(text: string): void {
    this.#lines.push(this.#indent + text);
  }
  #inner(write: () => void): void {
    const outer = this.#indent;
    this.#indent += '  ';
    write();
    this.#indent = outer;
  }
  #name(value: Value): string {
    let name = this.#names.get(value);
    if (name === undefined) this.#names.set(value, (name = `${this.#prefix}${this.#names.size}`));
    return name;
  }

  #block({ body, end }: Block, results: readonly string[] = []): void {
    for (const instruction of body) this.#instruction(instruction);
    this.#end(end, results);
  }
  #end(end: End, results: readonly string[]): void {
    if (end.kind === 'unreachable') return;
    if (end.kind === 'return') {
      this.#line('return;');
      return;
    }
    const loop = this.#loops.at(-1);
    const targets = end.kind === 'yield' ? results : end.kind === 'break' ? loop!.results : loop!.params;
    const values = end.values.map((value) => this.#name(value));
    // all at once: a target may be among the values
    const fresh = values.map((value, i) => (targets.slice(0, i).includes(value) ? `${value}Before` : value));
    for (const [i, value] of values.entries()) if (fresh[i] !== value) this.#line(`const ${fresh[i]} = ${value};`);
    for (const [i, target] of targets.entries()) if (target !== fresh[i]) this.#line(`${target} = ${fresh[i]};`);
    if (end.kind !== 'yield') this.#line(`${end.kind};`);
  }

  #instruction(instruction: Instruction): void {
    switch (instruction.kind) {
      case 'op':
        this.#operation(instruction);
        return;
      case 'if': {
        const results = this.#declare(instruction.results);
        this.#line(`if (${this.#name(instruction.condition)}) {`);
        this.#inner(() => this.#block(instruction.accept, results));
        this.#line('} else {');
        this.#inner(() => this.#block(instruction.reject, results));
        this.#line('}');
        return;
      }
      case 'loop': {
        const results = this.#declare(instruction.results);
        const params = instruction.params.map((param, i) => {
          const name = this.#name(param);
          this.#line(`let ${name} = ${this.#name(instruction.inits[i]!)};`);
          return name;
        });
        this.#line('for (;;) {');
        this.#loops.push({ params, results });
        this.#inner(() => this.#block(instruction.body));
        this.#loops.pop();
        this.#line('}');
      }
    }
  }
  /** Variables for what an `if` or a loop gives. */
  #declare(values: readonly Value[]): string[] {
    return values.map((value) => {
      const name = this.#name(value);
      this.#line(`let ${name} = ${zero(value)};`);
      return name;
    });
  }

  #operation(operation: Operation): void {
    const { result } = operation;
    const text = this.#expression(operation);
    if (text === undefined) return;
    this.#line(result === undefined ? `${text};` : `const ${this.#name(result)} = ${text};`);
  }

  /** What the operation says; undefined where it was written as statements of its own. */
  #expression(operation: Operation): string | undefined {
    const { op, args, result, attribute, reference } = operation;
    const operands = args.map((arg) => this.#name(arg));
    const row = rowOf(op);
    switch (row.form) {
      case 'scalar': {
        if (op === 'convert') return `k.${result!.type}(${operands[0]})`;
        if (op === 'bitcast') return `k.bitcast.${result!.type}(${operands[0]})`;
        const type = (op === 'select' ? args[1] : args[0])!.type as ScalarType;
        const render = scalarOps[op as keyof typeof scalarOps]?.(type) ?? call(op);
        return render(...operands);
      }
      case 'constant':
        return literal(result!.type as ScalarType, attribute);
      case 'argument':
        return (reference as Param).name;
      case 'id': {
        if (op === 'localIndex') return 'k.localIndex';
        const name = ids[op as IdOp];
        if (name === undefined) throw new Wordless();
        return `k.${name}.${axes[attribute]}`;
      }
      case 'dimension':
        return `${(reference as Param).name}.shape[${attribute}]`;
      case 'compose':
        return `k.vec${operands.length}(${operands.join(', ')})`;
      case 'extract':
        return `${operands[0]}.${axes[attribute]}`;
      case 'load':
        return `${this.#memory(reference as Memory)}.at(${operands.join(', ')})`;
      case 'store':
        return `${this.#memory(reference as Memory)}.set(${operands.join(', ')})`;
      case 'clear': {
        const array = reference as LocalArray;
        const i = `${this.#prefix}Index`;
        const name = this.#memory(array);
        this.#line(`for (let ${i} = 0; ${i} < ${array.length}; ${i}++) ${name}.set(${i}, ${zeroOf(array.element)});`);
        return undefined;
      }
      case 'atomic': {
        if (rankOf(reference as Memory) !== 1) throw new Wordless();
        return call(op as AtomicOp)(this.#memory(reference as Memory), ...operands);
      }
      case 'barrier':
        return 'k.barrier()';
      case 'collective': {
        if (op !== 'uniformLoad') return call(op as CollectiveOp)(...operands);
        this.#line('k.barrier();');
        return `k.uniform(${this.#memory(reference as Memory)}.at(${operands[0]}))`;
      }
    }
  }
  #memory(memory: Memory): string {
    return memory.kind === 'local' ? this.#names.get(memory)! : memory.name;
  }
}

/** The front end's name of a type: vec3<f32> is vec3f. */
function token(type: string): string {
  const vector = /^vec([234])<(\w+)>$/.exec(type);
  if (vector === null) return type;
  const suffix = vector[2] === 'f16' ? 'h' : vector[2]![0];
  return `vec${vector[1]}${suffix}`;
}
function declaration(param: Param): string {
  if (param.kind === 'scalar') return token(param.type);
  const rank = param.rank === 1 ? '' : `, ${param.rank}`;
  return `${param.access}(${token(param.element)}${rank})`;
}

function literal(type: ScalarType, bits: number): string {
  if (type === 'bool') return `k.bool(${bits !== 0})`;
  const value = numberOf(type, bits);
  if (!isFloat(type)) return `k.${type}(${value})`;
  if (Number.isNaN(value)) return type === 'f32' ? `k.bitcast.f32(k.u32(${bits}))` : 'k.f16(0 / 0)';
  const text = Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : `${value < 0 ? '-' : ''}1 / 0`;
  return `k.${type}(${text})`;
}
function zero({ type }: Value): string {
  return zeroOf(type);
}
function zeroOf(type: string): string {
  if (type === 'bool') return 'k.bool(false)';
  const vector = /^vec([234])<(\w+)>$/.exec(type);
  if (vector === null) return `k.${type}(0)`;
  return `k.vec${vector[1]}(${Array.from({ length: Number(vector[1]) }, () => `k.${vector[2]}(0)`).join(', ')})`;
}
