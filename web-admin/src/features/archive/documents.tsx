import { useState } from 'react'
import { Paper, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { DataTable, Empty, IconSearch, PageHead, Problem, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Documents($search: String, $after: String) {
    documents(search: $search, first: 50, after: $after) {
      nodes { id kind number issuedOn issuer subject registeredBy registeredAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export function Documents() {
  const t = useT()
  const format = useFormat()
  const [words, setWords] = useState('')
  const [search] = useDebouncedValue(words.trim(), 300)
  const pages = usePages(query, { search: search || null }, (data) => data.documents)
  return (
    <>
      <PageHead title={t('nav.documents')} lead={t('archive.lead')} />
      <Paper withBorder>
        <TextInput
          p="md" maw={420} type="search" aria-label={t('archive.search')} placeholder={t('archive.search')}
          leftSection={<IconSearch size={16} />} value={words} onChange={(event) => setWords(event.currentTarget.value)}
        />
        {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
        {!pages.ready && !pages.error ? <Waiting /> : (
          <DataTable
            caption={t('nav.documents')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more}
            empty={!pages.error && <Empty title={t('archive.none')} />}
            columns={[
              { key: 'number', head: t('archive.number'), cell: (row) => <b>{row.number}</b> },
              { key: 'kind', head: t('archive.kind'), cell: (row) => t(`enum.DocumentKind.${row.kind}`) },
              { key: 'date', head: t('archive.issuedOn'), cell: (row) => <span className="tab">{format.shortDate(row.issuedOn)}</span> },
              { key: 'issuer', head: t('archive.issuer'), cell: (row) => row.issuer },
              { key: 'subject', head: t('archive.subject'), cell: (row) => row.subject },
              { key: 'who', head: t('archive.registeredBy'), cell: (row) => row.registeredBy },
            ]}
          />
        )}
      </Paper>
    </>
  )
}
