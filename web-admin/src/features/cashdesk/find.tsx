// Who pays: one field for the scanner and for hands. A number goes straight in; a name shows the likeliest people.
import { useEffect, useId, useState, type KeyboardEvent, type RefObject } from 'react'
import { Group, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { useClient, useQuery } from 'urql'
import { IconSearch, useFormat } from '@aiscra/ui'
import { graphql, type CashSearchQuery } from '../../gql'
import { useT } from '../../lib/i18n'
import { scanned } from './tender'

const route = getRouteApi('/cash')

export const byNumber = graphql(`
  query CashByNumber($number: String!) {
    account(number: $number) { id number address status sector owed advance balance holder { id name } }
  }
`)
const byWords = graphql(`
  query CashSearch($words: String!) {
    accounts(search: $words, first: 8) { nodes { id number address status sector owed advance balance holder { id name } } }
  }
`)

export type Payer = CashSearchQuery['accounts']['nodes'][number]

export function Find({ field, take, disabled }: { field: RefObject<HTMLInputElement | null>; take: (payer: Payer, amount: string | null) => void; disabled: boolean }) {
  const t = useT()
  const format = useFormat()
  const client = useClient()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [says, setSays] = useState<string | null>(null)
  const [words] = useDebouncedValue(typed.trim(), 160)
  const people = words.length >= 2 && !scanned(words)
  const [result] = useQuery({ query: byWords, variables: { words }, pause: !people, requestPolicy: 'network-only' })
  const found = people && typed.trim() === words ? (result.data?.accounts.nodes ?? []) : []

  const done = (payer: Payer, amount: string | null) => {
    setTyped('')
    setSays(null)
    take(payer, amount)
  }
  const look = async (number: string, amount: string | null) => {
    const answer = await client.query(byNumber, { number }, { requestPolicy: 'network-only' }).toPromise()
    if (answer.data?.account) done(answer.data.account, amount)
    else setSays(answer.error ? t('cash.noLine') : t('cash.noAccount', { number }))
  }
  const enter = async () => {
    const code = scanned(typed)
    if (!code) {
      // What is shown belongs to the words before the last keys: wait for the answer.
      if (typed.trim() === words && !result.fetching && found[at]) done(found[at], null)
      return
    }
    await look(code.number, code.amount)
  }
  // Somebody came from the page of an account: it goes straight onto the receipt, once.
  const { account } = route.useSearch()
  const navigate = route.useNavigate()
  useEffect(() => {
    if (!account || disabled) return
    void navigate({ search: {}, replace: true })
    void look(account, null)
    // The number is what it is about; the rest is how it is looked up.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [account, disabled])
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' && found.length > 0) setAt((now) => Math.min(found.length - 1, now + 1))
    else if (event.key === 'ArrowUp' && found.length > 0) setAt((now) => Math.max(0, now - 1))
    else if (event.key === 'Enter' && typed.trim()) void enter()
    else if (event.key === 'Escape' && typed) { setTyped(''); setSays(null) }
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="cash-find">
      <TextInput
        ref={field} size="lg" aria-label={t('cash.find')} placeholder={t('cash.findHint')} leftSection={<IconSearch size={22} />} autoComplete="off" disabled={disabled}
        role="combobox" aria-expanded={found.length > 0} aria-controls={id} aria-autocomplete="list" {...(found[at] ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        value={typed} onChange={(event) => { setTyped(event.currentTarget.value); setAt(0); setSays(null) }} onKeyDown={keys}
      />
      {found.length > 0 && (
        <div className="lookup-list" id={id} role="listbox" aria-label={t('cash.find')}>
          {found.map((one, index) => (
            <div key={one.id} id={`${id}-${index}`} tabIndex={-1} role="option" aria-label={`${one.number} · ${one.holder?.name ?? t('palette.nobody')} · ${format.money(one.owed)}`} aria-selected={index === at} onMouseMove={() => setAt(index)} onMouseDown={(event) => { event.preventDefault(); done(one, null) }}>
              <Group justify="space-between" gap="sm" wrap="nowrap">
                <div style={{ minWidth: 0 }}>
                  <Text fw={600} component="span" display="block">{one.number} · {one.holder?.name ?? t('palette.nobody')}</Text>
                  <Text size="sm" component="span" display="block" style={{ opacity: 0.92 }}>{one.address}</Text>
                </div>
                <Text fw={600} className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(one.owed)}</Text>
              </Group>
            </div>
          ))}
        </div>
      )}
      <Text size="sm" c={says ? 'var(--bad)' : 'dimmed'} mt={4} role="status">
        {says ?? (people && !result.fetching && typed.trim() === words && found.length === 0 ? t('cash.nobody') : '')}
      </Text>
    </div>
  )
}
