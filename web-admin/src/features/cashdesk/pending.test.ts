import { beforeEach, expect, it } from 'vitest'
import { heard, keep, kept, settled, type Pending } from './pending'

const pending = { input: { deskId: 'd', lines: [], idempotencyKey: 'key-12345' }, shown: { numbers: ['1'], cash: '1.00', card: '0.00', change: '0.00' }, at: 'now' } as unknown as Pending

beforeEach(() => localStorage.clear())

it('stays with its cashier until it is settled', () => {
  keep('one', pending)
  expect(kept('one')).toEqual(pending)
  expect(kept('two')).toBeNull()
  settled('one')
  expect(kept('one')).toBeNull()
})

it('is nothing where the store is broken', () => {
  localStorage.setItem('aiscra.cash.pending.one', '{')
  expect(kept('one')).toBeNull()
  localStorage.setItem('aiscra.cash.pending.one', '{}')
  expect(kept('one')).toBeNull()
})

it('only an answer ends it; silence and trouble do not', () => {
  const none = { graphQLErrors: [] }
  expect(heard({ data: { cashPay: { operation: { id: '1' }, errors: [] } } })).toEqual({ is: 'done', operation: { id: '1' } })
  expect(heard({ data: { cashPay: { operation: null, errors: [{ code: 'SHIFT_CLOSED', message: 'Смена закрыта' }] } } })).toEqual({ is: 'refused', message: 'Смена закрыта' })
  expect(heard({ error: { ...none, networkError: new Error('gone') } })).toEqual({ is: 'unknown' })
  for (const code of ['INTERNAL', 'TIMEOUT', 'RATE_LIMITED', 'UNAUTHENTICATED']) {
    expect(heard({ error: { graphQLErrors: [{ message: code, extensions: { code } }] } }), code).toEqual({ is: 'unknown' })
  }
  expect(heard({ error: { graphQLErrors: [{ message: 'нельзя', extensions: { code: 'FORBIDDEN' } }] } })).toEqual({ is: 'refused', message: 'нельзя' })
  expect(heard({})).toEqual({ is: 'unknown' })
})
