// The list of documents for the public and for subscribers holds what the frontends really send: the client rewrites every
// document before it goes out.
import { readFileSync } from 'node:fs'
import { formatDocument, stringifyDocument } from '@urql/core'
import { parse } from 'graphql'
import { expect, test } from '@playwright/test'

const listed = (app: string): string[] =>
  Object.values(JSON.parse(readFileSync(new URL(`../../api/trusted/${app}.json`, import.meta.url), 'utf8')) as Record<string, string>)

test('every document as the client prints it is recognised, and one more field is not', async ({ request }) => {
  const code = async (query: string) => {
    const response = await request.post('/graphql', { data: { query, variables: {} } })
    const answer = (await response.json()) as { errors?: { extensions?: { code?: string } }[] }
    return answer.errors?.[0]?.extensions?.code
  }
  for (const app of ['web-admin', 'web-portal']) {
    for (const document of listed(app).filter((text) => !text.startsWith('subscription'))) {
      const sent = stringifyDocument(formatDocument(parse(document)))
      // Inside of every thing; a document that asks for single values has none.
      if (/\{[^{}]*\{/.test(document)) expect(sent, 'the client adds its own').toContain('__typename')
      expect(await code(sent), sent).not.toBe('UNTRUSTED_DOCUMENT')
      expect(await code(sent.replace('{', '{ more: businessDate ')), sent).toBe('UNTRUSTED_DOCUMENT')
    }
  }
})
