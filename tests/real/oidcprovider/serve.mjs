// A provider, started by tests/real/oidc.py: node serve.mjs PORT CLIENT SECRET REDIRECT… Whoever types a name is that.
import Provider from "oidc-provider";

const [port, client, secret, ...redirects] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: redirects, response_types: ["code"], grant_types: ["authorization_code"] }],
  scopes: ["openid", "profile", "groups"],
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
  conformIdTokenClaims: false, // what is asked for stands in the ID token
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@irb.test`, groups: ["gateway"] }),
  }),
  cookies: { keys: ["of the tests"] },
  ttl: { AuthorizationCode: 60, IdToken: 60, AccessToken: 60, Session: 600, Interaction: 600, Grant: 600 },
});
provider.listen(Number(port), "127.0.0.1");
