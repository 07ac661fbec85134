// An agent that nothing spares: pays over many connections, with repeats, changed sums, accounts that do not exist and connections
// that break, while the product, PostgreSQL and Redis are killed (SIGKILL) under it. It shares no code with the server: what it was
// told over HTTP it holds against the rows of the database.
//
//   node tests/load/pays.mjs --servers DIR --binary PROGRAM [--pays 50000] [--connections 20] [--kills 20] [--accounts 2000] [--seed 1]
//
// DIR is what `./start --data DIR servers` has brought up, for nothing but this; a database of its own is made in it. The channel is
// the demo's `terminal`, of the unified format, open to this machine only.
import { spawn, execFileSync } from 'node:child_process'
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'

const { values } = parseArgs({
  options: {
    servers: { type: 'string' }, binary: { type: 'string', default: 'target/release/aiscra' },
    pays: { type: 'string', default: '50000' }, connections: { type: 'string', default: '20' },
    kills: { type: 'string', default: '20' }, accounts: { type: 'string', default: '2000' },
    port: { type: 'string', default: '18700' }, seed: { type: 'string', default: '1' },
  },
})
const [PAYS, CONNECTIONS, KILLS, PORT] = [values.pays, values.connections, values.kills, values.port].map(Number)
const CHANNEL = 'terminal'
const base = `http://127.0.0.1:${PORT}`
const say = (text) => process.stdout.write(`${text}\n`)
const wait = (ms) => new Promise((done) => { setTimeout(done, ms) })
const fail = (text) => { process.stderr.write(`${text}\n`); process.exitCode = 1 }

/** Numbers that come again with the same seed. */
function dice(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
const random = dice(Number(values.seed))
const below = (n) => Math.floor(random() * n)

// ---------------------------------------------------------------- the three that are killed

const servers = join(values.servers, 'servers')
const run = join(servers, 'run')
const database = `aiscra_load_${process.pid}`
const environment = {
  ...process.env,
  DATABASE_URL: `postgres:///${database}?host=${run}&user=aiscra`, REDIS_URL: `redis+unix://${run}/redis.sock`,
  AISCRA_CONFIG: '/dev/null', AISCRA_DEMO: 'true', AISCRA_BUSINESS_DATE: '2026-03-26', AISCRA_LISTEN: `127.0.0.1:${PORT}`,
  AISCRA_REDIS_PREFIX: database, AISCRA_SECRET_FILE: join(values.servers, 'load.secret'), AISCRA_LOG: 'error',
}
const program = (...args) => execFileSync(values.binary, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
const client = (name) => new pg.Client({ host: run, user: 'aiscra', database: name })
async function ask(name, sql, parameters) {
  const one = client(name)
  await one.connect()
  try { return (await one.query(sql, parameters)).rows } finally { await one.end() }
}

const log = openSync(join(values.servers, 'load.log'), 'a')
let serving
let over = false
/** Kept up as a supervisor keeps it: a start that finds no database or Redis ends, and is tried again. */
const serve = () => {
  serving = spawn(values.binary, ['serve'], { env: environment, stdio: ['ignore', log, log] })
  serving.on('exit', () => { if (!over) setTimeout(serve, 200) })
}
process.on('exit', () => { over = true; serving?.kill('SIGKILL') })
const gone = (pid) => { try { process.kill(pid, 0); return false } catch { return true } }
async function kill(pids) {
  for (const pid of pids) { try { process.kill(pid, 'SIGKILL') } catch { /* it ended by itself */ } }
  // Until nobody is left to be buried: to `./start` an unburied server looks alive.
  for (let n = 0; n < 800 && !pids.every(gone); n += 1) await wait(25)
}
const children = (pid) => {
  try { return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n').filter(Boolean).map(Number) } catch { return [] }
}
const revive = () => execFileSync('./start', ['--data', values.servers, 'servers'], { stdio: 'ignore', env: without(['DATABASE_URL', 'REDIS_URL']) })
const without = (names) => Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)))

