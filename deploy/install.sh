#!/bin/sh
# Installs what the portal or its tests need and this machine lacks:
#
#   install.sh postgres   the server binaries of PostgreSQL, 15 or newer
#   install.sh browser    Chromium, for the tests in a browser
#   install.sh office     LibreOffice Writer and fonts, for letters as PDF
#   install.sh sources    the servers that the connectors are tested against
#
# It asks for no password: as root or with sudo that wants none it installs,
# otherwise it says what to install.
set -eu

oldest=15

main() {
  for want in "$@"; do
    "has_$want" && continue
    echo "installing: $want" >&2
    if may_install && "install_$want" >&2 && "has_$want"; then
      continue
    fi
    "explain_$want" >&2
    exit 1
  done
}

# The same places as internal/pgserver/binaries.go.
has_postgres() {
  for dir in "$(dirname "$(real postgres)")" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /usr/lib/postgresql*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
    /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
    /Applications/Postgres.app/Contents/Versions/*/bin; do
    [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] || continue
    version=$("$dir/postgres" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "${version:-0}" -ge "$oldest" ] && return 0
  done
  return 1
}

has_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable headless-shell chrome; do
    # Ubuntu's chromium-browser is a script that only asks for snap.
    command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1 && return 0
  done
  [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] ||
    [ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
}

# The same places as internal/pdf/find.go. A font that every machine has keeps the
# letters alike.
has_office() {
  for path in "$(command -v soffice)" "$(command -v libreoffice)" /usr/lib/libreoffice/program/soffice \
    /usr/lib64/libreoffice/program/soffice /usr/local/bin/soffice /opt/libreoffice*/program/soffice \
    /opt/homebrew/bin/soffice; do
    [ -n "$path" ] && [ -x "$path" ] || continue
    fc-list : family 2>/dev/null | grep -q "Liberation Sans" && return 0
  done
  [ -x /Applications/LibreOffice.app/Contents/MacOS/soffice ] # which brings its fonts
}

# Debian's names of the servers; each stands for a program that proves it is there.
has_sources() {
  for program in mariadbd dovecot slapd slapadd apache2 postfix sshd mailman prosody rg zstd zip; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1 || return 1
  done
}

install_sources() {
  [ "$(manager)" = apt ] || return 1
  apt_update
  quietly apt_get install -y -q --no-install-recommends mariadb-server dovecot-imapd slapd ldap-utils apache2 postfix \
    openssh-server openssh-client mailman3 prosody ripgrep zstd zip
}

install_postgres() {
  case $(manager) in
  apt) apt_postgres ;;
  dnf)
    # Red Hat's default may be older than what its modules offer.
    root dnf -y -q module enable postgresql:16 >/dev/null 2>&1 || true
    root dnf -y -q install postgresql-server
    ;;
  apk) root apk add -q postgresql ;;
  zypper) root zypper -n -q install postgresql-server ;;
  pacman) root pacman -Sy --noconfirm --needed postgresql ;;
  brew) brew install -q postgresql@17 ;;
  *) return 1 ;;
  esac
}

install_browser() {
  case $(manager) in
  apt) apt_update && apt_get install -y -q --no-install-recommends chromium fonts-liberation ;;
  dnf) root dnf -y -q install chromium ;;
  apk) root apk add -q chromium ;;
  zypper) root zypper -n -q install chromium ;;
  pacman) root pacman -Sy --noconfirm --needed chromium ;;
  brew) brew install -q --cask google-chrome ;;
  *) return 1 ;;
  esac
}

install_office() {
  case $(manager) in
  apt) apt_update && apt_get install -y -q --no-install-recommends libreoffice-writer-nogui fontconfig fonts-liberation fonts-dejavu-core ;;
  dnf) root dnf -y -q install libreoffice-writer fontconfig liberation-sans-fonts dejavu-sans-fonts ;;
  apk) root apk add -q libreoffice-writer fontconfig font-liberation font-dejavu ;;
  zypper) root zypper -n -q install libreoffice-writer fontconfig liberation-fonts dejavu-fonts ;;
  pacman) root pacman -Sy --noconfirm --needed libreoffice-still fontconfig ttf-liberation ttf-dejavu ;;
  brew) brew install -q --cask libreoffice ;;
  *) return 1 ;;
  esac
}

