/** Prints the answers of the subjects in a file: the module that a tool has made. */
import { pathToFileURL } from 'node:url';
import { answers } from 'isokernel/answers';

const { subjects } = await import(pathToFileURL(process.argv[2]).href);
process.stdout.write(JSON.stringify(await answers(subjects)));
