import { describe, expect, test } from 'vitest';
import { compile } from '../../src/lang/compile.ts';
import { furtherErrors } from '../../src/lang/further-errors.ts';
import { LanguageError } from '../../src/lang/language-error.ts';
import { bodyOf, rows, standard } from './refusals.ts';
import { define, verified } from './support.ts';

/** The words that the errors of some statements point at, with their codes. */
function found(statements: string): string[] {
  const definition = define(standard, bodyOf(statements));
  try {
    compile(definition);
  } catch (error) {
    if (!(error instanceof LanguageError)) throw error;
    return furtherErrors(definition, error).map(
      ({ code, source, start, end }) => `${code}: ${source.slice(start, end)}`,
    );
  }
  return [];
}

describe('several errors of one kernel', () => {
  test('are found at once, in the order of the text', () => {
    expect(found('y[0] = a * n; const q = 1; x[0] = q; if (b) y[1] = k.sqroot(a); y[2] = a;')).toEqual([
      'type-mismatch: a * n',
      'read-only: x[0]',
      'unknown-builtin: sqroot',
    ]);
  });
  test('do not follow from each other', () => {
    expect(
      found('const q = a * n; const r = q + 1; y[0] = r; y[1] = q * 2; let s; s = k.sqroot(a); y[2] = s;'),
    ).toEqual(['type-mismatch: a * n', 'unknown-builtin: sqroot']);
    expect(found('let s = 0; y[0] = s * k.sqroot(a); y[1] = k.f32(s / 2); i[0] = n / 2;')).toEqual([
      'unknown-builtin: sqroot',
      'integer-division: n / 2',
    ]);
  });
  test('end where a jump is missing', () => {
    expect(found('const f = (q) => { return q * n; }; y[0] = f(a);')).toEqual(['type-mismatch: q * n']);
    expect(found('for (;;) { if (TILE) break; } y[0] = n;')).toEqual(['free-name: TILE']);
  });
  test('are five at most', () => {
    expect(found('y[0] = n; '.repeat(9))).toHaveLength(5);
  });
  test('are one where there is one', () => {
    for (const [body, words, code] of Object.values(rows).flat()) expect(found(body)).toEqual([`${code}: ${words}`]);
  });
});

test('so does the verifier: one error for each place where flow parts, whatever the number of barriers there', async () => {
  const text = `kernel({
    name: 'parting', params: { y: readWrite(f32), n: i32 }, workgroup: 64,
    body({ y, n }, k) {
      const i = k.local.x;
      if (i < 32) { k.barrier(); k.barrier(); }
      if (n > 3) k.barrier();
      while (y.at(i) > 1) { y[i] = k.groupSum(y.at(i)); }
      k.barrier();
    },
  });`;
  const error = await verified(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'barrier-in-divergent-flow',
    message: expect.stringContaining('if (i < 32)'),
    further: [
      { code: 'barrier-in-divergent-flow', message: expect.stringMatching(/groupSum stands[\s\S]*while/), further: [] },
    ],
  });
  const many = `kernel({ name: 'many', params: { y: readWrite(f32) }, workgroup: 64, body({ y }, k) { ${'if (k.local.x < 3) k.barrier();'.repeat(9)} } });`;
  const first = await verified(many).catch((thrown: { further: unknown[] }) => thrown);
  expect((first as { further: unknown[] }).further).toHaveLength(4);
});

test('the error of a kernel has them all, each with its place and hint', async () => {
  const text = `kernel({
    name: 'several', params: { x: read(f32), y: readWrite(f32) },
    body({ x, y }, k) {
      y[0] = k.sqroot(2);
      x[0] = 1;
    },
  });`;
  const error = await verified(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'unknown-builtin',
    hint: 'Did you mean sqrt?',
    further: [{ code: 'read-only', hint: expect.stringContaining('readWrite'), further: [] }],
  });
  const { message } = error as Error;
  expect(message.match(/\^+/g)).toHaveLength(2);
  expect(message.indexOf('Did you mean')).toBeLessThan(message.indexOf('Declare it as'));
});
