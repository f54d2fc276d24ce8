/** A program as lines, with the author's lines beside the parts that they became. */

import type { Place } from '../ir/error.ts';
import type { Kernel } from '../lang/kernel.ts';

export interface ProgramLine {
  readonly text: string;
  /** In the kernel's body. */
  readonly place?: Place | undefined;
}

/** Above each run of lines from one line of the source stands that line, as a comment. */
export function annotated(kernel: Kernel, lines: readonly ProgramLine[], comment: string): string {
  const lineOf = kernel.sourceLines();
  const out: string[] = [];
  let file: string | undefined;
  let last: number | undefined;
  for (const { text, place } of lines) {
    if (place !== undefined) {
      const source = lineOf(place);
      const indent = /^\s*/.exec(text)![0];
      if (source.file !== file) out.push(`${indent}${comment} ${source.file}`);
      if (source.file !== file || source.line !== last) out.push(`${indent}${comment} ${source.line} | ${source.text}`);
      [file, last] = [source.file, source.line];
    }
    out.push(text);
  }
  return `${out.join('\n')}\n`;
}

/** Lines whose places stand at their ends, as ` @line:column` or behind the given sign of a comment. */
export function linesWithPlaces(text: string, comment = ''): ProgramLine[] {
  const ending = new RegExp(`${comment} @(\\d+):(\\d+)(?=( \\{)?$)`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const found = ending.exec(line);
      if (found === null) return { text: line };
      return { text: line.replace(ending, ''), place: { line: Number(found[1]), column: Number(found[2]) } };
    });
}
