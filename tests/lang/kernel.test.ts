/** kernel() and fn(): what a definition may be, and where errors in a body are shown. */

import { describe, expect, test } from 'vitest';
import { f32, fn, IsokernelError, i32, kernel, read, readWrite, u8, u32, vec3f, write } from '../../src/index.ts';
import { explain } from '../../src/lang/explain.ts';
import { LanguageError } from '../../src/lang/language-error.ts';

function failure(make: () => unknown): IsokernelError {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(IsokernelError);
    return error as IsokernelError;
  }
  throw new Error('it was accepted');
}
async function rejection(promise: Promise<unknown>): Promise<IsokernelError> {
  return promise.then(
    () => {
      throw new Error('it was accepted');
    },
    (error: IsokernelError) => error,
  );
}

describe('a definition that is wrong is refused at once', () => {
  const good = { name: 'k', params: { x: readWrite(f32) }, body() {} };
  test.each<[string, object]>([
    ['needs a name', { ...good, name: '' }],
    ['needs a body', { ...good, body: undefined }],
    ['needs params', { ...good, params: undefined }],
    ['has no type', { ...good, params: { x: undefined } }],
    ['has rank 5', { ...good, params: { x: read(f32, 5 as never) } }],
    ['is a single u8', { ...good, params: { x: u8 } }],
    ['is an array of bool', { ...good, params: { x: { access: 'read', element: { type: 'bool' }, rank: 1 } } }],
    ['is an array of records', { ...good, params: { x: read({ at: vec3f, mass: f32 } as never) } }],
    ['has no element type', { ...good, params: { x: read({} as never) } }],
    ['is an atomic of f32', { ...good, params: { x: { access: 'atomic', element: f32, rank: 1 } } }],
    ['"x" is used twice', { ...good, consts: { x: 1 } }],
    ['neither a number nor a bool', { ...good, consts: { c: 'one' } }],
    ['is no function of fn()', { ...good, uses: { f: (x: number) => x } }],
    ['no write parameter', { ...good, shapes: { x: () => 1 } }],
    ['no numeric mode', { ...good, mode: 'quick' }],
    ['fuel 0', { ...good, fuel: 0 }],
    ['a workgroup of 2048', { ...good, workgroup: 2048 }],
    ['a workgroup of 0', { ...good, workgroup: [0, 1] }],
    ['a workgroup of 33 x 32', { ...good, workgroup: [33, 32] }],
  ])('%s', (message, options) => {
    const error = failure(() => kernel(options as never));
    expect(error.code).toBe('invalid-kernel');
    expect(error.message).toContain(message);
  });

  test('an array of records is refused with the arrays to write instead', () => {
    const params = { p: readWrite({ at: vec3f, mass: f32 } as never) };
    const { hint } = failure(() => kernel({ name: 'k', params, body() {} }));
    expect(hint).toBe('Write an array for each member: p_at: readWrite(vec3f), p_mass: readWrite(f32).');
  });
  test('a function has no packed values', () => {
    expect(failure(() => fn([u8], u32, () => 0)).code).toBe('invalid-kernel');
  });
});

describe('copies', () => {
  const scaled = kernel({
    name: 'scaled',
    params: { x: read(f32), r: write(f32) },
    consts: { FACTOR: 2 },
    shapes: { r: ({ x }) => x.length },
    body({ x, r, FACTOR }, k) {
      const i = k.global.x;
      r[i] = FACTOR * x.at(i);
    },
  });
  test('with() changes consts, as() the mode, and both the identity', async () => {
    const hashes = await Promise.all(
      [scaled, scaled.with({ FACTOR: 3 }), scaled.as('fast')].map((each) => each.hash()),
    );
    expect(new Set(hashes).size).toBe(3);
    expect(await scaled.with({ FACTOR: 2 }).hash()).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
  test('with() takes only consts that are there', () => {
    expect(failure(() => scaled.with({ FACTORS: 3 } as never)).code).toBe('unknown-name');
    expect(failure(() => scaled.with({ FACTOR: '3' } as never)).code).toBe('invalid-kernel');
    expect(failure(() => scaled.as('quick' as never)).code).toBe('invalid-kernel');
  });
});

describe('an error in a body', () => {
  test("shows the author's own line, with a caret under the words meant", async () => {
    const wrong = kernel({
      name: 'wrong',
      params: { x: read(f32), n: i32, r: write(f32) },
      body({ x, n, r }, k) {
        const i = k.global.x as number;
        r[i] = x.at(i) * n; // MARK
      },
    });
    const error = await rejection(wrong.verified());
    const [headline, line, carets] = error.message.split('\n');
    expect(error.code).toBe('type-mismatch');
    expect(headline).toMatch(/^kernel "wrong": .*\(tests\/lang\/kernel\.test\.ts:\d+\)$/);
    expect(line).toContain('r[i] = x.at(i) * n; // MARK');
    expect(line!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)).toContain('n');
    expect(Number(/^\s*(\d+) \|/.exec(line!)![1])).toBe(error.place!.line);
    expect(error.place!.file).toMatch(/kernel\.test\.ts$/);
    expect(error.hint).toContain('k.f32');
  });

  const source = 'body(e,t){let a=t.global.x;e.r[a]=TILE*2}';
  const at = (text: string, code: 'free-name' | 'syntax' = 'free-name') =>
    new LanguageError(
      code,
      'wrong',
      { source, start: source.indexOf(text), end: source.indexOf(text) + text.length },
      'Do.',
    );
  const shown = (error: unknown, stack?: string) =>
    explain(error, { kernel: 'k', site: stack === undefined ? {} : { stack }, source }) as IsokernelError;

  test('shows the parsed text where there is no file', () => {
    expect(shown(at('TILE')).message).toMatchInlineSnapshot(`
      "kernel "k": wrong
        |  body(e,t){let a=t.global.x;e.r[a]=TILE*2}
                                             ^^^^
      Do."
    `);
    expect(shown(at('TILE'), 'Error\n    at f (/no/such/file.js:3:4)').place).toEqual({
      file: '/no/such/file.js',
      line: 3,
      column: 4,
    });
  });
  test('reads the stacks of other engines', () => {
    expect(shown(at('TILE'), 'f@http://localhost:1/app.js?v=1:12:34').place).toEqual({
      file: 'http://localhost:1/app.js',
      line: 12,
      column: 34,
    });
    expect(shown(at('TILE'), 'garbage').place).toEqual({ line: 1, column: source.indexOf('TILE') + 1 });
  });
  test('cuts long lines around the place', () => {
    const long = `body(e){${'e.x[0]=1;'.repeat(200)}oops;${'e.x[0]=1;'.repeat(200)}}`;
    const start = long.indexOf('oops');
    const error = explain(new LanguageError('free-name', 'wrong', { source: long, start, end: start + 4 }), {
      kernel: 'k',
      site: {},
      source: long,
    });
    const [, line, carets] = (error as Error).message.split('\n');
    expect(line!.length).toBeLessThan(120);
    expect(line!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)).toBe('oops');
  });
  test('places of the verifier are places in the body', () => {
    const error = shown(
      new IsokernelError('barrier-in-divergent-flow', 'kernel "k": no', {
        place: { line: 1, column: 29 },
        hint: 'Do.',
      }),
    );
    expect(error).toMatchObject({ code: 'barrier-in-divergent-flow', hint: 'Do.' });
    expect(error.message).toContain('kernel "k": no');
  });
  test('errors that are about something else stay as they are', () => {
    const other = new TypeError('other');
    expect(shown(other)).toBe(other);
  });
});
