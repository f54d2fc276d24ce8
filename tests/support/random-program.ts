export * from '../../backends/conformance/fuzz/random-program.ts';
