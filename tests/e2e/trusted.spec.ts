// The list of documents for the public and for subscribers holds what the frontends really send: the client rewrites every
// document before it goes out.
import { readFileSync } from 'node:fs'
import { request as send } from 'node:http'
import { formatDocument, stringifyDocument } from '@urql/core'
import { parse } from 'graphql'
import { expect, test } from '@playwright/test'

const listed = (app: string): string[] =>
  Object.values(JSON.parse(readFileSync(new URL(`../../api/trusted/${app}.json`, import.meta.url), 'utf8')) as Record<string, string>)

/** What the product says to somebody at an address of this machine: its budget is its own. */
const code = (to: string, from: string, query: string) =>
  new Promise<string | undefined>((resolve, reject) => {
    const asked = send(new URL('/graphql', to), { method: 'POST', localAddress: from, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => {
        resolve((JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] }).errors?.[0]?.extensions?.code)
      })
    })
    asked.on('error', reject).end(JSON.stringify({ query, variables: {} }))
  })

test('every document as the client prints it is recognised, and one more field is not', async ({ baseURL }) => {
  const documents = ['web-admin', 'web-portal'].flatMap(listed).filter((text) => !text.startsWith('subscription'))
  for (const [at, document] of documents.entries()) {
    // The whole list costs more than one stranger may spend in a minute, and the tests after this one are strangers too.
    const from = `127.0.1.${1 + Math.floor(at / 10)}`
    const sent = stringifyDocument(formatDocument(parse(document)))
    // Inside of every thing; a document that asks for single values has none.
    if (/\{[^{}]*\{/.test(document)) expect(sent, 'the client adds its own').toContain('__typename')
    expect(['UNTRUSTED_DOCUMENT', 'RATE_LIMITED'], sent).not.toContain(await code(baseURL!, from, sent))
    expect(await code(baseURL!, from, sent.replace('{', '{ more: businessDate ')), sent).toBe('UNTRUSTED_DOCUMENT')
  }
})
