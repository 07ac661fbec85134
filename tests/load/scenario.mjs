// What if, for one account at once: the median of many questions over HTTP, each about another account.
//   node tests/load/scenario.mjs http://127.0.0.1:8080 [login] [password] [questions]
const [base = 'http://127.0.0.1:8080', login = 'chief', password = 'almaty-demo', count = '300'] = process.argv.slice(2)

async function call(query, variables, token) {
  const answer = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await answer.json()
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const opened = await call(
  'mutation SessionOpen($input: SessionOpenInput!) { sessionOpen(input: $input) { session { accessToken refreshToken expiresIn } errors { code field message } } }',
  { input: { login, password } },
)
const token = opened.sessionOpen.session.accessToken
const listed = await call('{ accounts(first: 100) { nodes { id } } }', {}, token)
const accounts = listed.accounts.nodes.map((one) => one.id)
const ask = `query($a: ID!, $c: [ScenarioChangeInput!]!) {
  scenarioOfAccount(account: $a, changes: $c) { comparison { before after difference } errors { code } } }`
const changes = [{ price: { service: 'WATER', consumerGroup: 'POPULATION', from: '2026-03-01', net: '72.60' } }]
const times = []
for (let at = 0; at < Number(count); at += 1) {
  const begun = performance.now()
  await call(ask, { a: accounts[at % accounts.length], c: changes }, token)
  times.push(performance.now() - begun)
}
times.sort((a, b) => a - b)
const part = (share) => `${times[Math.floor(share * (times.length - 1))].toFixed(1)} ms`
process.stdout.write(`${times.length} questions: median ${part(0.5)}, 95 % ${part(0.95)}, slowest ${part(1)}\n`)
