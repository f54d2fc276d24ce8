/** Runs kernels: jobs, buffers and graphs on the devices of this machine. */
export type * from './api.ts';
export { arrayName, type HostArray, newArray } from './arrays.ts';
export { DeviceBuffer } from './buffer.ts';
export { Graph, type Recorder } from './graph.ts';
export type * from './kernel.ts';
export { open, Runtime } from './runtime.ts';
export { Slot } from './slot.ts';
