/**
 * How large a program may be. The verifier holds programs to these, and the readers of text and bytes stop at them, so
 * that no program, however made, costs unbounded time, memory or stack.
 */

/** Blocks inside blocks. WGSL promises 127 nested braces, and one block may become two. */
export const maxNesting = 60;
/** Instructions, each counted as often as it is reached from the body. */
export const maxInstructions = 2 ** 18;
export const maxParams = 64;
export const maxLocals = 256;
/** Characters of the name of a kernel, a parameter, a local array or a value. */
export const maxNameLength = 256;
/** Characters of the name of a source file. */
export const maxFileName = 4096;
/** Bytes of all private arrays of one invocation. */
export const maxPrivateBytes = 2 ** 16;
/** Bytes of all arrays of one workgroup. A device may have less. */
export const maxWorkgroupBytes = 2 ** 20;
/** Exclusive: fuel is counted in an i32 on some devices. */
export const maxFuel = 2 ** 31;
