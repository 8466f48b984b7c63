// Runs the checking part of node/verifier/verify.html under Node, as a third reader of Althing's proofs.
//
//     node verify.mjs check FOLDER     log.json, anchor.json and proof.json of a folder (protocol/vectors)
//     node verify.mjs bundle FILE      what the page would say of a bundle
//
// Nothing is installed and no browser is needed: the page touches no document until there is one.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

const page = join(dirname(fileURLToPath(import.meta.url)), '../../node/verifier/verify.html');
const scripts = [...readFileSync(page, 'utf8').matchAll(/<script>([^]*?)<\/script>/g)];
if (scripts.length !== 1) throw new Error(`verify.html has ${scripts.length} scripts, and one was looked for`);
// Node 20 says once that Ed25519 is experimental there; nothing else is silenced.
const { emitWarning } = process;
process.emitWarning = (text, ...more) => String(text).includes('Ed25519') || emitWarning.call(process, text, ...more);
runInThisContext(scripts[0][1], { filename: page });
const { Althing } = globalThis;
const { hex, unhex } = Althing;

const [, , command, path] = process.argv;
if (command === 'bundle') {
  const result = await Althing.verify(readFileSync(path));
  console.log(result.ok ? result.says.join('\n') : `Refused (${result.reason}): ${result.why}.`);
  process.exitCode = result.ok ? 0 : 1;
} else if (command === 'check') {
} else {
  console.error('usage: node verify.mjs check FOLDER | bundle FILE');
  process.exitCode = 2;
}
