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


/** Counts what agreed and keeps what did not. */
class Checks {
  constructor() { this.passed = 0; this.failures = []; }
  same(where, found, expected) {
    const [one, other] = [found, expected].map(value => JSON.stringify(value));
    if (one === other) this.passed++;
    else this.failures.push(`${where}: found ${one}, the vector says ${other}`);
  }
}

/** What the page makes of an entry's header and signature: its id, or the name of what is wrong. */
async function entryOf(wire) {
  try {
    const reader = new Althing.Reader(wire);
    reader.head();
    const from = reader.at;
    reader.value(2);
    const pair = [wire.subarray(from, reader.at), reader.value(2)];
    return { id: (await Althing.readEntry(pair, 'entry', 'it')).id };
  } catch (error) {
    if (error instanceof Althing.Broken) return { error: 'encoding' };
    if (!(error instanceof Althing.Refusal)) throw error;
    return { error: error.message.replace(/^it is not sound: /, '').replace(/:.*/, '') };
  }
}

/** Keys and signatures, and what decides whether a header can be read. */
async function checkEntries({ accepted, refused }, checks) {
  const wire = given => unhex(given.wire ?? given.parts.map(([text, times]) => text.repeat(times)).join(''));
  for (const given of accepted) {
    const { id, error } = await entryOf(wire(given));
    // The bytes of a few are sound, and the rules on the header, which the page asks for as well, are broken.
    if (!FAULTS.has(error)) checks.same(given.name, id ?? error, given.id);
  }
  for (const given of refused) {
    if (['key', 'weak_key', 'signature', 'version'].includes(given.error)) {
      checks.same(given.name, (await entryOf(wire(given))).error, given.error);
    }
  }
}

const FAULTS = new Set(['kind', 'list', 'body', 'shape_prev', 'space_root', 'root_in_space', 'control_shape', 'control_list', 'control_bounds', 'control_too_large']);

/** The rules on the header alone: the same fault, and none where something else decided. */
async function checkFaults({ entries, cases }, checks) {
  const found = {};
  for (const [name, { wire }] of Object.entries(entries)) found[name] = (await entryOf(unhex(wire))).error ?? null;
  for (const { name, offer } of cases) {
    for (const [entry, outcome] of offer) {
      const fault = outcome.startsWith('rejected:') ? outcome.slice(9) : null;
      // A rejected name comes after the rules on the header; whatever else is decided leaves the header sound.
      checks.same(`${name}: ${entry}`, found[entry], FAULTS.has(fault) ? fault : null);
    }
  }
}

