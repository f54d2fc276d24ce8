/**
 * Canonical bytes: a program as a file or a message. One program has one form, and `decode` accepts no other.
 *
 *     file   = "ISOK" formatVersion names core
 *     names  = strings kernel references values places        -- for people: outside the hash
 *     core   = length { byte }                                -- see core.ts
 *     places = count { 0 | 1 + (0 | 1 + file) line column }
 *
 * Strings stand once, in the order of their first use, and are referred to by number. References, values and places are in
 * the order of numbering.ts; values and places end with the last that has one.
 */

import { type Names, readCore, writeCore } from './core.ts';
import { IsokernelError, messageOf, type Place } from './error.ts';
import { numberingOf } from './numbering.ts';
import { forEachInstruction, type Program } from './program.ts';
import { ByteReader, ByteWriter } from './stream.ts';
import { checkWellFormed } from './wellformed.ts';

const magic = [0x49, 0x53, 0x4f, 0x4b] as const;
const formatVersion = 1;

/** Throws `invalid-ir` for a program that is not well formed. */
export function encode(program: Program): Uint8Array {
  checkWellFormed(program);
  const out = new ByteWriter();
  out.uint(formatVersion);
  writeNames(out, namesOf(program));
  out.bytes(writeCore(program));
  return Uint8Array.from([...magic, ...out.finish()]);
}

/**
 * The program whose `encode` gives these bytes. It is well formed; `verify` has the last word. Throws `malformed-ir` for
 * any other bytes, quickly and in little memory.
 */
export function decode(bytes: Uint8Array): Program {
  if (!magic.every((byte, i) => bytes[i] === byte))
    throw new IsokernelError('malformed-ir', 'not a program: it does not begin with "ISOK"');
  const input = new ByteReader(bytes.subarray(magic.length));
  const version = input.uint();
  if (version !== formatVersion) throw input.malformed(`format ${version}, and this library reads ${formatVersion}`);
  const names = readNames(input);
  const program = readCore(input.bytes(), names);
  if (!input.atEnd) throw input.malformed('more bytes after its end');
  let again: Uint8Array;
  try {
    again = encode(program);
  } catch (cause) {
    throw new IsokernelError('malformed-ir', `not a program: ${messageOf(cause)}`, { cause });
  }
  // a number longer than it need be, a string twice or never used: another form of the same program
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i]))
    throw input.malformed('not the canonical form');
  return program;
}

function namesOf(program: Program): Names {
  const { values, references } = numberingOf(program);
  const places: (Place | undefined)[] = [];
  forEachInstruction(program.body, ({ place }) => {
    places.push(place);
  });
  return {
    kernel: program.name,
    references: Array.from(references.keys(), ({ name }) => name),
    values: Array.from(values.keys(), ({ name }) => name),
    places,
  };
}

function writeNames(out: ByteWriter, { kernel, references, values, places }: Names): void {
  const strings = new Map<string, number>();
  const number = (text: string) => {
    const known = strings.get(text) ?? strings.size;
    strings.set(text, known);
    return known;
  };
  const rest = new ByteWriter();
  rest.uint(number(kernel));
  rest.uint(references.length);
  for (const name of references) rest.uint(number(name));
  const named = trimmed(values);
  rest.uint(named.length);
  for (const name of named) rest.uint(name === undefined ? 0 : 1 + number(name));
  const placed = trimmed(places);
  rest.uint(placed.length);
  for (const place of placed) {
    if (place === undefined) {
      rest.uint(0);
      continue;
    }
    rest.uint(1 + (place.file === undefined ? 0 : 1 + number(place.file)));
    rest.uint(place.line);
    rest.uint(place.column);
  }
  out.uint(strings.size);
  for (const text of strings.keys()) out.string(text);
  out.raw(rest.finish());
}

function readNames(input: ByteReader): Names {
  const strings = input.list(() => input.string());
  const text = () => input.pick(strings, 'string');
  const maybe = [undefined, ...strings];
  const kernel = text();
  const references = input.list(text);
  const values = input.list(() => input.pick(maybe, 'string'));
  const files = [null, undefined, ...strings];
  const places = input.list((): Place | undefined => {
    const file = input.pick(files, 'file');
    if (file === null) return undefined;
    const place = { line: input.uint(), column: input.uint() };
    return file === undefined ? place : { file, ...place };
  });
  return { kernel, references, values, places };
}

/** Without the absent ones at the end. */
function trimmed<T>(items: readonly (T | undefined)[]): readonly (T | undefined)[] {
  return items.slice(0, items.findLastIndex((item) => item !== undefined) + 1);
}
