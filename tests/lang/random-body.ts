/**
 * Random bodies over small whole numbers, full of jumps: every one ends, and gives the same as JavaScript and as a kernel.
 * `x` and `y` are i32 arrays of 8.
 */

import type { Random } from '../support/random.ts';

interface Scope {
  readonly numbers: readonly string[];
  readonly bools: readonly string[];
  /** Objects of two numbers, p and q. */
  readonly objects: readonly string[];
  readonly functions: readonly { readonly name: string; readonly arity: number }[];
  /** What jumps may be written here. */
  readonly jumps: readonly string[];
  /** A function's value is returned; the body returns nothing. */
  readonly returns: 'nothing' | 'number';
}

export function randomBody(random: Random): string {
  let names = 0;
  let budget = 40;
  const fresh = (prefix: string) => `${prefix}${names++}`;

  function number(scope: Scope, depth: number): string {
    if (depth <= 0 || random.chance(0.2)) {
      return random.chance(0.6) ? random.pick(scope.numbers) : String(random.between(-4, 9));
    }
    const operand = () => number(scope, depth - 1);
    const target = random.pick(scope.numbers.filter((name) => name !== 'i'));
    switch (
      random.weighted({
        binary: 8,
        load: 3,
        ternary: 2,
        call: 2,
        member: scope.objects.length > 0 ? 3 : 0,
        assign: 1,
        step: 1,
        sequence: 1,
        bool: 1,
        minus: 1,
      })
    ) {
      case 'binary': {
        const sign = random.pick(['+', '-', '*', '&', '|', '^', '%', '>>', '<<']);
        const left = operand();
        const right = sign === '%' ? `(7 + (${operand()} & 7))` : `(${operand()} & ${sign === '*' ? 255 : 3})`;
        return `((${left} ${sign} ${right}) & 255)`;
      }
      case 'load':
        return `${random.pick(['x', 'y'])}[${operand()} & 7]`;
      case 'ternary':
        return `(${bool(scope, depth - 1)} ? ${operand()} : ${operand()})`;
      case 'call': {
        if (scope.functions.length === 0) return operand();
        const { name, arity } = random.pick(scope.functions);
        return `${name}(${Array.from({ length: arity }, operand).join(', ')})`;
      }
      case 'member':
        return `${random.pick(scope.objects)}.${random.pick(['p', 'q'])}`;
      case 'assign':
        return target === undefined ? operand() : `(${target} = ${operand()})`;
      case 'step':
        return target === undefined ? operand() : random.pick([`(${target}++ & 63)`, `(--${target} & 63)`]);
      case 'sequence':
        return `(${effect(scope, depth - 1)}, ${operand()})`;
      case 'bool':
        return `(+${bool(scope, depth - 1)})`;
      case 'minus':
        return `(- ${operand()})`;
    }
  }
  function bool(scope: Scope, depth: number): string {
    if (depth <= 0)
      return scope.bools.length > 0 && random.chance(0.5)
        ? random.pick(scope.bools)
        : `(${number(scope, 0)} > ${number(scope, 0)})`;
    const operand = () => bool(scope, depth - 1);
    switch (random.weighted({ compare: 5, and: 2, or: 2, not: 2, truth: 1 })) {
      case 'compare':
        return `(${number(scope, depth - 1)} ${random.pick(['<', '<=', '>', '>=', '===', '!=='])} ${number(scope, depth - 1)})`;
      case 'and':
        return `(${operand()} && ${operand()})`;
      case 'or':
        return `(${operand()} || ${operand()})`;
      case 'not':
        return `!${operand()}`;
      case 'truth':
        return `!!${number(scope, depth - 1)}`;
    }
  }
  /** An expression for its effect. */
  function effect(scope: Scope, depth: number): string {
    const target = random.pick(scope.numbers.filter((name) => name !== 'i'));
    const object = random.pick(scope.objects);
    switch (
      random.weighted({
        store: 3,
        assign: 3,
        and: 1,
        choose: 1,
        compound: 1,
        swap: 1,
        member: object === undefined ? 0 : 2,
      })
    ) {
      case 'swap':
        return random.pick([
          `[${target}, y[${number(scope, 1)} & 7]] = [${number(scope, 1)} & 63, ${target}]`,
          `({ p: ${target} } = { p: ${number(scope, depth)} & 63, q: 1 })`,
        ]);
      case 'member':
        return random.pick([
          `${object} = { ...${object}, ${random.pick(['p', 'q'])}: ${number(scope, 1)} & 255 }`,
          `${object} = { p: ${object}.q, q: ${number(scope, 1)} & 63 }`,
        ]);
      case 'store':
        return `y[${number(scope, 1)} & 7] = ${number(scope, depth)} & 1023`;
      case 'assign':
        return `${target} = ${number(scope, depth)} & 1023`;
      case 'and':
        return `(${bool(scope, 1)} ${random.pick(['&&', '||'])} (${effect(scope, depth - 1)}))`;
      case 'choose':
        return `(${bool(scope, 1)} ? ${effect(scope, 0)} : (${effect(scope, 0)}))`;
      case 'compound':
        return random.pick([
          `y[${number(scope, 1)} & 7] ${random.pick(['+', '-', '^'])}= ${number(scope, 1)}`,
          `${target} ${random.pick(['+', '|'])}= ${number(scope, 1)} & 63`,
        ]);
    }
  }

  /** Statements; those that may not come to their end stop the list. */
  function list(scope: Scope, depth: number, least = 1): string {
    const parts: string[] = [];
    let inner = scope;
    for (let n = random.between(least, 4); n > 0 && budget-- > 0; n--) {
      const kind = random.weighted({
        effect: 5,
        declare: 3,
        bool: 1,
        pair: 1,
        object: 1,
        if: 4,
        loop: depth > 0 ? 3 : 0,
        block: depth > 0 ? 1 : 0,
        function: depth > 0 ? 1 : 0,
        switch: depth > 0 ? 1 : 0,
        jump: 1,
      });
      if (kind === 'effect') parts.push(`${effect(inner, 2)};`);
      else if (kind === 'declare') {
        const name = fresh('v');
        parts.push(`${random.pick(['let', 'var'])} ${name} = ${number(inner, 2)};`);
        inner = { ...inner, numbers: [...inner.numbers, name] };
      } else if (kind === 'bool') {
        const name = fresh('b');
        parts.push(`const ${name} = ${bool(inner, 2)};`);
        inner = { ...inner, bools: [...inner.bools, name] };
      } else if (kind === 'pair') {
        const [one, other] = [fresh('v'), fresh('v')];
        parts.push(`let [${one}, ${other}] = [${number(inner, 1)}, ${number(inner, 1)}];`);
        inner = { ...inner, numbers: [...inner.numbers, one, other] };
      } else if (kind === 'object') {
        const name = fresh('o');
        parts.push(`let ${name} = { p: ${number(inner, 1)}, q: ${number(inner, 1)} };`);
        inner = { ...inner, objects: [...inner.objects, name] };
      } else if (kind === 'function') {
        const name = fresh('f');
        const params = Array.from({ length: random.between(1, 2) }, () => fresh('p'));
        const body = list(
          { ...inner, numbers: [...inner.numbers, ...params], jumps: [], returns: 'number' },
          depth - 1,
        );
        parts.push(
          `const ${name} = (${params.join(', ')}) => { ${body} return ${number({ ...inner, numbers: [...inner.numbers, ...params] }, 1)}; };`,
        );
        const functions = [{ name, arity: params.length }];
        if (random.chance(0.5)) {
          const alias = fresh('g');
          parts.push(
            random.pick([`const ${alias} = ${name};`, `const ${alias} = ${bool(inner, 1)} ? ${name} : ${name};`]),
          );
          functions.push({ name: alias, arity: params.length });
        }
        inner = { ...inner, functions: [...inner.functions, ...functions] };
      } else parts.push(statement(inner, kind, depth));
    }
    return parts.join(' ');
  }
  function statement(scope: Scope, kind: 'if' | 'loop' | 'block' | 'switch' | 'jump', depth: number): string {
    switch (kind) {
      case 'jump':
        return `if (${bool(scope, 1)}) { ${effect(scope, 1)}; ${jump(scope)} }`;
      case 'if': {
        const arm = () =>
          random.chance(0.3) ? `{ ${effect(scope, 1)}; ${jump(scope)} }` : `{ ${list(scope, depth - 1)} }`;
        return `if (${bool(scope, 2)}) ${arm()}${random.chance(0.5) ? ` else ${arm()}` : ''}`;
      }
      case 'block': {
        const label = fresh('L');
        return `${label}: { ${list({ ...scope, jumps: [...scope.jumps, `break ${label};`] }, depth - 1, 2)} }`;
      }
      case 'switch': {
        const inside = { ...scope, jumps: [...scope.jumps.filter((each) => each !== 'break;'), 'break;'] };
        const ends = () => (random.chance(0.6) ? 'break; ' : '');
        const cases = ['case 0:', 'case 1: case 2:', 'default:'];
        if (random.chance(0.3)) cases.unshift(cases.pop()!);
        const parts = cases.map((each) => `${each} { ${list(inside, depth - 1)} } ${ends()}`);
        return `switch (${number(scope, 1)} & 3) { ${parts.join('')}}`;
      }
      case 'loop': {
        const label = fresh('L');
        const counter = fresh('c');
        const jumps = [
          ...scope.jumps.filter((each) => each.includes(' ')),
          'break;',
          'continue;',
          `break ${label};`,
          `continue ${label};`,
        ];
        const bound = random.between(1, 4);
        const inside = { ...scope, jumps };
        const shape = random.pick(['for', 'while', 'do', 'update']);
        const body = list({ ...inside, numbers: [...scope.numbers] }, depth - 1, 2);
        if (shape === 'for')
          return `${label}: for (let ${counter} = 0; ${counter} < ${bound}; ${counter}++) { ${body} }`;
        if (shape === 'update')
          return `${label}: for (let ${counter} = ${bound}; ${counter}-- > 0 && ${bool(scope, 1)}; ${effect(scope, 1)}) { ${body} }`;
        if (shape === 'while') return `let ${counter} = 0; ${label}: while (${counter}++ < ${bound}) { ${body} }`;
        return `let ${counter} = 0; ${label}: do { ${body} } while (++${counter} < ${bound});`;
      }
    }
  }
  function jump(scope: Scope): string {
    const returns = scope.returns === 'number' ? `return ${number(scope, 1)};` : 'return;';
    return random.pick([returns, ...scope.jumps, ...scope.jumps]);
  }

  const start: Scope = {
    numbers: ['i', 'a', 'b'],
    bools: [],
    objects: [],
    functions: [],
    jumps: [],
    returns: 'nothing',
  };
  return `({ x, y }, k) => { const i = k.global.x; let a = x[i], b = 3; ${list(start, 3, 4)} y[i] = (a ^ b) & 1023; }`;
}
