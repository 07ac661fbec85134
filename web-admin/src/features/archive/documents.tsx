import { useState } from 'react'
import { Paper, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import {
  ChoiceField, PagedTable, DialogButton, Empty, FieldRow, FormView, IconPlus, IconSearch, PageHead, TextField, useAct, useFinish, useForm, useFormat, usePages,
} from '@aiscra/ui'
import { graphql, type DocumentKind } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentFileCell } from './document-file'

const query = graphql(`
  query Documents($search: String, $after: String) {
    documents(search: $search, first: 50, after: $after) {
      nodes { id kind number issuedOn issuer subject registeredBy registeredAt file { name bytes sha256 url } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const register = graphql(`
  mutation DocumentRegister($input: DocumentRegisterInput!) {
    documentRegister(input: $input) { document { id number } errors { code field message } }
  }
`)

const route = getRouteApi('/documents')
const kinds: DocumentKind[] = [
  'ORDER', 'TARIFF_DECISION', 'APPLICATION', 'ACT', 'CERTIFICATE', 'CONTRACT', 'LETTER', 'PROTOCOL', 'RESOLUTION', 'COURT_RULING',
]

function RegisterForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const act = useAct(register)
  const form = useForm({
    act,
    start: { kind: 'ORDER', number: '', issuedOn: useToday(), issuer: '', subject: '' },
    input: (read, values) => ({
      kind: values.kind as DocumentKind, number: read.text('number'), issuedOn: read.text('issuedOn'), issuer: read.text('issuer'), subject: read.text('subject'),
    }),
    done: (payload) => finish(t('archive.registered', { number: payload.document?.number ?? '' })),
  })
  return (
    <FormView form={form} submit={t('archive.register')} cancel={close}>
      <ChoiceField name="kind" label={t('archive.kind')} choices={kinds.map((value) => ({ value, label: t(`enum.DocumentKind.${value}`) }))} />
      <FieldRow>
        <TextField name="number" label={t('archive.number')} required />
        <TextField name="issuedOn" label={t('archive.issuedOn')} kind="date" required />
      </FieldRow>
      <TextField name="issuer" label={t('archive.issuer')} required />
      <TextField name="subject" label={t('archive.subject')} kind="long" required />
    </FormView>
  )
}

export function Documents() {
  const can = useCan()
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const { search } = route.useSearch()
  const navigate = route.useNavigate()
  const [typing, setTyping] = useState<string | null>(null)
  const settle = useDebouncedCallback((words: string) => {
    setTyping(null)
    void navigate({ search: words.trim() ? { search: words.trim() } : {}, replace: true })
  }, 300)
  const pages = usePages(query, { search: search ?? null }, (data) => data.documents)
  return (
    <>
      <PageHead title={t('nav.documents')} lead={t('archive.lead')}>
        {can('DOCUMENT_WRITE') && (
          <DialogButton label={t('archive.new')} variant="filled" icon={<IconPlus size={16} />}>
            {(close) => <RegisterForm close={close} done={pages.refresh} />}
          </DialogButton>
        )}
      </PageHead>
      <Paper withBorder>
        <TextInput
          p="md" maw={420} type="search" aria-label={t('archive.search')} placeholder={t('archive.search')}
          leftSection={<IconSearch size={16} />} value={typing ?? search ?? ''}
          onChange={(event) => {
            setTyping(event.currentTarget.value)
            settle(event.currentTarget.value)
          }}
        />
        <PagedTable
          caption={t('nav.documents')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('archive.none')} />}
          columns={[
            { key: 'number', head: t('archive.number'), cell: (row) => <b>{row.number.replace('№ ', '№\u00a0')}</b> },
            { key: 'kind', head: t('archive.kind'), cell: (row) => t(`enum.DocumentKind.${row.kind}`) },
            { key: 'date', head: t('archive.issuedOn'), cell: (row) => <span className="tab">{format.shortDate(row.issuedOn)}</span> },
            { key: 'issuer', head: t('archive.issuer'), cell: (row) => row.issuer },
            { key: 'subject', head: t('archive.subject'), cell: (row) => row.subject },
            { key: 'file', head: t('archive.file'), cell: (row) => <DocumentFileCell document={row} done={pages.refresh} /> },
            { key: 'who', head: t('archive.registeredBy'), cell: (row) => codes.actor(row.registeredBy) },
          ]}
        />
      </Paper>
    </>
  )
}
