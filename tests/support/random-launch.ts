export * from '../../backends/conformance/fuzz/random-launch.ts';
