/** A second way to run a body: as the JavaScript that it is, invocation by invocation. For whole numbers that stay small. */

/** An Int32Array or Float32Array as a body sees it. */
function asArray(data: Int32Array | Float32Array): unknown {
  return Object.assign(data, {
    at: (i: number) => data[i] ?? 0,
    set(i: number, value: number) {
      data[i] = value;
    },
    shape: [data.length],
  });
}

/** What a body leaves in `y` when it is run for each invocation in turn. */
export function javascript(
  body: (names: never, k: never) => unknown,
  x: readonly number[],
  length: number,
  grid: number,
  extra: Readonly<Record<string, number | boolean>> = {},
): number[] {
  const y = new Int32Array(length);
  const names = { x: asArray(Int32Array.from(x)), y: asArray(y), ...extra };
  for (let i = 0; i < grid; i++) {
    const k = {
      global: { x: i, y: 0, z: 0 },
      i32: Math.trunc,
      idiv: (a: number, b: number) => (b === 0 ? a : Math.trunc(a / b)),
      min: Math.min,
      max: Math.max,
      array: { i32: (n: number) => asArray(new Int32Array(n)) },
    };
    body(names as never, k as never);
  }
  return [...y];
}
