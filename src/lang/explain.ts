/**
 * Turns an error of the front end into one that an author can act on: which file and line of theirs, the line itself, a caret
 * under the words meant, and what to write instead.
 *
 * What was parsed is the text of a function as tools left it, so positions in it are not the author's. The stack of the
 * `kernel()` call gives the file and line of the call (engines and loaders map it through source maps). Where that file can
 * be read, the words of the parsed text are aligned with the words of the file from there on; else the parsed text itself
 * is shown around the caret.
 */

import { IsokernelError, isIsokernelError, type Place, summaryOf } from '../ir/error.ts';
import { LanguageError } from './language-error.ts';

/** Where a kernel was made: an error whose stack is read only when it is needed. */
export interface CallSite {
  readonly stack?: string;
}

/** Takes the place of the call of `callee`; costs microseconds, reads nothing. */
export function callSite(callee: unknown): CallSite {
  const error: { stack?: string } = {};
  const capture = (Error as { captureStackTrace?: (target: object, below: unknown) => void }).captureStackTrace;
  if (capture === undefined) return new Error();
  capture(error, callee);
  return error;
}

interface Context {
  readonly kernel: string;
  readonly site: CallSite;
  /** The text of the kernel's body, as the front end reads it. */
  readonly source: string;
}

/** The error to throw: mapped and with its lines, where it is one of the front end or the verifier. */
export function explain(error: unknown, context: Context, further: readonly IsokernelError[] = []): unknown {
  const found = locate(error, context.source);
  if (found === undefined) return error;
  const { code, message, hint, source, start, end } = found;
  const call = placeOfCall(context.site);
  const original = call?.file === undefined ? undefined : readFile(call.file);
  const range =
    original === undefined || call === undefined ? undefined : alignment(source, original, call.line)?.({ start, end });
  const mapped = range && { text: original!, ...range };
  const shown = mapped ?? { text: source, start, end };
  const { line, column } = positionAt(shown.text, shown.start);
  const place: Place = mapped && call?.file ? { file: call.file, line, column } : { ...(call ?? { line, column }) };
  const where = place.file === undefined ? '' : `  (${shortPath(place.file)}:${place.line})`;
  const headline = `kernel ${JSON.stringify(context.kernel)}: ${message}${where}`;
  return new IsokernelError(code, `${headline}\n${excerpt(shown.text, shown.start, shown.end, mapped !== undefined)}`, {
    kernel: context.kernel,
    place,
    hint,
    further,
  });
}

interface Located {
  readonly code: IsokernelError['code'];
  readonly message: string;
  readonly hint: string | undefined;
  readonly source: string;
  readonly start: number;
  readonly end: number;
}
function locate(error: unknown, source: string): Located | undefined {
  if (error instanceof LanguageError) return error;
  if (!isIsokernelError(error)) return undefined;
  return {
    code: error.code,
    message: summaryOf(error).replace(/^kernel "[^"]*": /, ''),
    hint: error.hint,
    source,
    ...wordAt(source, error.place === undefined ? 0 : offsetOf(source, error.place)),
  };
}

/** A line of the author's file; of the parsed text, where `file` is undefined. */
export interface SourceLine {
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** The line with its number and, below it, carets under the words that the place begins. */
  readonly excerpt: string;
}

/** Finds the author's lines of places in a kernel's body. */
export function sourceLines({ site, source }: Omit<Context, 'kernel'>): (place: Place) => SourceLine {
  const call = placeOfCall(site);
  const original = call?.file === undefined ? undefined : readFile(call.file);
  const aligned = call && original !== undefined ? alignment(source, original, call.line) : undefined;
  return (place) => {
    const parsed = wordAt(source, offsetOf(source, place));
    const range = aligned?.(parsed);
    const [file, text, { start, end }] = range ? [call!.file, original!, range] : [undefined, source, parsed];
    return {
      ...positionAt(text, start),
      file: file && shortPath(file),
      text: lineAround(text, start).trim(),
      excerpt: excerpt(text, start, end, range !== undefined),
    };
  };
}

// ---- the author's file ----

