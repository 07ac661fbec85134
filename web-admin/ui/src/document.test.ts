import { expect, it } from 'vitest'
import { document } from './document'

it('adds each fragment once', () => {
  const fragment = document('fragment F on Account { id }', [])
  const whole = document('query Q { account { ...F } }', [fragment, fragment]) as { definitions: { kind: string }[] }
  expect(whole.definitions.map((one) => one.kind)).toEqual(['OperationDefinition', 'FragmentDefinition'])
})
