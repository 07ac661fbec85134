// The session of the person in front of the screen. The access token lives in memory only; the refresh token is kept so
// that a reload does not sign anybody out. It rotates, and one used again later than half a minute after ends the session on
// the server; therefore tabs take turns, and whoever had to wait is given the pair that the other tab has just got.
export interface Tokens {
  accessToken: string
  refreshToken: string
}

export interface Session {
  /** The bearer token of now, or null. */
  access(): string | null
  signedIn(): boolean
  start(tokens: Tokens): void
  /** Forgets the tokens; `refused` when it was the server that ended the session and not the person. */
  end(refused?: boolean): void
  /** The server ended the last session: the sign-in page says so. */
  ended(): boolean
  /** Gets a new pair by the refresh token; false when there is none or it is no longer good. */
  refresh(): Promise<boolean>
  /** Will the access token run out within half a minute? */
  stale(): boolean
  /** Refreshes when the access token has less than half a minute left. */
  ensure(): Promise<void>
  /** Called whenever somebody signs in or out. */
  onChange(listener: () => void): () => void
}

const expires = (token: string): number => {
  try {
    return Number(JSON.parse(atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))).exp) * 1000
  } catch {
    return 0
  }
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** One tab at a time. Web Locks exist on https and localhost only; elsewhere a short lease in the storage does. */
async function turn<T>(name: string, act: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, act) as Promise<T>
  const lease = `${name}.turn`
  const mine = `${Math.random()}:`
  const taken = () => Number(localStorage.getItem(lease)?.split(':')[1] ?? 0) > Date.now()
  const release = () => {
    if (localStorage.getItem(lease)?.startsWith(mine)) localStorage.removeItem(lease)
  }
  // A tab that goes away takes its turn with it.
  addEventListener('pagehide', release)
  for (let tries = 0; tries < 200; tries += 1) {
    if (!taken()) {
      localStorage.setItem(lease, `${mine}${Date.now() + 10_000}`)
      // Two tabs may write at the same moment: the last one has it. Storage reaches another process a little later.
      await pause(120)
      if (localStorage.getItem(lease)?.startsWith(mine)) break
    }
    await pause(50 + Math.random() * 50)
  }
  try {
    return await act()
  } finally {
    removeEventListener('pagehide', release)
    release()
  }
}

export function createSession(key: string, exchange: (refreshToken: string) => Promise<Tokens | null>): Session {
  let access: string | null = null
  // The refresh token that belongs to `access`: another one in the storage means that another tab went on.
  let known: string | null = null
  let running: Promise<boolean> | null = null
  let refused = false
  const listeners = new Set<() => void>()
  const stored = () => localStorage.getItem(key)
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const fresh = () => access !== null && expires(access) >= Date.now() + 30_000

  // Other tabs are told of a new pair, so that none of them has to exchange the same token again.
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(key)
  channel?.addEventListener('message', ({ data }: MessageEvent<Tokens>) => {
    // Only the pair that the storage stands for: a late message of a session that has ended changes nothing.
    if (data.refreshToken !== stored()) return
    const was = session.signedIn()
    access = data.accessToken
    known = data.refreshToken
    if (!was) tell()
  })

  const session: Session = {
    access: () => access,
    signedIn: () => access !== null || stored() !== null,
    ended: () => refused,
    start(tokens) {
      refused = false
      access = tokens.accessToken
      known = tokens.refreshToken
      localStorage.setItem(key, tokens.refreshToken)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no origin but its own
      channel?.postMessage(tokens)
      tell()
    },
    end(byServer = false) {
      refused = byServer
      access = null
      known = null
      localStorage.removeItem(key)
      tell()
    },
    refresh() {
      const before = known
      running ??= turn(key, async () => {
        const token = stored()
        if (!token) return false
        if (token !== before) {
          // Another tab was first; its message may still be on the way.
          if (known !== token && before !== null) await pause(60)
          if (known === token && fresh()) return true
        }
        const tokens = await exchange(token)
        if (!tokens) {
          // Refused, but somebody has signed in anew meanwhile: theirs is the session now.
          return stored() !== token && stored() !== null
        }
        session.start(tokens)
        return true
      }).finally(() => {
        running = null
      })
      return running
    },
    stale: () => access !== null && !fresh(),
    async ensure() {
      if ((!access || session.stale()) && stored()) await session.refresh()
    },
    onChange(listener) {
      // Another tab signing out signs out here too.
      const elsewhere = (event: StorageEvent) => {
        if (event.key !== key) return
        if (!event.newValue) access = null
        listener()
      }
      listeners.add(listener)
      addEventListener('storage', elsewhere)
      return () => {
        listeners.delete(listener)
        removeEventListener('storage', elsewhere)
      }
    },
  }
  return session
}
