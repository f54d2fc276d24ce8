/** Where Debian's Chromium is; it has WebGPU on SwiftShader, which other builds may lack. */
export const chromium = '/usr/bin/chromium';
