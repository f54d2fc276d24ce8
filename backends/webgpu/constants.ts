/** WebGPU's flag values. Browsers have them as globals, Node does not; the numbers are the specification's. */

export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyDestination: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;
export const mapRead = 0x1;
export const computeStage = 0x4;
