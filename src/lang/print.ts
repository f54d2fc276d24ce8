/**
 * `k.print(…)`: what a kernel says goes into one more buffer, its last parameter, which the runtime brings and reads. So a
 * device needs nothing for it but atomics.
 *
 *     buffer = used lost { record }
 *     record = site x y z { word }      -- site from 1; the index of the invocation; a word for each scalar
 *
 * A record gets its place by an atomic addition to `used`, the words taken; where no place is left, `lost` counts it. What
 * else is printed (strings, names, constants, how values nest) is known while the kernel is compiled and kept by site.
 */

import { numberOf } from '../ir/bits.ts';
import type { Builder } from '../ir/builder.ts';
import type { Printed, PrintedValue, Printout } from '../ir/printout.ts';
import type { Value as IrValue } from '../ir/program.ts';
import type { ScalarType } from '../ir/types.ts';
import type { Lowering } from './lowering.ts';
import { fail, quote, type Span } from './parse.ts';
import { headerWords, printWords } from './printing.ts';
import { literal } from './scalars.ts';
import { type Argument, describe, type Scalar, type Value } from './values.ts';

/** A value to be shown: known now, or a scalar of the record, or several under names or in a row. */
type Shown =
  | { readonly kind: 'known'; readonly value: PrintedValue }
  | { readonly kind: 'scalar'; readonly type: () => ScalarType }
  | { readonly kind: 'list'; readonly values: readonly Shown[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Shown])[] };

/** What one `k.print` of the program shows. */
export type Site = readonly Shown[];

const recordHeader = 4;

export function lowerPrint(c: Lowering, args: readonly Argument[], span: Span): void {
  const { prints } = c;
  if (prints === undefined) {
    // the text of the body does not have the word, so nobody made room
    fail('unsupported-syntax', 'k.print under another name', span, 'Write k.print(…).');
  }
  const { memory, sites } = prints;
  const scalars: Scalar[] = [];
  const site: Site = args.map((arg) => show(c, c.read(arg.value, arg.span), arg.span, scalars));
  const number = sites.push(site);
  const size = recordHeader + scalars.length;
  c.push({
    args: scalars,
    results: [],
    span,
    cost: Number.POSITIVE_INFINITY,
    build(b, values) {
      const words = (value: number) => b.u32(value);
      const header = [words(number), ...[0, 1, 2].map((axis) => b.convert(b.id('globalId', axis), 'u32'))];
      const record = [...header, ...values.map((value) => wordOf(b, value))];
      const lose = () => {
        b.atomic('atomicAdd', memory, [words(1)], words(1));
      };
      const last = words(printWords - headerWords - size);
      const used = b.atomic('atomicLoad', memory, [words(0)])!;
      // looked at before it is added to, so that it cannot wrap
      b.if(
        b.op('le', used, last),
        () => {
          const at = b.atomic('atomicAdd', memory, [words(0)], words(size))!;
          const fits = b.op('le', at, last);
          const keep = () => {
            record.forEach((word, i) => {
              b.atomic('atomicStore', memory, [b.op('add', at, words(headerWords + i))], word);
            });
          };
          b.if(fits, keep, lose);
        },
        lose,
      );
    },
  });
}

function wordOf(b: Builder, value: IrValue): IrValue {
  if (value.type === 'bool') return b.convert(value, 'u32');
  return b.bitcast(value.type === 'f16' ? b.convert(value, 'f32') : value, 'u32');
}

function show(c: Lowering, value: Value, span: Span, scalars: Scalar[]): Shown {
  const of = (inner: Value) => show(c, c.read(inner, span), span, scalars);
  switch (value.kind) {
    case 'text':
      return { kind: 'known', value: value.text };
    case 'constant':
      return { kind: 'known', value: value.value };
    case 'scalar': {
      const scalar =
        value.constant === undefined ? value : literal(value.type, { kind: 'constant', value: value.constant }, span);
      scalars.push(scalar);
      return { kind: 'scalar', type: () => scalar.type.settle() };
    }
    case 'vector':
      return { kind: 'list', values: value.components.map(of) };
    case 'record':
      return value.what === 'a list'
        ? { kind: 'list', values: [...value.members.values()].map(of) }
        : { kind: 'object', members: [...value.members].map(([name, member]) => [name, of(member)] as const) };
    default:
      return fail(
        'not-a-value',
        `${quote(span)} is ${describe(value)}, and values are printed`,
        span,
        'Print an element: x.at(i).',
      );
  }
}

/** What the buffer says after the kernel has run: by invocation, x fastest, and of each in the order of printing. */
export function decodePrints(sites: readonly Site[], words: Uint32Array): Printout {
  const [used = 0, lost = 0] = words;
  const lines: Printed[] = [];
  const end = Math.min(words.length, headerWords + used);
  for (let at = headerWords; at + recordHeader <= end; ) {
    const site = sites[words[at]! - 1];
    // space that was taken and found too short
    if (site === undefined) break;
    const [x, y, z] = words.subarray(at + 1, at + recordHeader) as unknown as [number, number, number];
    at += recordHeader;
    const next = () => words[at++]!;
    lines.push({ invocation: [x, y, z], values: site.map((shown) => fromWords(shown, next)) });
  }
  const order = ({ invocation: a }: Printed, { invocation: b }: Printed) => a[2] - b[2] || a[1] - b[1] || a[0] - b[0];
  return { lines: lines.sort(order), lost };
}

function fromWords(shown: Shown, next: () => number): PrintedValue {
  switch (shown.kind) {
    case 'known':
      return shown.value;
    case 'scalar': {
      const type = shown.type();
      const value = numberOf(type === 'f16' ? 'f32' : type, next());
      return type === 'bool' ? value === 1 : value;
    }
    case 'list':
      return shown.values.map((each) => fromWords(each, next));
    case 'object':
      return Object.fromEntries(shown.members.map(([name, each]) => [name, fromWords(each, next)]));
  }
}
