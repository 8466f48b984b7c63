// Compiles Anchor.sol with npm's solc and prints what Anchor.json holds. Needs no network:
//   node compile.js NODE_MODULES >Anchor.json
// The EVM version is an old one on purpose: the contract runs on chains that are behind. The hash of metadata is left out,
// so that the same source gives the same bytes wherever it lies.
const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");

const modules = resolve(process.argv[2]);
const solc = require(join(modules, "solc"));
const { keccak256 } = require(join(modules, "js-sha3"));

const settings = {
  evmVersion: "london",
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  optimizer: { enabled: true, runs: 1000000 },
};
const input = {
  language: "Solidity",
  sources: { "Anchor.sol": { content: readFileSync(join(__dirname, "Anchor.sol"), "utf8") } },
  settings: {
    ...settings,
    outputSelection: {
      "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] },
    },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors?.length) {
  for (const { formattedMessage } of output.errors) process.stderr.write(formattedMessage);
  process.exit(1);
}
const { abi, evm } = output.contracts["Anchor.sol"].Anchor;
const runtime = evm.deployedBytecode.object;
process.stdout.write(
  JSON.stringify(
    {
      compiler: solc.version(),
      settings,
      abi,
      methods: evm.methodIdentifiers,
      creation: evm.bytecode.object,
      runtime,
      runtime_keccak256: keccak256(Buffer.from(runtime, "hex")),
    },
    null,
    2,
  ) + "\n",
);
