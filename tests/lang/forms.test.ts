/** The forms in which tools print functions, each giving what the plain form gives. */

import { describe, expect, test } from 'vitest';
import { values } from './support.ts';

const x = [5, 2, 9];
/** y[0] = x[0] * 2 + 1, in every shape. */
const shapes: Readonly<Record<string, string>> = {
  method: 'body({ x, y }, k) { y[0] = x[0] * 2 + 1; }',
  'minified method': 'body({x:e,y:t},r){t[0]=2*e[0]+1}',
  'quoted key': "'q-q'(p) { p.y[0] = p.x[0] * 2 + 1; }",
  'numeric key': '12(p) { p.y[0] = p.x[0] * 2 + 1; }',
  'computed key': "['comp'](p) { p.y[0] = p.x[0] * 2 + 1; }",
  'anonymous function': 'function(e,t){e.y[0]=2*e.x[0]+1}',
  'named function': 'function axpy({ x, y }, k) { y[0] = x[0] * 2 + 1; }',
  arrow: '({ x, y }, k) => { y[0] = x[0] * 2 + 1; }',
  'bare arrow': 'e=>{e.y[0]=2*e.x[0]+1}',
  'expression arrow': '({x:e,y:t})=>t[0]=2*e[0]+1',
  'expression arrow with void': '(e,t)=>void(e.y[0]=2*e.x[0]+1)',
  'expression arrow with a condition': '({x:e,y:t})=>{e[0]>0&&(t[0]=2*e[0]+1)}',
  'ES5 destructuring': 'function(_a,_b){var x=_a.x,y=_a.y,_c=_b.global,gx=_c.x;y[gx]=x[gx]*2+1}',
  'nested patterns': '({x:e,y:t},{global:{x:n},i32:r})=>{t[n]=r(2)*e[n]+1}',
  'computed patterns': '({["x"]:e,y:t})=>{t[0]=2*e[0]+1}',
  'members by string': "e=>{e['y'][0]=2*e[`x`][0]+1}",
  'handles in variables': '({x:e,y:t},n)=>{const g=n.global,o=t;let i=g.x,a=n.i32,{imul:m}=Math;o[i]=m(a(2),e[i])+1}',
  'a return of the store': '({x:e,y:t})=>{return t[0]=2*e[0]+1}',
  'a return of void': '({x:e,y:t})=>{return void(t[0]=2*e[0]+1)}',
  'kept names': '({x:e,y:t},k)=>{const f=s((n)=>n*2,"f");function g(n){return n+1}s(g,"g");t[0]=g(f(e[0]))}',
  'kept names in a sequence': '({x:e,y:t},k)=>{let f;f=__name(function(n){return n*2},"f"),t[0]=f(e[0])+1}',
  'coverage by istanbul':
    'body({x,y},k){cov_1x().f[0]++;cov_1x().s[0]++;const f=v=>{cov_1x().f[1]++;cov_1x().s[1]++;return v*2;};if((cov_1x().s[2]++,x[0]>0)){cov_1x().b[0][0]++;y[0]=(cov_1x().s[3]++,f(x[0]))+1}else{cov_1x().b[0][1]++}}',
  'coverage of a switch':
    'body({x,y},k){switch(cov_1x().s[0]++,x[0]){case 1:cov_1x().b[0][0]++;case 5:cov_1x().b[0][1]++;cov_1x().s[1]++;y[0]=x[0]*2;cov_1x().s[2]++;break;default:cov_1x().b[0][2]++}y[0]+=1}',
  'use strict': "function(p){'use strict';p.y[0]=p.x[0]*2+1}",
  'directive prologue and debugger': 'function(p){"use asm";;debugger;p.y[0]=p.x[0]*2+1;;}',
  'var used before its line': 'function(p){r=p.x[0]*2;var r;p.y[0]=r+1;var r}',
  'a loop function of ES5':
    'function(p){var x=p.x,y=p.y;var _loop_1=function(i){var t=x[i]*2;y[i]=t+1};for(var i=0;i<1;i++){_loop_1(i)}}',
  'a parameter overwritten': 'function(e,t){t=e.y,e=e.x,e=e[0]*2,t[0]=e+1}',
  'unused parameters dropped': '({y:e,x:t})=>{for(let n=0;;){e[n]=2*t[n]+1;break}}',
  'commas in a for': '({x:e,y:t})=>{for(var n=0,r=e[n];n<1;t[n]=2*r+1,n++);}',
  'an if made of &&': '({x:e,y:t})=>{1&e[0]&&(t[0]=2*e[0],t[0]++)}',
  'a conditional whose arms disagree': '({x:e,y:t},k)=>{e[0]>4?(t[0]=2*e[0]+1,k.barrier):e[0]}',
  'an immediately called arrow': '({x:e,y:t})=>{(()=>{t[0]=2*e[0]+1})()}',
  'logical assignment': '({x:e,y:t})=>{let n=0;n||=2*e[0],n&&=n+1,t[0]=n}',
  'spread and lists for ES5':
    '({x:e,y:t})=>{var _a=__read([1,e[0]],2),o=_a[0],n=_a[1],p=__assign(__assign({},{q:n}),{r:o}),s=Object.assign({s:2},p);t[0]=s.q*s.s+s.r}',
  'literals first, odd and unary': '({x:e,y:t})=>{t[0]=0x2*+e[0]- -1}',
  'loose comparison': '({x:e,y:t})=>{0!=e[0]&&1!=!1==!0&&(t[0]=2*e[0]+1)}',
};

describe('a function in any shape', () => {
  for (const [name, text] of Object.entries(shapes)) {
    test(name, () => {
      expect(values('i32', 1, text, x)).toEqual([11]);
    });
  }
});

describe('numbers as minifiers print them', () => {
  test.each([
    ['1e3', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['4294967295', 4294967295],
    ['0x80000000', 2147483648],
    ['1/0', Number.POSITIVE_INFINITY],
    ['0/0', Number.NaN],
    ['2**31', 2147483648],
    ['- -3', 3],
    ['+!!x[0]', 1],
    ['x[0]==x[0]?0:1', 0],
    ['+(x[0]>9)', 0],
    ['!0+!1', 1],
    ['1_000_000', 1000000],
    ['0b101+0o17', 20],
    ['x[0]- -1', 6],
    ['Math.PI', Math.fround(Math.PI)],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ])('%s', (text, value) => {
    expect(values('f32', 1, `({x,y})=>{y[0]=${text}}`, x)).toEqual([Math.fround(value)]);
  });
});
