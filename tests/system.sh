#!/bin/sh
# Installs with apt what the tests start for real. Each line: a command that must be there, and its Debian package.
set -eu
missing=""
# Debian keeps PostgreSQL's programs out of the PATH, a folder a version.
servers=$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')
while read -r command package; do
  PATH="$PATH:/usr/sbin:/sbin:$servers" command -v "$command" >/dev/null 2>&1 || missing="$missing $package"
done <<LIST
openssl openssl
postfix postfix
dovecot dovecot-imapd
zip zip
unzip unzip
sha256sum coreutils
pdftotext poppler-utils
pdftoppm poppler-utils
pdfsig poppler-utils
qpdf qpdf
initdb postgresql
redis-server redis-server
docker-compose docker-compose
prlimit util-linux
gpg gnupg
gpgsm gpgsm
gpg-agent gpg-agent
cmsutil libnss3-tools
certutil libnss3-tools
sq sq
softhsm2-util softhsm2
slapd slapd
ldapadd ldap-utils
tiffinfo libtiff-tools
zbarimg zbar-tools
sshd openssh-server
ssh-keygen openssh-client
apache2 apache2-bin
node nodejs
npm npm
chromium chromium
systemd-analyze systemd
pg_dump postgresql-client
LIST
# OpenPGP.js, as a reader of what we send: pinned by a lock file with its digest.
openpgpjs() {
  folder=$(dirname "$0")/real/openpgpjs
  if [ ! -d "$folder/node_modules/openpgp" ] && command -v npm >/dev/null 2>&1; then
    echo "system: installing OpenPGP.js for the tests" >&2
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent >&2 ||
      echo "system: cannot install OpenPGP.js here; tests that need it will say so" >&2
  fi
}
# The reference server of tus, as an exchange that we upload to: the same way.
tusserver() {
  folder=$(dirname "$0")/real/tusserver
  if [ ! -d "$folder/node_modules/@tus" ] && command -v npm >/dev/null 2>&1; then
    echo "system: installing a tus server for the tests" >&2
    npm ci --prefix "$folder" --omit=optional --ignore-scripts --no-audit --no-fund --silent >&2 ||
      echo "system: cannot install a tus server here; tests that need it will say so" >&2
  fi
}
# A certified OpenID Connect provider that people sign in at: the same way.
oidcprovider() {
  folder=$(dirname "$0")/real/oidcprovider
  if [ ! -d "$folder/node_modules/oidc-provider" ] && command -v npm >/dev/null 2>&1; then
    echo "system: installing an OpenID Connect provider for the tests" >&2
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent >&2 ||
      echo "system: cannot install an OpenID Connect provider here; tests that need it will say so" >&2
  fi
}
if [ -z "$missing" ]; then
  openpgpjs
  tusserver
  oidcprovider
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "system: cannot install$missing here (needs root and apt); tests that need them will say so" >&2
  exit 0
fi
echo "system: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Servers are only started by the tests, from folders of their own: their services stay off.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.gateway-tests
chmod +x /usr/sbin/policy-rc.d.gateway-tests
[ -e /usr/sbin/policy-rc.d ] || ln -s policy-rc.d.gateway-tests /usr/sbin/policy-rc.d
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
[ "$(readlink /usr/sbin/policy-rc.d 2>/dev/null)" = policy-rc.d.gateway-tests ] && rm -f /usr/sbin/policy-rc.d
rm -f /usr/sbin/policy-rc.d.gateway-tests
openpgpjs
tusserver
oidcprovider
