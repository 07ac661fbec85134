// The public audit suite of GraphQL over HTTP against the started product: every MUST and every SHOULD.
import { serverAudits } from 'graphql-http'
import { expect, test } from '@playwright/test'
import { staffToken } from './support'

let token = ''
test.beforeAll(async ({ request }) => {
  // The suite sends documents of its own; as whoever may do that.
  token = await staffToken(request, 'auditor')
})

const url = new URL('/graphql', process.env.AISCRA_URL ?? 'http://127.0.0.1:8080').href
const asStaff = (input: string, init?: RequestInit) =>
  fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string> | undefined), Authorization: `Bearer ${token}` } })

const audits = serverAudits({ url, fetchFn: asStaff })

test('the suite is whole', () => {
  expect(audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name)).length).toBeGreaterThanOrEqual(36)
})

for (const audit of audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name))) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn()
    expect('reason' in result ? `${result.status}: ${result.reason}` : result.status).toBe('ok')
  })
}
