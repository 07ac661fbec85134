import { useState, type FormEvent } from 'react'
import { Alert, Button, FileInput, Group, NativeSelect, Paper, Stack, Text } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { PagedTable, Empty, IconImport, PageHead, useFormat, usePages } from '@aiscra/ui'
import { graphql, type ImportKind } from '../../gql'
import { fetchFile } from '../../lib/client'
import { useT } from '../../lib/i18n'
import { ImportStateChip } from './state'

const query = graphql(`
  query ImportBatches($after: String) {
    importBatches(first: 30, after: $after) {
      nodes { id kind filename state rowsTotal rowsOk rowsWarning rowsRejected rowsDuplicate rowsCommitted uploadedBy uploadedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export const importKinds: ImportKind[] = ['PREMISES', 'ACCOUNTS', 'RESIDENTS', 'CONTRACTS', 'METERS', 'READINGS', 'PAYMENTS', 'BALANCES']
const route = getRouteApi('/imports')

export function Imports() {
  const t = useT()
  const format = useFormat()
  const pages = usePages(query, {}, (data) => data.importBatches)
  return (
    <>
      <PageHead title={t('nav.imports')} lead={t('imports.lead')} />
      <Stack>
        <Upload />
        <Paper withBorder>
          <PagedTable
            caption={t('nav.imports')} pages={pages} rowKey={(row) => row.id}
            empty={<Empty title={t('imports.none')}>{t('imports.noneText')}</Empty>}
            columns={[
              { key: 'file', head: t('imports.file'), cell: (row) => <Link className="row-link" to="/imports/$id" params={{ id: row.id }}>{row.filename}</Link> },
              { key: 'kind', head: t('imports.kind'), cell: (row) => t(`enum.ImportKind.${row.kind}`) },
              { key: 'state', head: t('common.state'), cell: (row) => <ImportStateChip state={row.state} /> },
              { key: 'total', head: t('imports.rows'), numeric: true, cell: (row) => format.count(row.rowsTotal) },
              { key: 'ok', head: t('imports.good'), numeric: true, cell: (row) => format.count(row.rowsOk + row.rowsWarning) },
              { key: 'bad', head: t('imports.bad'), numeric: true, cell: (row) => format.count(row.rowsRejected) },
              { key: 'who', head: t('imports.who'), cell: (row) => <div>{row.uploadedBy}<Text size="xs" c="dimmed">{format.dateTime(row.uploadedAt)}</Text></div> },
            ]}
          />
        </Paper>
      </Stack>
    </>
  )
}

function Upload() {
  const t = useT()
  const navigate = useNavigate()
  const { kind = 'READINGS' } = route.useSearch()
  const setSearch = route.useNavigate()
  const [file, setFile] = useState<File | null>(null)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)

  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    setBusy(true)
    setRefused(null)
    try {
      const where = new URLSearchParams({ kind: kind.toLowerCase(), filename: file.name })
      const response = await fetchFile(`/imports/upload?${where}`, {
        method: 'POST', body: file, headers: { 'Content-Type': 'text/csv', 'Accept-Language': document.documentElement.lang },
      })
      const answer = (await response.json().catch(() => null)) as { id?: string; message?: string; errors?: { message: string }[] } | null
      if (response.ok && answer?.id) return await navigate({ to: '/imports/$id', params: { id: answer.id } })
      setRefused(answer?.message ?? answer?.errors?.[0]?.message ?? t('imports.refused', { status: response.status }))
    } catch {
      setRefused(t('imports.unreachable'))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Paper withBorder p="md" component="section" aria-label={t('imports.upload')}>
      <form onSubmit={(event) => void send(event)}>
        <Group align="flex-end" gap="sm">
          <NativeSelect
            label={t('imports.kind')} value={kind}
            onChange={(event) => void setSearch({ search: { kind: event.currentTarget.value as ImportKind }, replace: true })}
            data={importKinds.map((value) => ({ value, label: t(`enum.ImportKind.${value}`) }))}
          />
          <FileInput
            label={t('imports.file')} placeholder={t('imports.choose')} accept=".csv,text/csv" flex="1 1 260px" clearable
            value={file} onChange={setFile} leftSection={<IconImport size={16} />}
          />
          <Button type="submit" loading={busy} disabled={!file}>{t('imports.check')}</Button>
        </Group>
        <Text size="xs" c="dimmed" mt="xs">
          {t('imports.format')}{' '}
          <a href={`/samples/${kind.toLowerCase()}.csv`} download className="row-link" style={{ textDecoration: 'underline' }}>{t('imports.sample')}</a>
          {kind === 'READINGS' && <>{', '}<a href="/samples/building_readings.csv" download className="row-link" style={{ textDecoration: 'underline' }}>{t('imports.sampleBuildings')}</a></>}
        </Text>
      </form>
      {refused && <Alert mt="sm" color="red" role="alert">{refused}</Alert>}
    </Paper>
  )
}
