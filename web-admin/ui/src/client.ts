import { Client, fetchExchange, mapExchange, subscriptionExchange, type Exchange } from 'urql'
import { authExchange } from '@urql/exchange-auth'
import { cacheExchange, type UpdatesConfig } from '@urql/exchange-graphcache'
import type { Client as SocketClient } from 'graphql-ws'
import { currentLanguage } from './i18n'
import { socketOf, socketWatch } from './live'
import { createSession, pause, type Session, type Tokens } from './session'

const unauthenticated = 'UNAUTHENTICATED'

export const refreshDocument =
  'mutation SessionRefresh($input: SessionRefreshInput!) { sessionRefresh(input: $input) { session { accessToken refreshToken expiresIn } errors { code field message } } }'

/** A new pair of tokens for a refresh token; null when the server refuses it. Throws when the server cannot be reached. */
async function exchangeRefresh(refreshToken: string): Promise<Tokens | null> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      // Word for word what `api/trusted/clients.graphql` allows: nobody is signed in while this is asked.
      query: refreshDocument,
      variables: { input: { refreshToken } },
    }),
  })
  const payload = (await response.json())?.data?.sessionRefresh
  // Busy, broken or in between: the session may well be good, so it is not given up.
  if (!payload) throw new Error(`refresh: ${response.status}`)
  return payload.session ?? null
}

export const sessionFor = (application: 'admin' | 'portal'): Session =>
  createSession(`aiscra.${application}.refresh`, exchangeRefresh)

export interface ClientOptions {
  session: Session
  /** Generated list of types without an id. */
  keyless: string[]
  updates?: UpdatesConfig
}

/** The client of one signed-in person: a new one is made when somebody else signs in, so no cache outlives its owner. */
export function createClient({ session, keyless, updates }: ClientOptions): Client {
  let socket: Promise<SocketClient> | undefined
  const watch = socketWatch()
  let silence: ReturnType<typeof setTimeout> | undefined
  const sockets = () =>
    (socket ??= import('graphql-ws').then(({ createClient: createSocket }) => {
      const made = createSocket({
        url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql/ws`,
        lazyCloseTimeout: 5_000,
        retryAttempts: Infinity,
        shouldRetry: () => session.signedIn(),
        // However long the server was away, it is found again within seconds; not by everybody at the same moment.
        retryWait: (retries) => pause(Math.min(1_000 * 2 ** retries, 8_000) * (0.75 + Math.random() / 2)),
        // A cable that was pulled out says nothing: a question without an answer does.
        keepAlive: 10_000,
        on: {
          connected: () => watch.set('open'),
          closed: (event) => {
            clearTimeout(silence)
            watch.set((event as CloseEvent).code === 1000 ? 'idle' : 'lost')
          },
          ping: (received) => {
            if (!received) silence = setTimeout(() => made.terminate(), 5_000)
          },
          pong: (received) => {
            if (received) clearTimeout(silence)
          },
        },
        connectionParams: async () => {
          await session.ensure()
          const token = session.access()
          return { authorization: token ? `Bearer ${token}` : '', acceptLanguage: currentLanguage() }
        },
      })
      return made
    }))

  const embedded = Object.fromEntries(keyless.map((name) => [name, () => null]))
  const exchanges: Exchange[] = [
    mapExchange({
      onError(error) {
        // A token that is good by the clock and refused: the session was ended elsewhere. One that could not be renewed in time is not.
        if (error.graphQLErrors.some((one) => one.extensions?.code === unauthenticated) && !session.stale() && session.access()) session.end(true)
      },
    }),
    cacheExchange({ keys: embedded, ...(updates ? { updates } : {}) }),
    authExchange(async (utilities) => {
      await session.ensure().catch(() => {})
      return {
        addAuthToOperation(operation) {
          const token = session.access()
          return utilities.appendHeaders(operation, {
            'Accept-Language': currentLanguage(),
            ...(token ? { Authorization: `Bearer ${token}` } : {}),
          })
        },
        willAuthError: () => session.stale(),
        didAuthError: (error) =>
          error.response?.status === 401 || error.graphQLErrors.some((one) => one.extensions?.code === unauthenticated),
        async refreshAuth() {
          // Only the server's refusal ends a session; a server that cannot be reached does not.
          if (!(await session.refresh().catch(() => true))) session.end(true)
        },
      }
    }),
    subscriptionExchange({
      forwardSubscription(request) {
        return {
          subscribe(sink) {
            let closed = false
            let stop: (() => void) | undefined
            void sockets().then((client) => {
              if (closed) return
              stop = client.subscribe({ query: request.query ?? '', variables: request.variables as Record<string, unknown> }, sink as never)
            })
            return {
              unsubscribe() {
                closed = true
                stop?.()
              },
            }
          },
        }
      },
    }),
    fetchExchange,
  ]
  const client = new Client({ url: '/graphql', exchanges, preferGetMethod: false, requestPolicy: 'cache-and-network' })
  socketOf.set(client, watch)
  return client
}
