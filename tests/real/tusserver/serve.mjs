// The reference server, started by tests/real/tus.py: node serve.mjs FOLDER PORT. It keeps uploads as files in FOLDER.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const [folder, port] = process.argv.slice(2);
const tokens = process.env.TOKEN;
const server = new Server({
  path: "/files",
  datastore: new FileStore({ directory: folder, expirationPeriodInMilliseconds: Number(process.env.EXPIRES ?? 0) }),
  async onIncomingRequest(request) {
    if (tokens && request.headers.get("authorization") !== `Bearer ${tokens}`) {
      throw { status_code: 401, body: "who are you" };
    }
  },
});
server.listen({ host: "127.0.0.1", port: Number(port) });
