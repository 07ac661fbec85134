// The session of the person in front of the screen. The access token lives in memory only; the refresh token is kept so
// that a reload does not sign anybody out. It rotates: using one twice ends the session on the server, therefore tabs take
// turns (Web Locks) and always use the newest.
export interface Tokens {
  accessToken: string
  refreshToken: string
}

export interface Session {
  /** The bearer token of now, or null. */
  access(): string | null
  signedIn(): boolean
  start(tokens: Tokens): void
  /** Forgets the tokens. */
  end(): void
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

const turn = <T>(name: string, act: () => Promise<T>): Promise<T> =>
  navigator.locks ? (navigator.locks.request(name, act) as Promise<T>) : act()

export function createSession(key: string, exchange: (refreshToken: string) => Promise<Tokens | null>): Session {
  let access: string | null = null
  let running: Promise<boolean> | null = null
  const listeners = new Set<() => void>()
  const stored = () => localStorage.getItem(key)
  const tell = () => {
    for (const listener of listeners) listener()
  }

  const session: Session = {
    access: () => access,
    signedIn: () => access !== null || stored() !== null,
    start(tokens) {
      access = tokens.accessToken
      localStorage.setItem(key, tokens.refreshToken)
      tell()
    },
    end() {
      access = null
      localStorage.removeItem(key)
      tell()
    },
    refresh() {
      running ??= turn(key, async () => {
        const token = stored()
        if (!token) return false
        const tokens = await exchange(token)
        if (!tokens) return false
        session.start(tokens)
        return true
      }).finally(() => {
        running = null
      })
      return running
    },
    stale: () => access !== null && expires(access) < Date.now() + 30_000,
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
