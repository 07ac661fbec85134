// Subscriptions that are meant to last: what came last stays on the screen while the socket is away, and says so.
import { useEffect, useState, useSyncExternalStore } from 'react'
import { createRequest, useClient, type AnyVariables, type Client, type CombinedError } from 'urql'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { onEnd, pipe, subscribe } from 'wonka'

type SocketState = 'idle' | 'open' | 'lost'

/** Whether the socket of a client is open, for whoever shows it. */
export function socketWatch() {
  let state: SocketState = 'idle'
  const listeners = new Set<() => void>()
  return {
    state: () => state,
    set(next: SocketState) {
      if (state === next) return
      state = next
      for (const listener of listeners) listener()
    },
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
export type SocketWatch = ReturnType<typeof socketWatch>
export const socketOf = new WeakMap<Client, SocketWatch>()
const noSocket = socketWatch()

/** `opening`: nothing has come yet; `paused`: what is shown may be old, and newer is being tried for. */
export type LiveState = 'opening' | 'live' | 'paused'
export interface Live<Data> {
  data: Data | undefined
  /** When it came. */
  at: Date | undefined
  error: CombinedError | undefined
  state: LiveState
}

const again = 5_000

/**
 * The newest answer of a subscription. The socket repairs itself and asks anew; a subscription that the server ended is asked
 * for again after a while, and at once when `stamp` changes.
 */
export function useLive<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>, variables: Variables, stamp = '',
): Live<Data> {
  const client = useClient()
  const watch = socketOf.get(client) ?? noSocket
  const socket = useSyncExternalStore(watch.onChange, watch.state)
  const key = JSON.stringify(variables)
  const [attempt, setAttempt] = useState(0)
  const [got, setGot] = useState<{ key: string; data?: Data | undefined; at?: Date | undefined; error?: CombinedError | undefined; ended: boolean }>({ key, ended: false })

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const { unsubscribe } = pipe(
      client.executeSubscription<Data, Variables>(createRequest(document, JSON.parse(key) as Variables)),
      onEnd(() => {
        if (over) return
        setGot((now) => ({ ...now, ended: true }))
        timer = setTimeout(() => setAttempt((count) => count + 1), again)
      }),
      subscribe((answer) => {
        const { data, error } = answer
        setGot((now) => {
          const kept = now.key === key ? now : undefined
          return { key, ...(data ? { data, at: new Date() } : { data: kept?.data, at: kept?.at }), error, ended: false }
        })
      }),
    )
    return () => {
      over = true
      clearTimeout(timer)
      unsubscribe()
    }
    // `stamp` and `attempt` say when to ask anew.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [client, document, key, stamp, attempt])

  const mine = got.key === key ? got : undefined
  const state = mine?.data && socket === 'open' && !mine.ended ? 'live' : socket === 'lost' || mine?.ended ? 'paused' : 'opening'
  return { data: mine?.data, at: mine?.at, error: mine?.error, state }
}
