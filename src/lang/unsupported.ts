/** JavaScript that has no meaning in a kernel, and what to write instead. */

import type { AnyNode } from 'acorn';
import { fail, type Span } from './parse.ts';

const words: Partial<Record<AnyNode['type'], readonly [what: string, instead?: string]>> = {
  ArrayExpression: ['a list with a hole', 'Write each value.'],
  ArrayPattern: ['assigning to a list in this way', 'Write [a, b] = [x, y].'],
  AwaitExpression: ['await'],
  ChainExpression: ['`?.`', 'Every parameter is there: write x[i].'],
  ClassDeclaration: ['a class'],
  ClassExpression: ['a class'],
  ForInStatement: ['for … in', 'Write for (let i = 0; i < x.length; i++).'],
  ForOfStatement: ['for … of', 'Write for (let i = 0; i < x.length; i++).'],
  ImportExpression: ['import'],
  LogicalExpression: ['`??`', 'Numbers are never missing: write the number.'],
  NewExpression: ['new', 'Use k.array.f32(n) for an array.'],
  ObjectPattern: ['assigning to an object in this way', 'Write ({ a, b } = o).'],
  Property: ['a member with code of its own', 'Write { name: value }.'],
  RestElement: ['`…rest`', 'Name what is needed.'],
  AssignmentPattern: ['a default value', 'Pass every argument.'],
  SpreadElement: ['spread', 'Write each argument.'],
  TaggedTemplateExpression: ['a template'],
  TemplateLiteral: ['a template', "Kernels have no strings; to look at values, write k.print('x', x)."],
  ThisExpression: ['this', 'A kernel sees its two parameters and Math.'],
  ThrowStatement: ['throw', 'Write an error number to an output.'],
  TryStatement: ['try', 'Nothing throws in a kernel.'],
  WithStatement: ['with'],
  YieldExpression: ['yield'],
};
const operators: Readonly<Record<string, string>> = {
  '??=': 'Numbers are never missing: assign.',
  typeof: 'Types are known when the kernel is written.',
  delete: 'Set the element to 0.',
};

export function unsupported(node: AnyNode, span: Span): never {
  if ('operator' in node && (node.type === 'UnaryExpression' || node.type === 'AssignmentExpression')) {
    fail('unsupported-syntax', `\`${node.operator}\` has no meaning in a kernel`, span, operators[node.operator]);
  }
  const [what, instead] = words[node.type] ?? [`this (${node.type})`];
  fail('unsupported-syntax', `${what} has no meaning in a kernel`, span, instead);
}
