import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { refreshDocument } from './client'

// Tests run from the root of the repository. The server answers only documents it knows to whoever is not signed in; this one is not found by the code generator.
it('the document that goes on with a session is on the list of the server', () => {
  const list = readFileSync('api/trusted/clients.graphql', 'utf8').split('\n\n')
  expect(list.map((one) => one.trim())).toContain(refreshDocument)
})
