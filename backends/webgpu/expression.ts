/**
 * Pieces of WGSL expressions, and when they need parentheses.
 *
 * WGSL refuses most mixtures of operators without parentheses, so only the arithmetic that everybody reads alike goes
 * without them.
 */

/** How tightly an expression holds together. Whatever is not arithmetic is `loose`, and always bracketed as an operand. */
export const level = { loose: 0, sum: 1, product: 2, unary: 3, primary: 4 } as const;
export type Level = (typeof level)[keyof typeof level];

export interface Expression {
  readonly text: string;
  readonly level: Level;
  /** Variables it reads that change later: its text means something else after they are assigned. */
  readonly reads: ReadonlySet<string>;
  /** It reads memory that the kernel writes, so it may not move over an effect. */
  readonly ordered: boolean;
  /** A constant of an expression that WGSL would evaluate (and might refuse) when it compiles. */
  readonly constant?: number;
  /** The opposite, where that is no longer: of a comparison of integers. */
  readonly negation?: string;
  /** Set where it is `left operator right`, so that an assignment to `left` can be written as an update. */
  readonly infix?: { readonly operator: string; readonly left: string; readonly right: string };
}

const none: ReadonlySet<string> = new Set();

/** An expression that stands for itself wherever it is used. */
export function atom(text: string): Expression {
  return { text, level: level.primary, reads: none, ordered: false };
}
/** A variable that changes. */
export function variable(name: string): Expression {
  return { text: name, level: level.primary, reads: new Set([name]), ordered: false };
}

/** A text built from operands. */
export function combine(text: string, at: Level, operands: readonly Expression[]): Expression {
  const reading = operands.filter((operand) => operand.reads.size > 0);
  const reads = reading.length === 0 ? none : new Set(reading.flatMap((operand) => [...operand.reads]));
  return { text, level: at, reads, ordered: operands.some((operand) => operand.ordered) };
}

/** The text as an operand of something that binds at `at`. */
export function operand(expression: Expression, at: Level): string {
  return expression.level >= at ? expression.text : `(${expression.text})`;
}

export function call(callee: string, operands: readonly Expression[]): Expression {
  // `f(a < b, c > (d))` would read as a template, so a comparison before the last comma is bracketed
  const texts = operands.map((each, i) =>
    i < operands.length - 1 && /[<>]/.test(each.text) ? bracket(each) : each.text,
  );
  return combine(`${callee}(${texts.join(', ')})`, level.primary, operands);
}
function bracket(expression: Expression): string {
  return expression.level === level.loose ? `(${expression.text})` : expression.text;
}

const infixLevels = {
  '+': [level.sum, level.sum, level.product],
  '-': [level.sum, level.sum, level.product],
  '*': [level.product, level.product, level.unary],
  '/': [level.product, level.product, level.unary],
  '%': [level.product, level.product, level.unary],
} as const satisfies Record<string, readonly [Level, Level, Level]>;

export type Operator = keyof typeof infixLevels | '&' | '|' | '^' | '<<' | '>>' | '==' | '!=' | '<' | '<=' | '>' | '>=';

const isArithmetic = (operator: string): operator is keyof typeof infixLevels => Object.hasOwn(infixLevels, operator);
const isComparison = (operator: Operator) => /^[<>=!]=?$/.test(operator);

export function infix(operator: Operator, a: Expression, b: Expression): Expression {
  const [at, left, right] = isArithmetic(operator)
    ? infixLevels[operator]
    : isComparison(operator)
      ? ([level.loose, level.sum, level.sum] as const)
      : ([level.loose, level.unary, level.unary] as const);
  // of the bitwise operators, WGSL takes a chain of one
  const chained = /^[&|^]$/.test(operator) && a.infix?.operator === operator;
  const texts = { left: chained ? a.text : operand(a, left), right: operand(b, right) };
  const whole = combine(`${texts.left} ${operator} ${texts.right}`, at, [a, b]);
  return isComparison(operator) ? whole : { ...whole, infix: { operator, left: texts.left, right: b.text } };
}

const opposites = { '==': '!=', '!=': '==', '<': '>=', '>=': '<', '>': '<=', '<=': '>' } as const;
/** A comparison whose opposite is another comparison, as it is without NaN. */
export function comparison(operator: keyof typeof opposites, a: Expression, b: Expression): Expression {
  return { ...infix(operator, a, b), negation: infix(opposites[operator], a, b).text };
}
export function not(a: Expression): Expression {
  return a.negation === undefined ? prefix('!', a) : combine(a.negation, level.loose, [a]);
}

export function prefix(operator: '-' | '!' | '~', a: Expression): Expression {
  return combine(`${operator}${operand(a, level.primary)}`, level.unary, [a]);
}
