import { parse } from '../../src/ir/parse.ts';
import { print } from '../../src/ir/print.ts';
import type { Program } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';

export type Pass = (program: Program) => Program;

/** A verified program: these declarations, and the lines of its body. */
export function kernel(declarations: string, body: string, head = 'kernel "k" stable workgroup 64 1 1'): Program {
  return verify(parse(`${head}\n${declarations}\n{\n${body}\n}\n`)).program;
}

/** The body that a pass makes, as text. */
export function bodyAfter(pass: Pass, program: Program): string {
  const text = print(pass(program), { places: false });
  return text.slice(text.indexOf('{\n') + 2, text.lastIndexOf('}')).replace(/^ {2}/gm, '');
}