/** Known answers for Keccak-256, around the block of 136 bytes, by two other programs. */
function checkKeccak(checks) {
  const bytes = (count, byte) => new Uint8Array(count).fill(byte);
  for (const [input, expected] of [
    [bytes(0, 0), 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    [new TextEncoder().encode('abc'), '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    [bytes(135, 0xa3), '3d28d08c3dacab77392064a939f3e7f8d03f2e02e2c664ac08a05f63ac652626'],
    [bytes(136, 0xa3), 'b82d89d96e5575d11a9e1f4cabb2a45e60899e69a19a724cd796bdcf13511018'],
    [bytes(137, 0xa3), 'ec8008a74e50bc7d6b22c3ad85402bf10e6d4449f3c8618e36c461b8a44eeafb'],
    [bytes(200, 0xa3), '3a57666b048777f2c953dc4456f45a2588e1cb6f2da760122d530ac2ce607d4a'],
    [bytes(272, 0xa3), 'a657381e5615f539cac71f13c74473a5e77eaa2bd8348422dcac221c8f13da94'],
  ]) checks.same(`keccak of ${input.length} bytes`, hex(Althing.keccak256(input)), expected);
}

/** What the page uses of a log: inclusion proofs, checkpoints with their signatures and cosignatures. */
async function checkLogs({ inclusion, notes }, checks) {
  for (const { name, leaf, index, size, proof, root, holds } of inclusion) {
    const path = proof.match(/.{64}/g) ?? [];
    checks.same(name, await Althing.included(unhex(leaf), index, size, path.map(unhex), unhex(root)), holds);
  }
  const text = value => new TextEncoder().encode(value);
  for (const given of notes) {
    const note = Althing.readNote(given.note), point = Althing.readCheckpoint(note.text);
    const of = async (name, key, type) => {
      const id = hex(await Althing.keyId(name, key, type));
      return note.signatures.filter(line => line.name === name && hex(line.id) === id);
    };
    const [name, , ...key] = given.cosigner.split('+'), cosigner = Uint8Array.from(Buffer.from(key.join('+'), 'base64')).subarray(1);
    const mine = await of(point.origin, point.key, 1), theirs = await of(name, cosigner, 4);
    checks.same(given.name, {
      origin: point.origin, size: point.size, root: hex(point.root),
      signed: mine.length === 1 && !await Althing.fault(point.key, mine[0].data, text(note.text)),
      cosigned: theirs.length === 1 && await Althing.cosigned(cosigner, theirs[0].data, note.text) !== null,
    }, Object.fromEntries(['origin', 'size', 'root', 'signed', 'cosigned'].map(name => [name, given[name]])));
  }
}

/** Bytes given as hexadecimal text and how often it stands there, or as ranges of other bytes. */
const assemble = (parts, whole) => Uint8Array.from(Buffer.concat(parts.map(([from, to]) =>
  typeof from === 'string' ? Buffer.from(from.repeat(to), 'hex') : whole.subarray(from, to))));

/** The rules of anchor entries that proofs share, 1 to 3: `form`, `body` and what comes later is not for the page. */
async function checkAnchors({ accepted, refused }, checks) {
  const shared = new Set(['header', 'trie', 'receipt', 'status', 'event', 'contract', 'topics', 'data']);
  const read = async body => {
    const anchor = Althing.decode(body);
    anchor.set('receipt', anchor.get('receipt').map(node => node.get('node')));
    const found = await Althing.readAnchor(anchor);
    return { chain: anchor.get('chain'), ...found, digest: hex(found.digest) };
  };
  const bodies = {};
  for (const given of accepted) {
    bodies[given.name] = unhex(given.body);
    const found = await read(bodies[given.name]);
    checks.same(given.name, found, Object.fromEntries(Object.keys(found).map(name => [name, given[name]])));
  }
  for (const { name, of, parts, error } of refused.filter(given => shared.has(given.error))) {
    const found = await read(assemble(parts, bodies[of])).then(() => 'accepted', broken => {
      if (broken instanceof Althing.Broken) return error;
      throw broken;
    });
    checks.same(name, found, error);
  }
}

/** Bundles: what they say, or the first check that fails. A refused one is made of parts of an accepted one. */
async function checkProofs({ accepted, refused }, checks) {
  const bundles = {};
  for (const { name, bundle, says, facts } of accepted) {
    bundles[name] = unhex(bundle);
    const found = await Althing.verify(bundles[name]);
    checks.same(name, found.ok ? found.says.join(' ') : found.reason, says);
    checks.same(`${name}: facts`, sorted(found.facts), sorted(facts));
  }
  for (const { name, of, parts, refused: expected } of refused) {
    const found = await Althing.verify(assemble(parts, bundles[of]));
    checks.same(name, found.ok ? 'accepted' : found.reason, expected);
  }
  // Every byte of one of them, one bit at a time over all of them, and the file cut short after each.
  const { name } = accepted.reduce((least, one) => one.bundle.length < least.bundle.length ? one : least);
  for (let at = 0; at < bundles[name].length; at++) {
    const changed = Uint8Array.from(bundles[name]);
    changed[at] ^= 1 << at % 8;
    checks.same(`${name} with byte ${at} changed`, (await Althing.verify(changed)).ok, false);
    checks.same(`${name} cut off after ${at} bytes`, (await Althing.verify(bundles[name].subarray(0, at))).ok, false);
  }
}

const sorted = value => value && typeof value === 'object' && !Array.isArray(value)
  ? Object.fromEntries(Object.keys(value).sort().map(name => [name, sorted(value[name])]))
  : Array.isArray(value) ? value.map(sorted) : value;

const FILES = {
  'entry.json': checkEntries,
  'admit.json': checkFaults,
  'log.json': checkLogs,
  'anchor.json': checkAnchors,
  'proof.json': checkProofs,
};

async function check(folder) {
  let failed = false;
  const report = (name, checks) => {
    for (const failure of checks.failures) console.error(`${name}: ${failure}`);
    console.log(`${name}: ${checks.passed} agree, ${checks.failures.length} do not`);
    failed ||= checks.failures.length > 0 || checks.passed === 0;
  };
  const keccak = new Checks();
  checkKeccak(keccak);
  report('keccak', keccak);
  for (const [name, run] of Object.entries(FILES)) {
    const checks = new Checks();
    await run(JSON.parse(readFileSync(join(folder, name), 'utf8')), checks);
    report(name, checks);
  }
  return failed ? 1 : 0;
}

const [, , command, path] = process.argv;
if (command === 'bundle' && path) {
  const result = await Althing.verify(readFileSync(path));
  console.log(result.ok ? result.says.join('\n') : `Refused (${result.reason}): ${result.why}.`);
  process.exitCode = result.ok ? 0 : 1;
} else if (command === 'check' && path) {
  process.exitCode = await check(path);
} else {
  console.error('usage: node verify.mjs check FOLDER | bundle FILE');
  process.exitCode = 2;
}
