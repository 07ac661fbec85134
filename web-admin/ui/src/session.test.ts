import { describe, expect, it, vi } from 'vitest'
import { createSession, type Tokens } from './session'

const jwt = (secondsFromNow: number) =>
  `h.${btoa(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + secondsFromNow }))}.s`
const pair = (name: string): Tokens => ({ accessToken: `${jwt(300)}${name}`, refreshToken: `refresh-${name}` })

describe('session', () => {
  it('exchanges a refresh token once, however many ask at the same time', async () => {
    const exchange = vi.fn(async () => pair('b'))
    const session = createSession('k', exchange)
    session.start(pair('a'))
    expect(await Promise.all([session.refresh(), session.refresh(), session.refresh()])).toEqual([true, true, true])
    expect(exchange).toHaveBeenCalledTimes(1)
    expect(exchange).toHaveBeenCalledWith('refresh-a')
    expect(localStorage.getItem('k')).toBe('refresh-b')
  })

  it('never keeps the access token where a script could find it later', () => {
    const session = createSession('k', async () => null)
    session.start(pair('a'))
    expect(JSON.stringify({ ...localStorage })).not.toContain(session.access())
  })

  it('ends when the server refuses the refresh token', async () => {
    const session = createSession('k', async () => null)
    const told = vi.fn()
    session.start(pair('a'))
    session.onChange(told)
    expect(await session.refresh()).toBe(false)
    session.end()
    expect(session.signedIn()).toBe(false)
    expect(told).toHaveBeenCalled()
  })

  it('refreshes ahead of time only when the access token runs out', async () => {
    const exchange = vi.fn(async () => pair('b'))
    const session = createSession('k', exchange)
    session.start(pair('a'))
    await session.ensure()
    expect(exchange).not.toHaveBeenCalled()
    session.start({ accessToken: jwt(10), refreshToken: 'refresh-c' })
    await session.ensure()
    expect(exchange).toHaveBeenCalledWith('refresh-c')
  })

  it('takes turns between tabs, so that no refresh token is used twice', async () => {
    // A server that ends the session when a token comes twice.
    const good = new Set(['refresh-0'])
    let made = 0
    let over = false
    const exchange = async (token: string): Promise<Tokens | null> => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (!good.delete(token)) over = true
      if (over) return null
      made += 1
      good.add(`refresh-${made}`)
      return { accessToken: jwt(10), refreshToken: `refresh-${made}` }
    }
    localStorage.setItem('k', 'refresh-0')
    const tabs = [createSession('k', exchange), createSession('k', exchange), createSession('k', exchange)]
    expect(await Promise.all(tabs.map((tab) => tab.refresh()))).toEqual([true, true, true])
    expect(over).toBe(false)
    expect(good.has(localStorage.getItem('k') ?? '')).toBe(true)
  })
})
