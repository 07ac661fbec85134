import { useState, type FormEvent } from 'react'
import { Alert, Button, FileInput, Group, NativeSelect, Paper, Stack, Text } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { PagedTable, Empty, IconImport, PageHead, useFormat, usePages } from '@aiscra/ui'
import { graphql, type ImportKind } from '../../gql'
import { Can } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { useUpload } from '../../lib/upload'
import { Who } from '../../lib/who'
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
        <Can do="IMPORT_WRITE"><Upload /></Can>
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
              { key: 'who', head: t('imports.who'), cell: (row) => <div><Who by={row.uploadedBy} /><Text size="xs" c="dimmed">{format.dateTime(row.uploadedAt)}</Text></div> },
            ]}
          />
        </Paper>
      </Stack>
    </>
  )
}

function Sample({ file, label }: { file: string; label: string }) {
  return <a href={`/samples/${file}`} download className="row-link" style={{ textDecoration: 'underline' }}>{label}</a>
}

function Upload() {
  const t = useT()
  const navigate = useNavigate()
  const { kind = 'READINGS' } = route.useSearch()
  const setSearch = route.useNavigate()
  const [file, setFile] = useState<File | null>(null)
  const upload = useUpload<{ id: string }>()

  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    const taken = await upload.send(`/imports/upload?${new URLSearchParams({ kind: kind.toLowerCase(), filename: file.name })}`, file)
    if (taken) await navigate({ to: '/imports/$id', params: { id: taken.id } })
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
            label={t('imports.file')} placeholder={t('imports.choose')} accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" flex="1 1 260px" clearable clearButtonProps={{ 'aria-label': t('files.clear') }}
            value={file} onChange={setFile} leftSection={<IconImport size={16} />}
          />
          <Button type="submit" loading={upload.busy} disabled={!file}>{t('imports.check')}</Button>
        </Group>
        <Text size="xs" c="dimmed" mt="xs">
          {t('imports.format')}{' '}
          {t('imports.sample')}{' '}
          <Sample file={`${kind.toLowerCase()}.csv`} label="CSV" />{', '}<Sample file={`${kind.toLowerCase()}.xlsx`} label="XLSX" />
          {kind === 'READINGS' && <>{', '}<Sample file="building_readings.csv" label={t('imports.sampleBuildings')} /></>}
        </Text>
      </form>
      {upload.refused && <Alert mt="sm" color="red" role="alert">{upload.refused}</Alert>}
    </Paper>
  )
}
