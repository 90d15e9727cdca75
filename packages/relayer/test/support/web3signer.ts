import { once } from "node:events";
import { createServer } from "node:http";
import { type Hex, keccak256 } from "viem";
import { privateKeyToAccount } from "viem/accounts";

// A signer of its own, in a process of its own, that speaks web3signer's eth1 API as its documentation has it: public keys
// without the leading 04, signatures of keccak256(data), answers in plain text. A path that begins with
// `/FAULT/` gets a bad one, and one that begins with `/secured/` needs a user, a password and a key.

const account = privateKeyToAccount(process.env["KEY"] as Hex);
const identifier = `0x${account.publicKey.slice(4)}`;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
  const [, fault, path] = /^\/(down|other-data|v-zero-based|secured|endless)(.*)$/.exec(pathname) ?? [
    null,
    "none",
    pathname,
  ];
  const basic = `Basic ${Buffer.from("operator:pass word").toString("base64")}`;
  if (fault === "down") {
    response.writeHead(503).end();
  } else if (fault === "endless") {
    while (!response.destroyed) {
      if (!response.write(" ".repeat(1 << 20))) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
  } else if (
    fault === "secured" &&
    (request.headers.authorization !== basic || !searchParams.has("apikey", "sesame"))
  ) {
    response.writeHead(401).end();
  } else if (request.method === "GET" && path === "/api/v1/eth1/publicKeys") {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify([identifier]));
  } else if (request.method === "POST" && path === `/api/v1/eth1/sign/${identifier}`) {
    const { data } = JSON.parse(body) as { data: Hex };
    const hash = keccak256(fault === "other-data" ? `${data}00` : data);
    const signature = await account.sign({ hash });
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(
      fault === "v-zero-based" ? `${signature.slice(0, 130)}${signature.endsWith("1b") ? "00" : "01"}` : signature,
    );
  } else {
    response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
});