# Debian's package would create a cluster of its own and start it. The portal
# brings its own, so neither happens, now; later installations are not affected.
apt_postgres() {
  apt_update
  apt_get install -y -q --no-install-recommends postgresql-common || return 1
  if [ "$(apt_newest)" -lt "$oldest" ] && [ -x /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh ]; then
    echo "this distribution's PostgreSQL is too old: adding the repository apt.postgresql.org"
    apt_get install -y -q --no-install-recommends ca-certificates
    root /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y || return 1
  fi
  newest=$(apt_newest)
  [ "$newest" -ge "$oldest" ] || return 1

  quiet=/etc/postgresql-common/createcluster.d/einsicht.conf
  root mkdir -p "$(dirname "$quiet")"
  echo "create_main_cluster = false" | root tee "$quiet" >/dev/null
  status=0
  quietly apt_get install -y -q --no-install-recommends "postgresql-$newest" || status=1
  root rm -f "$quiet"
  return "$status"
}

# quietly COMMAND: while it runs, packages that it installs start no server.
quietly() {
  policy=/usr/sbin/policy-rc.d
  ours=
  if [ ! -e "$policy" ]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' | root tee "$policy" >/dev/null
    root chmod +x "$policy"
  fi
  outcome=0
  "$@" || outcome=1
  [ -z "$ours" ] || root rm -f "$ours"
  return "$outcome"
}

apt_newest() {
  newest=$(apt-cache search --names-only '^postgresql-[0-9]+$' | sed 's/^postgresql-\([0-9]*\) .*/\1/' | sort -n | tail -n 1)
  echo "${newest:-0}"
}

apt_get() { root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

apt_update() { apt_get update -q || true; } # one mirror that fails need not matter

explain_postgres() {
  cat <<END

The portal needs the server binaries of PostgreSQL $oldest or newer, and they could not be installed here. Ways out:
  - install them:  $(by_hand postgresql postgresql-server postgresql@17)
  - put the folder of initdb and postgres on PATH
  - use a server of your own: set DATABASE_URL and EINSICHT_MIGRATE_URL ("einsicht migrate --roles" prints
    what its administrator has to run)
END
}

explain_browser() {
  cat <<END

The tests in a browser need Chromium or Chrome, and it could not be installed here. Ways out:
  - install it:  $(by_hand chromium chromium '--cask google-chrome')
  - on Ubuntu, where Chromium comes as a snap: the package from https://www.google.com/chrome/
  - run only the other tests:  go test ./...
END
}

explain_office() {
  cat <<END

Letters become PDF by LibreOffice, and it (or the font Liberation Sans, or fontconfig's fc-list) could not be installed
here. The portal runs without it: letters are complete as HTML. For its tests, ways out:
  - install it:  $(by_hand 'libreoffice-writer-nogui fontconfig fonts-liberation fonts-dejavu-core' \
    'libreoffice-writer fontconfig liberation-sans-fonts dejavu-sans-fonts' '--cask libreoffice')
  - run only the other tests:  go test \$(go list ./... | grep -v internal/pdf)
END
}

explain_sources() {
  cat <<END

The connectors are tested against real servers, and these could not be installed here. The portal itself needs none of
them. For its tests, on Debian or Ubuntu:
  - install them:  sudo apt-get install --no-install-recommends mariadb-server dovecot-imapd slapd ldap-utils apache2 postfix \\
                     openssh-server openssh-client mailman3 prosody ripgrep zstd zip
  - run only the other tests:  go test \$(go list ./... | grep -v internal/connector/)
END
}

# by_hand DEBIAN REDHAT HOMEBREW: the command to type.
by_hand() {
  case $(manager) in
  apt) echo "sudo apt-get install $1" ;;
  dnf) echo "sudo dnf install $2" ;;
  apk) echo "sudo apk add $1" ;;
  zypper) echo "sudo zypper install $2" ;;
  pacman) echo "sudo pacman -S $1" ;;
  brew) echo "brew install $3" ;;
  *) echo "the package $1" ;;
  esac
}

manager() {
  if command -v apt-get >/dev/null 2>&1; then
    echo apt
  else
    for name in dnf apk zypper pacman brew; do
      command -v "$name" >/dev/null 2>&1 && echo "$name" && return
    done
    echo none
  fi
}

may_install() {
  [ "$(manager)" = brew ] || [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# real NAME: the file that a command on PATH is in the end.
real() {
  path=$(command -v "$1" 2>/dev/null) || return 0
  readlink -f "$path" 2>/dev/null || echo "$path"
}

main "$@"
