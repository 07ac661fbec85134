import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { gql } from 'urql'
import { createClient, sessionFor } from './client'

const jwt = (name: string, seconds = 300) => `${name}.${btoa(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + seconds }))}.s`
const query = gql('query Q { viewer { id name } }')
const refused = { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }

let asked: { authorization: string | null; body: { query: string; variables: { input?: { refreshToken: string } } } }[]
let good: Set<string>
let refreshable: boolean

beforeEach(() => {
  asked = []
  good = new Set()
  refreshable = true
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body))
    const authorization = new Headers(init.headers).get('authorization')
    asked.push({ authorization, body })
    const answer = body.query.includes('sessionRefresh')
      ? { data: { sessionRefresh: { session: refreshable ? pair('fresh') : null, errors: [] } } }
      : good.has(authorization ?? '') ? { data: { viewer: { __typename: 'Viewer', id: '1', name: 'A' } } } : refused
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } })
  })
})
afterEach(() => vi.unstubAllGlobals())

const pair = (name: string) => {
  const accessToken = jwt(name)
  good.add(`Bearer ${accessToken}`)
  return { accessToken, refreshToken: `refresh-${name}` }
}

it('an expired access token is renewed and the question asked again', async () => {
  const session = sessionFor('admin')
  session.start({ accessToken: jwt('stale'), refreshToken: 'refresh-stale' })
  const client = createClient({ session, keyless: [] })
  const answer = await client.query(query, {}).toPromise()
  expect(answer.data?.viewer.name).toBe('A')
  expect(asked.map((one) => (one.body.query.includes('sessionRefresh') ? one.body.variables.input?.refreshToken : one.authorization?.slice(7, 12)))).toEqual([
    'stale', 'refresh-stale', 'fresh',
  ])
  expect(session.signedIn()).toBe(true)
})

it('after a reload the kept refresh token opens the session before the first question', async () => {
  localStorage.setItem('aiscra.admin.refresh', 'refresh-kept')
  const client = createClient({ session: sessionFor('admin'), keyless: [] })
  const answer = await client.query(query, {}).toPromise()
  expect(answer.data?.viewer.name).toBe('A')
  expect(asked).toHaveLength(2)
})

it('a refresh token that is no longer good ends the session', async () => {
  refreshable = false
  const session = sessionFor('admin')
  session.start({ accessToken: jwt('stale'), refreshToken: 'refresh-stolen' })
  const client = createClient({ session, keyless: [] })
  const answer = await client.query(query, {}).toPromise()
  expect(answer.error).toBeTruthy()
  expect(session.signedIn()).toBe(false)
  expect(localStorage.getItem('aiscra.admin.refresh')).toBeNull()
})

it('a server that cannot be reached does not sign anybody out', async () => {
  const session = sessionFor('admin')
  session.start({ accessToken: jwt('old', 5), refreshToken: 'refresh-old' })
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('offline')
  })
  const client = createClient({ session, keyless: [] })
  const answer = await client.query(query, {}).toPromise()
  expect(answer.error?.networkError).toBeTruthy()
  expect(session.signedIn()).toBe(true)
})
