# shellcheck shell=bash
# Shared by ./start and ./check: saying what happens, finding or installing what is missing.
# Sourced, never run. The caller sets `set -euo pipefail` and calls `use_data DIR` before anything else.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source-path=SCRIPTDIR
. "$ROOT/.ci/servers.sh"

MIN_POSTGRES=15
RUSTUP_LINE="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c rustfmt -c clippy"

# ---------------------------------------------------------------- saying

# shellcheck disable=SC2034
if [ -t 1 ]; then BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'; else BOLD='' DIM='' RED='' GREEN='' PLAIN=''; fi

say()  { printf '%s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
die()  { printf '%s%s%s\n' "$RED" "$1" "$PLAIN" >&2; shift; [ $# -eq 0 ] || printf '%s\n' "$@" >&2; exit 1; }

slug() { printf '%s' "$1" | tr -cs 'A-Za-z0-9' '-' | tr '[:upper:]' '[:lower:]' | sed 's/^-//; s/-$//'; }

# The last thing a log says, cut to one short line (progress bars overwrite their line with \r).
last_line() { tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c1-70; }

TICKER=
# ticker "what" log: on a terminal one line that counts the seconds, elsewhere a line every half a minute.
ticker() {
  local what=$1 log=$2 began=$SECONDS
  (
    # The sleep must go too: it holds our output, and whoever reads it through a pipe would wait.
    trap 'kill "${!:-}" 2>/dev/null; exit 0' TERM
    if [ -t 1 ]; then
      while :; do
        printf '\r\e[K  %s %s%4d s  %s%s' "$what" "$DIM" $((SECONDS - began)) "$(last_line "$log")" "$PLAIN"
        sleep 1 & wait $!
      done
    else
      while :; do
        sleep 30 & wait $!
        printf '  … %s, %d s: %s\n' "$what" $((SECONDS - began)) "$(last_line "$log")"
      done
    fi
  ) 2>/dev/null 9>&- &
  TICKER=$!
}
stop_ticker() {
  [ -n "$TICKER" ] || return 0
  kill "$TICKER" 2>/dev/null || true
  wait "$TICKER" 2>/dev/null || true
  TICKER=
  if [ -t 1 ]; then printf '\r\e[K'; fi
}

# alone LOG command…: runs the command in a process group of its own, so that an interruption at any moment can end all
# of it (end_group, from the traps). Sets RC. Never call it, or what calls it, inside `if`, `&&` or `||`: bash would then
# ignore errors inside the command.
GROUP='' RC=0
alone() {
  local log=$1; shift
  set -m
  ( set -e; "$@" ) >"$log" 2>&1 </dev/null 9>&- &
  GROUP=$!
  set +m
  RC=0
  wait "$GROUP" || RC=$?
  GROUP=''
}
end_group() {
  [ -n "$GROUP" ] || return 0
  kill -TERM -- "-$GROUP" 2>/dev/null || true
  wait "$GROUP" 2>/dev/null || true
  GROUP=''
}

# step "what" command…: the output goes to a log, the screen gets one line; ends the script when the command fails.
step() {
  local what=$1 log began=$SECONDS
  shift
  log="$LOGS/$(slug "$what").log"
  : >"$log"
  ticker "$what" "$log"
  alone "$log" "$@"
  stop_ticker
  if [ "$RC" -ne 0 ]; then
    printf '%s✗ %s%s failed after %d s. The end of %s:\n\n' "$RED" "$what" "$PLAIN" $((SECONDS - began)) "$log" >&2
    tail -n 40 "$log" >&2
    exit 1
  fi
  printf '%s✓%s %s %s%d s%s\n' "$GREEN" "$PLAIN" "$what" "$DIM" $((SECONDS - began)) "$PLAIN"
}

# ---------------------------------------------------------------- where things are kept

# use_data DIR: everything the scripts create lies there. Sets DATA, LOGS, TOOLS.
use_data() {
  mkdir -p "$1" 2>/dev/null || die "Cannot create the data directory $1" "Choose another with --data DIR."
  DATA=$(cd "$1" && pwd -P)
  LOGS=$DATA/logs TOOLS=$DATA/tools
  { mkdir -p "$LOGS" "$TOOLS" && [ -w "$DATA" ] && [ -w "$LOGS" ]; } 2>/dev/null ||
    die "$DATA belongs to $(stat -c %U "$DATA"), and you are $(id -un)." \
        "Run as that user, or keep your own state with --data DIR (for ./check: AISCRA_DATA=DIR)."
  PATH=$TOOLS/bin:$TOOLS/node/node_modules/.bin:$PATH:$HOME/.cargo/bin:/usr/sbin:/sbin
}

# take_lock NAME: one run at a time; the lock dies with this process (descriptor 9, closed for every child).
take_lock() {
  exec 9>>"$DATA/$1.lock"
  flock -n 9 && return 0
  say "Another $1 is at work on $DATA; waiting for it …"
  flock -w 1800 9 || die "It did not end within half an hour."
}

# ---------------------------------------------------------------- installing

# Sets SUDO to what must stand before a command of root; fails when there is no way.
may_install() {
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -eq 0 ]; then SUDO=(env); return 0; fi
  command -v sudo >/dev/null || return 1
  if sudo -n true 2>/dev/null; then SUDO=(sudo -n); return 0; fi
  # A password may be asked for on the terminal itself; standard input stays untouched.
  if [ -t 1 ] && sudo -v; then SUDO=(sudo -n); return 0; fi
  return 1
}

apt_install() {
  local apt=("${SUDO[@]}" DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  [ "${SUDO[0]}" = env ] || apt=("${SUDO[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  # Fresh images carry no package lists, old ones name versions that are gone: refresh once, then try again.
  "${apt[@]}" install --no-install-recommends "$@" || { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; }
}

# install_or_say "what" package…: through apt, or says the line a person with rights can run.
install_or_say() {
  local what=$1; shift
  may_install || die "$what is missing and I have no right to install it (no root, no sudo). Ask for:" \
                     "  sudo apt-get install --no-install-recommends $*"
  step "installing $what" apt_install "$@"
  hash -r
}

# ---------------------------------------------------------------- basics, Rust, Node, Chromium

need_basics() {
  local missing=()
  [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -eq 0 ] || install_or_say "${missing[*]}" "${missing[@]}"
}

need_cc() {
  command -v cc >/dev/null && [ -e /usr/include/stdio.h ] && return 0
  install_or_say "a C compiler (the linker of Rust programs)" gcc libc6-dev
}

# The rustup installer is somebody else's script run from the network: never without a yes.
need_rust() {
  local want answer=
  want=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
  if ! command -v cargo >/dev/null; then
    if [ "${YES:-}" = 1 ]; then answer=y
    elif [ -t 1 ] && { : </dev/tty; } 2>/dev/null; then
      printf 'Rust is missing. Run the official installer now?\n  %s\n[y/N] ' "$RUSTUP_LINE"
      read -r answer </dev/tty || answer=
    fi
    case $answer in
      [yY]*) need_basics; step "installing Rust" bash -o pipefail -c "$RUSTUP_LINE --default-toolchain $want --no-modify-path"; hash -r ;;
      *) die "Rust is missing. Install it (as $(id -un)) and run me again, or let me do it with --yes:" "  $RUSTUP_LINE" ;;
    esac
  fi
  cd "$ROOT"
  if ! cargo --version >/dev/null 2>&1; then
    command -v rustup >/dev/null || die "cargo does not run here:" "$(cargo --version 2>&1 | head -n 5)"
    step "installing Rust $want (rust-toolchain.toml)" rustup toolchain install "$want" --profile minimal -c rustfmt -c clippy
  fi
  local have; have=$(cargo --version | awk '{print $2}')
  [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] ||
    die "Rust $want or newer is needed, $(command -v cargo) is $have. The official installer brings it:" "  $RUSTUP_LINE"
  TARGET=$(cargo metadata --format-version 1 --no-deps --offline 2>/dev/null | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  [ -n "$TARGET" ] || TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
}

# Vite 8 runs on 20.19+, 22.12+ and newer lines.
node_is_fit() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  local v major minor; v=$(node --version 2>/dev/null) || return 1
  v=${v#v} major=${v%%.*} minor=${v#*.} minor=${minor%%.*}
  { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } || { [ "$major" -eq 22 ] && [ "$minor" -ge 12 ]; } || [ "$major" -ge 24 ]
}

need_node() {
  node_is_fit && return 0
  command -v npm >/dev/null || { need_basics; install_or_say "npm" npm; }
  if node_is_fit; then return 0; fi
  local arch; case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) die "No Node for $(uname -m): install Node 20.19 or newer." ;; esac
  # Distributions lag (Debian 12 ships 18): a Node of our own, with an npm that knows it, under the data directory.
  mkdir -p "$TOOLS/node"
  step "installing Node 24 privately" npm install --no-audit --no-fund --prefix "$TOOLS/node" "node-linux-$arch@24" "npm@10"
  mkdir -p "$TOOLS/bin"
  ln -sf "../node/node_modules/node-linux-$arch/bin/node" "$TOOLS/bin/node"
  hash -r
  node_is_fit || die "Node $(node --version 2>&1) is still unfit; install Node 20.19 or newer."
}

need_chromium() {
  local c
  for c in "${CHROMIUM_PATH:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    # Ubuntu's `chromium-browser` is a stub that only points to snap: it must really answer.
    if [ -n "$c" ] && command -v "$c" >/dev/null && "$c" --version >/dev/null 2>&1; then
      CHROMIUM_PATH=$(command -v "$c"); export CHROMIUM_PATH; return 0
    fi
  done
  install_or_say "Chromium" chromium fonts-dejavu-core
  chromium --version >/dev/null 2>&1 || die "Chromium of this distribution does not run here. Install any Chrome or Chromium and set CHROMIUM_PATH."
  CHROMIUM_PATH=$(command -v chromium); export CHROMIUM_PATH
}

# ---------------------------------------------------------------- building

# One line that changes when any of the named files changes. Names matter too: a deleted file is a change.
fingerprint() {
  ( cd "$ROOT" && find "$@" \( -name node_modules -o -name dist -o -path '*/src/gql' \) -prune -o -type f -print0 2>/dev/null |
    LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1 )
}

npm_ci() {
  local want; want="$(fingerprint package-lock.json package.json web-admin/package.json web-admin/ui/package.json web-portal/package.json) $(node --version)"
  [ -d "$ROOT/node_modules" ] && [ "$(cat "$ROOT/node_modules/.aiscra-stamp" 2>/dev/null)" = "$want" ] && { echo "node_modules are up to date"; return 0; }
  cd "$ROOT" && npm ci --no-audit --no-fund && echo "$want" >"$ROOT/node_modules/.aiscra-stamp"
}

web_build() {
  local want; want="$(fingerprint package-lock.json package.json api/schema.graphql web-admin web-portal) $(node --version)"
  [ -d "$ROOT/web-admin/dist" ] && [ -d "$ROOT/web-portal/dist" ] &&
    [ "$(cat "$ROOT/web-portal/dist/.stamp" 2>/dev/null)" = "$want" ] && { echo "frontends are up to date"; return 0; }
  cd "$ROOT" && npm run build && echo "$want" >"$ROOT/web-portal/dist/.stamp"
}

# ---------------------------------------------------------------- processes of our own

# A pid alone may be reused by a stranger after a reboot: remember when the process began, too.
born() { awk '{ sub(/^.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null; }
remember() { printf '%s %s\n' "$1" "$(born "$1")" >"$2"; }
running() { # running PIDFILE → prints the pid when our process still lives
  local pid when
  read -r pid when 2>/dev/null <"$1" || return 1
  [ -n "$when" ] && [ "$(born "$pid")" = "$when" ] && printf '%s' "$pid"
}

# end PIDFILE SECONDS: asks, waits, insists.
end() {
  local pid n=0
  pid=$(running "$1") || { rm -f "$1"; return 0; }
  kill -TERM "$pid" 2>/dev/null || true
  while running "$1" >/dev/null && [ $n -lt $(($2 * 10)) ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$1"
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { local p=$1; while port_taken "$p"; do p=$((p + 1)); done; printf '%s' "$p"; }

# answers URL: is there a 2xx? In plain bash, a fresh machine may have no curl. A subshell, because a refused
# connection ends the shell that tries it.
answers() (
  hostport=${1#http://} path=/${1#http://*/}
  hostport=${hostport%%/*}
  exec 4<>"/dev/tcp/${hostport%:*}/${hostport#*:}" || exit 1
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$path" "$hostport" >&4
  IFS= read -r -t 5 line <&4 || true
  [[ ${line:-} == HTTP/*\ 2* ]]
)

# The one secret all keys are derived from; made once per data directory.
need_secret() {
  SECRET=$1
  [ -s "$SECRET" ] || ( umask 077; head -c 48 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$SECRET" )
}

# serve_in_background BINARY PORT LOG PIDFILE: with the environment of the caller.
serve_in_background() {
  ( cd "$ROOT" && AISCRA_LISTEN="127.0.0.1:$2" NO_COLOR=1 exec setsid nohup "$1" serve >>"$3" 2>&1 </dev/null 9>&- ) &
  remember $! "$4"
}

# wait_ready PORT PIDFILE LOG SECONDS
wait_ready() {
  local n=0
  until answers "http://127.0.0.1:$1/ready" 2>/dev/null; do
    running "$2" >/dev/null || { echo "the product ended by itself:"; tail -n 30 "$3"; return 1; }
    n=$((n + 1)); [ $n -lt $(($4 * 5)) ] || { echo "not ready after $4 s:"; tail -n 30 "$3"; return 1; }
    sleep 0.2
  done
}