const victims = {
  async serve() { await kill([serving.pid]) },
  async postgres() {
    const postmaster = Number(readFileSync(join(servers, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
    await kill([postmaster, ...children(postmaster)])
    revive()
  },
  async redis() { await kill([Number(readFileSync(join(servers, 'redis.pid'), 'utf8').trim().split(/\s+/)[0])]); revive() },
}

// ---------------------------------------------------------------- the agent

const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
/** The answer of one call, or what became of it; `broken` hangs up as soon as the request is out. */
function send(query, broken = false) {
  return new Promise((done) => {
    const request = http.get(`${base}/pay/${CHANNEL}?${new URLSearchParams(query)}`, { agent, timeout: 15_000 }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => {
        const body = Buffer.concat(parts)
        const text = body.toString('utf8')
        done({ status: answer.statusCode, body, result: /<result>(\d+)<\/result>/.exec(text)?.[1], number: /<prv_txn>(\d+)<\/prv_txn>/.exec(text)?.[1] })
      })
      answer.on('error', () => done({ lost: true }))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => done({ lost: true }))
    if (broken) request.on('finish', () => setTimeout(() => request.destroy(), random() * 8))
  })
}

const tenge = (tiyn) => `${Math.floor(tiyn / 100)}.${String(tiyn % 100).padStart(2, '0')}`
const told = { sent: 0, lost: 0, later: 0, repeated: 0, refused: 0 }
/** Asks until there is a final answer, as an agent does. */
async function settle(query) {
  for (let turn = 0; ; turn += 1) {
    told.sent += 1
    const answer = await send(query, turn === 0 && random() < 0.05)
    if (!answer.lost && answer.status === 200 && answer.result !== '1') return answer
    told[answer.lost ? 'lost' : 'later'] += 1
    if (turn > 400) throw new Error(`no final answer for ${query.txn_id}: ${JSON.stringify(answer)}`)
    await wait(Math.min(20 * 2 ** Math.min(turn, 5), 500))
  }
}

const acknowledged = new Map()
async function pay(n, accounts) {
  const txn = String(7_000_000_000_000 + n)
  const unknown = random() < 0.01
  const account = unknown ? '000000000001' : accounts[below(accounts.length)]
  const amount = 1 + below(500_000)
  const query = { command: 'pay', txn_id: txn, txn_date: '20260326120000', account, sum: tenge(amount) }
  const answer = await settle(query)
  if (unknown) {
    if (answer.result !== '5') fail(`${txn}: an unknown account was answered ${answer.result}`)
    told.refused += 1
    return
  }
  if (answer.result !== '0' || !answer.number) { fail(`${txn}: ${answer.body}`); return }
  acknowledged.set(txn, { account, amount, number: answer.number })
  if (random() < 0.1) {
    const again = await settle(query)
    told.repeated += 1
    if (!again.body.equals(answer.body)) fail(`${txn}: a repeat was answered otherwise: ${again.body}`)
  }
  if (random() < 0.03) {
    const changed = await settle({ ...query, sum: tenge(amount + 1) })
    told.refused += 1
    if (changed.result !== '300') fail(`${txn}: a changed sum was answered ${changed.result}`)
  }
}

// ---------------------------------------------------------------- the run

rmSync(environment.AISCRA_SECRET_FILE, { force: true })
writeFileSync(environment.AISCRA_SECRET_FILE, Buffer.from(Array.from({ length: 48 }, () => below(256))).toString('base64'))
await ask('postgres', `CREATE DATABASE ${database}`)
// The private servers acknowledge before the log is written; money wants it written. A killed process loses no written byte.
await ask('postgres', `ALTER DATABASE ${database} SET synchronous_commit = on`)
program('migrate')
program('seed', '--accounts', values.accounts)
const accounts = (await ask(database, 'SELECT number FROM subscribers.account WHERE closed_on IS NULL ORDER BY id LIMIT 1000')).map((row) => row.number)
serve()
const begun = performance.now()
let done = 0
let next = 0
const fired = Promise.all(Array.from({ length: CONNECTIONS }, async () => {
  while (next < PAYS) { next += 1; await pay(next, accounts); done += 1 }
}))
const killed = { serve: 0, postgres: 0, redis: 0 }
const killer = (async () => {
  const names = Object.keys(victims)
  const turns = KILLS * names.length
  for (let turn = 0; turn < turns; turn += 1) {
    // Spread over the payments, so that every kill meets traffic.
    while (done < (PAYS * (turn + 0.5)) / turns) await wait(20)
    const name = names[turn % names.length]
    await victims[name]()
    killed[name] += 1
  }
})()
await Promise.all([fired, killer])
const seconds = (performance.now() - begun) / 1000
over = true
serving.kill('SIGTERM')
await new Promise((ended) => { if (serving.exitCode === null) serving.on('exit', ended); else ended() })

// ---------------------------------------------------------------- what the books say

const rows = await ask(database, `
  SELECT p.external_id, a.number AS account, p.amount::text AS amount, p.id::text AS id
  FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id WHERE p.channel = $1`, [CHANNEL])
const kept = new Map()
for (const row of rows) {
  if (kept.has(row.external_id)) fail(`${row.external_id} is there twice`)
  kept.set(row.external_id, row)
  const known = acknowledged.get(row.external_id)
  if (!known) fail(`${row.external_id} was never acknowledged`)
  else if (known.account !== row.account || String(known.amount) !== row.amount) fail(`${row.external_id} differs`)
}
for (const txn of acknowledged.keys()) if (!kept.has(txn)) fail(`${txn} was acknowledged and is lost`)
const [{ differ, allotted }] = await ask(database, `
  WITH sub AS (SELECT account_id, sum(amount - settled) AS owed FROM ledger.open_item GROUP BY 1),
       books AS (
         SELECT account_id, sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                              - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END) AS owed
         FROM ledger.entry GROUP BY 1)
  SELECT (SELECT count(*) FROM sub FULL JOIN books USING (account_id) WHERE coalesce(sub.owed, 0) <> coalesce(books.owed, 0)) AS differ,
         (SELECT count(*) FROM payments.payment p WHERE p.channel = $1 AND p.amount <>
            (SELECT coalesce(sum(e.amount), 0) FROM ledger.entry e
             WHERE e.account_id = p.account_id AND e.source = 'payment' AND e.source_id = p.id)) AS allotted`, [CHANNEL])
if (differ !== '0') fail(`items and books differ for ${differ} accounts`)
if (allotted !== '0') fail(`${allotted} payments are not in the books with their whole sum`)
program('doctor')
await ask('postgres', `DROP DATABASE ${database} WITH (FORCE)`)
say(`${acknowledged.size} payments acknowledged, each there once; ${told.refused} refused, none there; ${told.repeated} repeats answered byte for byte`)
say(`${told.sent} requests in ${seconds.toFixed(1)} s, ${told.lost} lost, ${told.later} told to come later; killed: ${JSON.stringify(killed)}`)
