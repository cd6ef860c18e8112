// Speaks WebAuthn for the forms that are marked with data-passkey, and posts what the authenticator answers. A form shows
// only where the browser can do it; whoever has no script signs in by link and code.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const listed = (keys) => (keys || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function answered(kind, asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge) };
  if (kind === "get") {
    publicKey.allowCredentials = listed(asked.allowCredentials);
    return navigator.credentials.get({ publicKey });
  }
  publicKey.user = { ...asked.user, id: bytes(asked.user.id) };
  publicKey.excludeCredentials = listed(asked.excludeCredentials);
  return navigator.credentials.create({ publicKey });
}

function told({ id, rawId, type, response }) {
  const fields = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) fields[name] = text(response[name]);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: fields, clientExtensionResults: {} });
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  document.querySelectorAll(".without").forEach((one) => (one.hidden = true));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      const credential = await answered(form.dataset.passkey, JSON.parse(form.dataset.asked));
      form.elements.answer.value = told(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
