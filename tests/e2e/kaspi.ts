// Kaspi Pay as strictly as its description: it refuses what the real one would refuse, and remembers what it was told.
import { createServer, type IncomingMessage, type Server } from 'node:http'

type Status = 'Wait' | 'QrTokenCreated' | 'Processed' | 'Error'

export interface Asked {
  id: number
  /** The sum as it was written, digit by digit. */
  amount: string
  externalId: string
  status: Status
}

const bin = '971240001315'
const refused = (code: number, message: string) => ({ StatusCode: code, Message: message, Data: null })
const done = (data: object) => ({ StatusCode: 0, Message: 'OK', Data: data })

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  return text
}

/** A running provider at a port that the product knows. */
export class Kaspi {
  readonly asked: Asked[] = []
  readonly #tokens = new Set<string>()
  // Numbers are the provider's for ever: another one, started later, has others.
  readonly #first = Date.now()
  #server: Server | undefined

  async start(port: number): Promise<this> {
    this.#server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(this.#answer(request.method ?? '', new URL(request.url ?? '/', 'http://kaspi'), body)))
      })
    })
    await new Promise<void>((listening) => { this.#server!.listen(port, '127.0.0.1', listening) })
    return this
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((closed) => { this.#server?.close(closed) })
  }

  /** The payer does something in the application. */
  becomes(id: number, status: Status): void {
    this.asked.find((one) => one.id === id)!.status = status
  }

  #answer(method: string, url: URL, body: string): object {
    const said = (names: string[]): Record<string, unknown> | null => {
      if (method !== 'POST') return null
      const read = JSON.parse(body) as Record<string, unknown>
      return Object.keys(read).toSorted().join() === names.toSorted().join() ? read : null
    }
    if (url.pathname === '/r3/v01/device/register') {
      const device = said(['DeviceId', 'TradePointId', 'OrganizationBin'])
      if (device?.OrganizationBin !== bin || typeof device.DeviceId !== 'string' || !Number.isInteger(device.TradePointId)) return refused(-999, 'wrong request')
      const token = `token-${this.#tokens.size + 1}`
      this.#tokens.add(token)
      return done({ DeviceToken: token })
    }
    if (url.pathname === '/r3/v01/qr/create-link') {
      const link = said(['DeviceToken', 'Amount', 'ExternalId', 'OrganizationBin'])
      // A number of tenge with two decimals at most: read from the text, for a number has lost its digits.
      const amount = /"Amount":(\d+(?:\.\d{1,2})?)[,}]/.exec(body)?.[1]
      if (link?.OrganizationBin !== bin || typeof link.ExternalId !== 'string' || !amount) return refused(-999, 'wrong request')
      if (!this.#tokens.has(String(link.DeviceToken))) return refused(-1501, 'device not found')
      const id = this.#first + this.asked.length
      this.asked.push({ id, amount, externalId: link.ExternalId, status: 'Wait' })
      return done({ PaymentLink: `https://pay.kaspi.kz/pay/${id}`, PaymentId: id, ExpireDate: '2099-01-01T00:00:00+05:00' })
    }
    const found = (id: string | null | undefined) => this.asked.find((one) => String(one.id) === id)
    const status = /^\/r3\/v02\/payment\/status\/(\d+)$/.exec(url.pathname)
    if (method === 'GET' && status) {
      const one = found(status[1])
      return one ? done({ Status: one.status }) : refused(-1601, 'payment not found')
    }
    if (method === 'GET' && url.pathname === '/r3/v01/payment/details') {
      const one = found(url.searchParams.get('QrPaymentId'))
      if (!this.#tokens.has(url.searchParams.get('DeviceToken') ?? '')) return refused(-1501, 'device not found')
      if (one?.status !== 'Processed') return refused(-1601, 'payment not found')
      return done({ QrPaymentId: one.id, TotalAmount: Number(one.amount), AvailableReturnAmount: Number(one.amount) })
    }
    return refused(-999, `no such operation: ${method} ${url.pathname}`)
  }
}
