/**
 * The table of error codes: every code, and what it means.
 *
 * A code is stable: programs may branch on it. Codes are added here and nowhere else, so a misspelt code is a compile error.
 * Code that runs needs their type only; docs/errors.md is written from the table.
 */

/** What each code means, in one line. Grouped by who raises it. */
export const errorCodes = {
  // the kernel language
  'no-source': "the kernel's source text cannot be read (a native or bound function)",
  syntax: 'the kernel body does not parse as a JavaScript function',
  'unsupported-syntax': 'JavaScript that has no meaning in a kernel',
  'free-name': 'a name that is neither one of the two parameters nor declared in the body',
  'unknown-name': 'the first parameter, or an object or list of the body, has no such member',
  'unknown-builtin': 'k or Math has no such member',
  'type-mismatch': 'operands, assignment or argument of different types; nothing converts implicitly',
  'ambiguous-type': 'an untyped number is used with two different types',
  'not-an-integer': 'a literal that must be whole, or is out of range, for an integer',
  'integer-division': '/ on two integers',
  'read-only': 'a store to a read parameter, a scalar parameter, a const or a vector component',
  'wrong-arity': 'too many or too few arguments or indices',
  recursion: 'a function that calls itself, directly or not',
  'too-large': 'a kernel of more operations, nested blocks or bytes of arrays than are compiled, all calls inlined',
  'not-a-value': 'a name used where it has no meaning (an array as a number, a function as a value)',
  'not-constant': 'a size or const argument that must be known when the kernel is compiled',
  'barrier-in-divergent-flow': 'a barrier or collective that not every invocation of the workgroup is sure to reach',
  'invalid-kernel': 'the kernel definition itself is wrong (a name twice, a bad workgroup, no body)',
  // the IR
  'invalid-ir': 'a program that breaks a rule of the IR',
  'malformed-ir': 'IR text or bytes that cannot be read',
  'loop-without-exit': 'a loop that nothing leaves',
  // arguments of a launch
  'missing-argument': 'a parameter got no argument',
  'unknown-argument': 'an argument that names no parameter',
  'argument-type': 'an argument of the wrong kind or element type',
  'argument-shape': 'an argument of the wrong rank, shape or length',
  'argument-range': 'a scalar that is not whole or not in range for its type',
  'overlapping-arguments': 'two arguments share bytes and one of them is written',
  'foreign-buffer': 'a buffer of another runtime',
  'freed-buffer': 'a buffer used after free()',
  'detached-array': 'a typed array whose memory was transferred away',
  'no-shape': 'nothing says how large an output is',
  'no-invocations': 'nothing says how many invocations to run',
  'too-many-invocations': 'a grid beyond 2^32 invocations or a dimension beyond the limit',
  'invalid-option': 'an option or a value for it that does not exist',
  // running
  'no-device': 'no device can run this job',
  'unknown-device': 'no device of that name',
  'ambiguous-device': 'a prefix that selects several devices',
  'unknown-backend': 'no backend of that name, or a module that is none',
  'backend-unavailable': 'the backend cannot start here',
  ineligible: 'the device cannot run this job',
  'out-of-memory': 'the device has not enough memory',
  'out-of-fuel': 'a loop ran longer than its fuel allows',
  cancelled: 'the job was cancelled',
  deadline: 'the job missed its deadline',
  'device-lost': 'the device went away',
  decertified: 'in mode exact, a device gave other bits than the CPU and lost its certificate',
  closed: 'the runtime or device is closed',
  'dependency-failed': 'an earlier job that this one depends on failed',
  'compile-failed': "a device's own compiler refused the program",
  // detectors of the interpreter
  'data-race': 'two invocations touch one element without order and one of them writes',
  'out-of-bounds': 'an index outside its dimension',
  'uninitialised-read': 'a read of memory that nothing wrote',
  'divergent-barrier': 'a barrier that not every invocation reached',
  'non-uniform': 'k.uniform over values that differ',
  // the command line and files
  usage: 'the words of a command were wrong',
  'invalid-file': 'a file that cannot be read as what it should be',
  'check-failed': 'a result differs from its reference',
  'peer-missing': 'a peer of the benchmark that is not installed or does not run here',
} as const;
