import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { gql, Provider } from 'urql'
import { fromValue, never } from 'wonka'
import { expect, it, vi } from 'vitest'
import { useAct } from './act'
import { usePages, type Connection } from './pages'
import type { TypedDocumentNode } from './document'

interface Rows { rows: Connection<{ id: string }> }
const list = gql('query List($after: String) { rows(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }') as TypedDocumentNode<
  Rows, { after?: string | null; only?: string }
>
const page = (ids: string[], endCursor: string | null): Rows => ({
  rows: { nodes: ids.map((id) => ({ id })), pageInfo: { hasNextPage: endCursor !== null, endCursor } },
})

const wrap = (client: object) => ({ children }: { children: ReactNode }) => <Provider value={client as never}>{children}</Provider>

it('appends pages by the cursor of the last one, and starts over when the filter changes', async () => {
  const asked: unknown[] = []
  const answer = ({ variables }: { variables: { after?: string; only?: string } }) => {
    asked.push(variables)
    return fromValue({ data: variables.only ? page(['z'], null) : variables.after === 'b' ? page(['c'], null) : page(['a', 'b'], 'b') })
  }
  const client = {
    executeQuery: answer,
    query: (_document: unknown, variables: { after?: string }) => ({ toPromise: async () => ({ data: variables.after === 'b' ? page(['c'], null) : page([], null) }) }),
  }
  const view = renderHook(({ only }: { only?: string }) => usePages(list, only ? { only } : {}, (data) => data.rows), {
    wrapper: wrap(client), initialProps: {} as { only?: string },
  })
  expect(view.result.current.rows.map((row) => row.id)).toEqual(['a', 'b'])
  expect(view.result.current.more.has).toBe(true)
  act(() => view.result.current.more.load())
  await waitFor(() => expect(view.result.current.rows.map((row) => row.id)).toEqual(['a', 'b', 'c']))
  expect(view.result.current.more.has).toBe(false)
  view.rerender({ only: 'z' })
  expect(view.result.current.rows.map((row) => row.id)).toEqual(['z'])
})

it('an act runs once however often the button is pressed', async () => {
  const executeMutation = vi.fn(() => never as never)
  const pay = gql('mutation Pay($input: PayInput!) { pay(input: $input) { errors { code field message } } }') as TypedDocumentNode<
    { pay: { errors: { code: string; field?: string | null; message: string }[] } }, { input: { amount: string } }
  >
  const view = renderHook(() => useAct(pay), { wrapper: wrap({ executeMutation }) })
  act(() => {
    void view.result.current.run({ amount: '1.00' })
    void view.result.current.run({ amount: '1.00' })
  })
  expect(executeMutation).toHaveBeenCalledTimes(1)
  expect(view.result.current.busy).toBe(true)
})

it('a refusal is kept for the form and is not a success', async () => {
  const errors = [{ code: 'AMOUNT_NOT_POSITIVE', field: 'amount', message: 'Сумма больше нуля' }]
  const pay = gql('mutation Pay($input: PayInput!) { pay(input: $input) { errors { code field message } } }') as TypedDocumentNode<
    { pay: { errors: typeof errors } }, { input: { amount: string } }
  >
  const view = renderHook(() => useAct(pay), { wrapper: wrap({ executeMutation: () => fromValue({ data: { pay: { errors } }, stale: false, hasNext: false }) }) })
  let done: unknown = 'nothing yet'
  await act(async () => {
    done = await view.result.current.run({ amount: '0.00' })
  })
  expect(done).toBeNull()
  expect(view.result.current.errors).toEqual(errors)
  expect(view.result.current.busy).toBe(false)
})
