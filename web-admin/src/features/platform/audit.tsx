// The audit trail: who, when, what, before and after, and the document behind it.
import { useState } from 'react'
import { Box, Button, Group, Paper, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useClient, useQuery } from 'urql'
import { Chip, DataTable, Empty, PageHead, PagedTable, Problem, useFormat, usePages } from '@aiscra/ui'
import { graphql, type AuditTrailQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { useExport } from './made'

const query = graphql(`
  query AuditTrail($entity: String, $object: ID, $actor: String, $action: String, $from: Date, $to: Date, $after: String) {
    auditTrail(entity: $entity, entityId: $object, actor: $actor, action: $action, from: $from, to: $to, first: 50, after: $after) {
      nodes { id at actor entity entityId action before after privacy documentId }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const accountQuery = graphql(`
  query AuditAccount($id: ID!) { account(id: $id) { id number } }
`)
const documentQuery = graphql(`
  query AuditDocument($id: ID!) { node(id: $id) { ... on Document { id number issuedOn } } }
`)

const route = getRouteApi('/audit')
type Row = AuditTrailQuery['auditTrail']['nodes'][number]
type Fields = Record<string, unknown>

const fields = (value: unknown): Fields => (value && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : value == null ? {} : { '': value })
const spelled = (value: unknown): string => (value == null ? '—' : typeof value === 'string' ? value : JSON.stringify(value))

/** The fields of both sides that differ; of a thing that is new or gone, all that say something. */
export function differences(before: unknown, after: unknown): { name: string; from: string; to: string }[] {
  const [old, now] = [fields(before), fields(after)]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((name) => ({ name, from: spelled(old[name]), to: spelled(now[name]) }))
    .filter((one) => one.from !== one.to)
}

export function AuditTrail() {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const can = useCan()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const [shown, setShown] = useState<string | null>(null)
  const { entity, object, actor, action, from, to } = filters
  const wanted = { entity: entity ?? null, actor: actor ?? null, action: action ?? null, from: from ?? null, to: to ?? null }
  const pages = usePages(query, { ...wanted, object: object ?? null }, (data) => data.auditTrail)
  const exporting = useExport({ audit: wanted })
  const field = (name: 'entity' | 'actor' | 'action', hint?: string) => (
    <TextInput
      key={`${name}${filters[name] ?? ''}`} label={t(name === 'entity' ? 'audit.entity' : name === 'actor' ? 'audit.who' : 'audit.action')}
      defaultValue={filters[name] ?? ''} {...(hint ? { placeholder: hint } : {})} flex="1 1 150px"
      onBlur={(event) => { if (event.currentTarget.value.trim() !== (filters[name] ?? '')) set({ [name]: event.currentTarget.value.trim() || undefined, ...(name === 'entity' ? { object: undefined } : {}) }) }}
      onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }}
    />
  )
  return (
    <>
      <PageHead title={t('nav.audit')} lead={t('audit.lead')} />
      <Paper withBorder>
        <Group p="md" gap="sm" align="flex-end">
          {field('entity', 'account, payment…')}
          {field('actor', t('audit.actorHint'))}
          {field('action', t('audit.actionHint'))}
          <TextInput type="date" label={t('audit.from')} value={from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
          <TextInput type="date" label={t('audit.to')} value={to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
          {object && <Button variant="light" onClick={() => set({ object: undefined })}>{t('audit.all')}</Button>}
        </Group>
        <PagedTable
          caption={t('nav.audit')} remember="audit" exporting={can('JOB_READ') && !object ? exporting : undefined} pages={pages} lines={10} rowKey={(row) => row.id}
          empty={<Empty title={t('audit.none')}>{t('audit.noneText')}</Empty>}
          columns={[
            { key: 'at', head: t('audit.when'), fixed: true, cell: (row) => <span className="tab" style={{ whiteSpace: 'nowrap' }}>{format.dateTime(row.at)}</span> },
            { key: 'who', head: t('audit.who'), cell: (row) => codes.actor(row.actor) },
            { key: 'what', head: t('audit.entity'), cell: (row) => <What row={row} only={() => set({ entity: row.entity, object: row.entityId ?? undefined })} /> },
            { key: 'action', head: t('audit.action'), cell: (row) => row.action },
            {
              key: 'changed', head: t('audit.changed'),
              cell: (row) => {
                const changed = differences(row.before, row.after)
                return (
                  <Box maw={440}>
                    {row.privacy !== 'PLAIN' && <Chip tone="plain">{t(`audit.privacy.${row.privacy}`)}</Chip>}
                    {changed.length > 0 && (
                      <Button size="compact-xs" variant="subtle" px={0} aria-expanded={shown === row.id} onClick={() => setShown(shown === row.id ? null : row.id)}>
                        {shown === row.id ? t('billing.hide') : changed.slice(0, 3).map((one) => one.name).join(', ') || t('audit.show')}{shown !== row.id && changed.length > 3 && ` +${changed.length - 3}`}
                      </Button>
                    )}
                    {shown === row.id && <Sides row={row} />}
                  </Box>
                )
              },
            },
            { key: 'basis', head: t('audit.basis'), cell: (row) => row.documentId ? <Basis id={row.documentId} /> : '—' },
          ]}
        />
      </Paper>
    </>
  )
}

/** The thing: its kind, and ways to it and to all that happened to it. */
function What({ row, only }: { row: Row; only: () => void }) {
  const t = useT()
  const client = useClient()
  const go = useNavigate()
  const [error, setError] = useState<Parameters<typeof Problem>[0]['error'] | null>(null)
  const id = row.entityId
  const opens = id && ['account', 'bill', 'import_batch', 'document'].includes(row.entity)
  const open = async () => {
    if (row.entity === 'bill') return go({ to: '/bills/$id', params: { id: id! } })
    if (row.entity === 'import_batch') return go({ to: '/imports/$id', params: { id: id! } })
    if (row.entity === 'document') return go({ to: '/documents' })
    const answer = await client.query(accountQuery, { id: id! }).toPromise()
    if (answer.data?.account) return go({ to: '/accounts/$number', params: { number: answer.data.account.number } })
    if (answer.error) setError(answer.error)
  }
  return (
    <>
      {row.entity}
      {id && (
        <Group gap={8}>
          {opens && <Button size="compact-xs" variant="subtle" px={0} onClick={() => void open()}>{t('audit.open')}</Button>}
          <Button size="compact-xs" variant="subtle" px={0} onClick={only}>{t('audit.only')}</Button>
        </Group>
      )}
      {error && <Problem error={error} />}
    </>
  )
}

function Basis({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const [result] = useQuery({ query: documentQuery, variables: { id } })
  const found = result.data?.node
  if (!found || !('number' in found)) return <>—</>
  return <Link className="row-link" to="/documents" search={{ search: found.number }}>{t('audit.document', { number: found.number, date: format.shortDate(found.issuedOn) })}</Link>
}

function Sides({ row }: { row: Row }) {
  const t = useT()
  return (
    <DataTable
      caption={t('audit.changed')} rows={differences(row.before, row.after)} rowKey={(one) => one.name} empty={null}
      columns={[
        { key: 'name', head: t('audit.field'), cell: (one) => one.name },
        { key: 'from', head: t('audit.before'), cell: (one) => <Text size="sm" style={{ wordBreak: 'break-word' }}>{one.from}</Text> },
        { key: 'to', head: t('audit.after'), cell: (one) => <Text size="sm" fw={600} style={{ wordBreak: 'break-word' }}>{one.to}</Text> },
      ]}
    />
  )
}
