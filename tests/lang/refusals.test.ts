import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.ts';
import { bodyOf, kernels, rows, standard } from './refusals.ts';
import { build, type Options, refused, verified } from './support.ts';

describe('what is refused, where, and what to write instead', () => {
  for (const [topic, list] of Object.entries(rows)) {
    for (const [body, words, code, says, right] of list) {
      test(`${topic}: ${body}`, () => {
        const error = refused(standard, bodyOf(body));
        expect({ code: error.code, words: error.words }).toEqual({ code, words });
        expect(`${error.message} ${error.hint}`).toMatch(says);
        if (right !== undefined) verify(build(standard, bodyOf(right)));
      });
    }
  }
});

describe('kernels that are refused as a whole, and accepted without their mistake', () => {
  test.each(kernels)('$code', async ({ code, wrong, right }) => {
    await expect(verified(wrong)).rejects.toMatchObject({ code });
    await verified(right);
  });
});

describe('a text that is no kernel', () => {
  const whole = (body: string, options?: Options) => refused(standard, body, options);
  test('does not parse', () => {
    expect(whole('body({ y }, k) { y[0] = ; }')).toMatchObject({ code: 'syntax', words: ';' });
    expect(whole('')).toMatchObject({ code: 'syntax' });
    expect(whole('1 + 2')).toMatchObject({ code: 'syntax', words: '1 + 2' });
    expect(whole('body() {}, more() {}')).toMatchObject({ code: 'syntax' });
    expect(whole('get body() { return 1; }')).toMatchObject({ code: 'syntax' });
  });
  test('has no source', () => {
    const bound = (({ y }: { y: number[] }) => {
      y[0] = 1;
    }).bind(null);
    expect(refused(standard, bound)).toMatchObject({ code: 'no-source' });
  });
  test('is async or a generator', () => {
    expect(whole('async body({ y }, k) { }')).toMatchObject({ code: 'unsupported-syntax' });
    expect(whole('*body({ y }, k) { }')).toMatchObject({ code: 'unsupported-syntax' });
  });
  test('takes a name that does not exist', () => {
    const error = whole('body({ y, xs }, k) { y[0] = 1; }');
    expect(error).toMatchObject({ code: 'unknown-name', words: 'xs', hint: 'Did you mean x?' });
    expect(whole('body(p, k) { p.y[0] = p.zzzz; }')).toMatchObject({ code: 'unknown-name', words: 'zzzz' });
    expect(whole('body({ y }, { sqroot }) { y[0] = sqroot(1); }')).toMatchObject({ code: 'unknown-builtin' });
  });
  test('uses names beyond reason', () => {
    const name = 'long'.repeat(200);
    const text = `const ${name} = k.array.f32(4); const ${name}er = n * 2; ${name}[0] = 1; y[0] = ${name}[${name}er];`;
    verify(build(standard, `body({ y, n }, k) { ${text} }`));
  });
  test('nests or grows beyond reason', () => {
    const deep = `${'('.repeat(20_000)}1${')'.repeat(20_000)}`;
    expect(whole(`body({ y }, k) { y[0] = ${deep}; }`)).toMatchObject({ code: 'syntax' });
    const doubling = Array.from({ length: 30 }, (_, j) => `const f${j + 1} = (q) => f${j}(q) + f${j}(q + 1);`);
    const error = whole(`body({ y, a }, k) { const f0 = (q) => q; ${doubling.join(' ')} y[0] = f30(a); }`);
    expect(error).toMatchObject({ code: 'too-large' });
    const branches = `${'if (n > 1) { '.repeat(70)}y[0] = 1;${' }'.repeat(70)}`;
    expect(whole(`body({ y, n }, k) { ${branches} }`)).toMatchObject({ code: 'too-large' });
    const arrays = Array.from({ length: 300 }, (_, j) => `const a${j} = k.array.f32(1); a${j}[n] = 1;`);
    expect(whole(`body({ n }, k) { ${arrays.join(' ')} }`)).toMatchObject({ code: 'too-large' });
  });
});

describe('functions of uses', () => {
  const uses = { f: { args: ['f32', 'f32'] as const, returns: 'f32' as const, body: '(k, p, q) => p + other * q' } };
  test('see k and their arguments only, and errors point into their own text', () => {
    const error = refused({ y: 'write f32' }, 'body({ y, f }, k) { y[0] = f(1, 2); }', { uses });
    expect(error).toMatchObject({ code: 'free-name', words: 'other' });
  });
  test('are typed at the call', () => {
    const error = refused({ y: 'write f32', n: 'i32' }, 'body({ y, f, n }, k) { y[0] = f(1, n); }', { uses });
    expect(error).toMatchObject({ code: 'type-mismatch', words: 'n' });
    const arity = refused({ y: 'write f32' }, 'body({ y, f }, k) { y[0] = f(1); }', { uses });
    expect(arity).toMatchObject({ code: 'wrong-arity', words: 'f(1)' });
  });
  test('give what they say they give', () => {
    const wrong = { f: { args: ['f32'] as const, returns: 'i32' as const, body: '(k, p) => p * 2' } };
    const error = refused({ y: 'write i32' }, 'body({ y, f }, k) { y[0] = f(1); }', { uses: wrong });
    expect(error).toMatchObject({ code: 'type-mismatch' });
  });
});
