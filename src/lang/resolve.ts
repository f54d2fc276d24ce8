/**
 * Names to variables, before anything is lowered: which declaration each identifier means, and which variables each loop
 * may assign, be it through the local functions that it calls. Only those are carried around the loop. A function that
 * reaches a loop under another name than its own is not seen here; lowering finds out, adds what it assigns and starts anew.
 */

import type { AnyNode, Identifier, Pattern } from 'acorn';
import type { FunctionNode } from './parse.ts';

export interface Variable {
  readonly name: string;
  readonly kind: 'parameter' | 'var' | 'let' | 'const' | 'function';
}

export interface Resolution {
  /** Of every identifier that is a variable, where it is declared and where it is used; free names are missing. */
  readonly variables: ReadonlyMap<Identifier, Variable>;
  /** By function: what it declares with `var`. */
  readonly vars: ReadonlyMap<FunctionNode, readonly Variable[]>;
  /** By function: all that it declares, its parameters too. */
  readonly own: ReadonlyMap<FunctionNode, readonly Variable[]>;
  /** By loop statement: the variables that an iteration may assign. */
  readonly assigned: ReadonlyMap<AnyNode, Set<Variable>>;
}

interface Scope {
  readonly names: Map<string, Variable>;
  readonly outer: Scope | undefined;
}
/** What a loop or a function does to variables: assigns them, or mentions them and so may call them. */
interface Effects {
  readonly assigned: Set<Variable>;
  readonly mentioned: Set<Variable>;
}

