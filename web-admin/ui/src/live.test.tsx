import { act, render, screen } from '@testing-library/react'
import { Client, Provider, gql, subscriptionExchange } from 'urql'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { socketOf, socketWatch, useLive } from './live'

const document = gql<{ sum: string }, { month: string }>`subscription Sum($month: String) { sum(month: $month) }`
let sinks: { next(answer: { data: { sum: string } }): void; complete(): void }[]
let client: Client
let watch: ReturnType<typeof socketWatch>

beforeEach(() => {
  vi.useFakeTimers()
  sinks = []
  // A server of subscriptions that answers when the test says so.
  const forwardSubscription = () => ({
    subscribe(sink: never) {
      sinks.push(sink)
      return { unsubscribe() {} }
    },
  })
  client = new Client({ url: '/graphql', preferGetMethod: false, exchanges: [subscriptionExchange({ forwardSubscription })] })
  watch = socketWatch()
  socketOf.set(client, watch)
})
afterEach(() => vi.useRealTimers())

function Sum({ month }: { month: string }) {
  const live = useLive(document, { month })
  return <p>{`${live.state} ${live.data?.sum ?? '-'}`}</p>
}
const shown = (month: string) => <Provider value={client}><Sum month={month} /></Provider>
/** The subscription goes out after the turn. */
const turn = () => act(async () => {})
const words = () => screen.getByText(/\w/).textContent

it('shows the newest answer, and keeps it while the socket is away', async () => {
  const { rerender } = render(shown('2026-03'))
  await turn()
  expect(words()).toBe('opening -')
  act(() => watch.set('open'))
  act(() => sinks[0]!.next({ data: { sum: '1.00' } }))
  expect(words()).toBe('live 1.00')
  act(() => watch.set('lost'))
  expect(words()).toBe('paused 1.00')
  act(() => watch.set('open'))
  act(() => sinks[0]!.next({ data: { sum: '2.00' } }))
  expect(words()).toBe('live 2.00')
  // Another month: nothing of the former one is shown for it.
  rerender(shown('2026-02'))
  await turn()
  expect(words()).toBe('opening -')
  act(() => sinks[1]!.next({ data: { sum: '9.00' } }))
  expect(words()).toBe('live 9.00')
})

it('a socket that never opens is a pause, not a wait without end', () => {
  render(shown('2026-03'))
  act(() => watch.set('lost'))
  expect(words()).toBe('paused -')
})

it('what the server ended is asked for again, and the last answer stays meanwhile', async () => {
  render(shown('2026-03'))
  await turn()
  act(() => watch.set('open'))
  act(() => sinks[0]!.next({ data: { sum: '1.00' } }))
  await act(async () => sinks[0]!.complete())
  expect(words()).toBe('paused 1.00')
  await act(() => vi.advanceTimersByTimeAsync(6_000))
  expect(sinks).toHaveLength(2)
  act(() => sinks[1]!.next({ data: { sum: '3.00' } }))
  expect(words()).toBe('live 3.00')
})
