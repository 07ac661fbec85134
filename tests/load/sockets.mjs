// The two programs that `aiscra bench sockets` starts. `say` is a bare broadcast server: each line that it reads goes to every
// client. `hear URL COUNT [HELLO]` opens many sockets and tells, as lines of JSON, when they are ready and when the last has heard.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WebSocket, WebSocketServer } from 'ws'

const [role, ...args] = process.argv.slice(2)
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const lines = createInterface({ input: process.stdin })
// Sockets that have not heard of the fact yet, and those that have.
const silent = new Set()
const all = new Set()
let waiting = 0
// Whoever started this ended.
lines.on('close', () => process.exit())

if (role === 'say') {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  lines.on('line', (line) => server.clients.forEach((client) => client.send(line)))
  tell({ url: `ws://127.0.0.1:${server.address().port}` })
} else {
  await hear(args[0], Number(args[1]), args[2] && JSON.parse(args[2]))
}

/** `hello`: `{ init, subscribe, shows }` of graphql-transport-ws; `shows` when the subscription begins with a first event. */
async function hear(url, count, hello) {
  let opened = 0
  await Promise.all(Array.from({ length: 50 }, async () => {
    while (opened < count) {
      opened += 1
      await ready(url, hello)
    }
  }))
  // A subscription without a first event does not say when it has begun.
  if (hello && !hello.shows) await new Promise((resolve) => setTimeout(resolve, 2_000))
  tell({ ready: count })
}

/** A socket that hears; resolved when it does. */
function ready(url, hello) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, hello ? 'graphql-transport-ws' : [], { perMessageDeflate: false })
    const send = (message) => socket.send(JSON.stringify(message))
    let begun = false
    const begin = () => {
      begun = true
      silent.add(socket)
      waiting += 1
      resolve()
    }
    socket.on('error', reject)
    socket.on('close', (code, why) => {
      tell({ closed: code, why: String(why) })
      process.exit(1)
    })
    socket.on('open', () => {
      if (hello) send({ type: 'connection_init', payload: hello.init })
      else begin()
    })
    socket.on('message', (data) => {
      const text = data.toString()
      if (begun) return heard(socket, text)
      const { type } = JSON.parse(text)
      if (type === 'connection_ack') {
        send({ id: '1', type: 'subscribe', payload: hello.subscribe })
        if (!hello.shows) begin()
      } else if (type === 'next') begin()
      else reject(new Error(text))
    })
  })
}

function heard(socket, text) {
  if (!text.includes('"type":"next"')) {
    tell({ unexpected: text })
    process.exit(1)
  }
  if (!silent.delete(socket)) return
  all.add(socket)
  if (all.size < waiting) return
  for (const one of all) silent.add(one)
  all.clear()
  tell({ heard: waiting, text })
}
