export * from '../../backends/conformance/fuzz/random.ts';
