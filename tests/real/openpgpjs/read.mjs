// Reads a message on standard input with the private key and the pinned public key in the two files, and writes what
// was signed. Ends with an error unless one signature holds.
import { readFileSync, writeSync } from "node:fs";
import * as openpgp from "openpgp";

const [privateFile, pinnedFile] = process.argv.slice(2);
const decryptionKeys = await openpgp.readPrivateKey({ armoredKey: readFileSync(privateFile, "utf8") });
const verificationKeys = await openpgp.readKey({ armoredKey: readFileSync(pinnedFile, "utf8") });
const message = await openpgp.readMessage({ armoredMessage: readFileSync(0, "utf8") });
const { data, signatures } = await openpgp.decrypt({
  message, decryptionKeys, verificationKeys, expectSigned: true, format: "binary",
});
if (signatures.length !== 1 || !(await signatures[0].verified)) throw new Error("no good signature");
for (let at = 0; at < data.length;) at += writeSync(1, data, at);
