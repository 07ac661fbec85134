// Find anyone: one field over everything the viewer may open, by keyboard alone. The first answer is the likeliest.
import { useId, useState, type KeyboardEvent } from 'react'
import { Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Dialog, IconSearch, useFormat } from '@aiscra/ui'
import { graphql } from '../gql'
import { useCan, useViewer } from '../lib/can'
import { useT } from '../lib/i18n'
import { opens, places } from './places'

const query = graphql(`
  query Palette($words: String!, $exact: Boolean!, $accounts: Boolean!, $documents: Boolean!) {
    exact: account(number: $words) @include(if: $exact) { id number address holder { id name } }
    accounts(search: $words, first: 8) @include(if: $accounts) { nodes { id number address holder { id name } } }
    documents(search: $words, first: 3) @include(if: $documents) { nodes { id number issuedOn subject } }
  }
`)

interface Found {
  key: string
  label: string
  note?: string
  go: () => void
}

export function Palette({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useT()
  return (
    <Dialog opened={opened} onClose={close} title={t('palette.title')} size="lg" yOffset="8vh" centered={false}>
      <Finder close={close} />
    </Dialog>
  )
}

function Finder({ close }: { close: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const navigate = useNavigate()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [words] = useDebouncedValue(typed.trim(), 180)
  const accounts = can('ACCOUNT_READ')
  const documents = can('DOCUMENT_READ')
  const [result] = useQuery({
    query, pause: words.length < 2 || !(accounts || documents), requestPolicy: 'network-only',
    variables: { words, exact: accounts && /^\d{4,}$/.test(words), accounts, documents },
  })

  const found: Found[] = []
  const seen = new Set<string>()
  const data = words.length < 2 ? undefined : result.data
  for (const one of [data?.exact, ...(data?.accounts?.nodes ?? [])]) {
    if (!one || seen.has(one.id)) continue
    seen.add(one.id)
    found.push({
      key: one.id, label: `${one.number} · ${one.holder?.name ?? t('palette.nobody')}`, note: one.address,
      go: () => void navigate({ to: '/accounts/$number', params: { number: one.number } }),
    })
  }
  for (const one of data?.documents?.nodes ?? []) {
    found.push({
      key: one.id, label: t('archive.numbered', { number: one.number }), note: `${format.shortDate(one.issuedOn)} · ${one.subject}`,
      go: () => void navigate({ to: '/documents', search: { search: one.number } }),
    })
  }
  for (const place of places) {
    if (!opens(place, viewer.permissions)) continue
    const label = t(place.label)
    if (typed.trim() && !label.toLowerCase().includes(typed.trim().toLowerCase())) continue
    found.push({ key: place.to, label, note: t('palette.section'), go: () => void navigate({ to: place.to }) })
  }

  const take = (one: Found | undefined) => {
    if (!one) return
    close()
    one.go()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((now) => Math.min(found.length - 1, now + 1))
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(0, now - 1))
    else if (event.key === 'Enter') {
      // What is shown belongs to the words before the last keys: wait for the answer.
      if (typed.trim() === words && !result.fetching) take(found[at])
    } else return
    event.preventDefault()
  }
  return (
    <>
      <TextInput
        data-autofocus size="md" aria-label={t('app.search')} placeholder={t('palette.hint')} leftSection={<IconSearch />} autoComplete="off"
        role="combobox" aria-expanded={found.length > 0} aria-controls={id} aria-autocomplete="list" {...(found[at] ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        value={typed} onChange={(event) => { setTyped(event.currentTarget.value); setAt(0) }} onKeyDown={keys}
      />
      <div className="lookup-list" id={id} role="listbox" aria-label={t('palette.title')} style={{ maxHeight: '52vh', border: 0, padding: 0, marginTop: 10 }}>
        {found.map((one, index) => (
          <div key={one.key} id={`${id}-${index}`} tabIndex={-1} role="option" aria-selected={index === at} onMouseMove={() => setAt(index)} onMouseDown={(event) => { event.preventDefault(); take(one) }}>
            <Text size="sm" fw={600} component="span" display="block">{one.label}</Text>
            {one.note && <Text size="xs" component="span" display="block" style={{ opacity: 0.92 }}>{one.note}</Text>}
          </div>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="xs" role="status">
        {words.length >= 2 && !result.fetching && found.length === 0 ? t('palette.none') : t('palette.keys')}
      </Text>
    </>
  )
}
