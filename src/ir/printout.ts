/** What a launch printed, as the host sees it. */

/** A value that a kernel printed. */
export type PrintedValue =
  | string
  | number
  | boolean
  | readonly PrintedValue[]
  | { readonly [name: string]: PrintedValue };

/** One call of `k.print` by one invocation. */
export interface Printed {
  /** Its `k.global`. */
  readonly invocation: readonly [x: number, y: number, z: number];
  readonly values: readonly PrintedValue[];
}
/** All that a launch printed and that there was room for. */
export interface Printout {
  /** By invocation, x fastest; of each invocation in the order of printing. */
  readonly lines: readonly Printed[];
  /** Calls of `k.print` that found no room. */
  readonly lost: number;
}

/** A line as it is shown on a console. */
export function printedText({ invocation, values }: Printed): string {
  return `(${invocation.join(', ')}) ${values.map((value) => (typeof value === 'string' ? value : textOf(value))).join(' ')}`;
}
function textOf(value: PrintedValue): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(shortest(value));
  if (Array.isArray(value)) return `[${(value as readonly PrintedValue[]).map(textOf).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${textOf(each)}`)
    .join(', ')} }`;
}
/** The number with the fewest digits that is this one as an f32. */
function shortest(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