export function resolve(root: FunctionNode): Resolution {
  const variables = new Map<Identifier, Variable>();
  const vars = new Map<FunctionNode, Variable[]>();
  const own = new Map<FunctionNode, Variable[]>();
  /** What the function being walked declares. */
  let declared: Variable[] = [];
  const loops = new Map<AnyNode, Effects>();
  /** The functions that a variable may stand for. */
  const functions = new Map<Variable, Effects[]>();
  /** Of the loops and functions around the current place. */
  const around: Effects[] = [];

  function declare(scope: Scope, id: Identifier, kind: Variable['kind']): Variable {
    let variable = scope.names.get(id.name);
    // a second `var` is the first one; a parameter of the same name stays what it is
    if (variable === undefined || (kind !== 'var' && kind !== 'function')) {
      variable = { name: id.name, kind };
      declared.push(variable);
    }
    scope.names.set(id.name, variable);
    variables.set(id, variable);
    return variable;
  }
  function lookUp(scope: Scope, name: string): Variable | undefined {
    for (let s: Scope | undefined = scope; s !== undefined; s = s.outer) {
      const variable = s.names.get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }
  function within(effects: Effects, visit: () => void): void {
    around.push(effects);
    visit();
    around.pop();
  }
  function assign(pattern: Pattern, scope: Scope, value?: AnyNode | null): void {
    forEachName(pattern, (id) => {
      const variable = variables.get(id) ?? lookUp(scope, id.name);
      if (variable === undefined) return;
      variables.set(id, variable);
      for (const effects of around) effects.assigned.add(variable);
      if (value !== undefined && value !== null) bind(variable, value);
    });
  }
  /** Notes that a variable may be this function. */
  const effectsOf = new Map<AnyNode, Effects>();
  function bind(variable: Variable, value: AnyNode): void {
    // a tool's call around a function, `__name(f, "f")`, hands it through
    const node = value.type === 'CallExpression' ? value.arguments[0] : value;
    if (node === undefined || !isFunction(node)) return;
    let effects = effectsOf.get(node);
    if (effects === undefined) {
      effects = { assigned: new Set(), mentioned: new Set() };
      effectsOf.set(node, effects);
    }
    const known = functions.get(variable);
    if (known === undefined) functions.set(variable, [effects]);
    else known.push(effects);
  }

  function hoist(statements: readonly AnyNode[], scope: Scope): void {
    for (const statement of statements) {
      if (statement.type === 'VariableDeclaration' && statement.kind !== 'var') {
        const kind = statement.kind === 'let' ? 'let' : 'const';
        for (const { id } of statement.declarations) forEachName(id, (name) => declare(scope, name, kind));
      } else if (statement.type === 'FunctionDeclaration') {
        const id = statement.id as Identifier;
        bind(declare(scope, id, 'function'), statement);
      }
    }
  }
  function hoistVar(node: AnyNode, scope: Scope, found: Variable[]): void {
    if (isFunction(node) || node.type === 'ExpressionStatement') return;
    if (node.type === 'VariableDeclaration') {
      if (node.kind !== 'var') return;
      for (const { id } of node.declarations) {
        forEachName(id, (name) => {
          const variable = declare(scope, name, 'var');
          // a parameter of the same name keeps its value
          if (variable.kind === 'var') found.push(variable);
        });
      }
      return;
    }
    forEachChild(node, (child) => hoistVar(child, scope, found));
  }

  function visitFunction(node: FunctionNode, outer: Scope): void {
    const scope: Scope = { names: new Map(), outer };
    const around = declared;
    declared = [];
    own.set(node, declared);
    if (node.type === 'FunctionExpression' && node.id) bind(declare(scope, node.id, 'function'), node);
    for (const param of node.params) forEachName(param, (id) => declare(scope, id, 'parameter'));
    const effects = effectsOf.get(node) ?? { assigned: new Set(), mentioned: new Set() };
    effectsOf.set(node, effects);
    within(effects, () => {
      for (const param of node.params) visit(param, scope);
      if (node.body.type === 'BlockStatement') {
        const found: Variable[] = [];
        hoistVar(node.body, scope, found);
        if (found.length > 0) vars.set(node, found);
        hoist(node.body.body, scope);
        for (const statement of node.body.body) visit(statement, scope);
      } else visit(node.body, scope);
    });
    declared = around;
  }
  function visitAll(node: AnyNode, scope: Scope): void {
    forEachChild(node, (child) => visit(child, scope));
  }
  function visitLoop(node: AnyNode, scope: Scope, parts: readonly (AnyNode | null | undefined)[]): void {
    const effects: Effects = { assigned: new Set(), mentioned: new Set() };
    loops.set(node, effects);
    within(effects, () => {
      for (const part of parts) if (part) visit(part, scope);
    });
  }
  function visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case 'Identifier': {
        const variable = variables.get(node) ?? lookUp(scope, node.name);
        if (variable === undefined) return;
        variables.set(node, variable);
        for (const effects of around) effects.mentioned.add(variable);
        return;
      }
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        visitFunction(node as FunctionNode, scope);
        return;
      case 'BlockStatement': {
        const inner: Scope = { names: new Map(), outer: scope };
        hoist(node.body, inner);
        visitAll(node, inner);
        return;
      }
      case 'SwitchStatement': {
        const inner: Scope = { names: new Map(), outer: scope };
        for (const each of node.cases) hoist(each.consequent, inner);
        visitAll(node, inner);
        return;
      }
      case 'ForStatement': {
        const inner: Scope = { names: new Map(), outer: scope };
        if (node.init) {
          hoist([node.init], inner);
          visit(node.init, inner);
        }
        visitLoop(node, inner, [node.test, node.update, node.body]);
        return;
      }
      case 'WhileStatement':
      case 'DoWhileStatement':
        visitLoop(node, scope, [node.test, node.body]);
        return;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (init) visit(init, scope);
          // `let t;` in a loop starts anew each time, `var t;` does nothing
          if (init || node.kind !== 'var') assign(id, scope, init);
        }
        return;
      case 'AssignmentExpression':
        visit(node.left, scope);
        visit(node.right, scope);
        assign(node.left, scope, node.right);
        return;
      case 'UpdateExpression':
        visit(node.argument, scope);
        assign(node.argument as Pattern, scope);
        return;
      case 'MemberExpression':
        visit(node.object, scope);
        if (node.computed) visit(node.property, scope);
        return;
      case 'Property':
        if (node.computed) visit(node.key, scope);
        visit(node.value, scope);
        return;
      case 'LabeledStatement':
        visit(node.body, scope);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      default:
        visitAll(node, scope);
        return;
    }
  }

  visitFunction(root, { names: new Map(), outer: undefined });
  const assigned = new Map<AnyNode, Set<Variable>>();
  for (const [loop, effects] of loops) assigned.set(loop, throughCalls(effects, functions));
  return { variables, vars, own, assigned };
}

/** What is assigned, also by the functions that the mentioned variables may stand for. */
function throughCalls(effects: Effects, functions: ReadonlyMap<Variable, readonly Effects[]>): Set<Variable> {
  const assigned = new Set(effects.assigned);
  const seen = new Set<Effects>();
  const visit = (each: Effects): void => {
    if (seen.has(each)) return;
    seen.add(each);
    for (const variable of each.assigned) assigned.add(variable);
    for (const variable of each.mentioned) functions.get(variable)?.forEach(visit);
  };
  visit(effects);
  return assigned;
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

/** The variables that a pattern binds. */
function forEachName(pattern: Pattern, visit: (id: Identifier) => void): void {
  switch (pattern.type) {
    case 'Identifier':
      visit(pattern);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        forEachName(property.type === 'Property' ? property.value : property.argument, visit);
      }
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) forEachName(element, visit);
      return;
    case 'AssignmentPattern':
      forEachName(pattern.left, visit);
      return;
    case 'RestElement':
      forEachName(pattern.argument, visit);
      return;
    case 'MemberExpression':
      return;
  }
}

export function forEachChild(node: AnyNode, visit: (child: AnyNode) => void): void {
  for (const key in node) {
    const value: unknown = node[key as keyof AnyNode];
    if (typeof value !== 'object') continue;
    if (Array.isArray(value)) {
      for (const each of value as unknown[]) if (isNode(each)) visit(each);
    } else if (isNode(value)) visit(value);
  }
}
function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