/** The first frame of a stack, in the forms of V8 (`at f (file:line:column)`) and of Firefox and Safari (`f@file:line:column`). */
function placeOfCall(site: CallSite): Place | undefined {
  for (const frame of (site.stack ?? '').split('\n')) {
    const match = /(?:\(|@|at )((?:file:\/\/)?[^()@\s][^()@]*?):(\d+):(\d+)\)?$/.exec(frame.trim());
    if (match === null) continue;
    const file = decodeURI(match[1]!.replace(/^async /, '').replace(/^file:\/\/(?=\/)/, '')).replace(/\?.*$/, '');
    return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return undefined;
}

/** A file's text, where there is a file system (Node); asked for without an import, so that bundlers see none. */
function readFile(path: string): string | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: 'node:fs') => typeof import('node:fs') } };
  try {
    return process?.getBuiltinModule?.('node:fs').readFileSync(path, 'utf8');
  } catch {
    return undefined; // bundled, remote or gone: the parsed text is shown instead
  }
}
function shortPath(file: string): string {
  const { process } = globalThis as { process?: { cwd?: () => string } };
  const here = `${process?.cwd?.() ?? ''}/`;
  return file.startsWith(here) ? file.slice(here.length) : file;
}

// ---- alignment ----

interface Word {
  /** As tools leave it: a number by its value, since they write 0.5 as .5 and 1000 as 1e3. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
/** Names and numbers of a text; strings and comments are passed over. */
function wordsOf(text: string, from: number, most: number): Word[] {
  const words: Word[] = [];
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[\p{ID_Start}$_][\p{ID_Continue}$]*|\.?\d[\w.]*/gu;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null && words.length < most; match = token.exec(text)) {
    const [written] = match;
    if (/^(?:\/[/*]|['"])/.test(written)) continue;
    const text = /^[.\d]/.test(written) ? String(Number(written.replaceAll('_', ''))) : written;
    words.push({ text, start: match.index, end: match.index + written.length });
  }
  return words;
}

/** Words of the author's file beyond this many times those of the body are not looked at: types and comments are not that long. */
const windowFactor = 4;
/** Words that a large body may have before alignment is given up: its cost is a product. */
const mostWords = 4000;

/** The share of a body's words that must be found; minifiers rename locals and no more. */
const leastShare = 2 / 3;

type Range = { readonly start: number; readonly end: number };

/**
 * From ranges of the parsed text to those of the author's text that they came from: by the longest common subsequence of their
 * words, from the line of the call on. Undefined where the texts have little in common; a range whose words have no
 * partner has none either.
 */
function alignment(source: string, original: string, line: number): ((range: Range) => Range | undefined) | undefined {
  const parsed = wordsOf(source, 0, mostWords + 1);
  if (parsed.length > mostWords) return undefined;
  const written = wordsOf(original, offsetOf(original, { line, column: 1 }), parsed.length * windowFactor + 64);
  const partner = commonSubsequence(parsed, written);
  // a body that stands elsewhere than at the call finds some of its words there too
  if (partner.size < parsed.length * leastShare) return undefined;
  return ({ start, end }) => {
    const inside = (word: Word) => word.end > start && word.start < end;
    const wanted = parsed.flatMap((word, i) => (inside(word) ? [i] : []));
    // a range without words (an operator, a brace) is shown at the word before it
    if (wanted.length === 0) wanted.push(parsed.findLastIndex((word) => word.start < end));
    const matched = wanted.flatMap((i) => partner.get(i) ?? []);
    if (matched.length === 0) return undefined;
    const first = written[matched[0]!]!;
    const last = written[matched.at(-1)!]!;
    return { start: first.start, end: last.end };
  };
}

/** Pairs of indices of a longest common subsequence (dynamic programming over suffixes). */
function commonSubsequence(a: readonly Word[], b: readonly Word[]): Map<number, number> {
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] =
        a[i]!.text === b[j]!.text
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
    }
  }
  const pairs = new Map<number, number>();
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]!.text === b[j]!.text) pairs.set(i++, j++);
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

// ---- text ----

/** The name with its members that begins at an offset. */
function wordAt(text: string, start: number): Range {
  return { start, end: start + (/^[\w$.]+/.exec(text.slice(start))?.[0].length ?? 1) };
}
function lineAround(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end);
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', start);
    if (next < 0) break;
    start = next + 1;
  }
  return start + column - 1;
}

/** Longest excerpt of a line: minified bodies are one line. */
const excerptWidth = 100;

/** The line of a range, with its number where it is the author's, and a caret line below. */
function excerpt(text: string, start: number, end: number, numbered: boolean): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const from = Math.max(lineStart, Math.min(start - excerptWidth / 2, lineEnd - excerptWidth));
  const to = Math.min(lineEnd, from + excerptWidth);
  const line = text.slice(from, to);
  const indent = /^\s*/.exec(line)![0].length;
  const gutter = numbered ? `  ${positionAt(text, start).line} |  ` : '  |  ';
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - start));
  return `${gutter}${line.slice(indent)}\n${' '.repeat(gutter.length + start - from - indent)}${carets}`;
}
